//! Publishing with the stream's acknowledgement.

use std::fmt;

use async_nats::header::{NATS_EXPECTED_STREAM, NATS_MESSAGE_ID};
use async_nats::jetstream::publish::PublishAck;
use async_nats::{HeaderMap, HeaderValue, StatusCode};
use bytes::Bytes;
use serde_json::Value;

use super::api::ServerRefusal;
use crate::connection::Connection;
use crate::error::Error;
use crate::outgoing::Unsendable;

/// Why a message is not known to be stored.
pub type PersistError = Error<PersistErrorKind>;

/// The kinds of [`PersistError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PersistErrorKind {
    /// Scope and payload make no subject; nothing was sent.
    Subject,
    /// The payload's schema refuses it; nothing was sent.
    InvalidPayload,
    /// The message id cannot be a header's value; nothing was sent.
    MessageId,
    /// The message is larger than the server's `max_payload`; nothing was sent.
    MaxPayloadExceeded,
    /// No stream captures the subject, or JetStream is off: the message is not stored.
    NoStream,
    /// The server refused to store the message; the source is a [`ServerRefusal`](crate::jetstream::ServerRefusal).
    Refused {
        /// The server's error code, such as 10060 where another stream than the contract's captures the subject.
        code: u64,
    },
    /// No acknowledgement within the connection's request timeout: the message may or may not be stored.
    TimedOut,
    /// What answered is no acknowledgement of a stream.
    Unreadable,
    /// The connection is closed.
    Closed,
}

impl fmt::Display for PersistErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subject => "scope and payload make no subject",
            Self::InvalidPayload => "the schema refuses the payload",
            Self::MessageId => "the message id cannot be a header's value",
            Self::MaxPayloadExceeded => "the message is larger than the server accepts",
            Self::NoStream => "no stream captures the subject",
            Self::Refused { .. } => "the server refused to store the message",
            Self::TimedOut => "no acknowledgement in time",
            Self::Unreadable => "what answered is no acknowledgement of a stream",
            Self::Closed => "the connection is closed",
        })
    }
}

impl From<Unsendable> for PersistError {
    fn from(unsendable: Unsendable) -> Self {
        match unsendable {
            Unsendable::Subject(error) => Self::with_source(PersistErrorKind::Subject, error),
            Unsendable::Payload(error) => Self::with_source(PersistErrorKind::InvalidPayload, error),
        }
    }
}

impl From<async_nats::PublishError> for PersistError {
    fn from(error: async_nats::PublishError) -> Self {
        let kind = match error.kind() {
            async_nats::PublishErrorKind::MaxPayloadExceeded => PersistErrorKind::MaxPayloadExceeded,
            async_nats::PublishErrorKind::InvalidSubject => PersistErrorKind::Subject,
            async_nats::PublishErrorKind::Send => PersistErrorKind::Closed,
        };
        Self::with_source(kind, error)
    }
}

/// The headers of a message that a stream is to keep.
pub(super) fn headers(
    stream: &str,
    message_id: Option<String>,
    mut headers: HeaderMap,
) -> Result<HeaderMap, PersistError> {
    headers.insert(NATS_EXPECTED_STREAM, stream);
    if let Some(id) = message_id {
        let id: HeaderValue = id
            .parse()
            .map_err(|error| PersistError::with_source(PersistErrorKind::MessageId, error))?;
        headers.insert(NATS_MESSAGE_ID, id);
    }
    Ok(headers)
}

/// What a stream's answer says.
pub(super) fn acknowledged(answer: &async_nats::Message, stream: &str) -> Result<PublishAck, PersistError> {
    if answer.status == Some(StatusCode::NO_RESPONDERS) {
        return Err(no_stream(stream));
    }
    let unreadable = |error| PersistError::with_source(PersistErrorKind::Unreadable, error);
    let answer: Value = serde_json::from_slice(&answer.payload).map_err(unreadable)?;
    if let Some(refusal) = ServerRefusal::of(&answer) {
        let kind = PersistErrorKind::Refused { code: refusal.code };
        return Err(PersistError::with_source(kind, refusal));
    }
    serde_json::from_value(answer).map_err(unreadable)
}

fn no_stream(stream: &str) -> PersistError {
    PersistError::with_source(
        PersistErrorKind::NoStream,
        format!("stream `{stream}` is to keep it; provision it first"),
    )
}

/// Sends a document to the stream that is to keep it, and awaits its word.
pub(crate) async fn persist(
    connection: &Connection,
    stream: &str,
    subject: String,
    message_id: Option<String>,
    headers: HeaderMap,
    document: Bytes,
) -> Result<PublishAck, PersistError> {
    let headers = self::headers(stream, message_id, headers)?;
    let request = async_nats::Request::new().headers(headers).payload(document);
    let answer = connection.client().send_request(subject, request).await;
    let answer = answer.map_err(|error| {
        use async_nats::RequestErrorKind as Kind;
        let kind = match error.kind() {
            Kind::NoResponders => return no_stream(stream),
            Kind::TimedOut => PersistErrorKind::TimedOut,
            Kind::InvalidSubject => PersistErrorKind::Subject,
            Kind::MaxPayloadExceeded => PersistErrorKind::MaxPayloadExceeded,
            Kind::Other => PersistErrorKind::Closed,
        };
        PersistError::with_source(kind, error)
    })?;
    acknowledged(&answer, stream)
}
