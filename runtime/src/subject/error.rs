//! What a subject and its tokens can be refused for.

use std::borrow::Cow;
use std::fmt::{self, Display};

use crate::error::Error;

/// A text that cannot be the value of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenError {
    /// The token's name in the contract.
    pub token: &'static str,
    /// What the token may be.
    pub expected: Cow<'static, str>,
    /// What was given.
    pub found: String,
}

impl TokenError {
    /// A value that the token does not accept.
    pub fn new(token: &'static str, expected: impl Into<Cow<'static, str>>, found: impl Into<String>) -> Self {
        Self {
            token,
            expected: expected.into(),
            found: found.into(),
        }
    }
}

impl Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "token `{}`: expected {}, found {:?}",
            self.token, self.expected, self.found
        )
    }
}

impl std::error::Error for TokenError {}

/// Why a text is no subject of a template, or a subject cannot be made.
pub type SubjectError = Error<SubjectErrorKind>;

/// The kinds of [`SubjectError`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubjectErrorKind {
    /// The subject does not have the shape of the template.
    Template {
        /// The template that was asked for.
        template: &'static str,
        /// The subject as it stands.
        subject: String,
    },
    /// A token has a value that it does not accept.
    Token(TokenError),
    /// Neither the scope nor the payload names the token.
    TokenMissing {
        /// The token's name in the contract.
        token: &'static str,
    },
    /// The subject (or scope) and the payload's bound field name different values.
    Disagrees {
        /// The token's name in the contract.
        token: &'static str,
        /// The value in the subject.
        subject: String,
        /// Where the payload says it, as a JSON Pointer (RFC 6901).
        pointer: &'static str,
        /// The value in the payload.
        payload: String,
    },
    /// A filter names another value than the scope it must stay within.
    OutsideScope {
        /// The token's name in the contract.
        token: &'static str,
        /// The value in the scope.
        scope: String,
        /// The value in the filter.
        filter: String,
    },
}

impl Display for SubjectErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template { template, subject } => {
                write!(f, "expected a subject of `{template}`, found {subject:?}")
            }
            Self::Token(error) => Display::fmt(error, f),
            Self::TokenMissing { token } => {
                write!(
                    f,
                    "token `{token}` has no value: neither the scope nor the payload names it"
                )
            }
            Self::Disagrees {
                token,
                subject,
                pointer,
                payload,
            } => write!(
                f,
                "token `{token}` is {subject:?} in the subject, and {payload:?} in the payload at `{pointer}`"
            ),
            Self::OutsideScope { token, scope, filter } => write!(
                f,
                "token `{token}` is {filter:?} in the filter, and only {scope:?} is within the scope"
            ),
        }
    }
}

impl SubjectError {
    /// Neither the scope nor the payload names `token`.
    #[must_use]
    pub fn token_missing(token: &'static str) -> Self {
        SubjectErrorKind::TokenMissing { token }.into()
    }

    /// The subject and the payload's field at `pointer` name different values for `token`.
    pub fn disagrees(
        token: &'static str,
        subject: impl Into<String>,
        pointer: &'static str,
        payload: impl Into<String>,
    ) -> Self {
        SubjectErrorKind::Disagrees {
            token,
            subject: subject.into(),
            pointer,
            payload: payload.into(),
        }
        .into()
    }

    /// The filter names another value for `token` than its scope does.
    pub fn outside_scope(token: &'static str, scope: impl Into<String>, filter: impl Into<String>) -> Self {
        SubjectErrorKind::OutsideScope {
            token,
            scope: scope.into(),
            filter: filter.into(),
        }
        .into()
    }
}

impl From<TokenError> for SubjectError {
    fn from(error: TokenError) -> Self {
        SubjectErrorKind::Token(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_to_do() {
        assert_eq!(
            SubjectError::disagrees("agent_id", "a7", "/agent_id", "a8").to_string(),
            "token `agent_id` is \"a7\" in the subject, and \"a8\" in the payload at `/agent_id`"
        );
        assert_eq!(
            SubjectError::from(TokenError::new("status", "one of idle, busy", "tired")).to_string(),
            "token `status`: expected one of idle, busy, found \"tired\""
        );
    }
}
