//! A value with its place.

use std::ops::Deref;

use super::Span;

/// A value that remembers where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value at a place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

impl Spanned<String> {
    /// The place of a part of the text, by its first byte and its length: exact where the text stands in the file as it is
    /// read, else that of the whole text.
    #[must_use]
    pub fn place_of(&self, start: usize, length: usize) -> Span {
        let whole = self.span;
        let written = (whole.end - whole.start) as usize;
        // A quoted text is longer than what it says by its quotes; escapes make positions inside it unknowable.
        let quotes = match written.checked_sub(self.value.len()) {
            Some(0) => 0,
            Some(2) => 1,
            _ => return whole,
        };
        let offset = |at: usize| whole.start + u32::try_from(at + quotes).unwrap_or(0);
        Span {
            start: offset(start),
            end: offset(start + length),
            ..whole
        }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
