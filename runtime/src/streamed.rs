//! Requests that are answered in chunks: in order, with an end that is told, no faster than they are read.
//!
//! Who asks reads [`Chunks`], who answers writes into a [`ChunkSink`]. On the wire, a request names an inbox and says how many
//! chunks may be sent at first. Everything that is answered goes to that inbox and names another one, where the responder hears the
//! requester:
//!
//! | from | headers | meaning |
//! |---|---|---|
//! | requester | `Natsmith-Credit: n` | chunks up to number `n` may be sent; repeated as a sign of life |
//! | requester | `Natsmith-Cancel` | no more chunks are wanted |
//! | responder | `Natsmith-Sequence: n` | chunk `n`, from 1 |
//! | responder | `Natsmith-Idle: n` | a sign of life; chunk `n` is the last one so far |
//! | responder | `Natsmith-Sequence: n`, `Natsmith-End: complete` | chunk `n - 1` was the last one |
//! | responder | `Natsmith-Sequence: n`, the headers of a service error | the same, and the answer is not complete |
//!
//! A requester that gives no credit, such as a program without this crate, gets chunks as fast as they are made. Both sides
//! give a sign of life three times within what the contract calls `silence`, and take the other for lost after that.

mod chunks;
mod serve;
mod sink;

use std::future::Future;
use std::time::Duration;

pub use chunks::{ChunkError, ChunkErrorKind, Chunks};
pub use sink::{ChunkSink, SinkError, SinkErrorKind};

use crate::endpoint::Endpoint;
use crate::endpoint::access::{MayAnswer, MayAsk};
use crate::message::Message;
use crate::observe::Kind;
use crate::payload::Payload;
use crate::request::{RequestError, ServiceError};
use crate::serve::{Requests, Serving};
use crate::subject::TypedSubject;
use crate::subscription::SubscribeError;

/// A subject on which a request is answered in chunks.
pub trait StreamedSubject: TypedSubject {
    /// What one chunk carries.
    type Chunk: Payload;
    /// How far who answers may be ahead, and how long either side may be silent.
    const STREAMED: Streamed;
}

/// How chunks are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streamed {
    /// How many chunks may be under way or wait for their reader.
    pub window: u32,
    /// How long nothing may be heard of the other side before it counts as lost.
    pub silence: Duration,
}

impl Streamed {
    /// How often a sign of life is given.
    fn beat(&self) -> Duration {
        (self.silence / 3).max(Duration::from_millis(1))
    }
}

impl<S: StreamedSubject, A: MayAsk> Endpoint<S, A> {
    /// Sends a request, and returns once somebody has begun to answer it.
    ///
    /// ```no_run
    /// # use natsmith_runtime::{Endpoint, StreamedSubject, access};
    /// # async fn run<S: StreamedSubject>(endpoint: Endpoint<S, access::Ask>, request: S::Payload)
    /// # -> Result<(), Box<dyn std::error::Error>> where S::Chunk: std::fmt::Debug {
    /// let mut chunks = endpoint.open(&request).await?;
    /// while let Some(chunk) = chunks.next().await {
    ///     println!("{:?}", chunk?); // an error is the last item
    /// }
    /// // Here the answer is complete.
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`RequestErrorKind`](crate::request::RequestErrorKind): where nobody hears the request or it is refused, that is
    /// told here. [`TimedOut`](crate::request::RequestErrorKind::TimedOut) where nothing is heard for as long as the
    /// contract's `silence`.
    pub async fn open(&self, payload: &S::Payload) -> Result<Chunks<S::Chunk>, RequestError> {
        self.open_with(payload, S::STREAMED).await
    }

    /// As [`open`](Self::open), with a window or silence of the requester's own. A shorter silence needs a responder that
    /// gives signs of life as often.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(&self, payload: &S::Payload, plan: Streamed) -> Result<Chunks<S::Chunk>, RequestError> {
        let message = self.outgoing(Kind::Request, payload)?;
        chunks::open(self.connection(), message, plan).await
    }
}

impl<S: StreamedSubject, A: MayAnswer> Endpoint<S, A> {
    /// Answers the requests within the scope with `handler`, each in a task of its own, until [`Serving`] is stopped or dropped.
    ///
    /// The handler sends chunks through its [`ChunkSink`]; what it returns ends the answer. A request that does not decode, an
    /// error of the handler and a panic are answered as those of [`serve`](Endpoint::serve) are.
    ///
    /// ```no_run
    /// # use natsmith_runtime::{Endpoint, StreamedSubject, access};
    /// # async fn run<S: StreamedSubject>(endpoint: Endpoint<S, access::Answer>, parts: Vec<S::Chunk>)
    /// # -> Result<(), Box<dyn std::error::Error>> where S::Chunk: Clone {
    /// let serving = endpoint
    ///     .serve_streamed(move |_request, mut sink| {
    ///         let parts = parts.clone();
    ///         async move {
    ///             for part in &parts {
    ///                 sink.send(part).await?; // waits until the requester has room
    ///             }
    ///             Ok(())
    ///         }
    ///     })
    ///     .await?;
    /// # serving.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`SubscribeErrorKind`](crate::subscription::SubscribeErrorKind).
    pub async fn serve_streamed<F, R>(&self, handler: F) -> Result<Serving, SubscribeError>
    where
        F: Fn(Message<S>, ChunkSink<S>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), ServiceError>> + Send + 'static,
    {
        let requests = Requests::plain::<S>(self.connection(), self.scope()).await?;
        Ok(serve::serve(self.connection(), requests, handler))
    }
}
