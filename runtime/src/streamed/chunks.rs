//! The side that asks.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use async_nats::{HeaderValue, StatusCode, Subject};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, interval_at, sleep_until, timeout};

use super::Streamed;
use crate::connection::{Connection, Meter};
use crate::error::Error;
use crate::headers::{self, CANCEL, CREDIT, END, IDLE, SEQUENCE};
use crate::observe::{self, Timer};
use crate::outgoing::Outgoing;
use crate::payload::Payload;
use crate::request::{RequestError, RequestErrorKind, ServiceError, outcome};

/// The chunks of an answer, in order: a stream that ends where the answer is complete.
///
/// An `Err` is the last item: what came before it is in order and without gaps, and there is more that did not come. Chunks
/// that are not read hold the responder back. Dropping this tells the responder to stop.
#[must_use = "dropped chunks are not sent"]
pub struct Chunks<C> {
    items: mpsc::Receiver<Result<C, ChunkError>>,
    taken: Arc<Taken>,
}

/// How many chunks their reader has taken.
#[derive(Default)]
struct Taken {
    count: AtomicU64,
    more: Notify,
}

impl<C: Payload> Chunks<C> {
    /// The next chunk; `None` once the answer is complete, and after an error.
    pub async fn next(&mut self) -> Option<Result<C, ChunkError>> {
        StreamExt::next(self).await
    }

    /// All chunks that are still to come.
    ///
    /// # Errors
    /// The error that ends them.
    pub async fn collect_all(mut self) -> Result<Vec<C>, ChunkError> {
        let mut chunks = Vec::new();
        while let Some(chunk) = self.next().await {
            chunks.push(chunk?);
        }
        Ok(chunks)
    }
}

impl<C> Stream for Chunks<C> {
    type Item = Result<C, ChunkError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = self.items.poll_recv(cx);
        if let Poll::Ready(Some(Ok(_))) = item {
            self.taken.count.fetch_add(1, Ordering::Relaxed);
            self.taken.more.notify_one();
        }
        item
    }
}

impl<C> fmt::Debug for Chunks<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks")
            .field("taken", &self.taken.count.load(Ordering::Relaxed))
            .finish_non_exhaustive()
    }
}

/// Why an answer in chunks is not complete.
pub type ChunkError = Error<ChunkErrorKind>;

/// The kinds of [`ChunkError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChunkErrorKind {
    /// The service ended the answer with an error; see [`ChunkError::service_error`].
    Service {
        /// The error's code, such as 404.
        code: u16,
    },
    /// A chunk is missing.
    Gap {
        /// The number of the chunk that should have come.
        expected: u64,
        /// The number of the one that came.
        found: u64,
    },
    /// A chunk's schema refuses it, or it has no number.
    InvalidChunk,
    /// Nothing was heard of the responder for as long as the contract allows.
    ResponderLost,
    /// The connection is closed.
    Closed,
}

impl fmt::Display for ChunkErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service { .. } => f.write_str("the service ended its answer with an error"),
            Self::Gap { expected, found } => write!(f, "chunk {expected} is missing, chunk {found} came"),
            Self::InvalidChunk => f.write_str("the schema refuses a chunk"),
            Self::ResponderLost => f.write_str("nothing more is heard of the responder"),
            Self::Closed => f.write_str("the connection is closed"),
        }
    }
}

impl ChunkError {
    /// The service's error, where it ended the answer with one.
    #[must_use]
    pub fn service_error(&self) -> Option<&ServiceError> {
        self.cause()
    }
}

/// Sends a request, and waits for the first sign of an answer.
pub(super) async fn open<C: Payload>(
    connection: &Connection,
    message: Outgoing,
    plan: Streamed,
) -> Result<Chunks<C>, RequestError> {
    let (template, timer) = (message.template(), Timer::start());
    let opened = begin(connection, message, plan).await;
    timer.asked(template, outcome(&opened));
    opened
}

