//! Requests, and the errors of NATS services.

use std::fmt;
use std::time::Duration;

use async_nats::jetstream::publish::PublishAck;
use async_nats::{HeaderMap, HeaderValue};
use bytes::Bytes;

use crate::connection::Connection;
use crate::error::Error;
use crate::observe::{self, Timer};
use crate::outgoing::{Outgoing, Unsendable};
use crate::payload::{Payload, PayloadError};
use crate::subject::TypedSubject;

/// The header that describes a service's error (ADR-32).
pub const SERVICE_ERROR: &str = "Nats-Service-Error";
/// The header that holds a service's error code (ADR-32).
pub const SERVICE_ERROR_CODE: &str = "Nats-Service-Error-Code";

/// What a service answers where it cannot answer: a code, like those of HTTP, and a description (ADR-32). Where the contract
/// declares an `error` of the request, [`FailingSubject::error`] adds a payload to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceError {
    /// The code, such as 404.
    pub code: u16,
    /// What went wrong, in one line.
    pub description: String,
    /// The payload as a document; empty without one.
    detail: Bytes,
    /// Why there is no payload although there was to be one.
    fault: Option<String>,
}

/// A subject whose requests may fail with a payload that the contract declares.
pub trait FailingSubject: TypedSubject {
    /// What an error carries beside code and description.
    type Error: Payload;

    /// An error to answer a request with.
    ///
    /// ```
    /// use natsmith_runtime::{FailingSubject, ServiceError};
    ///
    /// fn refuse<S: FailingSubject>(failure: &S::Error) -> Result<S::Payload, ServiceError> {
    ///     Err(S::error(409, "the task is done already", failure))
    /// }
    /// ```
    ///
    /// A payload that its schema refuses is left out: the requester gets code and description, and
    /// [`Serving::errors`](crate::Serving::errors) tells why.
    fn error(code: u16, description: impl Into<String>, detail: &Self::Error) -> ServiceError {
        let mut error = ServiceError::new(code, description);
        match detail.to_bytes() {
            Ok(document) => error.detail = document,
            Err(fault) => error.fault = Some(fault.to_string()),
        }
        error
    }

    /// The payload of an error that was answered; `None` where it has none, such as one that the handler did not make.
    ///
    /// ```
    /// use natsmith_runtime::request::RequestError;
    /// use natsmith_runtime::FailingSubject;
    ///
    /// fn explain<S: FailingSubject>(error: &RequestError) -> Option<S::Error> {
    ///     error.service_error().and_then(S::detail)?.ok()
    /// }
    /// ```
    fn detail(error: &ServiceError) -> Option<Result<Self::Error, PayloadError>> {
        (!error.detail.is_empty()).then(|| Self::Error::decode(&error.detail))
    }
}

impl ServiceError {
    /// An error to answer a request with.
    ///
    /// ```
    /// use natsmith_runtime::ServiceError;
    /// assert_eq!(ServiceError::new(404, "no such agent").to_string(), "404: no such agent");
    /// ```
    pub fn new(code: u16, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
            detail: Bytes::new(),
            fault: None,
        }
    }

    /// The payload as a document.
    pub(crate) fn document(&self) -> Bytes {
        self.detail.clone()
    }

    /// The same error without its payload, if it has one.
    pub(crate) fn bare(&self) -> Option<Self> {
        (!self.detail.is_empty()).then(|| Self::new(self.code, self.description.clone()))
    }

    /// Why there is no payload although there was to be one.
    pub(crate) fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// The description as a header can hold it: one line of bounded length. Whatever the description holds, the answer must
    /// reach the requester.
    pub(crate) fn one_line(&self) -> String {
        let line: String = self
            .description
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(1024)
            .collect();
        line.trim().to_owned()
    }

    /// The headers that carry the error.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Ok(value) = self.one_line().parse::<HeaderValue>() {
            headers.insert(SERVICE_ERROR, value);
        }
        headers.insert(SERVICE_ERROR_CODE, HeaderValue::from(u64::from(self.code)));
        headers
    }

    /// The error that an answer carries, if any. Services answer errors as ordinary messages: only the headers tell them apart
    /// (ADR-32).
    pub(crate) fn of(answer: &async_nats::Message) -> Option<Self> {
        let headers = answer.headers.as_ref()?;
        let code = headers.get(SERVICE_ERROR_CODE);
        let description = headers.get(SERVICE_ERROR);
        if code.is_none() && description.is_none() {
            return None;
        }
        Some(Self {
            // A code that is no number is still an error; 500 says no more than that.
            code: code.and_then(|code| code.as_str().parse().ok()).unwrap_or(500),
            description: description.map(|text| text.as_str().to_owned()).unwrap_or_default(),
            detail: answer.payload.clone(),
            fault: None,
        })
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.description)
    }
}

impl std::error::Error for ServiceError {}

/// Why a request has no answer.
pub type RequestError = Error<RequestErrorKind>;

/// The kinds of [`RequestError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestErrorKind {
    /// No answer within the time allowed. The request may have been handled all the same.
    TimedOut,
    /// Nobody subscribes to the subject: the server said so at once.
    NoResponders,
    /// The service answered with an error; see [`RequestError::service_error`].
    Service {
        /// The error's code, such as 404.
        code: u16,
    },
    /// The request was not sent: its schema refuses it.
    InvalidRequest,
    /// The request was not sent: the schema of its headers refuses them; the source is a [`PayloadError`].
    InvalidHeaders,
    /// The answer's schema refuses it.
    InvalidReply,
    /// The request was not sent: scope and payload make no subject.
    Subject,
    /// The request was not sent: it is larger than the server's `max_payload`.
    MaxPayloadExceeded,
    /// The request was not sent: one with the same id is still unanswered.
    AlreadyAsked,
    /// The connection is closed.
    Closed,
}

