//! What a subject repeats of its payload.

use crate::source::{Span, Spanned};

/// A token that repeats a field of the payload.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Where the token is named.
    pub token_span: Span,
    /// The field, as a JSON pointer.
    pub pointer: Spanned<String>,
}
