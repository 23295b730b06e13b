//! What is known of each party.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::change::Change;
use super::{HeartbeatOf, Presence, Timing};
use crate::observe;

/// After how many intervals somebody who is offline is forgotten.
const FORGOTTEN: u32 = 1000;

/// How a party stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// Its heartbeats come.
    Online,
    /// A heartbeat is missing.
    Late,
    /// It is gone.
    Offline(Ended),
}

/// Why a party counts as offline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ended {
    /// As many heartbeats as the contract allows were missed.
    Silent,
    /// It said that it leaves.
    Left,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Silent => "nothing was heard of it",
            Self::Left => "it has left",
        })
    }
}

/// What is known of one party.
pub struct Standing<P: Presence> {
    /// Who it is.
    pub party: P::Party,
    /// How it stands.
    pub state: State,
    /// How long ago it was heard.
    pub heard: Duration,
    /// The last heartbeat; `None` where only a notice was heard.
    pub heartbeat: Option<Arc<HeartbeatOf<P>>>,
    /// How many heartbeats were lost on the way, as their numbers tell.
    pub lost: u64,
}

impl<P: Presence> fmt::Debug for Standing<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Standing")
            .field("party", &self.party)
            .field("state", &self.state)
            .field("heard", &self.heard)
            .field("lost", &self.lost)
            .finish_non_exhaustive()
    }
}

struct Known<P: Presence> {
    state: State,
    heard: Instant,
    /// From when on silence counts; later than `heard` where the connection was lost.
    since: Instant,
    heartbeat: Option<Arc<HeartbeatOf<P>>>,
    sequence: Option<u64>,
    lost: u64,
}

/// All parties, and how they change.
pub(super) struct Parties<P: Presence> {
    timing: Timing,
    known: HashMap<P::Party, Known<P>>,
}

impl<P: Presence> Parties<P> {
    pub(super) fn new(timing: Timing) -> Self {
        Self {
            timing,
            known: HashMap::new(),
        }
    }

    /// A heartbeat came, or a notice of somebody who is here.
    pub(super) fn heard(
        &mut self,
        party: P::Party,
        heartbeat: Option<HeartbeatOf<P>>,
        now: Instant,
    ) -> Option<Change<P>> {
        let sequence = heartbeat.as_ref().and_then(P::sequence);
        let heartbeat = heartbeat.map(Arc::new);
        let Some(known) = self.known.get_mut(&party) else {
            let known = Known {
                state: State::Online,
                heard: now,
                since: now,
                heartbeat,
                sequence,
                lost: 0,
            };
            self.known.insert(party.clone(), known);
            return Some(Change::Online { party });
        };
        let mut restarted = false;
        if let Some(number) = sequence {
            let expected = known.sequence.map(|last| last.saturating_add(1));
            restarted = expected.is_some_and(|expected| number < expected);
            if let Some(expected) = expected.filter(|expected| number > *expected) {
                known.lost += number - expected;
            }
            known.sequence = sequence;
        }
        let before = std::mem::replace(&mut known.state, State::Online);
        (known.heard, known.since) = (now, now);
        known.heartbeat = heartbeat.or(known.heartbeat.take());
        (restarted || before != State::Online).then_some(Change::Back { party, restarted })
    }

    /// Somebody said that it leaves.
    pub(super) fn left(&mut self, party: P::Party, now: Instant) -> Option<Change<P>> {
        // Who was never heard of was there all the same.
        let known = self.known.entry(party.clone()).or_insert(Known {
            state: State::Online,
            heard: now,
            since: now,
            heartbeat: None,
            sequence: None,
            lost: 0,
        });
        let ended = Ended::Left;
        let before = std::mem::replace(&mut known.state, State::Offline(ended));
        (known.heard, known.since) = (now, now);
        (!matches!(before, State::Offline(_))).then_some(Change::Offline { party, ended })
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: Instant) -> Vec<Change<P>> {
        let mut changes = Vec::new();
        let timing = self.timing;
        for (party, known) in &mut self.known {
            let silence = now.saturating_duration_since(known.since);
            let party = party.clone();
            match known.state {
                State::Online | State::Late if silence >= timing.offline_after() => {
                    let ended = Ended::Silent;
                    known.state = State::Offline(ended);
                    changes.push(Change::Offline { party, ended });
                }
                State::Online if silence >= timing.late_after() => {
                    known.state = State::Late;
                    changes.push(Change::Late { party });
                }
                _ => {}
            }
        }
        let forgotten = timing.interval.saturating_mul(FORGOTTEN);
        self.known.retain(|_, known| {
            !matches!(known.state, State::Offline(_)) || now.saturating_duration_since(known.since) < forgotten
        });
        changes
    }

    /// Nothing could be heard until now: silence counts anew.
    pub(super) fn excuse(&mut self, now: Instant) {
        for known in self.known.values_mut() {
            known.since = now;
        }
    }

    /// Tells how many there are of each.
    pub(super) fn count(&self) {
        let mut counts = [("online", 0), ("late", 0), ("offline", 0)];
        for known in self.known.values() {
            let [online, late, offline] = &mut counts;
            match known.state {
                State::Online => online.1 += 1,
                State::Late => late.1 += 1,
                State::Offline(_) => offline.1 += 1,
            }
        }
        for (state, parties) in counts {
            observe::parties(P::NAME, state, parties);
        }
    }

    pub(super) fn state(&self, party: &P::Party) -> Option<State> {
        self.known.get(party).map(|known| known.state)
    }

    pub(super) fn standings(&self, now: Instant) -> Vec<Standing<P>> {
        let standings = self.known.iter().map(|(party, known)| Standing {
            party: party.clone(),
            state: known.state,
            heard: now.saturating_duration_since(known.heard),
            heartbeat: known.heartbeat.clone(),
            lost: known.lost,
        });
        standings.collect()
    }
}
