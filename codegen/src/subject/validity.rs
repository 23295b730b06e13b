//! What a subject and a filter may be.

use std::ops::Range;

/// Why a text is not a subject or a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing at all, or nothing between two dots or at an end.
    EmptyToken,
    /// A space, a tab, or another control character.
    WhiteSpace,
    /// A `>` with something behind it.
    TailNotLast,
    /// A token that is `*` or `>`, where nothing but fixed text may stand.
    Wildcard,
}

/// Checks a filter: what may be subscribed to, kept by a stream or filtered by a consumer.
///
/// Tokens stand between dots, none is empty, none holds white space, and the token `>` is the last one. A `*` or `>`
/// beside other characters is fixed text, for the server too. The server itself lets white space beyond ASCII pass,
/// which no reader of a log could tell from a space.
///
/// ```
/// use natsmith_codegen::subject::{Fault, check_filter};
/// assert_eq!(check_filter("agents.*.status.>"), Ok(()));
/// assert_eq!(check_filter("agents.>.status"), Err((Fault::TailNotLast, 7..8)));
/// ```
///
/// # Errors
///
/// The first fault, with the byte range of the token that has it.
pub fn check_filter(filter: &str) -> Result<(), (Fault, Range<usize>)> {
    for (token, range) in tokens(filter) {
        check_token(token, &range)?;
        if token == ">" && range.end != filter.len() {
            return Err((Fault::TailNotLast, range));
        }
    }
    Ok(())
}

/// Checks a subject: what may be published on.
///
/// As a filter, but no token is a wildcard. The server refuses such a subject only of clients that connect as pedantic; of
/// others it takes the wildcard for fixed text, which those who hear by the same wildcard do not expect.
///
/// ```
/// use natsmith_codegen::subject::{Fault, check_subject};
/// assert_eq!(check_subject("agents.a7.status"), Ok(()));
/// assert_eq!(check_subject("agents.*.status"), Err((Fault::Wildcard, 7..8)));
/// ```
///
/// # Errors
///
/// The first fault, with the byte range of the token that has it.
pub fn check_subject(subject: &str) -> Result<(), (Fault, Range<usize>)> {
    for (token, range) in tokens(subject) {
        check_token(token, &range)?;
        if is_wildcard(token) {
            return Err((Fault::Wildcard, range));
        }
    }
    Ok(())
}

/// Whether a filter matches one subject alone: whether none of its tokens is a wildcard.
///
/// ```
/// use natsmith_codegen::subject::is_literal;
/// assert!(is_literal("agents.a7.status"));
/// assert!(!is_literal("agents.a7.>"));
/// ```
#[must_use]
pub fn is_literal(filter: &str) -> bool {
    !filter.split('.').any(is_wildcard)
}

/// Whether a token stands for others.
pub(super) fn is_wildcard(token: &str) -> bool {
    token == "*" || token == ">"
}

/// What no token may be, wildcard or not.
fn check_token(token: &str, range: &Range<usize>) -> Result<(), (Fault, Range<usize>)> {
    if token.is_empty() {
        return Err((Fault::EmptyToken, range.clone()));
    }
    if token.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err((Fault::WhiteSpace, range.clone()));
    }
    Ok(())
}

/// The tokens with their places.
fn tokens(text: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let mut start = 0;
    text.split('.').map(move |token| {
        let range = start..start + token.len();
        start = range.end + 1;
        (token, range)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_checked() {
        assert_eq!(check_filter("a.*.>"), Ok(()));
        assert_eq!(check_filter("a.b*.>c"), Ok(()));
        assert_eq!(check_filter("a.>.b"), Err((Fault::TailNotLast, 2..3)));
        assert_eq!(check_filter("a..b"), Err((Fault::EmptyToken, 2..2)));
        assert_eq!(check_filter(""), Err((Fault::EmptyToken, 0..0)));
        assert_eq!(check_filter("a.b c"), Err((Fault::WhiteSpace, 2..5)));
        assert_eq!(check_filter("a.b\u{a0}"), Err((Fault::WhiteSpace, 2..5)));
    }

    #[test]
    fn subjects_are_checked() {
        assert_eq!(check_subject("a.b*.c"), Ok(()));
        assert_eq!(check_subject("a.*"), Err((Fault::Wildcard, 2..3)));
        assert_eq!(check_subject("a.>"), Err((Fault::Wildcard, 2..3)));
        assert_eq!(check_subject("a."), Err((Fault::EmptyToken, 2..2)));
    }
}
