//! Connections: made by a builder, watched through a state and events, drained at the end.

mod backoff;
mod builder;
mod event;
mod supervisor;
mod work;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio::sync::watch;

pub use builder::{ConnectError, ConnectErrorKind, ConnectionBuilder};
pub use event::{Event, Events, State};
pub(crate) use event::{Link, Meter};
pub(crate) use work::{Piece, WorkGuard};

use crate::error::Error;
use crate::subscription::error::SubscribeError;
use event::{Broadcast, Meters, Refused};
use work::Work;

/// A connection to a NATS server or cluster; cheap to clone, and shared by everything made from it.
///
/// The client reconnects by itself. What happens to the connection is told by [`events`](Self::events) and
/// [`watch_state`](Self::watch_state). It closes when it is drained, when reconnecting is given up, or when the
/// last clone and everything made from it are dropped.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use natsmith_runtime::Connection;
///
/// let nats = Connection::builder("nats://localhost:4222").name("planner").connect().await?;
/// assert!(nats.is_healthy());
/// nats.drain(std::time::Duration::from_secs(5)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Connection {
    inner: Arc<Inner>,
}

struct Inner {
    client: async_nats::Client,
    link: watch::Receiver<Link>,
    state: watch::Receiver<State>,
    broadcast: Broadcast,
    meters: Meters,
    refused: Refused,
    work: Work,
    request_timeout: Duration,
    flush_timeout: Duration,
}

impl Connection {
    /// A builder for a connection to the server at `url`, or to the servers of a list separated by commas.
    pub fn builder(url: impl Into<String>) -> ConnectionBuilder {
        ConnectionBuilder::new(url)
    }

    /// A builder for a connection to the servers that the environment variable `NATS_URL` names,
    /// `nats://localhost:4222` where it is not set.
    #[must_use]
    pub fn from_env() -> ConnectionBuilder {
        let named = std::env::var("NATS_URL").ok().filter(|url| !url.trim().is_empty());
        ConnectionBuilder::new(named.unwrap_or_else(|| "nats://localhost:4222".to_owned()))
    }

    /// The client underneath, for what this crate does not cover.
    ///
    /// What is published through it is not checked against the contract.
    #[must_use]
    pub fn client(&self) -> &async_nats::Client {
        &self.inner.client
    }

    /// How the connection stands now.
    #[must_use]
    pub fn state(&self) -> State {
        *self.inner.state.borrow()
    }

    /// The state, to be awaited. Only the newest state is kept; [`events`](Self::events) tells every step.
    #[must_use]
    pub fn watch_state(&self) -> watch::Receiver<State> {
        self.inner.state.clone()
    }

    /// What happens to the connection from now on.
    #[must_use]
    pub fn events(&self) -> Events {
        self.inner.broadcast.subscribe()
    }