async fn begin<C: Payload>(
    connection: &Connection,
    mut message: Outgoing,
    plan: Streamed,
) -> Result<Chunks<C>, RequestError> {
    let (client, template) = (connection.client(), message.template());
    let inbox = client.new_inbox();
    let (mut answers, meter) = connection
        .subscribe_raw(template, format!("{inbox}.*"), None)
        .await
        .map_err(|error| RequestError::with_source(RequestErrorKind::Closed, error))?;
    let granted = u64::from(plan.window.max(1));
    message.headers().insert(CREDIT, HeaderValue::from(granted));
    message.publish_with_reply(client, format!("{inbox}.0")).await?;
    let first = match timeout(plan.silence, answers.next()).await {
        Ok(Some(first)) => first,
        Ok(None) => return Err(RequestErrorKind::Closed.into()),
        Err(_) => return Err(RequestError::timed_out(connection, plan.silence)),
    };
    if first.status == Some(StatusCode::NO_RESPONDERS) {
        return Err(RequestErrorKind::NoResponders.into());
    }
    if let Some(error) = ServiceError::of(&first) {
        return Err(RequestError::with_source(
            RequestErrorKind::Service { code: error.code },
            error,
        ));
    }
    // The window bounds what can wait; one more place is for the error that ends it all.
    let (sender, items) = mpsc::channel(plan.window.max(1) as usize + 1);
    let taken = Arc::<Taken>::default();
    let pump = Pump {
        template,
        client: client.clone(),
        inbox,
        credits: 0,
        _meter: meter,
        control: None,
        expected: 1,
        granted,
        plan,
        items: sender,
        taken: taken.clone(),
    };
    tokio::spawn(pump.run(answers, first));
    Ok(Chunks { items, taken })
}

/// What reads the answer as it comes, so that signs of life are given and heard while nobody asks for a chunk.
struct Pump<C> {
    template: &'static str,
    client: async_nats::Client,
    /// Where this side hears the responder, followed by a number.
    inbox: String,
    /// How often the responder was told how far it may go.
    credits: u64,
    /// Lives as long as the subscription that it counts for.
    _meter: Arc<Meter>,
    /// Where the responder hears this side. The first one to answer is the only one that counts.
    control: Option<Subject>,
    expected: u64,
    granted: u64,
    plan: Streamed,
    items: mpsc::Sender<Result<C, ChunkError>>,
    taken: Arc<Taken>,
}

/// What a message is.
enum Step<C> {
    Chunk(C),
    Nothing,
    Complete,
}

impl<C: Payload> Pump<C> {
    async fn run(mut self, mut answers: async_nats::Subscriber, first: async_nats::Message) {
        let error = match self.take(&first).await {
            Ok(true) => return,
            Ok(false) => match self.pump(&mut answers).await {
                Ok(()) => return,
                Err(error) => error,
            },
            Err(error) => error,
        };
        self.cancel().await;
        // Fails only where nobody reads any more.
        let _ = self.items.send(Err(error)).await;
    }

    /// Goes on until the answer is complete or nobody reads it any more.
    async fn pump(&mut self, answers: &mut async_nats::Subscriber) -> Result<(), ChunkError> {
        let mut beat = interval_at(Instant::now() + self.plan.beat(), self.plan.beat());
        let mut lost = Instant::now() + self.plan.silence;
        loop {
            tokio::select! {
                () = self.items.closed() => {
                    self.cancel().await;
                    return Ok(());
                }
                () = self.taken.more.notified() => self.grant(u64::from(self.plan.window / 2).max(1)).await,
                _ = beat.tick() => self.grant(0).await,
                () = sleep_until(lost) => return Err(ChunkErrorKind::ResponderLost.into()),
                message = answers.next() => {
                    let message = message.ok_or(ChunkErrorKind::Closed)?;
                    if self.take(&message).await? {
                        return Ok(());
                    }
                    lost = Instant::now() + self.plan.silence;
                }
            }
        }
    }

