//! Messages as a program sees them: the typed subject, the decoded payload, the headers.

use std::fmt;

use async_nats::HeaderMap;
use bytes::Bytes;

use crate::headed::{self, HeadedSubject};
use crate::observe;
use crate::payload::{BorrowedPayload, PayloadError};
use crate::subject::{BorrowedSubject, SubjectError, SubjectErrorKind, TypedSubject};

/// A message whose subject was read and whose payload was decoded and found valid.
pub struct Message<S: TypedSubject> {
    /// The concrete subject, tokens and all.
    pub subject: S,
    /// What it carries.
    pub payload: S::Payload,
    /// The headers; empty where the message has none.
    pub headers: HeaderMap,
    reply: Option<async_nats::Subject>,
}

impl<S: TypedSubject> Message<S> {
    /// Where an answer is awaited, for a request.
    #[must_use]
    pub fn reply(&self) -> Option<&str> {
        self.reply.as_ref().map(async_nats::Subject::as_str)
    }

    /// The trace that the message belongs to, where its sender says so.
    #[cfg(feature = "trace")]
    #[must_use]
    pub fn trace(&self) -> Option<observe::Trace> {
        observe::Trace::from_headers(&self.headers)
    }
}

impl<S: HeadedSubject> Message<S> {
    /// The headers that the contract declares.
    ///
    /// # Errors
    /// Never for a message as it was received: its headers were checked.
    pub fn typed_headers(&self) -> Result<S::Headers, PayloadError> {
        headed::read::<S>(Some(&self.headers))
    }
}

impl<S: TypedSubject> Clone for Message<S>
where
    S::Payload: Clone,
{
    fn clone(&self) -> Self {
        Self {
            subject: self.subject.clone(),
            payload: self.payload.clone(),
            headers: self.headers.clone(),
            reply: self.reply.clone(),
        }
    }
}

impl<S: TypedSubject> fmt::Debug for Message<S>
where
    S::Payload: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("subject", &self.subject)
            .field("payload", &self.payload)
            .field("headers", &self.headers)
            .field("reply", &self.reply)
            .finish()
    }
}

/// What a typed subscription or consumer makes of the client's messages.
///
/// Implemented by [`Message`], and by the generated enums of named wildcard subscriptions.
///
/// It is the one way in: what is read here is counted as received.
pub trait FromMessage: Sized + Send + 'static {
    /// What metrics and spans call these messages: the template of their subject; for a set, what it listens to.
    const LABEL: &'static str;

    /// Reads the subject, decodes the payload, and checks that they agree.
    ///
    /// # Errors
    /// Says which of the three failed, and why.
    fn from_message(raw: &async_nats::Message) -> Result<Self, InvalidMessage>;

    /// As [`from_message`](Self::from_message), and keeps what is to be kept without copying it.
    ///
    /// # Errors
    /// The same.
    fn from_owned(raw: async_nats::Message) -> Result<Self, InvalidMessage> {
        Self::from_message(&raw)
    }
}

/// Subject and payload of a message, checked.
fn read<S: TypedSubject>(raw: &async_nats::Message) -> Result<(S, S::Payload), InvalidMessage> {
    observe::received(S::TEMPLATE, raw);
    let read = || {
        let subject: S = raw.subject.parse().map_err(InvalidCause::Subject)?;
        S::check_headers(raw.headers.as_ref()).map_err(InvalidCause::Headers)?;
        let payload = subject
            .read(raw.headers.as_ref(), &raw.payload)
            .map_err(InvalidCause::Payload)?;
        subject.agree(&payload).map_err(InvalidCause::Disagreement)?;
        Ok((subject, payload))
    };
    read().map_err(|cause| InvalidMessage::told(S::TEMPLATE, raw, cause))
}

impl<S: TypedSubject> FromMessage for Message<S> {
    const LABEL: &'static str = S::TEMPLATE;

