//! Where a handler puts its chunks.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_nats::{HeaderMap, HeaderValue, Subject};
use bytes::Bytes;
use tokio::sync::watch;

use super::StreamedSubject;
use crate::error::Error;
use crate::headers::{self, END, IDLE, SEQUENCE};
use crate::observe::Kind;
use crate::outgoing::Outgoing;
use crate::payload::Payload;
use crate::request::ServiceError;

/// Where a handler puts the chunks of its answer, one after the other.
pub struct ChunkSink<S: StreamedSubject> {
    flow: Arc<Flow>,
    subject: PhantomData<fn() -> S>,
}

impl<S: StreamedSubject> ChunkSink<S> {
    pub(super) fn new(flow: Arc<Flow>) -> Self {
        Self {
            flow,
            subject: PhantomData,
        }
    }

    /// Sends a chunk, once the requester has room for it.
    ///
    /// In a handler, `?` turns the error into the one that ends the answer.
    ///
    /// # Errors
    /// See [`SinkErrorKind`]. After [`InvalidChunk`](SinkErrorKind::InvalidChunk) and
    /// [`MaxPayloadExceeded`](SinkErrorKind::MaxPayloadExceeded) nothing was sent, and another chunk can be.
    pub async fn send(&mut self, chunk: &S::Chunk) -> Result<(), SinkError> {
        let document = chunk
            .to_bytes()
            .map_err(|error| SinkError::with_source(SinkErrorKind::InvalidChunk, error))?;
        let sent = self.flow.sent();
        let mut room = self.flow.room.subscribe();
        // The sender lives as long as this sink, so waiting cannot fail.
        match room.wait_for(|room| room.gone || room.allowed > sent).await {
            Ok(room) if !room.gone => {}
            _ => return Err(SinkErrorKind::Cancelled.into()),
        }
        let headers = headers::of(SEQUENCE, HeaderValue::from(sent + 1));
        self.flow.chunk(headers, document).await?;
        self.flow.sent.store(sent + 1, Ordering::Relaxed);
        Ok(())
    }

    /// How many chunks were sent so far.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.flow.sent()
    }

    /// Whether nobody wants more chunks: the requester said so, or is lost.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.flow.room.borrow().gone
    }

    /// Completes once nobody wants more chunks, for handlers that work long on one of them.
    pub async fn cancelled(&self) {
        let mut room = self.flow.room.subscribe();
        // The sender lives as long as this sink, so waiting cannot fail.
        let _ = room.wait_for(|room| room.gone).await;
    }
}

impl<S: StreamedSubject> fmt::Debug for ChunkSink<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkSink")
            .field("subject", &S::NAME)
            .field("sent", &self.sent())
            .field("cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}

/// Why a chunk was not sent.
pub type SinkError = Error<SinkErrorKind>;

/// The kinds of [`SinkError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SinkErrorKind {
    /// Nobody wants more chunks: the requester said so, is lost, or the answer has ended.
    Cancelled,
    /// The chunk's schema refuses it; the source is a [`PayloadError`](crate::PayloadError).
    InvalidChunk,
    /// The chunk is larger than the server's `max_payload`.
    MaxPayloadExceeded,
    /// The connection is closed.
    Closed,
}

impl fmt::Display for SinkErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cancelled => "nobody wants more chunks",
            Self::InvalidChunk => "the schema refuses the chunk",
            Self::MaxPayloadExceeded => "the chunk is larger than the server accepts",
            Self::Closed => "the connection is closed",
        })
    }
}

impl From<async_nats::PublishError> for SinkError {
    fn from(error: async_nats::PublishError) -> Self {
        let kind = match error.kind() {
            async_nats::PublishErrorKind::MaxPayloadExceeded => SinkErrorKind::MaxPayloadExceeded,
            _ => SinkErrorKind::Closed,
        };
        Self::with_source(kind, error)
    }
}

/// What ends an answer whose handler cannot go on: 499 where nobody waits for it any more, else 500.
impl From<SinkError> for ServiceError {
    fn from(error: SinkError) -> Self {
        let code = match error.kind() {
            SinkErrorKind::Cancelled => 499,
            _ => 500,
        };
        Self::new(code, error.to_string())
    }
}

/// What the handler of a request and its keeper share.
pub(super) struct Flow {
    template: &'static str,
    client: async_nats::Client,
    /// Where the requester reads: the newest reply subject that it has named.
    to: Mutex<Subject>,
    /// Where the requester is heard, followed by a number.
    control: String,
    /// How many signs of life were given. Each comes with another reply subject, so that the requester may send to it from then on.
    signs: AtomicU64,
    sent: AtomicU64,
    pub(super) room: watch::Sender<Room>,
}

/// How far the handler may go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// The number of the last chunk that may be sent.
    pub(super) allowed: u64,
    /// Nobody wants more.
    pub(super) gone: bool,
}

impl Flow {
    pub(super) fn new(
        template: &'static str,
        client: async_nats::Client,
        to: Subject,
        control: String,
        allowed: u64,
    ) -> Self {
        Self {
            template,
            client,
            to: Mutex::new(to),
            control,
            signs: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            room: watch::Sender::new(Room { allowed, gone: false }),
        }
    }

    fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    fn to(&self) -> Subject {
        self.to.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn control(&self) -> String {
        format!("{}.{}", self.control, self.signs.load(Ordering::Relaxed))
    }

    /// Sends to another reply subject of the requester's from now on, if it has named one.
    pub(super) fn answer_to(&self, reply: Option<Subject>) {
        if let Some(reply) = reply {
            *self.to.lock().unwrap_or_else(PoisonError::into_inner) = reply;
        }
    }

    /// Lets the handler send no more.
    pub(super) fn close(&self) {
        self.room.send_modify(|room| room.gone = true);
    }

    /// Sends a chunk, or the end of the answer.
    async fn chunk(&self, headers: HeaderMap, document: Bytes) -> Result<(), async_nats::PublishError> {
        Outgoing::to(self.template, Kind::Reply, self.to(), document)
            .with_headers(headers)
            .publish_with_reply(&self.client, self.control())
            .await
    }

    /// Gives a sign of life. It is no message of the contract, and is not counted as one.
    pub(super) async fn idle(&self) -> Result<(), async_nats::PublishError> {
        let headers = headers::of(IDLE, HeaderValue::from(self.sent()));
        self.signs.fetch_add(1, Ordering::Relaxed);
        self.client
            .publish_with_reply_and_headers(self.to(), self.control(), headers, Bytes::new())
            .await
    }

    /// Says that the answer has ended, and how.
    pub(super) async fn end(&self, outcome: &Result<(), ServiceError>) -> Result<(), async_nats::PublishError> {
        let (mut headers, document) = match outcome {
            Ok(()) => (headers::of(END, "complete"), Bytes::new()),
            Err(error) => (error.headers(), error.document()),
        };
        headers.insert(SEQUENCE, HeaderValue::from(self.sent() + 1));
        self.chunk(headers, document).await
    }
}
