//! The life of a program on the wire: it starts, is ready, and leaves in order, also when somebody presses Ctrl-C.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::connection::{Connection, FlushError, State};
use crate::error::{BoxError, Error};
use crate::observe;
use crate::presence::Beating;

/// How far a program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// It subscribes and registers; nobody should count on it yet.
    Starting,
    /// It hears whatever is sent to it.
    Ready,
    /// It takes no more than it has, and finishes that.
    Leaving,
    /// It is done.
    Ended,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Leaving => "leaving",
            Self::Ended => "ended",
        })
    }
}

/// Why a program has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// A [`Stopper`] of its own.
    Stopped,
    /// Ctrl-C (SIGINT).
    Interrupted,
    /// SIGTERM, as service managers and containers send it.
    Terminated,
    /// The connection was closed by somebody else, or reconnecting was given up.
    Closed,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
            Self::Closed => "the connection is closed",
        })
    }
}

/// What is done before the connection is drained.
type Farewell = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// The life of a program on one connection.
///
/// It keeps what runs (services, handlers, heartbeats), waits until the program is to end, and then leaves in this order:
///
/// 1. Heartbeats end, so that none comes after the goodbye.
/// 2. The farewells run: the notice that the program leaves, the entry in a registry.
/// 3. The connection is drained: nothing new is taken, requests and events that were taken are handled and answered,
///    deliveries in hand are settled, and everything that was published is written.
///
/// All of this within the deadline. A second Ctrl-C cuts it short.
///
/// ```no_run
/// # use natsmith_runtime::subject::{AnsweredSubject, TypedSubject};
/// # use natsmith_runtime::{Connection, Endpoint, ServiceError, access};
/// use natsmith_runtime::life::Life;
/// use natsmith_runtime::presence::{HeartbeatOf, Presence, PresenceEndpoint};
///
/// # struct Agent<A, B, P>(A, B, P);
/// # async fn run<Q: AnsweredSubject, N: TypedSubject, P: Presence>(
/// #     nats: Connection, requests: Endpoint<Q, access::Answer>, all: Endpoint<N, access::Publish>,
/// #     liveness: PresenceEndpoint<P, access::Publish>, here: N::Payload, offline: N::Payload,
/// #     heartbeat: impl FnMut(u64) -> HeartbeatOf<P> + Send + 'static,
/// # ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let mut life = Life::of(&nats);
/// life.keep(requests.serve(|_| async { Err(ServiceError::new(501, "not yet")) }).await?);
/// life.ready().await?;                                   // the server knows of every subscription
/// all.publish(&here).await?;                             // now others may count on it
/// life.keep_beating(liveness.beat(heartbeat).await?);
/// life.farewell(async move {
///     all.publish(&offline).await?;
///     Ok(())
/// });
/// let reason = life.run().await?;                        // until Ctrl-C, SIGTERM, or `life.stopper().stop()`
/// println!("has left: {reason}");
/// # Ok(())
/// # }
/// ```
#[must_use = "a life that is not run ends nothing in order"]
pub struct Life {
    connection: Connection,
    deadline: Duration,
    stop: watch::Sender<bool>,
    phase: watch::Sender<Phase>,
    beating: Vec<Beating>,
    kept: Vec<Box<dyn Any + Send>>,
    farewells: Vec<Farewell>,
}

