//! Presence: who is there, told by heartbeats.

use std::time::Duration;

use super::{Contract, Role, Subject};
use crate::source::Spanned;

/// Heartbeats, and what is said beside them.
#[derive(Clone, Debug)]
pub struct Presence {
    /// Its name.
    pub name: Spanned<String>,
    /// One sentence.
    pub summary: Option<String>,
    /// The subject of the heartbeats.
    pub heartbeat: Spanned<String>,
    /// The token of its template that names who is there, where it was said.
    pub party: Option<Spanned<String>>,
    /// The time between two heartbeats.
    pub interval: Spanned<Duration>,
    /// By how much each of those times may be longer or shorter.
    pub jitter: Spanned<Duration>,
    /// How many heartbeats in a row are missed before a party counts as offline.
    pub missed: Spanned<u64>,
    /// The field of the heartbeat that counts them.
    pub sequence: Option<Spanned<String>>,
    /// What says that somebody has come.
    pub announce: Option<Notice>,
    /// What says that somebody leaves.
    pub offline: Option<Notice>,
}

/// A message by which somebody says that it comes or leaves.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The subject.
    pub subject: Spanned<String>,
    /// The field of the payload that says who it is; without it, the token of the template does.
    pub party: Option<Spanned<String>>,
    /// What fields of the payload say.
    pub when: Vec<(Spanned<String>, Spanned<String>)>,
}

impl Presence {
    /// The notices, with what they say.
    pub fn notices(&self) -> impl Iterator<Item = (&'static str, &Notice)> {
        let announce = self.announce.iter().map(|notice| ("Here", notice));
        announce.chain(self.offline.iter().map(|notice| ("Leaves", notice)))
    }

    /// The token that names who is there.
    #[must_use]
    pub fn party_token<'c>(&'c self, contract: &'c Contract) -> Option<&'c str> {
        if let Some(party) = &self.party {
            return Some(party.as_str());
        }
        let mut tokens = contract.subjects.get(&self.heartbeat.value)?.template.tokens();
        tokens.next().filter(|_| tokens.next().is_none())
    }

    /// The subject of the heartbeats.
    #[must_use]
    pub fn subject<'c>(&self, contract: &'c Contract) -> Option<&'c Subject> {
        contract.subjects.get(&self.heartbeat.value)
    }

    /// Whether a role sends these heartbeats or hears them.
    #[must_use]
    pub fn concerns(&self, contract: &Contract, role: &Role) -> bool {
        let named = |roles: &[Spanned<String>]| roles.iter().any(|name| name.value == role.name.value);
        let subject = self.subject(contract);
        subject.is_some_and(|subject| named(subject.senders()) || named(subject.receivers()))
    }
}
