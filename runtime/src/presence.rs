//! Presence: who is there, told by heartbeats.
//!
//! Those who are there send a heartbeat at a steady pace, and those who watch know from it who is online, late, offline or
//! back again. The contract says the pace; both sides go by it.

mod beat;
mod change;
mod standing;
mod watch;

use std::fmt;
use std::hash::Hash;
use std::time::Duration;

pub use beat::Beating;
pub use change::Change;
pub use standing::{Ended, Standing, State};
pub use watch::{Watch, notice};

use crate::access::{MayPublish, MaySubscribe};
use crate::connection::Connection;
use crate::endpoint::{Endpoint, PublishError};
use crate::subject::TypedSubject;
use crate::subscription::SubscribeError;

/// Heartbeats of a contract, as a type.
pub trait Presence: Sized + Send + Sync + 'static {
    /// The subject of the heartbeats.
    type Heartbeat: TypedSubject;
    /// Who is there: the token of that subject which names the party.
    type Party: Clone + fmt::Debug + fmt::Display + Eq + Hash + Send + Sync;
    /// The name in the contract.
    const NAME: &'static str;
    /// How often a heartbeat is sent, and when one is missed.
    const TIMING: Timing;
    /// What is said beside the heartbeats, when somebody comes or leaves.
    const NOTICES: &'static [Notice<Self::Party>] = &[];

    /// Who sends on a subject.
    fn party(subject: &Self::Heartbeat) -> Self::Party;

    /// The number of a heartbeat, where the contract names a field for it.
    fn sequence(heartbeat: &HeartbeatOf<Self>) -> Option<u64> {
        let _ = heartbeat;
        None
    }
}

/// What a heartbeat carries.
pub type HeartbeatOf<P> = <<P as Presence>::Heartbeat as TypedSubject>::Payload;

/// How often a heartbeat is sent, and when one is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// The time between two heartbeats.
    pub interval: Duration,
    /// Each of those times is longer or shorter by up to this much, so that not all heartbeats come at once.
    pub jitter: Duration,
    /// How many heartbeats in a row are missed before a party counts as offline.
    pub missed: u32,
}

impl Timing {
    /// How long after a heartbeat the next one is missed: half an interval more than it may take.
    #[must_use]
    pub fn late_after(&self) -> Duration {
        self.silence(1)
    }

    /// How long after a heartbeat a party counts as offline.
    #[must_use]
    pub fn offline_after(&self) -> Duration {
        self.silence(self.missed)
    }

    fn silence(&self, heartbeats: u32) -> Duration {
        let expected = self.interval.saturating_mul(heartbeats.max(1));
        expected.saturating_add(self.jitter).saturating_add(self.interval / 2)
    }
}

/// A message by which somebody says that it comes or leaves.
#[derive(Clone, Copy, Debug)]
pub struct Notice<P> {
    /// The filter that hears it.
    pub filter: &'static str,
    /// Reads a message that the filter hears; `None` where it says neither.
    pub read: fn(&async_nats::Message) -> Option<Sign<P>>,
}

/// What somebody says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign<P> {
    /// It is here.
    Here(P),
    /// It leaves.
    Leaves(P),
}

/// The heartbeats of a contract over a connection, as one role may use them. Generated role clients make it.
///
/// ```no_run
/// use natsmith_runtime::access;
/// use natsmith_runtime::presence::{Change, HeartbeatOf, Presence, PresenceEndpoint};
///
/// async fn be_there<P: Presence>(
///     agents: PresenceEndpoint<P, access::PublishSubscribe>, // such as `agent.agents()`
///     heartbeat: impl FnMut(u64) -> HeartbeatOf<P> + Send + 'static,
/// ) -> Result<(), Box<dyn std::error::Error>> {
///     let beating = agents.beat(heartbeat).await?; // until it is dropped, or the connection is drained
///     let mut others = agents.watch().await?;
///     while let Some(change) = others.next().await {
///         match change {
///             Change::Online { party } => println!("{party} has come"),
///             Change::Late { party } => println!("{party} is late"),
///             Change::Offline { party, ended } => println!("{party} is gone: {ended}"),
///             Change::Back { party, restarted } => println!("{party} is back, started anew: {restarted}"),
///             _ => {}
///         }
///     }
///     beating.stop().await;
///     Ok(())
/// }
/// ```
pub struct PresenceEndpoint<P: Presence, A> {
    heartbeats: Endpoint<P::Heartbeat, A>,
    timing: Timing,
}

impl<P: Presence, A> PresenceEndpoint<P, A> {
    /// The heartbeats that an endpoint sends or hears, at the contract's pace.
    #[must_use]
    pub fn new(heartbeats: Endpoint<P::Heartbeat, A>) -> Self {
        Self {
            heartbeats,
            timing: P::TIMING,
        }
    }

    /// The same heartbeats at another pace; both sides must agree on it.
    #[must_use]
    pub fn with_timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// The pace.
    #[must_use]
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// The connection that it works over.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        self.heartbeats.connection()
    }
}

impl<P: Presence, A: MayPublish + Send + Sync + 'static> PresenceEndpoint<P, A> {
    /// Sends the heartbeat that `heartbeat` makes of its number, now and then at the contract's pace.
    ///
    /// Numbers begin with 0 and grow by one with each heartbeat that is sent. While the connection is lost none is sent: it
    /// would only be heard when it is no longer true. The connection's drain ends it.
    ///
    /// # Errors
    /// Where the first heartbeat cannot be sent; see [`PublishErrorKind`](crate::endpoint::PublishErrorKind). Later ones that
    /// cannot be sent are logged, and show in [`Beating::unsent`].
    pub async fn beat<F>(&self, heartbeat: F) -> Result<Beating, PublishError>
    where
        F: FnMut(u64) -> HeartbeatOf<P> + Send + 'static,
    {
        beat::start::<P, A, F>(self.heartbeats.clone(), self.timing, heartbeat).await
    }
}

impl<P: Presence, A: MaySubscribe> PresenceEndpoint<P, A> {
    /// Watches who is there, from now on: who is silent from the beginning is not known.
    ///
    /// While the connection is lost, or this program gets no time to run, nobody counts as missing; afterwards everybody has the
    /// time of a first heartbeat again.
    ///
    /// # Errors
    /// See [`SubscribeErrorKind`](crate::subscription::SubscribeErrorKind).
    pub async fn watch(&self) -> Result<Watch<P>, SubscribeError> {
        watch::start::<P>(self.connection(), self.heartbeats.subscribe().await?, self.timing).await
    }
}

impl<P: Presence, A> Clone for PresenceEndpoint<P, A> {
    fn clone(&self) -> Self {
        Self {
            heartbeats: self.heartbeats.clone(),
            timing: self.timing,
        }
    }
}

impl<P: Presence, A> fmt::Debug for PresenceEndpoint<P, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresenceEndpoint")
            .field("presence", &P::NAME)
            .field("timing", &self.timing)
            .finish_non_exhaustive()
    }
}
