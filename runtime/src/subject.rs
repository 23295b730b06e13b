//! Typed subjects: what a generated subject type promises, and the few functions its code stands on.
//!
//! A subject is made of tokens separated by `.`; a filter may hold `*` (exactly one token) and, as its last
//! token, `>` (one or more tokens). See the NATS documentation, "Subject-Based Messaging".

use std::borrow::Cow;
use std::fmt::{self, Debug, Display, Write as _};
use std::str::FromStr;
use std::time::Duration;

use async_nats::HeaderMap;

use crate::error::Error;
use crate::gather::Gather;
use crate::payload::{Payload, PayloadError};

/// One subject of a contract, with typed tokens.
///
/// A value is a concrete subject: [`Display`] writes it, [`FromStr`] reads it back.
pub trait TypedSubject:
    Clone + Debug + PartialEq + Display + FromStr<Err = SubjectError> + Send + Sync + 'static
{
    /// What travels on the subject; for a request subject, the request.
    type Payload: Payload;
    /// The filters over this subject: each token a value or anything.
    type Filter: SubjectFilter<Subject = Self>;
    /// The name in the contract, such as `agents.status`.
    const NAME: &'static str;
    /// The template, such as `agents.{agent_id}.status.{status_type}`.
    const TEMPLATE: &'static str;
    /// The filter that hears every subject of the template, such as `agents.*.status.*`.
    const WILDCARD: &'static str;
    /// The queue group that subscribers share, where the contract names one.
    const QUEUE_GROUP: Option<&'static str> = None;

    /// The concrete subject for a payload: each token from the scope, else from the payload's bound field.
    ///
    /// # Errors
    /// Where a token is known from neither, where both know it and disagree, or where the payload's text cannot be
    /// a token.
    fn resolve(scope: &Self::Filter, payload: &Self::Payload) -> Result<Self, SubjectError>;

    /// Checks on receipt that the payload's bound fields say what the subject says.
    ///
    /// # Errors
    /// Names the token and the field that disagree.
    fn agree(&self, payload: &Self::Payload) -> Result<(), SubjectError> {
        let _ = payload;
        Ok(())
    }

    /// Checks the headers that the contract declares for the subject, if it does.
    ///
    /// # Errors
    /// What their schema refuses.
    fn check_headers(headers: Option<&HeaderMap>) -> Result<(), PayloadError> {
        let _ = headers;
        Ok(())
    }

    /// The value of the header `Nats-Msg-Id`, where the contract names a field for it.
    fn message_id(payload: &Self::Payload) -> Option<String> {
        let _ = payload;
        None
    }

    /// The filter that hears every subject of the template; its setters narrow it.
    #[must_use]
    fn filter() -> Self::Filter {
        Self::Filter::default()
    }
}

/// A subject whose payload may also be read as `P`, its borrowed form.
pub trait BorrowedSubject<P>: TypedSubject {
    /// Checks on receipt, as [`agree`](TypedSubject::agree) does.
    ///
    /// # Errors
    /// Names the token and the field that disagree.
    fn agree_borrowed(&self, payload: &P) -> Result<(), SubjectError> {
        let _ = payload;
        Ok(())
    }
}

/// A subject on which somebody asks and others answer.
pub trait AnsweredSubject: TypedSubject {
    /// What an answer carries.
    type Reply: Payload;
}

/// A subject on which a request has one answer.
pub trait RequestSubject: AnsweredSubject {
    /// How long a requester waits, unless it says otherwise.
    const TIMEOUT: Duration;
}

/// A subject whose requests tell by a key whether they are the same one.
pub trait IdempotentSubject: AnsweredSubject {
    /// The key of a request.
    fn idempotency_key(payload: &Self::Payload) -> String;
}

/// A subject on which a request has several answers.
pub trait GatherSubject: AnsweredSubject {
    /// How many are expected, and how long they are waited for, unless a requester says otherwise.
    const GATHER: Gather;
}

/// A subject that a declared stream keeps.
pub trait PersistedSubject: TypedSubject {
    /// The stream's name on the server.
    const STREAM: &'static str;
}

/// A filter over one typed subject. [`Display`] writes it as NATS reads it, `*` for every open token.
pub trait SubjectFilter: Clone + Debug + Default + Display + Send + Sync + 'static {
    /// The subject that the filter selects from.
    type Subject: TypedSubject<Filter = Self>;

    /// The filter that names the tokens of both.
    ///
    /// # Errors
    /// Where the two name different values for one token: such a filter would leave the scope.
    fn within(&self, scope: &Self) -> Result<Self, SubjectError>;
}

