//! Passing a value whose inside does not matter, while its grammar is checked.

use super::cursor::{Cursor, DEPTH};
use super::fault::{Fault, Parsed};
use super::strings::plain_end;

impl Cursor<'_> {
    /// Passes any value.
    ///
    /// # Errors
    ///
    /// When the text is not JSON.
    pub fn skip(&mut self) -> Parsed<()> {
        // The place stays in a register: the cursor itself only moves at the end, and to a fault.
        self.at = self.value_end(self.at)?;
        Ok(())
    }

    fn value_end(&mut self, mut at: usize) -> Parsed<usize> {
        let bytes = self.bytes();
        // One bit a level says whether an object or a list is open; 128 levels are exactly a u128.
        let mut objects: u128 = 0;
        let mut levels: u32 = 0;
        loop {
            at = space_end(bytes, at);
            match byte(bytes, at) {
                b'"' => at = self.string_end(at)?,
                open @ (b'{' | b'[') => {
                    if self.depth + levels == DEPTH {
                        self.at = at;
                        return Err(self.too_deep());
                    }
                    at = space_end(bytes, at + 1);
                    let object = open == b'{';
                    if byte(bytes, at) == if object { b'}' } else { b']' } {
                        at += 1;
                    } else {
                        levels += 1;
                        objects = (objects << 1) | u128::from(object);
                        if object {
                            at = self.key_end(at)?;
                        }
                        continue;
                    }
                }
                b'-' | b'0'..=b'9' => at = self.number_end(at)?,
                b't' => at = self.word_end(at, "true")?,
                b'f' => at = self.word_end(at, "false")?,
                b'n' => at = self.word_end(at, "null")?,
                _ => return Err(self.syntax_at(at, "a JSON value")),
            }
            // A value has ended: close what ends with it, or go on to its neighbour.
            loop {
                if levels == 0 {
                    return Ok(at);
                }
                at = space_end(bytes, at);
                let object = objects & 1 == 1;
                match byte(bytes, at) {
                    b',' if object => {
                        at = self.key_end(space_end(bytes, at + 1))?;
                        break;
                    }
                    b',' => {
                        at += 1;
                        break;
                    }
                    b'}' if object => {}
                    b']' if !object => {}
                    _ => return Err(self.syntax_at(at, if object { "`,` or `}`" } else { "`,` or `]`" })),
                }
                at += 1;
                objects >>= 1;
                levels -= 1;
            }
        }
    }

    /// The end of a member's name and the colon behind it.
    #[inline]
    fn key_end(&mut self, at: usize) -> Parsed<usize> {
        let bytes = self.bytes();
        if byte(bytes, at) != b'"' {
            return Err(self.syntax_at(at, "a member's name in quotes"));
        }
        let at = self.string_end(at)?;
        if byte(bytes, at) == b':' {
            return Ok(at + 1);
        }
        let at = space_end(bytes, at);
        if byte(bytes, at) != b':' {
            return Err(self.syntax_at(at, "`:`"));
        }
        Ok(at + 1)
    }

    #[inline]
    fn string_end(&mut self, at: usize) -> Parsed<usize> {
        let end = plain_end(self.bytes(), at + 1);
        if byte(self.bytes(), end) == b'"' {
            Ok(end + 1)
        } else {
            self.escaped_end(end)
        }
    }

    fn word_end(&mut self, at: usize, word: &'static str) -> Parsed<usize> {
        self.at = at;
        self.literal(word)?;
        Ok(self.at)
    }

    #[cold]
    #[inline(never)]
    pub(super) fn syntax_at(&mut self, at: usize, expected: &'static str) -> Fault {
        self.at = at;
        self.syntax(expected)
    }
}

/// The byte at a place, or 0 behind the end.
#[inline]
fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// The first place from `at` on that holds no white space.
#[inline]
fn space_end(bytes: &[u8], at: usize) -> usize {
    if byte(bytes, at) > b' ' {
        at
    } else {
        long_space_end(bytes, at)
    }
}

#[inline(never)]
fn long_space_end(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use crate::payload::Keyword;

    fn skip(text: &str) -> Result<(), Keyword> {
        crate::json::read_document(text.as_bytes(), super::Cursor::skip).map_err(|error| error.keyword())
    }

    /// `serde_json` is the judge of what is JSON; a value is compared because only there it reads numbers and escapes.
    #[test]
    fn agrees_with_serde_json() {
        let good = [
            "{}",
            "[]",
            " [ ] ",
            "{ }",
            "[[],{}]",
            r#"{"a":{"b":[1,2,{"c":null}]},"d":"x"}"#,
            "0",
            "-0",
            "1.5e-3",
            "1E+2",
            r#""\u00e9\n\"""#,
            r#""\ud83d\ude00""#,
            "true",
            "false",
            "null",
            "\"\u{e9}\"",
            "1e-400",
        ];
        let bad = [
            "",
            "{",
            "}",
            "[",
            "[1,]",
            "{,}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            "{a:1}",
            "[1 2]",
            "01",
            "1.",
            ".5",
            "-",
            "+1",
            "1e",
            "1e+",
            "nul",
            "tru",
            "\"",
            r#""\x""#,
            r#""\u12"#,
            r#""\ud800""#,
            r#""\udc00""#,
            r#""\ud800\u0041""#,
            "\"\n\"",
            "[}",
            "{]",
            "1e400",
            "-1e999",
            "nan",
            "'a'",
            "[1}",
            "\u{feff}1",
        ];
        for text in good.iter().chain(&bad) {
            let expected = serde_json::from_str::<serde_json::Value>(text).is_ok();
            assert_eq!(skip(text).is_ok(), expected, "{text}");
        }
        assert!(good.iter().all(|text| skip(text).is_ok()));
        assert!(bad.iter().all(|text| skip(text).is_err()));
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert_eq!(skip(&nested(64)), Ok(()));
        assert_eq!(skip(&nested(128)), Ok(()));
        assert_eq!(skip(&nested(129)), Err(Keyword::Depth));
        assert_eq!(skip(&"[".repeat(1_000_000)), Err(Keyword::Depth));
        assert_eq!(skip(&"{\"a\":".repeat(1_000_000)), Err(Keyword::Depth));
    }
}
