//! Reading dead letters, and sending them out once more.

use std::fmt;
use std::marker::PhantomData;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::stream::RawMessageErrorKind;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::{Stream, TryStreamExt, stream};
use serde_json::json;

use super::api::{ServerRefusal, api_request};
use super::dead_letter::original_headers;
use super::persist::persist;
use crate::connection::Connection;
use crate::error::Error;
use crate::headers::{
    DEAD_CONSUMER, DEAD_DELIVERED, DEAD_PAYLOAD, DEAD_REASON, DEAD_SEQUENCE, DEAD_STREAM, DEAD_SUBJECT, MESSAGE_ID,
    REPLAY_FOR,
};
use crate::kv::moment;
use crate::observe::Kind;
use crate::outgoing::Outgoing;

/// A stream of a contract that keeps dead letters, as a type.
pub trait DeadLetterStream: 'static {
    /// Its name on the server.
    const NAME: &'static str;
}

/// A message that was given up, and how that came about.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeadLetter {
    /// Its sequence number among the dead letters.
    pub sequence: u64,
    /// When it was put there.
    pub stored: DateTime<Utc>,
    /// Why it was given up.
    pub reason: String,
    /// The subject that the message came on.
    pub subject: String,
    /// The headers that the message had.
    pub headers: HeaderMap,
    /// What the message carried, which may be no valid payload. `None` where it was too large for a letter: the message is
    /// then in its stream only.
    pub payload: Option<Bytes>,
    /// The stream that the message was delivered from.
    pub stream: String,
    /// The consumer that gave it up.
    pub consumer: String,
    /// The message's sequence number in its stream.
    pub stream_sequence: u64,
    /// How often the message was delivered.
    pub delivered: u64,
}

impl DeadLetter {
    fn read(message: jetstream::message::StreamMessage) -> Option<Self> {
        let text = |name: &str| message.headers.get(name).map(|value| value.as_str().to_owned());
        Some(Self {
            sequence: message.sequence,
            stored: moment(message.time.unix_timestamp_nanos()),
            reason: text(DEAD_REASON)?,
            subject: text(DEAD_SUBJECT)?,
            stream: text(DEAD_STREAM)?,
            consumer: text(DEAD_CONSUMER)?,
            stream_sequence: text(DEAD_SEQUENCE)?.parse().ok()?,
            delivered: text(DEAD_DELIVERED)?.parse().ok()?,
            headers: original_headers(&message.headers),
            payload: text(DEAD_PAYLOAD).is_none().then_some(message.payload),
        })
    }

    /// What goes out once more: with an id of its own, for the stream may still know the first one, and for the consumer
    /// alone that gave it up.
    fn replayed_headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, values) in self.headers.iter() {
            let text: &str = name.as_ref();
            if text == "Nats-Msg-Id" || text.starts_with("Nats-Expected-") || text.starts_with("Nats-Batch-") {
                continue;
            }
            for value in values {
                headers.append(name.clone(), value.clone());
            }
        }
        if headers.get(MESSAGE_ID).is_none()
            && let Some(id) = self.headers.get(NATS_MESSAGE_ID)
        {
            headers.insert(MESSAGE_ID, id.clone());
        }
        headers.insert(REPLAY_FOR, self.consumer.as_str());
        headers
    }
}

impl fmt::Display for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            subject,
            stream,
            stream_sequence,
            consumer,
            delivered,
            reason,
            ..
        } = self;
        write!(
            f,
            "`{subject}`, sequence {stream_sequence} of stream `{stream}`, given up by `{consumer}` after {delivered} \
             deliveries: {reason}"
        )
    }
}

/// The dead letters of a stream over a connection: to be read, sent out once more, or thrown away.
///
/// ```no_run
/// use natsmith_runtime::jetstream::{DeadLetterStream, DeadLetters, ReplayError};
///
/// async fn try_again<D: DeadLetterStream>(letters: &DeadLetters<D>) -> Result<(), ReplayError> {
///     let replayed = letters.replay_where(|letter| letter.consumer == "task_processor").await?;
///     println!("{replayed} messages are worked on once more");
///     Ok(())
/// }
/// ```
pub struct DeadLetters<D: DeadLetterStream> {
    connection: Connection,
    stream: PhantomData<fn() -> D>,
}

