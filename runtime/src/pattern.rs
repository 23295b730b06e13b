//! Regular expressions of a contract.

mod shape;

use std::fmt;
use std::sync::OnceLock;

use regex::Regex;

use self::shape::Shape;

/// A regular expression that is compiled when it is first used, so that it can stand in a `static`.
///
/// The generator has proved that the expression compiles. One that does not, matches nothing.
pub struct Pattern {
    source: &'static str,
    rust: &'static str,
    matcher: OnceLock<Matcher>,
}

enum Matcher {
    Shape(Shape),
    Regex(Regex),
    Nothing,
}

impl Pattern {
    /// A pattern that the schema and Rust read alike.
    #[must_use]
    pub const fn new(source: &'static str) -> Self {
        Self::translated(source, source)
    }

    /// A pattern of the schema with its translation into Rust's dialect.
    #[must_use]
    pub const fn translated(source: &'static str, rust: &'static str) -> Self {
        Self {
            source,
            rust,
            matcher: OnceLock::new(),
        }
    }

    /// The pattern as the schema writes it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.source
    }

    /// Whether the text, or a part of it where the pattern has no anchors, matches.
    #[inline]
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        match self.matcher() {
            Matcher::Shape(shape) => shape.is_match(text),
            Matcher::Regex(regex) => regex.is_match(text),
            Matcher::Nothing => false,
        }
    }

    /// The length of the text that matches, in characters and bytes, where a document has it behind an opening quote
    /// and before the closing one. `None` where it does not, or this is not easily said.
    #[inline]
    pub(crate) fn quoted_length(&self, document: &[u8]) -> Option<usize> {
        match self.matcher() {
            Matcher::Shape(shape) => shape.quoted_length(document),
            Matcher::Regex(_) | Matcher::Nothing => None,
        }
    }

    #[inline]
    fn matcher(&self) -> &Matcher {
        self.matcher.get_or_init(|| self.compile())
    }

    #[cold]
    fn compile(&self) -> Matcher {
        match Shape::of(self.rust) {
            Some(shape) => Matcher::Shape(shape),
            None => Regex::new(self.rust).map_or(Matcher::Nothing, Matcher::Regex),
        }
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.source).finish()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static TASK: Pattern = Pattern::new("^task-[0-9a-f]+$");
    static DIGITS: Pattern = Pattern::translated(r"^\d+$", "^[0-9]+$");
    static BROKEN: Pattern = Pattern::new("(");

    #[test]
    fn compiled_once_and_matched() {
        assert!(TASK.is_match("task-0af"));
        assert!(TASK.is_match("task-0af"));
        assert!(!TASK.is_match("task-"));
        assert!(!TASK.is_match("my task-0"));
        assert_eq!(TASK.to_string(), "^task-[0-9a-f]+$");
    }

    #[test]
    fn translation_is_used_and_the_source_is_shown() {
        assert!(DIGITS.is_match("12"));
        assert!(!DIGITS.is_match("\u{0661}"));
        assert_eq!(DIGITS.as_str(), r"^\d+$");
    }

    #[test]
    fn one_that_does_not_compile_matches_nothing() {
        assert!(!BROKEN.is_match("("));
    }
}
