//! Passing a value whose inside does not matter, while its grammar is checked.

use super::cursor::{Cursor, DEPTH};
use super::fault::{Fault, Parsed};
use super::words::{Word, behind_plain};

impl<'a> Cursor<'a> {
    /// Passes any value.
    ///
    /// # Errors
    ///
    /// When the text is not JSON.
    pub fn skip(&mut self) -> Parsed<()> {
        // What is left stays in registers: the cursor itself only moves at the end, and to a fault.
        let mut rest = self.bytes().get(self.at..).unwrap_or_default();
        // One bit a level says whether an object or a list is open; 128 levels are exactly a u128.
        let mut objects: u128 = 0;
        let mut levels: u32 = 0;
        loop {
            rest = behind_space(rest);
            if objects & 1 == 1 {
                rest = self.behind_name(rest)?;
            }
            rest = match rest {
                [b'"', text @ ..] => self.behind_text(text)?,
                [b'0'..=b'9', ..] => match behind_number(rest) {
                    Some(rest) => rest,
                    None => self.behind_long_number(rest)?,
                },
                [open @ (b'{' | b'['), inside @ ..] => {
                    if self.depth + levels == DEPTH {
                        self.at = self.place(rest);
                        return Err(self.too_deep());
                    }
                    let object = *open == b'{';
                    match behind_space(inside) {
                        [b'}', rest @ ..] if object => rest,
                        [b']', rest @ ..] if !object => rest,
                        inside => {
                            levels += 1;
                            objects = (objects << 1) | u128::from(object);
                            rest = inside;
                            continue;
                        }
                    }
                }
                [b't', ..] => self.behind_word(rest, "true")?,
                [b'f', ..] => self.behind_word(rest, "false")?,
                [b'n', ..] => self.behind_word(rest, "null")?,
                [b'-', ..] => self.behind_long_number(rest)?,
                _ => return Err(self.syntax_at(rest, "a JSON value")),
            };
            // A value has ended: close what ends with it, or go on to its neighbour.
            loop {
                if levels == 0 {
                    self.at = self.place(rest);
                    return Ok(());
                }
                rest = behind_space(rest);
                let object = objects & 1 == 1;
                match rest {
                    [b',', next @ ..] => {
                        rest = next;
                        break;
                    }
                    [b'}', next @ ..] if object => rest = next,
                    [b']', next @ ..] if !object => rest = next,
                    _ => return Err(self.syntax_at(rest, if object { "`,` or `}`" } else { "`,` or `]`" })),
                }
                objects >>= 1;
                levels -= 1;
            }
        }
    }

    /// What follows a member's name and the colon behind it, up to the value.
    #[inline]
    fn behind_name(&mut self, rest: &'a [u8]) -> Parsed<&'a [u8]> {
        let [b'"', name @ ..] = rest else {
            return Err(self.syntax_at(rest, "a member's name in quotes"));
        };
        let rest = behind_space(self.behind_text(name)?);
        match rest {
            [b':', rest @ ..] => Ok(behind_space(rest)),
            _ => Err(self.syntax_at(rest, "`:`")),
        }
    }

    /// What follows a text of which the opening quote was passed.
    #[inline]
    fn behind_text(&mut self, text: &'a [u8]) -> Parsed<&'a [u8]> {
        let rest = behind_plain(text);
        match rest {
            [b'"', rest @ ..] => Ok(rest),
            _ => self.behind_escapes(rest),
        }
    }

    #[inline(never)]
    fn behind_escapes(&mut self, rest: &'a [u8]) -> Parsed<&'a [u8]> {
        let end = self.escaped_end(self.place(rest))?;
        Ok(self.bytes().get(end..).unwrap_or_default())
    }

    #[inline(never)]
    fn behind_long_number(&mut self, rest: &'a [u8]) -> Parsed<&'a [u8]> {
        let end = self.number_end(self.place(rest))?;
        Ok(self.bytes().get(end..).unwrap_or_default())
    }

    #[inline]
    fn behind_word(&mut self, rest: &'a [u8], word: &'static str) -> Parsed<&'a [u8]> {
        match rest.strip_prefix(word.as_bytes()) {
            Some(rest) => Ok(rest),
            None => Err(self.syntax_at(rest, word)),
        }
    }

    /// Where in the document this rest of it begins.
    #[inline]
    fn place(&self, rest: &[u8]) -> usize {
        self.text.len() - rest.len()
    }

    #[cold]
    #[inline(never)]
    fn syntax_at(&mut self, rest: &[u8], expected: &'static str) -> Fault {
        self.at = self.place(rest);
        self.syntax(expected)
    }
}

/// What follows a number of a few digits without a sign or an exponent, as most are.
#[inline]
fn behind_number(rest: &[u8]) -> Option<&[u8]> {
    let word = Word::first(rest)?;
    let whole = word.digits();
    if !(1..8).contains(&whole) || whole > 1 && word.byte(0) == b'0' {
        return None;
    }
    match word.byte(whole) {
        b'.' => {
            let rest = rest.get(whole + 1..)?;
            let word = Word::first(rest)?;
            let decimals = word.digits();
            let fits = (1..8).contains(&decimals) && !matches!(word.byte(decimals), b'e' | b'E');
            if fits { rest.get(decimals..) } else { None }
        }
        b'e' | b'E' => None,
        _ => rest.get(whole..),
    }
}

/// What follows white space.
#[inline]
fn behind_space(rest: &[u8]) -> &[u8] {
    match rest.first() {
        Some(&byte) if byte > b' ' => rest,
        _ => behind_long_space(rest),
    }
}

#[inline(never)]
fn behind_long_space(mut rest: &[u8]) -> &[u8] {
    while let Some((b' ' | b'\n' | b'\r' | b'\t', next)) = rest.split_first() {
        rest = next;
    }
    rest
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