impl fmt::Display for RequestErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "no answer in time",
            Self::NoResponders => "nobody answers on this subject",
            Self::Service { .. } => "the service answered with an error",
            Self::InvalidRequest => "the schema refuses the request",
            Self::InvalidHeaders => "the schema of the headers refuses them",
            Self::InvalidReply => "the schema refuses the answer",
            Self::Subject => "scope and payload make no subject",
            Self::MaxPayloadExceeded => "the request is larger than the server accepts",
            Self::AlreadyAsked => "a request with the same id is still unanswered",
            Self::Closed => "the connection is closed",
        })
    }
}

impl RequestError {
    /// The service's error, where it answered with one.
    #[must_use]
    pub fn service_error(&self) -> Option<&ServiceError> {
        self.cause()
    }

    /// No answer within `timeout`.
    pub(crate) fn timed_out(connection: &Connection, timeout: Duration) -> Self {
        // A refusal may be older than the wait: the request was sent before.
        let told = match connection.refused_within(timeout.saturating_add(Duration::from_secs(1))) {
            Some(refused) => format!("waited {timeout:?}; the server said: {refused}"),
            None => format!("waited {timeout:?}; the connection is {}", connection.state()),
        };
        Self::with_source(RequestErrorKind::TimedOut, told)
    }
}

impl From<Unsendable> for RequestError {
    fn from(unsendable: Unsendable) -> Self {
        match unsendable {
            Unsendable::Subject(error) => Self::with_source(RequestErrorKind::Subject, error),
            Unsendable::Payload(error) => Self::with_source(RequestErrorKind::InvalidRequest, error),
            Unsendable::Headers(error) => Self::with_source(RequestErrorKind::InvalidHeaders, error),
        }
    }
}

impl From<async_nats::PublishError> for RequestError {
    fn from(error: async_nats::PublishError) -> Self {
        let kind = match error.kind() {
            async_nats::PublishErrorKind::MaxPayloadExceeded => RequestErrorKind::MaxPayloadExceeded,
            async_nats::PublishErrorKind::InvalidSubject => RequestErrorKind::Subject,
            async_nats::PublishErrorKind::Send => RequestErrorKind::Closed,
        };
        Self::with_source(kind, error)
    }
}

impl From<async_nats::RequestError> for RequestError {
    fn from(error: async_nats::RequestError) -> Self {
        use async_nats::RequestErrorKind as Kind;
        let kind = match error.kind() {
            Kind::TimedOut => RequestErrorKind::TimedOut,
            Kind::NoResponders => return Self::new(RequestErrorKind::NoResponders),
            Kind::InvalidSubject => RequestErrorKind::Subject,
            Kind::MaxPayloadExceeded => RequestErrorKind::MaxPayloadExceeded,
            Kind::Other => RequestErrorKind::Closed,
        };
        Self::with_source(kind, error)
    }
}

/// Sends a request and decodes the answer.
pub(crate) async fn request<R: Payload>(
    connection: &Connection,
    message: Outgoing,
    timeout: Duration,
) -> Result<R, RequestError> {
    let (template, timer) = (message.template(), Timer::start());
    let answer = message
        .request(connection.client(), Some(timeout))
        .await
        .map_err(|error| {
            if error.kind() == async_nats::RequestErrorKind::TimedOut {
                RequestError::timed_out(connection, timeout)
            } else {
                error.into()
            }
        });
    let answer = answer.and_then(|answer| reply(template, &answer));
    timer.asked(template, outcome(&answer));
    answer
}

/// What became of a request, in a word.
pub(crate) fn outcome<R>(answer: &Result<R, RequestError>) -> &'static str {
    match answer.as_ref().map_err(RequestError::kind) {
        Ok(_) => "ok",
        Err(RequestErrorKind::TimedOut) => "timed_out",
        Err(RequestErrorKind::NoResponders) => "no_responders",
        Err(RequestErrorKind::Service { .. }) => "service_error",
        Err(RequestErrorKind::InvalidReply) => "invalid_reply",
        Err(_) => "unsent",
    }
}

/// What an answer says.
pub(crate) fn reply<R: Payload>(template: &'static str, answer: &async_nats::Message) -> Result<R, RequestError> {
    observe::received(template, answer);
    if let Some(error) = ServiceError::of(answer) {
        let kind = RequestErrorKind::Service { code: error.code };
        return Err(RequestError::with_source(kind, error));
    }
    R::decode(&answer.payload).map_err(|error| {
        observe::undecodable(template, "payload");
        // A stream that covers the subject acknowledges the request before any service can answer it.
        match serde_json::from_slice::<PublishAck>(&answer.payload) {
            Ok(ack) => RequestError::with_source(
                RequestErrorKind::InvalidReply,
                format!(
                    "this is the acknowledgement of stream `{}`: take the request's subject out of that stream's subjects",
                    ack.stream
                ),
            ),
            Err(_) => RequestError::with_source(RequestErrorKind::InvalidReply, error),
        }
    })
}
