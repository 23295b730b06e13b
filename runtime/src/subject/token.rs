//! Tokens as types, and what generated code does with one of them.

use std::fmt::Display;
use std::str::FromStr;

use super::{SubjectError, TokenError};

/// The type of a token: a value of it can stand in a subject.
pub trait Token: Clone + PartialEq + Display + FromStr<Err = TokenError> {
    /// The text that stands in the subject.
    fn text(&self) -> &str;

    /// Checks that a text is a value of this type, without making one.
    ///
    /// # Errors
    /// Names the token, what it may be, and what was found.
    fn check(text: &str) -> Result<(), TokenError> {
        text.parse::<Self>().map(drop)
    }
}

/// Checks that a payload field says what the subject's token says.
///
/// # Errors
/// [`SubjectErrorKind::Disagrees`](super::SubjectErrorKind::Disagrees).
#[inline]
pub fn agree_token(
    token: &'static str,
    subject: &impl Token,
    pointer: &'static str,
    payload: &str,
) -> Result<(), SubjectError> {
    if subject.text() == payload {
        Ok(())
    } else {
        Err(SubjectError::disagrees(token, subject.text(), pointer, payload))
    }
}

/// One token of a filter narrowed by its scope.
///
/// # Errors
/// [`SubjectErrorKind::OutsideScope`](super::SubjectErrorKind::OutsideScope) where both name it and differ.
pub fn within_token<T: Token>(
    token: &'static str,
    filter: Option<&T>,
    scope: Option<&T>,
) -> Result<Option<T>, SubjectError> {
    match (filter, scope) {
        (Some(filter), Some(scope)) if filter != scope => {
            Err(SubjectError::outside_scope(token, scope.text(), filter.text()))
        }
        (filter, scope) => Ok(filter.or(scope).cloned()),
    }
}
