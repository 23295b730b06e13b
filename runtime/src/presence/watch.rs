//! Watching who is there.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::SelectAll;
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, MissedTickBehavior};

use super::change::Change;
use super::standing::{Parties, Standing, State};
use super::{Presence, Sign, Timing};
use crate::connection::{Connection, Link, Meter};
use crate::message::Message;
use crate::subject::TypedSubject;
use crate::subscription::{SubscribeError, Subscription};

/// Changes that wait for their reader; more than these show as [`Change::Skipped`].
const CAPACITY: usize = 4096;

/// Who is there: a stream of changes, and how things stand. Dropping it ends the watch.
///
/// Somebody who is offline for a thousand intervals is forgotten, and comes for the first time again.
#[must_use = "a dropped watch sees nothing"]
pub struct Watch<P: Presence> {
    parties: Arc<Mutex<Parties<P>>>,
    changes: Pin<Box<dyn Stream<Item = Change<P>> + Send + Sync>>,
    _stop: watch::Sender<()>,
}

impl<P: Presence> Watch<P> {
    /// The next change; `None` once the connection is closed.
    pub async fn next(&mut self) -> Option<Change<P>> {
        self.changes.next().await
    }

    /// Everybody who was heard, in no order.
    #[must_use]
    pub fn snapshot(&self) -> Vec<Standing<P>> {
        lock(&self.parties).standings(Instant::now())
    }

    /// How somebody stands; `None` where nothing was heard of it.
    #[must_use]
    pub fn state(&self, party: &P::Party) -> Option<State> {
        lock(&self.parties).state(party)
    }
}

impl<P: Presence> Stream for Watch<P> {
    type Item = Change<P>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.changes.poll_next_unpin(cx)
    }
}

impl<P: Presence> fmt::Debug for Watch<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("presence", &P::NAME)
            .field("parties", &self.snapshot())
            .finish_non_exhaustive()
    }
}

fn lock<P: Presence>(parties: &Mutex<Parties<P>>) -> std::sync::MutexGuard<'_, Parties<P>> {
    // A panic leaves the table as it is between two statements, which the next heartbeat mends.
    parties.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is said beside the heartbeats.
type Signs<P> = Pin<Box<dyn Stream<Item = Sign<<P as Presence>::Party>> + Send>>;

pub(super) async fn start<P: Presence>(
    connection: &Connection,
    heartbeats: Subscription<Message<P::Heartbeat>>,
    timing: Timing,
) -> Result<Watch<P>, SubscribeError> {
    let mut signs: SelectAll<Signs<P>> = SelectAll::new();
    let mut meters: Vec<Arc<Meter>> = Vec::new();
    for notice in P::NOTICES {
        let (subscriber, meter) = connection
            .subscribe_raw(notice.filter, notice.filter.to_owned(), None)
            .await?;
        let read = notice.read;
        signs.push(Box::pin(
            subscriber.filter_map(move |raw| std::future::ready(read(&raw))),
        ));
        meters.push(meter);
    }
    let parties = Arc::new(Mutex::new(Parties::new(timing)));
    let (changes, receiver) = broadcast::channel(CAPACITY);
    let (stop, stopped) = watch::channel(());
    let watching = Watching {
        parties: parties.clone(),
        changes,
        heartbeats,
        signs,
        _meters: meters,
        link: connection.link(),
        stopped,
        tick: (timing.interval / 4).max(Duration::from_millis(5)),
    };
    tokio::spawn(watching.run());
    let changes = stream::unfold(receiver, |mut receiver: broadcast::Receiver<Change<P>>| async move {
        match receiver.recv().await {
            Ok(change) => Some((change, receiver)),
            Err(RecvError::Lagged(count)) => Some((Change::Skipped(count), receiver)),
            Err(RecvError::Closed) => None,
        }
    });
    Ok(Watch {
        parties,
        changes: Box::pin(changes.fuse()),
        _stop: stop,
    })
}

struct Watching<P: Presence> {
    parties: Arc<Mutex<Parties<P>>>,
    changes: broadcast::Sender<Change<P>>,
    heartbeats: Subscription<Message<P::Heartbeat>>,
    signs: SelectAll<Signs<P>>,
    /// What counts for the notices' subscriptions lives as long as they do.
    _meters: Vec<Arc<Meter>>,
    link: watch::Receiver<Link>,
    stopped: watch::Receiver<()>,
    tick: Duration,
}

impl<P: Presence> Watching<P> {
    async fn run(mut self) {
        let mut ticks = tokio::time::interval(self.tick);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut link = *self.link.borrow_and_update();
        let mut ticked = Instant::now();
        loop {
            tokio::select! {
                // Heartbeats that wait are read before anybody is said to be missing.
                biased;
                _ = self.stopped.changed() => break,
                changed = self.link.changed() => {
                    let before = std::mem::replace(&mut link, *self.link.borrow_and_update());
                    if changed.is_err() || link.closed {
                        break;
                    }
                    if link.up && (!before.up || before.connects != link.connects) {
                        lock(&self.parties).excuse(Instant::now());
                    }
                }
                heartbeat = self.heartbeats.next() => match heartbeat {
                    Some(Ok(message)) => self.heartbeat(message),
                    Some(Err(invalid)) => tracing::warn!("a heartbeat of `{}` is none: {invalid}", P::NAME),
                    None => break,
                },
                Some(sign) = self.signs.next() => self.sign(sign),
                _ = ticks.tick(), if link.up => {
                    let now = Instant::now();
                    if now.saturating_duration_since(std::mem::replace(&mut ticked, now)) > self.tick * 3 {
                        // It was the watcher who slept: what came meanwhile is still to be read.
                        lock(&self.parties).excuse(now);
                        continue;
                    }
                    let changes = lock(&self.parties).tick(now);
                    for change in changes {
                        self.tell(Some(change));
                    }
                }
            }
        }
    }

    fn heartbeat(&self, message: Message<P::Heartbeat>) {
        let party = P::party(&message.subject);
        let change = lock(&self.parties).heard(party, Some(message.payload), Instant::now());
        self.tell(change);
    }

    fn sign(&self, sign: Sign<P::Party>) {
        let now = Instant::now();
        let change = match sign {
            Sign::Here(party) => lock(&self.parties).heard(party, None, now),
            Sign::Leaves(party) => lock(&self.parties).left(party, now),
        };
        self.tell(change);
    }

    fn tell(&self, change: Option<Change<P>>) {
        if let Some(change) = change {
            lock(&self.parties).count();
            tracing::debug!("presence of `{}`: {change:?}", P::NAME);
            // Fails only where nobody listens.
            let _ = self.changes.send(change);
        }
    }
}

/// Reads a notice: a valid message of `S` that `says` something of a party. For generated code.
pub fn notice<S: TypedSubject, P>(
    raw: &async_nats::Message,
    says: impl FnOnce(&S, &S::Payload) -> Option<P>,
) -> Option<P> {
    use crate::message::FromMessage;
    let message = Message::<S>::from_message(raw).ok()?;
    says(&message.subject, &message.payload)
}
