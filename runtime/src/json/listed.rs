//! Values of any type that a schema lists.

use std::sync::OnceLock;

use serde_json::Value;

use super::cursor::{Cursor, Kind};
use super::fault::{Fault, Parsed};
use super::same::same;
use crate::payload::Keyword;

/// An error shows so many of the values.
const SHOWN: usize = 8;

/// Values that a schema lists, as JSON texts.
#[derive(Debug)]
pub struct Listed {
    texts: &'static [&'static str],
    /// The same as values, once one came that is written in another way.
    values: OnceLock<Vec<Value>>,
}

impl Listed {
    /// The values of these texts, each of which is one JSON value.
    #[must_use]
    pub const fn new(texts: &'static [&'static str]) -> Self {
        Self {
            texts,
            values: OnceLock::new(),
        }
    }

    /// Reads one of the values, and gives its index. Values are compared as JSON Schema does: `1` and `1.0` are one
    /// number, and the order of members does not matter.
    ///
    /// # Errors
    ///
    /// When another value stands here, or a member stands twice in it.
    pub fn read(&self, cursor: &mut Cursor<'_>) -> Parsed<usize> {
        cursor.peek();
        let start = cursor.at;
        if !matches!(cursor.kind(), Kind::Object | Kind::Array) {
            // Most documents write them as the schema does.
            let text = cursor.raw()?;
            if let Some(index) = self.texts.iter().position(|known| *known == text) {
                return Ok(index);
            }
            cursor.at = start;
        }
        let value = cursor.value()?;
        let values = self.values.get_or_init(|| {
            let parse = |text: &&str| serde_json::from_str(text).unwrap_or_default();
            self.texts.iter().map(parse).collect()
        });
        let index = values.iter().position(|known| same(known, &value));
        index.ok_or_else(|| self.unlisted(start))
    }

    #[cold]
    #[inline(never)]
    fn unlisted(&self, start: usize) -> Fault {
        if let [only] = self.texts {
            return Fault::at(start, Keyword::Const, *only);
        }
        let shown: Vec<&str> = self.texts.iter().take(SHOWN).copied().collect();
        let more = if self.texts.len() > SHOWN { ", ..." } else { "" };
        Fault::at(start, Keyword::Enum, format!("one of {}{more}", shown.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read_document;

    static MIXED: Listed = Listed::new(&["1", "\"a\"", "true", "{\"a\":[1,null],\"b\":2}", "0.5", "0"]);

    #[test]
    fn values_are_compared_by_meaning() {
        let read = |text: &str| read_document(text.as_bytes(), |cursor| MIXED.read(cursor));
        for (text, index) in [
            ("1", 0),
            ("1.0", 0),
            ("10e-1", 0),
            (r#""\u0061""#, 1),
            ("true", 2),
            (r#"{"b": 2.0, "a": [1, null]}"#, 3),
            ("5e-1", 4),
            ("-0.0", 5),
        ] {
            assert_eq!(read(text).unwrap(), index, "{text}");
        }
        for (text, keyword) in [
            ("2", Keyword::Enum),
            ("false", Keyword::Enum),
            (r#"{"a": [null, 1], "b": 2}"#, Keyword::Enum),
            (r#"{"a": [1, null]}"#, Keyword::Enum),
            (r#"{"a": [1, null], "b": 2, "b": 2}"#, Keyword::Duplicate),
            ("tru", Keyword::Syntax),
        ] {
            assert_eq!(read(text).unwrap_err().keyword(), keyword, "{text}");
        }
    }
}
