//! JSON that the schema leaves open.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::json::{self, Cursor};
use crate::payload::{Keyword, PayloadError};

/// JSON whose inside the schema leaves open: kept as text, read only when somebody asks.
///
/// Two values are equal when their texts are. [`FreeForm::to_value`] gives something that compares by meaning.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FreeForm(Box<str>);

impl FreeForm {
    /// Takes JSON text.
    ///
    /// # Errors
    ///
    /// When the text is not one JSON value.
    pub fn new(text: impl Into<String>) -> Result<Self, PayloadError> {
        let text = text.into();
        json::read_document(text.as_bytes(), Cursor::skip)?;
        Ok(Self(text.trim_matches([' ', '\t', '\r', '\n']).into()))
    }

    /// Takes a value that serde can write.
    ///
    /// # Errors
    ///
    /// When its `Serialize` fails, or writes a map whose keys are no text.
    pub fn from_serialize<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(|text| Self(text.into()))
    }

    /// Takes a JSON value.
    #[must_use]
    pub fn from_value(value: &Value) -> Self {
        Self(value.to_string().into())
    }

    /// Takes a text of generated code, which is JSON. What is none becomes the object without members.
    #[doc(hidden)]
    #[must_use]
    pub fn known(text: &'static str) -> Self {
        Self::new(text).unwrap_or_else(|_| Self::empty_object())
    }

    /// The object without members.
    #[must_use]
    pub fn empty_object() -> Self {
        Self("{}".into())
    }

    /// The text, as it was received.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the value is an object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        self.0.starts_with('{')
    }

    /// Reads the value into a type of yours.
    ///
    /// # Errors
    ///
    /// When the value is not of that type.
    pub fn get<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }

    /// Reads the value as plain JSON.
    ///
    /// # Errors
    ///
    /// When it nests deeper than `serde_json` reads, which is 127 levels.
    pub fn to_value(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_str(&self.0)
    }

    /// Reads an object, leaving its inside open.
    ///
    /// # Errors
    ///
    /// When something else stands at the cursor.
    pub fn read_object(cursor: &mut Cursor<'_>) -> json::Parsed<Self> {
        cursor.raw_object().map(Self::from_read)
    }

    /// Checks that the value is an object.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn check_object(&self) -> json::Checked {
        if self.is_object() {
            Ok(())
        } else {
            Err(json::Fault::of(Keyword::Type, "an object", self.as_str()))
        }
    }

    /// Takes the text of a value that a cursor has read.
    pub(crate) fn from_read(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for FreeForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FreeForm({})", self.0)
    }
}

impl fmt::Display for FreeForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Value> for FreeForm {
    fn from(value: Value) -> Self {
        Self::from_value(&value)
    }
}

impl From<&Value> for FreeForm {
    fn from(value: &Value) -> Self {
        Self::from_value(value)
    }
}

impl json::Codec for FreeForm {
    fn read(cursor: &mut Cursor<'_>) -> json::Parsed<Self> {
        cursor.raw().map(Self::from_read)
    }

    fn write(&self, out: &mut bytes::BytesMut) {
        out.extend_from_slice(self.0.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_survives_and_is_read_on_demand() {
        let value = FreeForm::new(r#" {"a": [1, 2.50]} "#).unwrap();
        assert_eq!(value.as_str(), r#"{"a": [1, 2.50]}"#);
        assert!(value.is_object());
        assert_eq!(value.to_value().unwrap(), json!({"a": [1, 2.5]}));
        assert_eq!(FreeForm::from(json!([1])).get::<Vec<u8>>().unwrap(), [1]);
        assert!(FreeForm::new("{").is_err());
        assert!(FreeForm::new("1 2").is_err());
    }
}
