//! Several messages on one subject.

use crate::source::{Span, Spanned};

/// The messages of a subject.
#[derive(Clone, Debug)]
pub struct Messages {
    /// Where they were declared.
    pub span: Span,
    /// What tells them apart.
    pub by: Discriminator,
    /// Each of them: its kind, and the name of its payload.
    pub of: Vec<(Spanned<String>, Spanned<String>)>,
}

/// What tells messages apart.
#[derive(Clone, Debug)]
pub enum Discriminator {
    /// A field of each payload, as a JSON pointer.
    Field(Spanned<String>),
    /// A header.
    Header(Spanned<String>),
    /// A token of the template.
    Token(Spanned<String>),
}

impl Messages {
    /// Whether a token of the template says which message it is.
    #[must_use]
    pub fn are_told_by(&self, token: &str) -> bool {
        matches!(&self.by, Discriminator::Token(name) if name.value == token)
    }
}