    fn from_message(raw: &async_nats::Message) -> Result<Self, InvalidMessage> {
        let (subject, payload) = read(raw)?;
        Ok(Self {
            subject,
            payload,
            headers: raw.headers.clone().unwrap_or_default(),
            reply: raw.reply.clone(),
        })
    }

    fn from_owned(raw: async_nats::Message) -> Result<Self, InvalidMessage> {
        let (subject, payload) = read(&raw)?;
        Ok(Self {
            subject,
            payload,
            headers: raw.headers.unwrap_or_default(),
            reply: raw.reply,
        })
    }
}

/// A message whose subject was read, and whose payload is still the document that arrived.
///
/// A subscription gives them after [`into_raw`](crate::Subscription::into_raw). The payload is read where it stands:
///
/// ```no_run
/// use natsmith_runtime::subject::BorrowedSubject;
/// use natsmith_runtime::{BorrowedPayload, InvalidMessage, message::RawMessage};
///
/// fn read<'a, S, P>(message: &'a RawMessage<S>) -> Result<P, InvalidMessage>
/// where
///     S: BorrowedSubject<P>, // such as `StatusSubject`
///     P: BorrowedPayload<'a, Owned = S::Payload>, // such as `AgentStatusRef`
/// {
///     message.borrow()
/// }
/// ```
pub struct RawMessage<S: TypedSubject> {
    /// The concrete subject, tokens and all.
    pub subject: S,
    raw: async_nats::Message,
}

impl<S: TypedSubject> RawMessage<S> {
    /// Reads the payload without copying it, and checks that the subject agrees with it.
    ///
    /// # Errors
    /// Says which of the two failed, and why.
    pub fn borrow<'a, P>(&'a self) -> Result<P, InvalidMessage>
    where
        P: BorrowedPayload<'a, Owned = S::Payload>,
        S: BorrowedSubject<P>,
    {
        let read = || {
            S::check_headers(self.raw.headers.as_ref()).map_err(InvalidCause::Headers)?;
            let payload = P::decode(&self.raw.payload).map_err(InvalidCause::Payload)?;
            self.subject
                .agree_borrowed(&payload)
                .map_err(InvalidCause::Disagreement)?;
            Ok(payload)
        };
        read().map_err(|cause| InvalidMessage::told(S::TEMPLATE, &self.raw, cause))
    }

    /// The bytes that arrived; nothing is known of them yet.
    #[must_use]
    pub fn document(&self) -> &Bytes {
        &self.raw.payload
    }

    /// The headers; `None` where the message has none.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.raw.headers.as_ref()
    }

    /// Where an answer is awaited, for a request.
    #[must_use]
    pub fn reply(&self) -> Option<&str> {
        self.raw.reply.as_ref().map(async_nats::Subject::as_str)
    }
}

impl<S: HeadedSubject> RawMessage<S> {
    /// The headers that the contract declares.
    ///
    /// # Errors
    /// What their schema refuses.
    pub fn typed_headers(&self) -> Result<S::Headers, PayloadError> {
        headed::read::<S>(self.headers())
    }
}

impl<S: TypedSubject> FromMessage for RawMessage<S> {
    const LABEL: &'static str = S::TEMPLATE;

    fn from_message(raw: &async_nats::Message) -> Result<Self, InvalidMessage> {
        Self::from_owned(raw.clone())
    }

    fn from_owned(raw: async_nats::Message) -> Result<Self, InvalidMessage> {
        observe::received(S::TEMPLATE, &raw);
        match raw.subject.parse() {
            Ok(subject) => Ok(Self { subject, raw }),
            Err(error) => Err(InvalidMessage::told(S::TEMPLATE, &raw, InvalidCause::Subject(error))),
        }
    }
}

impl<S: TypedSubject> Clone for RawMessage<S> {
    fn clone(&self) -> Self {
        Self {
            subject: self.subject.clone(),
            raw: self.raw.clone(),
        }
    }
}

impl<S: TypedSubject> fmt::Debug for RawMessage<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawMessage")
            .field("subject", &self.subject)
            .field("document", &self.raw.payload)
            .finish_non_exhaustive()
    }
}