    /// Whether messages can be sent and received at this moment: connected, and not being drained.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.inner.client.connection_state() == async_nats::connection::State::Connected
            && !matches!(self.state(), State::Draining | State::Closed)
    }

    /// How long requests wait that have no timeout of their own, such as those to JetStream.
    #[must_use]
    pub fn request_timeout(&self) -> Duration {
        self.inner.request_timeout
    }

    /// Waits until everything published so far was written to the socket.
    ///
    /// # Errors
    /// [`FlushErrorKind::TimedOut`] after the connection's flush timeout, as happens while the connection is lost;
    /// [`FlushErrorKind::Closed`].
    pub async fn flush(&self) -> Result<(), FlushError> {
        match tokio::time::timeout(self.inner.flush_timeout, self.inner.client.flush()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(FlushError::with_source(FlushErrorKind::Closed, error)),
            Err(_) => Err(FlushErrorKind::TimedOut.into()),
        }
    }

    /// Asks the server for a sign of life and returns how long it took.
    ///
    /// The server has then processed all that was sent before, such as a subscription. It works by a message to an
    /// inbox of its own, so the connection must be allowed to publish to its own inboxes.
    ///
    /// # Errors
    /// [`FlushErrorKind::TimedOut`] after the connection's flush timeout; [`FlushErrorKind::Closed`].
    pub async fn round_trip(&self) -> Result<Duration, FlushError> {
        let started = Instant::now();
        let client = &self.inner.client;
        let inbox = client.new_inbox();
        let mut echo = client
            .subscribe(inbox.clone())
            .await
            .map_err(|error| FlushError::with_source(FlushErrorKind::Closed, error))?;
        // Heard by the inbox itself; where the connection asked for no echo, the server says instead that there is
        // nobody to answer. An inbox that nobody hears would do too, were it not for whoever subscribes to `>`.
        client
            .publish_with_reply(inbox.clone(), inbox, "".into())
            .await
            .map_err(|error| FlushError::with_source(FlushErrorKind::Closed, error))?;
        match tokio::time::timeout(self.inner.flush_timeout, echo.next()).await {
            Ok(Some(_)) => Ok(started.elapsed()),
            Ok(None) => Err(FlushErrorKind::Closed.into()),
            Err(_) => Err(FlushErrorKind::TimedOut.into()),
        }
    }

    /// Ends the connection in order, within `deadline`: services stop taking requests and finish those they have,
    /// consumers stop pulling, deliveries in hand may still be settled, everything published is written, then
    /// subscriptions and connection are closed.
    ///
    /// A [`Delivery`](crate::Delivery) that the caller itself still holds keeps this waiting: settle and drop it first.
    ///
    /// # Errors
    /// [`DrainErrorKind::TimedOut`] where the deadline came first; the connection is then told to close without
    /// waiting further.
    pub async fn drain(&self, deadline: Duration) -> Result<(), DrainError> {
        // An instant cannot be as far away as a duration can be long.
        let deadline = tokio::time::Instant::now() + deadline.min(Duration::from_secs(365 * 24 * 60 * 60));
        self.inner.work.stop();
        let finished = tokio::time::timeout_at(deadline, self.inner.work.finished())
            .await
            .is_ok();
        // A lost connection cannot be flushed; the deadline bounds the wait for its return.
        let flushed = tokio::time::timeout_at(deadline, self.inner.client.flush())
            .await
            .is_ok();
        // A refusal means that the client has ended already, which the state tells below.
        let drained = tokio::time::timeout_at(deadline, self.inner.client.drain())
            .await
            .is_ok();
        let mut state = self.watch_state();
        let closed = tokio::time::timeout_at(deadline, state.wait_for(|state| *state == State::Closed))
            .await
            .is_ok();
        if finished && flushed && drained && closed {
            return Ok(());
        }
        let open = self.inner.work.count();
        let waited_for = if open > 0 {
            format!("{open} services, consumers or deliveries are unfinished")
        } else {
            "the server did not take what is still to be written".to_owned()
        };
        Err(DrainError::with_source(DrainErrorKind::TimedOut, waited_for))
    }

    /// Subscribes, and counts what the client drops under `label`.
    pub(crate) async fn subscribe_raw(
        &self,
        label: &'static str,
        filter: String,
        queue_group: Option<&str>,
    ) -> Result<(async_nats::Subscriber, Arc<Meter>), SubscribeError> {
        let client = &self.inner.client;
        let subscriber = match queue_group {
            Some(group) => client.queue_subscribe(filter.clone(), group.to_owned()).await?,
            None => client.subscribe(filter.clone()).await?,
        };
        let meter = self.inner.meters.register(&subscriber, label, filter);
        Ok((subscriber, meter))
    }

    /// The physical link, to be awaited: every renewal counts, even one too short to be seen as a state.
    pub(crate) fn link(&self) -> watch::Receiver<Link> {
        self.inner.link.clone()
    }

    /// What the server refused for want of permission within so much time, or an inbox at any time.
    pub(crate) fn refused_within(&self, time: Duration) -> Option<String> {
        let now = Instant::now();
        self.inner.refused.since(now.checked_sub(time).unwrap_or(now))
    }

    /// Keeps [`drain`](Self::drain) waiting until the guard is dropped.
    pub(crate) fn begin_work(&self) -> WorkGuard {
        self.inner.work.begin()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

/// Why a flush or round trip did not succeed.
pub type FlushError = Error<FlushErrorKind>;

/// The kinds of [`FlushError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlushErrorKind {
    /// Not within the connection's flush timeout.
    TimedOut,
    /// The connection is closed.
    Closed,
}

impl fmt::Display for FlushErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "the server did not answer within the flush timeout",
            Self::Closed => "the connection is closed",
        })
    }
}

/// Why a connection was not drained in order.
pub type DrainError = Error<DrainErrorKind>;

/// The kinds of [`DrainError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DrainErrorKind {
    /// The deadline came first.
    TimedOut,
}

impl fmt::Display for DrainErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was not drained before the deadline")
    }
}
