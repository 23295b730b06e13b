//! JSON that the schema leaves open, as it stands in a document.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use crate::json::{Borrowed, Cursor, Parsed};
use crate::payload;

/// JSON whose inside the schema leaves open: the text in the document, read only when somebody asks.
///
/// Two values are equal when their texts are.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FreeForm<'a>(&'a str);

impl<'a> FreeForm<'a> {
    /// The text, as it was received.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }

    /// Whether the value is an object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        self.0.starts_with('{')
    }

    /// Reads the value into a type of yours, which may borrow from the document too.
    ///
    /// # Errors
    ///
    /// When the value is not of that type.
    pub fn get<T: Deserialize<'a>>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.0)
    }

    /// Reads the value as plain JSON.
    ///
    /// # Errors
    ///
    /// When it nests deeper than `serde_json` reads, which is 127 levels.
    pub fn to_value(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_str(self.0)
    }

    /// Reads an object, leaving its inside open.
    ///
    /// # Errors
    ///
    /// When something else stands at the cursor.
    pub fn read_object(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        cursor.raw_object().map(Self)
    }

    /// Takes the text of a value that a validator has judged.
    #[cfg(feature = "validator")]
    pub(crate) const fn from_read(text: &'a str) -> Self {
        Self(text)
    }
}

impl<'a> Borrowed<'a> for FreeForm<'a> {
    type Owned = payload::FreeForm;

    #[inline]
    fn read(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        cursor.raw().map(Self)
    }

    fn into_owned(self) -> payload::FreeForm {
        payload::FreeForm::from_read(self.0)
    }
}

impl From<FreeForm<'_>> for payload::FreeForm {
    fn from(value: FreeForm<'_>) -> Self {
        value.into_owned()
    }
}

impl fmt::Debug for FreeForm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FreeForm({})", self.0)
    }
}

impl fmt::Display for FreeForm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
