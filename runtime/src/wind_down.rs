//! Ending a subscription without losing what is on its way.
//!
//! async-nats 0.51 forgets a drained subscription before the server knows that it has ended, and drops what arrives in
//! between. There is no function to wait for the server's word. So the end is agreed on beforehand: both sides count, and end
//! the subscription after the same number of further messages, which is larger than what can be on its way. Where so many do
//! not come the subscription is drained once it has been quiet, when nothing is on its way but by a rare chance.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use tokio::time::Instant;

use crate::connection::{Connection, Link, Meter};
use crate::subscription::SubscribeError;

/// How many further messages are taken at most: more than what travels in the time that the server takes to hear of the end.
const MORE: u64 = 64;

/// How long nothing comes before the subscription counts as quiet.
const QUIET: Duration = Duration::from_millis(50);

/// How long it may go on without either.
const LONGEST: Duration = Duration::from_secs(1);

/// A subscription that can be wound down.
pub(crate) struct Messages {
    subscriber: async_nats::Subscriber,
    link: tokio::sync::watch::Receiver<Link>,
    /// How often the connection had been made when the subscription was; the server counts anew after each time.
    connects: u64,
    /// How many messages the client has handed over.
    taken: u64,
    /// Those of them that were not given out yet.
    waiting: VecDeque<async_nats::Message>,
    ending: Option<Ending>,
    /// Lives as long as the subscription that it counts for.
    _meter: Arc<Meter>,
}

struct Ending {
    quiet: Instant,
    latest: Instant,
    drained: bool,
}

impl Messages {
    /// Subscribes to a filter, and counts under `label`.
    pub(crate) async fn heard(
        connection: &Connection,
        label: &'static str,
        filter: String,
        queue_group: Option<&str>,
    ) -> Result<Self, SubscribeError> {
        let link = connection.link();
        let connects = link.borrow().connects;
        let (subscriber, meter) = connection.subscribe_raw(label, filter, queue_group).await?;
        Ok(Self {
            subscriber,
            link,
            connects,
            taken: 0,
            waiting: VecDeque::new(),
            ending: None,
            _meter: meter,
        })
    }

    /// The next message; `None` once the subscription has ended. Being cancelled loses none.
    pub(crate) async fn next(&mut self) -> Option<async_nats::Message> {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                return Some(message);
            }
            let message = match &self.ending {
                Some(ending) if !ending.drained => {
                    let until = ending.quiet.min(ending.latest);
                    let Ok(message) = tokio::time::timeout_at(until, self.subscriber.next()).await else {
                        self.drain().await;
                        continue;
                    };
                    message
                }
                _ => self.subscriber.next().await,
            };
            self.taken += u64::from(message.is_some());
            if let Some(ending) = &mut self.ending {
                ending.quiet = Instant::now() + QUIET;
            }
            return message;
        }
    }

    /// Takes no more than what is on its way, and a little.
    pub(crate) async fn wind_down(&mut self) {
        if self.ending.is_some() {
            return;
        }
        let now = Instant::now();
        // The client counts what it has handed over: all of that must be known here.
        while let Some(Some(message)) = self.subscriber.next().now_or_never() {
            self.taken += 1;
            self.waiting.push_back(message);
        }
        self.ending = Some(Ending {
            quiet: now + QUIET,
            latest: now + LONGEST,
            drained: false,
        });
        if self.link.borrow().connects == self.connects {
            // Refused only where the connection is closed, which ends the subscription too.
            let _ = self.subscriber.unsubscribe_after(self.taken + MORE).await;
        }
    }

    async fn drain(&mut self) {
        // As above. Noted afterwards, for being cancelled must not leave it undone.
        let _ = self.subscriber.drain().await;
        if let Some(ending) = &mut self.ending {
            ending.drained = true;
        }
    }
}