/// A named wildcard subscription of a contract: one type over every subject that it hears.
pub trait MessageSet: FromMessage {
    /// The name in the contract.
    const NAME: &'static str;
    /// The filter it subscribes to.
    const FILTER: &'static str;
    /// The queue group that its subscribers share, where the contract names one.
    const QUEUE_GROUP: Option<&'static str> = None;
}

/// A message that was received and does not keep the contract.
///
/// It still holds everything that arrived, so that a program can log it, count it or send it elsewhere.
pub struct InvalidMessage(Box<Parts>);

struct Parts {
    subject: async_nats::Subject,
    payload: Bytes,
    headers: HeaderMap,
    cause: InvalidCause,
}

/// What an [`InvalidMessage`] broke.
#[derive(Debug)]
#[non_exhaustive]
pub enum InvalidCause {
    /// The subject is none of those expected here.
    Subject(SubjectError),
    /// The payload's schema refuses it.
    Payload(PayloadError),
    /// The schema of the headers refuses them.
    Headers(PayloadError),
    /// Subject and payload are each valid and contradict each other.
    Disagreement(SubjectError),
}

impl InvalidCause {
    /// The cause in a word.
    fn label(&self) -> &'static str {
        match self {
            Self::Subject(_) => "subject",
            Self::Payload(_) => "payload",
            Self::Headers(_) => "headers",
            Self::Disagreement(_) => "disagreement",
        }
    }
}

impl InvalidMessage {
    /// A message refused for `cause`.
    #[must_use]
    pub fn new(raw: &async_nats::Message, cause: InvalidCause) -> Self {
        Self(Box::new(Parts {
            subject: raw.subject.clone(),
            payload: raw.payload.clone(),
            headers: raw.headers.clone().unwrap_or_default(),
            cause,
        }))
    }

    /// A message refused for `cause`, which is counted.
    fn told(template: &'static str, raw: &async_nats::Message, cause: InvalidCause) -> Self {
        observe::undecodable(template, cause.label());
        Self::new(raw, cause)
    }

    /// A message whose subject is none of those that a set knows; `filter` is what the set subscribes to. It is counted as
    /// received.
    #[must_use]
    pub fn unknown_subject(raw: &async_nats::Message, filter: &'static str) -> Self {
        observe::received(filter, raw);
        let kind = SubjectErrorKind::Template {
            template: filter,
            subject: raw.subject.to_string(),
        };
        Self::told(filter, raw, InvalidCause::Subject(kind.into()))
    }

    /// The subject it came on.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The bytes it carried.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        &self.0.payload
    }

    /// The headers it carried; empty where there were none.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// What it broke.
    #[must_use]
    pub fn cause(&self) -> &InvalidCause {
        &self.0.cause
    }

    /// The fault of the payload or of the headers, where that is the cause: JSON Pointer, keyword, expected, found.
    #[must_use]
    pub fn payload_error(&self) -> Option<&PayloadError> {
        match &self.0.cause {
            InvalidCause::Payload(error) | InvalidCause::Headers(error) => Some(error),
            InvalidCause::Subject(_) | InvalidCause::Disagreement(_) => None,
        }
    }
}

impl fmt::Debug for InvalidMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvalidMessage")
            .field("subject", &self.0.subject)
            .field("payload", &self.0.payload)
            .field("cause", &self.0.cause)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for InvalidMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "message on `{}`: ", self.0.subject)?;
        match &self.0.cause {
            InvalidCause::Payload(error) => write!(f, "payload {error}"),
            InvalidCause::Headers(error) => write!(f, "headers {error}"),
            InvalidCause::Subject(error) | InvalidCause::Disagreement(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for InvalidMessage {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(match &self.0.cause {
            InvalidCause::Payload(error) | InvalidCause::Headers(error) => error,
            InvalidCause::Subject(error) | InvalidCause::Disagreement(error) => error,
        })
    }
}