impl Life {
    /// A life on a connection. It has 10 s to leave, unless [`within`](Self::within) says otherwise.
    pub fn of(connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
            deadline: Duration::from_secs(10),
            stop: watch::Sender::new(false),
            phase: watch::Sender::new(Phase::Starting),
            beating: Vec::new(),
            kept: Vec::new(),
            farewells: Vec::new(),
        }
    }

    /// How long leaving may take, farewells and drain together.
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Keeps something until the end: a service, a handler, whatever stops when it is dropped.
    pub fn keep(&mut self, part: impl Any + Send) {
        self.kept.push(Box::new(part));
    }

    /// Keeps heartbeats, and ends them before anything else when the program leaves.
    pub fn keep_beating(&mut self, beating: Beating) {
        self.beating.push(beating);
    }

    /// What to do when the program leaves, while the connection can still be used. Several are done in turn; one that fails
    /// does not keep the others from being done.
    pub fn farewell<F>(&mut self, farewell: F)
    where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.farewells.push(Box::pin(farewell));
    }

    /// Waits until the server knows of every subscription made so far: whatever is sent from now on is heard.
    ///
    /// # Errors
    /// See [`FlushErrorKind`](crate::connection::FlushErrorKind).
    pub async fn ready(&self) -> Result<(), FlushError> {
        self.connection.round_trip().await?;
        self.enter(Phase::Ready);
        observe::ready();
        Ok(())
    }

    /// How far the program is, to be awaited; for whatever tells others whether it is healthy.
    #[must_use]
    pub fn phase(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Ends the life from anywhere in the program.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper {
            stop: self.stop.clone(),
        }
    }

    /// Runs until the program is to end, and leaves.
    ///
    /// From now on Ctrl-C and SIGTERM no longer end the process, but this.
    ///
    /// # Errors
    /// See [`LifeErrorKind`]. The program has left all the same.
    pub async fn run(mut self) -> Result<Reason, LifeError> {
        let mut signals = Signals::listen().map_err(|error| LifeError::with_source(LifeErrorKind::Signals, error))?;
        let mut stopped = self.stop.subscribe();
        let mut state = self.connection.watch_state();
        let reason = tokio::select! {
            reason = signals.next() => reason,
            // The sender is the life's own, so waiting cannot fail.
            _ = stopped.wait_for(|stop| *stop) => Reason::Stopped,
            _ = state.wait_for(|state| matches!(state, State::Draining | State::Closed)) => Reason::Closed,
        };
        tracing::info!("leaving: {reason}");
        // Whoever waits on the stopper leaves too.
        self.stop.send_replace(true);
        self.enter(Phase::Leaving);
        let left = tokio::select! {
            left = self.leave() => left,
            reason = signals.next() => Err(LifeError::with_source(LifeErrorKind::Cut, reason.to_string())),
        };
        self.enter(Phase::Ended);
        left.map(|()| reason)
    }

    async fn leave(&mut self) -> Result<(), LifeError> {
        // An instant cannot be as far away as a duration can be long.
        let until = Instant::now() + self.deadline.min(Duration::from_secs(365 * 24 * 60 * 60));
        for beating in self.beating.drain(..) {
            // Those that do not end in time end with the connection.
            let _ = tokio::time::timeout_at(until, beating.stop()).await;
        }
        let mut failed = None;
        for farewell in self.farewells.drain(..) {
            let said = tokio::time::timeout_at(until, farewell).await;
            if let Err(error) = said.unwrap_or_else(|_| Err("it did not end before the deadline".into())) {
                tracing::warn!("a farewell failed: {error}");
                failed.get_or_insert(error);
            }
        }
        let left = until.saturating_duration_since(Instant::now());
        let drained = self.connection.drain(left).await;
        self.kept.clear();
        drained.map_err(|error| LifeError::with_source(LifeErrorKind::Drain, error))?;
        match failed {
            Some(error) => Err(LifeError::with_source(LifeErrorKind::Farewell, error)),
            None => Ok(()),
        }
    }

    fn enter(&self, phase: Phase) {
        tracing::info!("the program is {phase}");
        self.phase.send_replace(phase);
    }
}

impl fmt::Debug for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Life")
            .field("phase", &*self.phase.borrow())
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// Ends a [`Life`] from anywhere in the program.
#[derive(Clone, Debug)]
pub struct Stopper {
    stop: watch::Sender<bool>,
}

impl Stopper {
    /// Ends the life.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Completes when the life is to end, for whatever reason: for loops that read a subscription by themselves.
    pub async fn stopped(&self) {
        // The sender is held here, so waiting cannot fail.
        let _ = self.stop.subscribe().wait_for(|stop| *stop).await;
    }
}

/// Why a program did not leave in order.
pub type LifeError = Error<LifeErrorKind>;

/// The kinds of [`LifeError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LifeErrorKind {
    /// Signals cannot be listened to; the program was not run.
    Signals,
    /// A farewell failed; the source is the first failure. The connection was drained.
    Farewell,
    /// The connection was not drained in time; the source is a [`DrainError`](crate::connection::DrainError).
    Drain,
    /// A second signal came before the program had left.
    Cut,
}

impl fmt::Display for LifeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signals => "signals cannot be listened to",
            Self::Farewell => "a farewell failed",
            Self::Drain => "not everything was finished",
            Self::Cut => "leaving was cut short by a second signal",
        })
    }
}

/// Ctrl-C, and SIGTERM where there is such a thing.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) -> Reason {
        tokio::select! {
            _ = self.interrupt.recv() => Reason::Interrupted,
            _ = self.terminate.recv() => Reason::Terminated,
        }
    }

    #[cfg(not(unix))]
    #[allow(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
    fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> Reason {
        if tokio::signal::ctrl_c().await.is_err() {
            // Nothing can be heard, so nothing comes.
            std::future::pending::<()>().await;
        }
        Reason::Interrupted
    }
}
