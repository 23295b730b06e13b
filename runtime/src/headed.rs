//! Typed headers: a payload's members, carried as the headers of a message.

use std::collections::BTreeMap;
use std::fmt;

use async_nats::{HeaderMap, HeaderValue};
use serde_json::value::RawValue;

use crate::error::Error;
use crate::payload::{Payload, PayloadError};
use crate::subject::TypedSubject;

/// A subject whose messages carry headers that the contract declares.
///
/// ```no_run
/// use natsmith_runtime::headed::HeadedSubject;
/// use natsmith_runtime::{Endpoint, access};
///
/// async fn send<S: HeadedSubject>(
///     endpoint: Endpoint<S, access::Publish>,
///     headers: S::Headers, // such as `TaskHeaders { priority: 3, .. }`
///     payload: S::Payload,
/// ) -> Result<(), Box<dyn std::error::Error>> {
///     endpoint.headed(&headers)?.publish(&payload).await?;
///     Ok(())
/// }
/// ```
pub trait HeadedSubject: TypedSubject {
    /// The headers, as an object with a member for each.
    type Headers: Payload;
    /// The headers that the contract names.
    const HEADERS: &'static [HeaderField];
}

/// One header that a contract names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderField {
    /// The header's name, which is the member's too.
    pub name: &'static str,
    /// Whether the member is a text; otherwise it is a number or a boolean.
    pub is_text: bool,
}

/// Why headers cannot be sent.
pub type HeadersError = Error<HeadersErrorKind>;

/// The kinds of [`HeadersError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeadersErrorKind {
    /// Their schema refuses them; the source is a [`PayloadError`].
    Invalid,
    /// A text cannot be a header's value: it holds a line break, or begins or ends with white space.
    Unwritable {
        /// The header.
        header: &'static str,
    },
}

impl fmt::Display for HeadersErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid => f.write_str("the schema refuses the headers"),
            Self::Unwritable { header } => write!(
                f,
                "the value of `{header}` cannot be a header's: it holds a line break, or begins or ends with white space"
            ),
        }
    }
}

/// The headers of an object's members.
pub(crate) fn write<S: HeadedSubject>(headers: &S::Headers) -> Result<HeaderMap, HeadersError> {
    let invalid = |error| HeadersError::with_source(HeadersErrorKind::Invalid, error);
    let document = headers.to_bytes().map_err(invalid)?;
    // What a payload writes is an object.
    let members: BTreeMap<String, &RawValue> = serde_json::from_slice(&document)
        .map_err(|error| HeadersError::with_source(HeadersErrorKind::Invalid, error))?;
    let mut written = HeaderMap::new();
    for field in S::HEADERS {
        let Some(value) = members.get(field.name) else {
            continue;
        };
        let unwritable = || HeadersErrorKind::Unwritable { header: field.name };
        let text = if field.is_text {
            serde_json::from_str::<String>(value.get())
                .map_err(|error| HeadersError::with_source(HeadersErrorKind::Invalid, error))?
        } else {
            value.get().to_owned()
        };
        if text.trim() != text {
            return Err(unwritable().into());
        }
        let text: HeaderValue = text.parse().map_err(|_| unwritable())?;
        written.insert(field.name, text);
    }
    Ok(written)
}

/// The object that headers make. Those that the contract does not name are passed over; of one that stands several times, the
/// first counts.
///
/// # Errors
/// What the schema of the headers refuses, at the JSON pointer of the member.
pub fn read<S: HeadedSubject>(headers: Option<&HeaderMap>) -> Result<S::Headers, PayloadError> {
    let mut document = String::from("{");
    for field in S::HEADERS {
        let Some(value) = headers.and_then(|headers| headers.get(field.name)) else {
            continue;
        };
        if document.len() > 1 {
            document.push(',');
        }
        let (name, text) = (serde_json::Value::from(field.name), value.as_str());
        // What is no number or boolean is left to the schema, which says what it expects instead.
        let json = if field.is_text || serde_json::from_str::<&RawValue>(text).is_err() {
            serde_json::Value::from(text).to_string()
        } else {
            text.to_owned()
        };
        for part in [&name.to_string(), ":", &json] {
            document.push_str(part);
        }
    }
    document.push('}');
    S::Headers::decode(document.as_bytes())
}

/// Checks the headers of a message; generated subjects call it.
///
/// # Errors
/// As [`read`].
pub fn check<S: HeadedSubject>(headers: Option<&HeaderMap>) -> Result<(), PayloadError> {
    read::<S>(headers).map(drop)
}
