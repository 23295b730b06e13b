//! What travels in a message.

use std::borrow::Cow;
use std::fmt;

use bytes::{Bytes, BytesMut};

/// A payload type: decoded from and encoded to a JSON document that its schema accepts.
pub trait Payload: Sized + Send + Sync + 'static {
    /// The payload's name in the contract.
    const NAME: &'static str;
    /// The self-contained JSON Schema, as text.
    const SCHEMA: &'static str;
    /// Reads a document: `Ok` exactly when the document is valid.
    ///
    /// # Errors
    /// Where the document is not JSON or the schema refuses it.
    fn decode(document: &[u8]) -> Result<Self, PayloadError>;
    /// Checks the value against the schema.
    ///
    /// # Errors
    /// Where the schema refuses the value.
    fn validate(&self) -> Result<(), PayloadError>;
    /// Writes the document; does not validate.
    fn encode(&self, out: &mut BytesMut);
    /// Validates, then encodes.
    ///
    /// # Errors
    /// Where the schema refuses the value.
    fn to_bytes(&self) -> Result<Bytes, PayloadError> {
        self.validate()?;
        let mut out = BytesMut::new();
        self.encode(&mut out);
        Ok(out.freeze())
    }
}

/// What a payload's bound field contributes to a subject.
pub trait TokenValue {
    /// The token's text.
    fn token_text(&self) -> Cow<'_, str>;
}

/// Where and why a document is refused.
#[derive(Debug, Clone, PartialEq)]
pub struct PayloadError {
    pointer: String,
    keyword: &'static str,
    expected: String,
    found: String,
    offset: usize,
}

impl PayloadError {
    /// An error at `pointer`.
    #[must_use]
    pub fn new(
        pointer: &str,
        keyword: &'static str,
        expected: &str,
        found: &str,
        offset: usize,
    ) -> Self {
        Self {
            pointer: pointer.to_owned(),
            keyword,
            expected: expected.to_owned(),
            found: found.to_owned(),
            offset,
        }
    }
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "at `{}` (byte {}), {}: expected {}, found {}",
            self.pointer, self.offset, self.keyword, self.expected, self.found
        )
    }
}

impl std::error::Error for PayloadError {}
