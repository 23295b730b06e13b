//! Makes one ordered story of what the client tells in pieces.
//!
//! The client's event queue is bounded and drops what does not fit, it has no event for an attempt to
//! reconnect, and none for the end after the last attempt. Three sources together lose nothing: the queue, the
//! callback that asks for the delay of each attempt (called in line, never dropped, and gone exactly when the
//! client has ended), and once a second the client's own state.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_nats::connection::State as ClientState;
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;

use super::Inner;
use super::event::{Broadcast, Event, Link, Meters, Refused, State};
use crate::observe;

/// How long a lost event can go unnoticed.
const RECONCILE: Duration = Duration::from_secs(1);

pub(super) struct Supervisor {
    pub(super) attempts: mpsc::UnboundedReceiver<usize>,
    pub(super) events: mpsc::Receiver<async_nats::Event>,
    pub(super) state: watch::Sender<State>,
    pub(super) link: watch::Sender<Link>,
    pub(super) broadcast: Broadcast,
    pub(super) meters: Meters,
    pub(super) refused: Refused,
    pub(super) inbox_prefix: String,
    pub(super) statistics: Arc<async_nats::Statistics>,
    /// Weak: a supervisor must not keep alive the connection that it watches.
    pub(super) connection: Weak<Inner>,
}

impl Supervisor {
    pub(super) async fn run(mut self) {
        let mut reconcile = tokio::time::interval(RECONCILE);
        reconcile.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                attempt = self.attempts.recv() => match attempt {
                    Some(attempt) => self.on_attempt(attempt),
                    None => break,
                },
                Some(event) = self.events.recv() => self.on_event(event),
                _ = reconcile.tick() => self.reconcile(),
            }
        }
        // The client has ended; what it told last is still in the queue.
        while let Some(event) = self.events.recv().await {
            self.on_event(event);
        }
        self.tell_missed();
        self.move_to(State::Closed, Event::Closed);
        self.broadcast.close();
    }

    fn on_attempt(&mut self, attempt: usize) {
        let state = *self.state.borrow();
        match state {
            State::Closed => return,
            State::Connected => self.move_to(State::Disconnected, Event::Disconnected),
            // Attempts are counted anew after each success: a connection came and went faster than it was told.
            State::Reconnecting(before) if attempt <= before => {
                self.move_to(State::Connected, Event::Connected);
                self.move_to(State::Disconnected, Event::Disconnected);
            }
            _ => {}
        }
        match state {
            // The first attempt of all renews nothing.
            State::Connecting if attempt == 1 => {}
            State::Connecting | State::Draining => self.tell(Event::Reconnecting(attempt)),
            _ => self.move_to(State::Reconnecting(attempt), Event::Reconnecting(attempt)),
        }
    }

    fn on_event(&mut self, event: async_nats::Event) {
        use async_nats::Event as Told;
        match event {
            // Both may be old when they arrive: the client's own state decides.
            Told::Connected | Told::Disconnected => self.compare(),
            Told::LameDuckMode => self.tell(Event::LameDuck),
            Told::Draining => self.move_to(State::Draining, Event::Draining),
            // Told once more, and surely, by the end of the attempts.
            Told::Closed => {}
            Told::SlowConsumer(id) => {
                if let Some(event) = self.meters.count(id) {
                    self.tell(event);
                }
            }
            Told::ServerError(error) => {
                let told = self.refused.note(error.to_string(), &self.inbox_prefix);
                self.tell(Event::Error(told));
            }
            Told::ClientError(error) => self.tell(Event::Error(error.to_string())),
        }
    }

    fn reconcile(&mut self) {
        self.compare();
        self.tell_missed();
    }

    /// Brings the state into line with the client's own.
    fn compare(&mut self) {
        let Some(connection) = self.connection.upgrade() else {
            return;
        };
        let actual = connection.client.connection_state();
        let state = *self.state.borrow();
        match (actual, state) {
            (ClientState::Connected, State::Connecting | State::Disconnected | State::Reconnecting(_)) => {
                self.move_to(State::Connected, Event::Connected);
            }
            (ClientState::Disconnected, State::Connected) => {
                self.move_to(State::Disconnected, Event::Disconnected);
            }
            _ => self.note_link(state),
        }
    }

    fn tell_missed(&self) {
        for event in self.meters.unreported() {
            self.tell(event);
        }
    }

    fn move_to(&self, state: State, event: Event) {
        self.note_link(state);
        self.state.send_replace(state);
        self.tell(event);
    }

    fn note_link(&self, state: State) {
        let link = Link {
            up: matches!(state, State::Connected | State::Draining),
            closed: state == State::Closed,
            connects: self.statistics.connects.load(Ordering::Relaxed),
        };
        self.link.send_if_modified(|known| {
            match (known.up, link.up) {
                (false, true) => observe::connected(),
                (true, false) => observe::disconnected(!link.closed),
                _ => {}
            }
            std::mem::replace(known, link) != link
        });
    }

    fn tell(&self, event: Event) {
        match &event {
            Event::SlowConsumer { .. } | Event::Error(_) | Event::LameDuck => {
                tracing::warn!("{event}");
            }
            _ => tracing::info!("{event}"),
        }
        self.broadcast.send(event);
    }
}
