//! Passing a value whose inside does not matter, while its grammar is checked.

use super::cursor::{Cursor, DEPTH};
use super::fault::Parsed;

impl Cursor<'_> {
    /// Passes any value.
    ///
    /// # Errors
    ///
    /// When the text is not JSON.
    pub fn skip(&mut self) -> Parsed<()> {
        // One bit a level says whether an object or a list is open; 128 levels are exactly a u128.
        let mut objects: u128 = 0;
        let mut levels: u32 = 0;
        loop {
            match self.peek() {
                b'"' => self.skip_string()?,
                open @ (b'{' | b'[') => {
                    if self.depth + levels == DEPTH {
                        return Err(self.too_deep());
                    }
                    self.at += 1;
                    let object = open == b'{';
                    if self.peek() == if object { b'}' } else { b']' } {
                        self.at += 1;
                    } else {
                        levels += 1;
                        objects = (objects << 1) | u128::from(object);
                        if object {
                            self.skip_key()?;
                        }
                        continue;
                    }
                }
                b'-' | b'0'..=b'9' => self.skip_number()?,
                b't' => self.literal("true")?,
                b'f' => self.literal("false")?,
                b'n' => self.literal("null")?,
                _ => return Err(self.syntax("a JSON value")),
            }
            // A value has ended: close what ends with it, or go on to its neighbour.
            loop {
                if levels == 0 {
                    return Ok(());
                }
                let object = objects & 1 == 1;
                match self.peek() {
                    b',' => {
                        self.at += 1;
                        if object {
                            self.skip_key()?;
                        }
                        break;
                    }
                    b'}' if object => {}
                    b']' if !object => {}
                    _ => {
                        return Err(self.syntax(if object { "`,` or `}`" } else { "`,` or `]`" }));
                    }
                }
                self.at += 1;
                objects >>= 1;
                levels -= 1;
            }
        }
    }

    fn skip_key(&mut self) -> Parsed<()> {
        if self.peek() != b'"' {
            return Err(self.syntax("a member's name in quotes"));
        }
        self.skip_string()?;
        self.colon()
    }
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
