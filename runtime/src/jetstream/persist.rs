//! Publishing with the stream's acknowledgement.

use std::fmt;

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::publish::PublishAck;
use async_nats::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::api::ServerRefusal;
use crate::connection::Connection;
use crate::error::Error;
use crate::observe::Timer;
use crate::outgoing::{Outgoing, Unsendable};

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
    /// The schema of the headers refuses them; nothing was sent; the source is a [`PayloadError`](crate::PayloadError).
    InvalidHeaders,
    /// The message id cannot be a header's value; nothing was sent.
    MessageId,
    /// The message is larger than the server's `max_payload`; nothing was sent.
    MaxPayloadExceeded,
    /// The batch is empty, has more than 1,000 messages, or messages of several streams; nothing was sent.
    Batch,
    /// No stream captures the subject, or JetStream is off: the message is not stored.
    NoStream,
    /// The server refused to store the message; the source is a [`ServerRefusal`](crate::jetstream::ServerRefusal).
    Refused {
        /// The server's error code, such as 10054 where the message is larger than the stream takes.
        code: u64,
    },
    /// Another stream than the contract's captures the subject, and has stored the message. Provision the contract.
    AnotherStream,
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
            Self::InvalidHeaders => "the schema of the headers refuses them",
            Self::MessageId => "the message id cannot be a header's value",
            Self::MaxPayloadExceeded => "the message is larger than the server accepts",
            Self::Batch => "no stream takes such a batch",
            Self::NoStream => "no stream captures the subject",
            Self::Refused { .. } => "the server refused to store the message",
            Self::AnotherStream => "another stream has stored the message",
            Self::TimedOut => "no acknowledgement in time",
            Self::Unreadable => "what answered is no acknowledgement of a stream",
            Self::Closed => "the connection is closed",
        })
    }
}

impl PersistError {
    /// Whether another attempt may go better: nothing was heard in time, or the stream has no leader now.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self.kind() {
            PersistErrorKind::TimedOut | PersistErrorKind::NoStream => true,
            PersistErrorKind::Refused { .. } => self
                .cause()
                .is_some_and(|refusal: &ServerRefusal| refusal.status == 503),
            _ => false,
        }
    }
}

impl From<Unsendable> for PersistError {
    fn from(unsendable: Unsendable) -> Self {
        match unsendable {
            Unsendable::Subject(error) => Self::with_source(PersistErrorKind::Subject, error),
            Unsendable::Payload(error) => Self::with_source(PersistErrorKind::InvalidPayload, error),
            Unsendable::Headers(error) => Self::with_source(PersistErrorKind::InvalidHeaders, error),
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

/// Sends a message to the stream that is to keep it, and awaits its word.
pub(crate) async fn persist(
    connection: &Connection,
    stream: &str,
    message_id: Option<String>,
    message: Outgoing,
) -> Result<PublishAck, PersistError> {
    let (template, timer) = (message.template(), Timer::start());
    let stored = answered(connection, stream, message_id, message).await;
    timer.persisted(template, outcome(&stored));
    stored
}

/// What became of a message, in a word.
pub(super) fn outcome(stored: &Result<PublishAck, PersistError>) -> &'static str {
    match stored.as_ref().map_err(PersistError::kind) {
        Ok(ack) if ack.duplicate => "duplicate",
        Ok(_) => "ok",
        Err(PersistErrorKind::NoStream) => "no_stream",
        Err(PersistErrorKind::Refused { .. }) => "refused",
        Err(PersistErrorKind::AnotherStream) => "another_stream",
        Err(PersistErrorKind::TimedOut) => "timed_out",
        Err(PersistErrorKind::Unreadable) => "unreadable",
        Err(_) => "unsent",
    }
}

async fn answered(
    connection: &Connection,
    stream: &str,
    message_id: Option<String>,
    message: Outgoing,
) -> Result<PublishAck, PersistError> {
    let message = identified(message, message_id)?;
    let answer = message.request(connection.client(), None).await;
    acknowledged(&answer.map_err(|error| unsent(error, stream))?, stream)
}

/// Why a stream did not answer.
pub(super) fn unsent(error: async_nats::RequestError, stream: &str) -> PersistError {
    use async_nats::RequestErrorKind as Kind;
    let kind = match error.kind() {
        Kind::NoResponders => return no_stream(stream),
        Kind::TimedOut => PersistErrorKind::TimedOut,
        Kind::InvalidSubject => PersistErrorKind::Subject,
        Kind::MaxPayloadExceeded => PersistErrorKind::MaxPayloadExceeded,
        Kind::Other => PersistErrorKind::Closed,
    };
    PersistError::with_source(kind, error)
}

/// The message with its id.
pub(super) fn identified(mut message: Outgoing, message_id: Option<String>) -> Result<Outgoing, PersistError> {
    if let Some(id) = message_id {
        let id: HeaderValue = id
            .parse()
            .map_err(|error| PersistError::with_source(PersistErrorKind::MessageId, error))?;
        message.headers().insert(NATS_MESSAGE_ID, id);
    }
    Ok(message)
}

/// What a stream's answer says.
pub(super) fn acknowledged(answer: &async_nats::Message, stream: &str) -> Result<PublishAck, PersistError> {
    if answer.status == Some(StatusCode::NO_RESPONDERS) {
        return Err(no_stream(stream));
    }
    let unreadable = |error| PersistError::with_source(PersistErrorKind::Unreadable, error);
    let said: Said = serde_json::from_slice(&answer.payload).map_err(unreadable)?;
    let Some(error) = said.error else {
        let ack: PublishAck = serde_json::from_slice(&answer.payload).map_err(unreadable)?;
        if ack.stream != stream {
            let told = format!(
                "stream `{}` captures its subject, and `{stream}` is to keep it",
                ack.stream
            );
            return Err(PersistError::with_source(PersistErrorKind::AnotherStream, told));
        }
        return Ok(ack);
    };
    let refusal = ServerRefusal::said(&error);
    let kind = PersistErrorKind::Refused { code: refusal.code };
    Err(PersistError::with_source(kind, refusal))
}

/// What tells a refusal from an acknowledgement.
#[derive(Deserialize)]
struct Said {
    error: Option<Value>,
}

fn no_stream(stream: &str) -> PersistError {
    PersistError::with_source(
        PersistErrorKind::NoStream,
        format!("stream `{stream}` is to keep it; provision it first"),
    )
}
