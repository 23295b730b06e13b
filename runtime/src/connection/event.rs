//! What can be known about a connection: its state, its events, and which subscriptions lose messages.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Instant;

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::observe::{self, Listening};

/// How a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// Not connected yet: the first connection is still being tried.
    Connecting,
    /// Connected.
    Connected,
    /// The connection was lost.
    Disconnected,
    /// The connection was lost, and this is the n-th attempt to renew it, counted from 1.
    Reconnecting(usize),
    /// Being drained.
    Draining,
    /// Closed for good: drained, given up, or dropped.
    Closed,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting => f.write_str("connecting"),
            Self::Connected => f.write_str("connected"),
            Self::Disconnected => f.write_str("disconnected"),
            Self::Reconnecting(attempt) => write!(f, "reconnecting, attempt {attempt}"),
            Self::Draining => f.write_str("draining"),
            Self::Closed => f.write_str("closed"),
        }
    }
}

/// Something that happened to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The connection was renewed, or made for the first time where [`connect`](crate::ConnectionBuilder::connect)
    /// did not wait for it.
    Connected,
    /// The connection was lost; the client will try to renew it.
    Disconnected,
    /// The n-th attempt to connect begins (with its delay), counted from 1.
    Reconnecting(usize),
    /// The server is about to shut down and asks its clients to move to another one.
    LameDuck,
    /// A subscription did not keep up, and the client dropped messages.
    SlowConsumer {
        /// The filter that was subscribed to, where the subscription was made by this crate.
        filter: Option<String>,
        /// How many messages the subscription has missed so far; at least so many.
        missed: u64,
    },
    /// An error that the server or client reports outside any call, such as a permissions violation.
    Error(String),
    /// Draining has begun.
    Draining,
    /// The connection is closed for good.
    Closed,
    /// The receiver of these events was too slow, and so many of them were passed over.
    Skipped(u64),
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected => f.write_str("connected"),
            Self::Disconnected => f.write_str("disconnected"),
            Self::Reconnecting(attempt) => write!(f, "reconnecting, attempt {attempt}"),
            Self::LameDuck => f.write_str("the server is about to shut down (lame duck mode)"),
            Self::SlowConsumer {
                filter: Some(filter),
                missed,
            } => write!(
                f,
                "the subscription to `{filter}` is slow and missed {missed} messages so far"
            ),
            Self::SlowConsumer { filter: None, missed } => {
                write!(f, "a subscription is slow and missed {missed} messages so far")
            }
            Self::Error(error) => f.write_str(error),
            Self::Draining => f.write_str("draining"),
            Self::Closed => f.write_str("closed"),
            Self::Skipped(count) => {
                write!(f, "{count} events were passed over: their receiver is slow")
            }
        }
    }
}

/// The events of a connection from a certain moment on: a stream that ends after [`Event::Closed`].
pub struct Events {
    stream: Pin<Box<dyn Stream<Item = Event> + Send + Sync>>,
}

impl Events {
    /// The next event; `None` once the connection is closed and all was told.
    pub async fn next(&mut self) -> Option<Event> {
        self.stream.next().await
    }
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.stream.poll_next_unpin(cx)
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

/// Hands every event to every receiver, until the supervisor closes it.
#[derive(Clone)]
pub(super) struct Broadcast {
    sender: Arc<Mutex<Option<broadcast::Sender<Event>>>>,
}

impl Broadcast {
    /// More events than this between two reads of a receiver show as [`Event::Skipped`].
    const CAPACITY: usize = 512;

    pub(super) fn new() -> Self {
        Self {
            sender: Arc::new(Mutex::new(Some(broadcast::Sender::new(Self::CAPACITY)))),
        }
    }

    pub(super) fn send(&self, event: Event) {
        if let Some(sender) = &*self.sender.lock().unwrap_or_else(PoisonError::into_inner) {
            // Fails only where nobody listens.
            let _ = sender.send(event);
        }
    }