    /// Takes a message; whether it was the last one.
    async fn take(&mut self, message: &async_nats::Message) -> Result<bool, ChunkError> {
        if let Some(reply) = &message.reply {
            if self.control.as_ref().is_some_and(|ours| !is_of_one(ours, reply)) {
                // Somebody else answers too.
                self.dismiss(reply.clone()).await;
                return Ok(false);
            }
            // The newest one: to send to an older one may be permitted no longer.
            self.control = Some(reply.clone());
        }
        match self.read(message)? {
            Step::Complete => Ok(true),
            Step::Nothing => Ok(false),
            Step::Chunk(chunk) => {
                // Fails only where nobody reads any more, which is seen before the next message.
                let _ = self.items.send(Ok(chunk)).await;
                Ok(false)
            }
        }
    }

    fn read(&mut self, message: &async_nats::Message) -> Result<Step<C>, ChunkError> {
        if message.status == Some(StatusCode::NO_RESPONDERS) {
            return Err(ChunkErrorKind::ResponderLost.into());
        }
        if let Some(error) = ServiceError::of(message) {
            let kind = ChunkErrorKind::Service { code: error.code };
            return Err(ChunkError::with_source(kind, error));
        }
        let headers = message.headers.as_ref();
        let gap = |expected: u64, found: u64| ChunkErrorKind::Gap { expected, found }.into();
        if let Some(sent) = headers::number(headers, IDLE) {
            // A sign of life may be overtaken by a chunk, never the other way round.
            return if sent >= self.expected {
                Err(gap(self.expected, sent + 1))
            } else {
                Ok(Step::Nothing)
            };
        }
        let Some(number) = headers::number(headers, SEQUENCE) else {
            let what = format!("a message without `{SEQUENCE}`: the responder does not answer in chunks");
            return Err(ChunkError::with_source(ChunkErrorKind::InvalidChunk, what));
        };
        if number != self.expected {
            return Err(gap(self.expected, number));
        }
        if headers::has(headers, END) {
            return Ok(Step::Complete);
        }
        observe::received(self.template, message);
        let chunk = C::decode(&message.payload).map_err(|error| {
            observe::undecodable(self.template, "payload");
            ChunkError::with_source(ChunkErrorKind::InvalidChunk, error)
        })?;
        self.expected += 1;
        Ok(Step::Chunk(chunk))
    }

    /// Allows as many chunks as there is room for, if that is at least so many more than before.
    async fn grant(&mut self, at_least: u64) {
        let allowed = self.taken.count.load(Ordering::Relaxed) + u64::from(self.plan.window.max(1));
        if allowed - self.granted.min(allowed) < at_least {
            return;
        }
        self.granted = allowed.max(self.granted);
        if let Some(control) = self.control.clone() {
            self.credit(control).await;
        }
    }

    async fn cancel(&mut self) {
        if let Some(control) = self.control.take() {
            self.dismiss(control).await;
        }
    }

    /// Allows chunks, to be sent to another reply subject from now on. A server that permits to send to reply subjects does so for a
    /// while, and the while begins anew only with a reply subject that it has not seen. Where the responder is gone, the server
    /// says so there.
    async fn credit(&mut self, control: Subject) {
        self.credits += 1;
        let reply = format!("{}.{}", self.inbox, self.credits);
        let headers = headers::of(CREDIT, HeaderValue::from(self.granted));
        let credit = self
            .client
            .publish_with_reply_and_headers(control, reply, headers, Bytes::new());
        // Fails only where the connection is closed, which ends the answer too.
        let _ = credit.await;
    }

    /// Tells a responder that nobody listens to it.
    async fn dismiss(&self, control: Subject) {
        let headers = headers::of(CANCEL, HeaderValue::from(0_u64));
        // As above.
        let _ = self.client.publish_with_headers(control, headers, Bytes::new()).await;
    }
}

/// Whether two reply subjects are those of one responder: the same, or the same with another number behind.
fn is_of_one(one: &str, other: &str) -> bool {
    fn party(subject: &str) -> Option<&str> {
        let (party, number) = subject.rsplit_once('.')?;
        number.parse::<u64>().is_ok().then_some(party)
    }
    one == other || (party(one).is_some() && party(one) == party(other))
}
