//! Requests to the JetStream API, as JSON.
//!
//! The wire document is the truth here: the client's own types drop or rename settings that they do not know.

use std::fmt;

use serde_json::Value;

use crate::connection::Connection;
use crate::error::Error;

/// Why a request to the JetStream API failed.
pub type ApiError = Error<ApiErrorKind>;

/// The kinds of [`ApiError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiErrorKind {
    /// The server refused the request; the source is a [`ServerRefusal`].
    Refused {
        /// The server's error code, such as 10059 for a stream that does not exist.
        code: u64,
    },
    /// Nobody answers: JetStream is off for this server or account, or has no leader now.
    NotAvailable,
    /// No answer within the connection's request timeout.
    TimedOut,
    /// The answer is not what the API documents.
    Unreadable,
    /// The connection is closed.
    Closed,
}

impl ApiErrorKind {
    /// There is no stream of this name.
    pub(crate) const STREAM_NOT_FOUND: u64 = 10_059;
    /// There is no consumer of this name.
    pub(crate) const CONSUMER_NOT_FOUND: u64 = 10_014;
}

impl fmt::Display for ApiErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused { .. } => "the server refused",
            Self::NotAvailable => {
                "JetStream does not answer: it is not enabled for this server or account, or has no leader"
            }
            Self::TimedOut => "JetStream did not answer in time",
            Self::Unreadable => "JetStream's answer cannot be read",
            Self::Closed => "the connection is closed",
        })
    }
}

/// The server's own words where it refuses a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerRefusal {
    /// The status, as in HTTP.
    pub status: u64,
    /// The code that tells the errors apart.
    pub code: u64,
    /// The description.
    pub description: String,
}

impl ServerRefusal {
    /// The refusal that an answer holds, if any.
    pub(crate) fn of(answer: &Value) -> Option<Self> {
        answer.get("error").map(Self::said)
    }

    /// The refusal that the member `error` of an answer tells.
    pub(crate) fn said(error: &Value) -> Self {
        let number = |name: &str| error.get(name).and_then(Value::as_u64).unwrap_or(0);
        Self {
            status: number("code"),
            code: number("err_code"),
            description: error
                .get("description")
                .and_then(Value::as_str)
                .unwrap_or("no description")
                .to_owned(),
        }
    }
}

impl fmt::Display for ServerRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (code {})", self.description, self.code)
    }
}

impl std::error::Error for ServerRefusal {}

/// Sends a request to `$JS.API.<name>` and returns the answer, unless it is a refusal.
pub(crate) async fn api_request(connection: &Connection, name: &str, body: Option<&Value>) -> Result<Value, ApiError> {
    use async_nats::RequestErrorKind as Kind;
    let document = body.map(Value::to_string).unwrap_or_default();
    let answer = connection
        .client()
        .request(format!("$JS.API.{name}"), document.into())
        .await
        .map_err(|error| match error.kind() {
            Kind::NoResponders => ApiErrorKind::NotAvailable.into(),
            Kind::TimedOut => ApiErrorKind::TimedOut.into(),
            Kind::InvalidSubject | Kind::MaxPayloadExceeded => ApiError::with_source(ApiErrorKind::Unreadable, error),
            Kind::Other => ApiError::with_source(ApiErrorKind::Closed, error),
        })?;
    let answer: Value = serde_json::from_slice(&answer.payload)
        .map_err(|error| ApiError::with_source(ApiErrorKind::Unreadable, error))?;
    match ServerRefusal::of(&answer) {
        Some(refusal) => Err(ApiError::with_source(
            ApiErrorKind::Refused { code: refusal.code },
            refusal,
        )),
        None => Ok(answer),
    }
}
