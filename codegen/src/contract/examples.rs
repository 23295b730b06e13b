//! Example documents of payloads.

use crate::source::Span;

/// A document that shows what a payload is, or what it is not.
#[derive(Clone, Debug)]
pub struct Example {
    /// The payload.
    pub payload: String,
    /// What the schema has to say of it.
    pub verdict: Verdict,
    /// The file's name without its ending.
    pub name: String,
    /// The document.
    pub text: String,
    /// Where it stands.
    pub origin: Span,
}

/// What a schema says of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is accepted.
    Valid,
    /// It is refused.
    Invalid,
}