/// Reads the token texts out of a subject, comparing the literal tokens with the template.
///
/// # Errors
/// [`SubjectErrorKind::Template`] where the number of tokens or a literal differs or a token is empty.
///
/// ```
/// use natsmith_runtime::subject::parse_template;
/// let [agent, status] = parse_template::<2>("agents.{agent_id}.status.{status_type}", "agents.a7.status.idle")?;
/// assert_eq!((agent, status), ("a7", "idle"));
/// # Ok::<(), natsmith_runtime::subject::SubjectError>(())
/// ```
pub fn parse_template<'s, const N: usize>(
    template: &'static str,
    subject: &'s str,
) -> Result<[&'s str; N], SubjectError> {
    fn fill<'s>(template: &str, subject: &'s str, slots: &mut [&'s str]) -> Option<()> {
        let mut slots = slots.iter_mut();
        let mut texts = subject.split('.');
        for part in template.split('.') {
            let text = texts.next()?;
            if is_place(part) {
                if text.is_empty() {
                    return None;
                }
                *slots.next()? = text;
            } else if part != text {
                return None;
            }
        }
        (texts.next().is_none() && slots.next().is_none()).then_some(())
    }

    let mut found = [""; N];
    match fill(template, subject, &mut found) {
        Some(()) => Ok(found),
        None => Err(SubjectErrorKind::Template {
            template,
            subject: subject.to_owned(),
        }
        .into()),
    }
}

/// Writes a template as a filter: each token's value, or `*` where there is none.
///
/// # Errors
/// Only those of the formatter.
pub fn write_filter(
    f: &mut fmt::Formatter<'_>,
    template: &'static str,
    tokens: &[Option<&dyn Display>],
) -> fmt::Result {
    let mut tokens = tokens.iter();
    for (position, part) in template.split('.').enumerate() {
        if position > 0 {
            f.write_char('.')?;
        }
        if !is_place(part) {
            f.write_str(part)?;
        } else if let Some(Some(token)) = tokens.next() {
            write!(f, "{token}")?;
        } else {
            f.write_char('*')?;
        }
    }
    Ok(())
}

fn is_place(part: &str) -> bool {
    part.starts_with('{') && part.ends_with('}')
}

/// Whether a filter hears a subject, as the server decides it.
///
/// Malformed input, such as an empty token or a `>` that is not last, matches nothing.
///
/// ```
/// use natsmith_runtime::subject::matches;
/// assert!(matches("agents.*.status.>", "agents.a7.status.idle"));
/// assert!(!matches("agents.*.status", "agents.a7.status.idle"));
/// ```
#[must_use]
pub fn matches(filter: &str, subject: &str) -> bool {
    if subject.is_empty() || subject.split('.').any(str::is_empty) {
        return false;
    }
    let mut texts = subject.split('.');
    let mut parts = filter.split('.');
    while let Some(part) = parts.next() {
        if part == ">" {
            return parts.next().is_none() && texts.next().is_some();
        }
        match texts.next() {
            Some(text) if part == "*" || part == text => {}
            _ => return false,
        }
    }
    texts.next().is_none()
}

/// Checks that a text can stand as one token of a subject: not empty, and without `.`, `*`, `>`, white space or
/// control characters, any of which would make another subject of it.
///
/// # Errors
/// Names the token, what it may be, and what was found.
pub fn check_token(name: &'static str, text: &str) -> Result<(), TokenError> {
    let harmful = |c: char| matches!(c, '.' | '*' | '>') || c.is_whitespace() || c.is_control();
    if text.is_empty() || text.contains(harmful) {
        return Err(TokenError::new(
            name,
            "a text without `.`, `*`, `>`, white space or control characters, and not empty",
            text,
        ));
    }
    Ok(())
}

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

/// A token that only the scope can name.
///
/// # Errors
/// [`SubjectErrorKind::TokenMissing`] where it does not.
pub fn scoped_token<T: Clone>(token: &'static str, scope: Option<&T>) -> Result<T, SubjectError> {
    scope.cloned().ok_or_else(|| SubjectError::token_missing(token))
}

