//! What changes about who is there.

use std::fmt;

use super::{Ended, Presence};

/// Something that changed about who is there.
#[non_exhaustive]
pub enum Change<P: Presence> {
    /// Somebody was heard for the first time.
    Online {
        /// Who it is.
        party: P::Party,
    },
    /// A heartbeat is missing.
    Late {
        /// Whose it is.
        party: P::Party,
    },
    /// Somebody is gone.
    Offline {
        /// Who it is.
        party: P::Party,
        /// Why it counts as gone.
        ended: Ended,
    },
    /// Somebody who was late or gone is heard again, or has started anew in between.
    Back {
        /// Who it is.
        party: P::Party,
        /// Whether its heartbeats are counted anew: it is another life of the same party.
        restarted: bool,
    },
    /// The reader of these changes was too slow, and so many were passed over; [`Watch::snapshot`](super::Watch::snapshot) has how things stand.
    Skipped(u64),
}

impl<P: Presence> Clone for Change<P> {
    fn clone(&self) -> Self {
        match self {
            Self::Online { party } => Self::Online { party: party.clone() },
            Self::Late { party } => Self::Late { party: party.clone() },
            Self::Offline { party, ended } => Self::Offline {
                party: party.clone(),
                ended: *ended,
            },
            Self::Back { party, restarted } => Self::Back {
                party: party.clone(),
                restarted: *restarted,
            },
            Self::Skipped(count) => Self::Skipped(*count),
        }
    }
}

impl<P: Presence> PartialEq for Change<P> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Online { party }, Self::Online { party: other })
            | (Self::Late { party }, Self::Late { party: other }) => party == other,
            (
                Self::Offline { party, ended },
                Self::Offline {
                    party: other,
                    ended: how,
                },
            ) => party == other && ended == how,
            (
                Self::Back { party, restarted },
                Self::Back {
                    party: other,
                    restarted: anew,
                },
            ) => party == other && restarted == anew,
            (Self::Skipped(count), Self::Skipped(other)) => count == other,
            _ => false,
        }
    }
}

impl<P: Presence> fmt::Debug for Change<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Online { party } => write!(f, "Online({party})"),
            Self::Late { party } => write!(f, "Late({party})"),
            Self::Offline { party, ended } => write!(f, "Offline({party}, {ended:?})"),
            Self::Back { party, restarted } => write!(f, "Back({party}, restarted: {restarted})"),
            Self::Skipped(count) => write!(f, "Skipped({count})"),
        }
    }
}
