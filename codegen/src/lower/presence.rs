//! Presence.

use indexmap::IndexMap;

use super::names::{self, Known};
use crate::contract::{Notice, Presence, Subject};
use crate::diagnostics::Report;
use crate::rules::contract as names_rules;
use crate::source::Spanned;
use crate::syntax::{NoticeDecl, PresenceDecl};

/// How many heartbeats are missed where the contract does not say.
const MISSED: u64 = 3;

pub(super) fn presence(
    declared: Vec<(Spanned<String>, PresenceDecl)>,
    subjects: &Known<'_, Subject>,
    report: &mut Report,
) -> IndexMap<String, Presence> {
    let mut presence = IndexMap::new();
    for (name, declared) in declared {
        let mut known = |subject: &Spanned<String>| {
            names::lookup(subject, subjects, "subject", &names_rules::UNKNOWN_SUBJECT, report)
        };
        let heard = known(&declared.heartbeat);
        let mut notice = |notice: Option<Spanned<NoticeDecl>>| {
            let notice = notice.filter(|notice| known(&notice.value.subject))?.value;
            Some(Notice {
                subject: notice.subject,
                party: notice.party,
                when: notice.when.sound,
            })
        };
        let (announce, offline) = (notice(declared.announce), notice(declared.offline));
        let interval = Spanned::new(declared.interval.value.0, declared.interval.span);
        let jitter = declared.jitter.map(|jitter| Spanned::new(jitter.value.0, jitter.span));
        let named = names::snake_case(&name, "a presence", report);
        if !(heard && named) {
            continue;
        }
        let lowered = Presence {
            summary: declared.summary.map(|text| text.value),
            heartbeat: declared.heartbeat,
            party: declared.party,
            jitter: jitter.unwrap_or(Spanned::new(interval.value / 10, interval.span)),
            missed: declared.missed.unwrap_or(Spanned::new(MISSED, interval.span)),
            sequence: declared.sequence,
            announce,
            offline,
            interval,
            name,
        };
        presence.insert(lowered.name.value.clone(), lowered);
    }
    presence
}