    pub(super) fn close(&self) {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    pub(super) fn subscribe(&self) -> Events {
        let receiver = self
            .sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map(broadcast::Sender::subscribe);
        let stream = stream::unfold(receiver, |receiver| async move {
            let mut receiver = receiver?;
            match receiver.recv().await {
                Ok(event) => Some((event, Some(receiver))),
                Err(RecvError::Lagged(count)) => Some((Event::Skipped(count), Some(receiver))),
                Err(RecvError::Closed) => None,
            }
        });
        Events {
            stream: Box::pin(stream.fuse()),
        }
    }
}

/// What the server refused for want of permission.
#[derive(Clone, Debug, Default)]
pub(super) struct Refused {
    told: Arc<Mutex<Refusals>>,
}

#[derive(Debug, Default)]
struct Refusals {
    /// An inbox: it is refused once, and nothing that comes to it is ever heard.
    inbox: Option<String>,
    /// Anything, and when.
    last: Option<(Instant, String)>,
}

impl Refused {
    /// Notes what the server tells, where it is about permissions. Returns it as a person can act on it.
    pub(super) fn note(&self, told: String, inbox_prefix: &str) -> String {
        if !told.to_ascii_lowercase().contains("permissions violation") {
            return told;
        }
        let mut refusals = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let mut told = told;
        if told.contains(&format!("\"{inbox_prefix}.")) {
            told = format!(
                "{told}: the inboxes of this connection begin with `{inbox_prefix}`; connect by the function `connect` of its role, or set `inbox_prefix`"
            );
            refusals.inbox = Some(told.clone());
        }
        refusals.last = Some((Instant::now(), told.clone()));
        told
    }

    /// What was refused since then, or an inbox at any time.
    pub(super) fn since(&self, then: Instant) -> Option<String> {
        let refusals = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = refusals.last.as_ref().filter(|(when, _)| *when >= then);
        recent.map(|(_, told)| told).or(refusals.inbox.as_ref()).cloned()
    }
}

/// The physical link: whether it stands, and how often it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) up: bool,
    pub(crate) closed: bool,
    pub(crate) connects: u64,
}

/// What one subscription has missed.
pub(crate) struct Meter {
    label: &'static str,
    filter: String,
    missed: AtomicU64,
    reported: AtomicU64,
    /// Whether an event went out since the last summing up.
    told: AtomicBool,
    _listening: Listening,
}

impl Meter {
    pub(crate) fn filter(&self) -> &str {
        &self.filter
    }

    pub(crate) fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }

    fn event(&self) -> Event {
        let missed = self.missed();
        self.reported.store(missed, Ordering::Relaxed);
        self.told.store(true, Ordering::Relaxed);
        Event::SlowConsumer {
            filter: Some(self.filter.clone()),
            missed,
        }
    }
}

/// The meters of all subscriptions of a connection, by the client's subscription id.
#[derive(Clone, Default)]
pub(super) struct Meters {
    by_id: Arc<Mutex<HashMap<u64, Weak<Meter>>>>,
}

impl Meters {
    pub(super) fn register(
        &self,
        subscriber: &async_nats::Subscriber,
        label: &'static str,
        filter: String,
    ) -> Arc<Meter> {
        let meter = Arc::new(Meter {
            label,
            filter,
            missed: AtomicU64::new(0),
            reported: AtomicU64::new(0),
            told: AtomicBool::new(false),
            _listening: Listening::to(label),
        });
        if let Some(id) = subscription_id(subscriber) {
            let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
            by_id.insert(id, Arc::downgrade(&meter));
        }
        meter
    }

    /// Counts one dropped message. The first of a burst is an event at once; the others are summed up by
    /// [`unreported`](Self::unreported).
    pub(super) fn count(&self, id: u64) -> Option<Event> {
        let by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(meter) = by_id.get(&id).and_then(Weak::upgrade) else {
            return Some(Event::SlowConsumer {
                filter: None,
                missed: 1,
            });
        };
        meter.missed.fetch_add(1, Ordering::Relaxed);
        observe::missed(meter.label);
        (!meter.told.load(Ordering::Relaxed)).then(|| {
            observe::slow(meter.label);
            meter.event()
        })
    }

    /// An event for each subscription that has missed more than was told, and forgets those that are gone.
    pub(super) fn unreported(&self) -> Vec<Event> {
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        by_id.retain(|_, meter| meter.strong_count() > 0);
        by_id
            .values()
            .filter_map(Weak::upgrade)
            .filter(|meter| {
                meter.told.store(false, Ordering::Relaxed);
                meter.missed() > meter.reported.load(Ordering::Relaxed)
            })
            .map(|meter| meter.event())
            .collect()
    }
}

/// The id by which the client reports a slow consumer. It offers the id in the subscriber's `Debug` text only;
/// where a later version no longer does, events go without the filter's name.
fn subscription_id(subscriber: &async_nats::Subscriber) -> Option<u64> {
    let text = format!("{subscriber:?}");
    let (_, rest) = text.split_once("sid: ")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}
