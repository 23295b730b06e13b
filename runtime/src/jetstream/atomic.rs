//! Batches that a stream stores as a whole or not at all (ADR-50).

use async_nats::header::{NATS_BATCH_COMMIT, NATS_BATCH_COMMIT_FINAL, NATS_BATCH_ID, NATS_BATCH_SEQUENCE};
use async_nats::jetstream::publish::PublishAck;

use super::persist::{PersistError, PersistErrorKind, acknowledged, identified, unsent};
use crate::connection::Connection;
use crate::endpoint::{Endpoint, access::MayPublish};
use crate::observe::Kind;
use crate::outgoing::Outgoing;
use crate::subject::PersistedSubject;

/// The most messages that the server takes in one batch.
const MOST: usize = 1000;

/// A subject whose stream takes batches as a whole: one with `allow_atomic`, on a server from 2.12 on.
pub trait AtomicSubject: PersistedSubject {}

/// Messages that one stream stores all together or not at all, such as what belongs to one change of state.
///
/// They may be of several subjects, as long as one stream keeps them. Nothing is sent before
/// [`commit`](Self::commit), and a batch that is dropped is as if it had never been.
///
/// ```no_run
/// use natsmith_runtime::jetstream::{AtomicBatch, AtomicSubject, PersistError};
/// use natsmith_runtime::{Endpoint, access};
///
/// async fn assign<A: AtomicSubject, L: AtomicSubject>(
///     assignments: &Endpoint<A, access::Publish>,
///     log: &Endpoint<L, access::Publish>,
///     assignment: &A::Payload,
///     entry: &L::Payload,
/// ) -> Result<(), PersistError> {
///     let mut batch = AtomicBatch::new(assignments.connection());
///     batch.add(assignments, assignment)?;
///     batch.add(log, entry)?;
///     batch.commit().await?; // both are stored, or neither is
///     Ok(())
/// }
/// ```
#[derive(Debug)]
#[must_use = "a batch that is not committed is not sent"]
pub struct AtomicBatch {
    connection: Connection,
    stream: Option<&'static str>,
    messages: Vec<Outgoing>,
}

impl AtomicBatch {
    /// An empty batch.
    pub fn new(connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
            stream: None,
            messages: Vec::new(),
        }
    }

    /// Adds a payload, which is validated first.
    ///
    /// # Errors
    /// [`PersistErrorKind::Subject`] and [`PersistErrorKind::InvalidPayload`]; [`PersistErrorKind::Batch`] where another
    /// stream than that of the others keeps the subject, and for the 1,001st message. The batch is then as it was before.
    pub fn add<S: AtomicSubject, A: MayPublish>(
        &mut self,
        endpoint: &Endpoint<S, A>,
        payload: &S::Payload,
    ) -> Result<(), PersistError> {
        if let Some(stream) = self.stream.filter(|stream| *stream != S::STREAM) {
            let told = format!("`{stream}` keeps the others, `{}` keeps `{}`", S::STREAM, S::NAME);
            return Err(PersistError::with_source(PersistErrorKind::Batch, told));
        }
        if self.messages.len() == MOST {
            let told = format!("it has {MOST} messages already");
            return Err(PersistError::with_source(PersistErrorKind::Batch, told));
        }
        let message = endpoint.outgoing(Kind::Persisted, payload)?;
        self.messages.push(identified(message, S::message_id(payload))?);
        self.stream = Some(S::STREAM);
        Ok(())
    }

    /// How many messages there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Sends all messages and awaits the stream's word on the whole. The acknowledgement is that of the last message; those
    /// before it have the sequence numbers before its own.
    ///
    /// # Errors
    /// See [`PersistErrorKind`]: none of the messages is stored, except after [`TimedOut`](PersistErrorKind::TimedOut),
    /// where all may be. With message ids it is safe to commit the same messages again: the server refuses a
    /// batch of which it knows a message (code 10201). [`PersistErrorKind::Batch`] for an empty batch.
    pub async fn commit(self) -> Result<PublishAck, PersistError> {
        let (Some(stream), client) = (self.stream, self.connection.client()) else {
            return Err(PersistError::with_source(PersistErrorKind::Batch, "it is empty"));
        };
        let inbox = client.new_inbox();
        let id = inbox.rsplit('.').next().unwrap_or(&inbox);
        let last = self.messages.len();
        for (number, mut message) in (1..).zip(self.messages) {
            let headers = message.headers();
            headers.insert(NATS_BATCH_ID, id);
            headers.insert(NATS_BATCH_SEQUENCE, number.to_string());
            if number == last {
                headers.insert(NATS_BATCH_COMMIT, NATS_BATCH_COMMIT_FINAL);
                let answer = message.request(client, None).await;
                return acknowledged(&answer.map_err(|error| unsent(error, stream))?, stream);
            }
            if number > 1 {
                message.publish(client).await?;
                continue;
            }
            // Whether the stream takes the batch at all is known before the rest is sent.
            let answer = message.request(client, None).await;
            let answer = answer.map_err(|error| unsent(error, stream))?;
            if !answer.payload.is_empty() {
                acknowledged(&answer, stream)?;
            }
        }
        Err(PersistErrorKind::Batch.into())
    }
}