/// A token that a payload field is bound to: the scope's value, which the field must repeat, else the field's.
///
/// # Errors
/// [`SubjectErrorKind::Disagrees`] or [`SubjectErrorKind::Token`].
pub fn bound_token<T: Clone + Display + FromStr<Err = TokenError>>(
    token: &'static str,
    scope: Option<&T>,
    pointer: &'static str,
    payload: &str,
) -> Result<T, SubjectError> {
    match scope {
        Some(value) => {
            agree_token(token, value, pointer, payload)?;
            Ok(value.clone())
        }
        None => Ok(payload.parse::<T>()?),
    }
}

/// Checks that a payload field says what the subject's token says.
///
/// # Errors
/// [`SubjectErrorKind::Disagrees`].
pub fn agree_token(
    token: &'static str,
    subject: &impl Display,
    pointer: &'static str,
    payload: &str,
) -> Result<(), SubjectError> {
    if displays_as(subject, payload) {
        Ok(())
    } else {
        Err(SubjectError::disagrees(token, subject.to_string(), pointer, payload))
    }
}

/// One token of a filter narrowed by its scope.
///
/// # Errors
/// [`SubjectErrorKind::OutsideScope`] where both name it and differ.
pub fn within_token<T: Clone + PartialEq + Display>(
    token: &'static str,
    filter: Option<&T>,
    scope: Option<&T>,
) -> Result<Option<T>, SubjectError> {
    match (filter, scope) {
        (Some(filter), Some(scope)) if filter != scope => Err(SubjectError::outside_scope(
            token,
            scope.to_string(),
            filter.to_string(),
        )),
        (filter, scope) => Ok(filter.or(scope).cloned()),
    }
}

/// Compares a value's text without making a `String` of it: this runs for every message.
fn displays_as(value: &impl Display, text: &str) -> bool {
    struct Rest<'t>(&'t str);
    impl fmt::Write for Rest<'_> {
        fn write_str(&mut self, written: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(written).ok_or(fmt::Error)?;
            Ok(())
        }
    }
    let mut rest = Rest(text);
    write!(rest, "{value}").is_ok() && rest.0.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, said once more and slowly: walk both token lists recursively.
    fn model(filter: &[&str], subject: &[&str]) -> bool {
        match (filter, subject) {
            ([], []) | ([">"], [_, ..]) => true,
            ([">", ..], _) => false,
            ([first, filter @ ..], [text, subject @ ..]) => (*first == "*" || first == text) && model(filter, subject),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn matches_agrees_with_the_model(
            filter in prop::collection::vec(prop::sample::select(vec!["a", "b", "*", ">", ""]), 1..6),
            subject in prop::collection::vec(prop::sample::select(vec!["a", "b", "*", ">", ""]), 1..6),
        ) {
            let expected = !subject.contains(&"") && model(&filter, &subject);
            prop_assert_eq!(matches(&filter.join("."), &subject.join(".")), expected);
        }

        #[test]
        fn a_checked_token_survives_the_template(text in "\\PC{0,8}") {
            let subject = format!("a.{text}.b");
            if check_token("t", &text).is_ok() {
                prop_assert_eq!(parse_template::<1>("a.{t}.b", &subject).unwrap(), [text.as_str()]);
                prop_assert!(matches("a.*.b", &subject));
            }
        }
    }

    #[test]
    fn a_subject_of_another_shape_is_refused() {
        for subject in ["", "a", "a.x", "a.x.c", "a.x.b.d", "a..b", "x.a.b", ".x.b"] {
            let error = parse_template::<1>("a.{t}.b", subject).unwrap_err();
            assert!(
                matches!(error.kind(), SubjectErrorKind::Template { .. }),
                "{subject}: {error}"
            );
        }
        assert!(parse_template::<2>("a.{t}.b", "a.x.b").is_err());
        assert!(parse_template::<0>("a.{t}.b", "a.x.b").is_err());
        assert_eq!(parse_template::<0>("a.b", "a.b").unwrap(), [""; 0]);
    }

    #[test]
    fn tokens_that_would_change_the_subject_are_refused() {
        for text in ["", "a.b", "*", ">", "a b", "a\tb", "a\r\n", "\u{0}", "a\u{a0}b"] {
            assert!(check_token("t", text).is_err(), "{text:?}");
        }
        for text in ["a", "agent-7", "{t}", "ä", "$x"] {
            assert!(check_token("t", text).is_ok(), "{text:?}");
        }
    }

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

    #[test]
    fn texts_are_compared_as_they_are_written() {
        assert!(displays_as(&42, "42"));
        assert!(!displays_as(&42, "421"));
        assert!(!displays_as(&421, "42"));
        assert!(displays_as(&"", ""));
    }
}