impl<D: DeadLetterStream> DeadLetters<D> {
    /// The dead letters in the stream `D`.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
            stream: PhantomData,
        }
    }

    /// The letters, oldest first. Ends after the last one that is there.
    ///
    /// A message that is no dead letter, which somebody else has put into the stream, is passed over.
    ///
    /// # Errors
    /// Each item is a letter, or the error after which the stream ends; see [`ReplayErrorKind`].
    pub fn letters(&self) -> impl Stream<Item = Result<DeadLetter, ReplayError>> + Send + use<D> {
        let letters = Self::new(&self.connection);
        stream::try_unfold(1, move |from| {
            let letters = letters.clone();
            async move {
                let mut from = from;
                while let Some(message) = letters.next(from).await? {
                    from = message.sequence + 1;
                    if let Some(letter) = DeadLetter::read(message) {
                        return Ok(Some((letter, from)));
                    }
                }
                Ok(None)
            }
        })
    }

    /// The first message from a sequence number on.
    async fn next(&self, from: u64) -> Result<Option<jetstream::message::StreamMessage>, ReplayError> {
        let stream = jetstream::new(self.connection.client().clone())
            .get_stream_no_info(D::NAME)
            .await
            .map_err(|error| ReplayError::with_source(ReplayErrorKind::Api, error))?;
        let filter = format!("dead_letters.{}.>", D::NAME);
        let found = stream
            .raw_message_builder()
            .sequence(from)
            .next_by_subject(filter)
            .send()
            .await;
        match found {
            Ok(message) => Ok(Some(message)),
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(ReplayError::with_source(ReplayErrorKind::Api, error)),
        }
    }

    /// Publishes the message of a letter once more, awaits the word of the stream it came from, and removes the letter.
    ///
    /// The message goes out on its own subject: everybody who hears the subject hears it again. Among the consumers of
    /// its stream, those that are [worked on](crate::ConsumerEndpoint::work) leave it to the one that gave it up. The
    /// consumer counts its attempts anew. Replaying a letter twice, such as after an error, stores its message once within
    /// the stream's `duplicate_window`.
    ///
    /// # Errors
    /// See [`ReplayErrorKind`]. The letter is then still there.
    pub async fn replay(&self, letter: &DeadLetter) -> Result<PublishAck, ReplayError> {
        let payload = letter.payload.clone();
        let payload =
            payload.ok_or_else(|| ReplayError::with_source(ReplayErrorKind::NoPayload, letter.to_string()))?;
        let message = Outgoing::to("dead_letters.>", Kind::Persisted, letter.subject.clone(), payload);
        let id = format!("replay:{}:{}", D::NAME, letter.sequence);
        let message = message.with_headers(letter.replayed_headers());
        let ack = persist(&self.connection, &letter.stream, Some(id), message)
            .await
            .map_err(|error| ReplayError::with_source(ReplayErrorKind::NotStored, error))?;
        self.discard(letter).await?;
        Ok(ack)
    }

    /// Replays every letter that is there now and that `choose` accepts, oldest first, and says how many those were.
    ///
    /// # Errors
    /// See [`ReplayErrorKind`]. Those before the error are replayed.
    pub async fn replay_where(&self, choose: impl Fn(&DeadLetter) -> bool) -> Result<u64, ReplayError> {
        // Gathered first: one that dies again while this goes on is a new letter, and stays.
        let letters: Vec<DeadLetter> = self.letters().try_collect().await?;
        let mut replayed = 0;
        for letter in letters.iter().filter(|letter| choose(letter)) {
            self.replay(letter).await?;
            replayed += 1;
        }
        Ok(replayed)
    }

    /// Removes a letter. One that is gone already is no error.
    ///
    /// # Errors
    /// [`ReplayErrorKind::Api`].
    pub async fn discard(&self, letter: &DeadLetter) -> Result<(), ReplayError> {
        // The server has one code for everything that it cannot delete.
        let is_gone = |refusal: &ServerRefusal| refusal.description.contains("no message found");
        let body = json!({ "seq": letter.sequence });
        let deleted = api_request(&self.connection, &format!("STREAM.MSG.DELETE.{}", D::NAME), Some(&body)).await;
        match deleted {
            Ok(_) => Ok(()),
            Err(error) if error.cause().is_some_and(is_gone) => Ok(()),
            Err(error) => Err(ReplayError::with_source(ReplayErrorKind::Api, error)),
        }
    }
}

impl<D: DeadLetterStream> Clone for DeadLetters<D> {
    fn clone(&self) -> Self {
        Self::new(&self.connection)
    }
}

impl<D: DeadLetterStream> fmt::Debug for DeadLetters<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadLetters")
            .field("stream", &D::NAME)
            .finish_non_exhaustive()
    }
}

/// Why dead letters were not read, replayed or removed.
pub type ReplayError = Error<ReplayErrorKind>;

/// The kinds of [`ReplayError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplayErrorKind {
    /// The stream of dead letters could not be asked.
    Api,
    /// The letter has no payload, for the message was too large for a letter.
    NoPayload,
    /// The message was not stored again; the source is a [`PersistError`](super::PersistError).
    NotStored,
}

impl fmt::Display for ReplayErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Api => "the dead letters cannot be reached",
            Self::NoPayload => "the letter came without its payload",
            Self::NotStored => "the message was not stored again",
        })
    }
}
