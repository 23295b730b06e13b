//! What consumers say about messages that cannot be worked on.

use std::collections::HashSet;

use indexmap::IndexSet;

use super::names;
use crate::contract::{GiveUp, OnInvalid, Work};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::{contract as name_rules, stream as rules};
use crate::source::{Span, Spanned};
use crate::syntax::{ConsumerDecl, GiveUpDecl, OnInvalidDecl, StreamDecl, Time};

/// The streams that dead letters may go to.
pub(super) struct Streams<'c> {
    /// The names of all that were declared.
    pub declared: &'c IndexSet<String>,
    /// Whether all declarations could be read.
    pub complete: bool,
}

/// What a consumer says about messages that cannot be worked on.
pub(super) struct Policy {
    pub on_invalid: OnInvalid,
    pub work: Work,
    pub dead_letter: Option<Spanned<String>>,
}

/// The names of the streams that some consumer's dead letters go to.
pub(super) fn dead_letter_streams(streams: &[(Spanned<String>, StreamDecl)]) -> HashSet<String> {
    let consumers = streams.iter().flat_map(|(_, stream)| &stream.consumers.sound);
    let named = consumers.filter_map(|(_, consumer)| consumer.dead_letter.as_ref());
    named.map(|name| name.value.clone()).collect()
}

/// Fills in what is not said: where dead letters are kept, what is given up goes there, and else it is terminated.
pub(super) fn policy(declared: &ConsumerDecl, streams: &Streams<'_>, report: &mut Report) -> Policy {
    let named = declared.dead_letter.as_ref();
    let dead_letter = named.filter(|name| {
        let found = streams.declared.contains(&name.value);
        if !found && streams.complete {
            let known = streams.declared.iter().map(String::as_str);
            report.push(names::unknown(name, known, "stream", &name_rules::UNKNOWN_ASSET));
        }
        found
    });
    let failure = declared.on_failure.as_ref().map(|failure| &failure.value);
    let then = failure.and_then(|failure| failure.then.as_ref());
    for (word, asks) in [
        (
            declared.on_invalid.as_ref().map(|word| word.span),
            declared.on_invalid.as_ref().map(|word| word.value) == Some(OnInvalidDecl::DeadLetter),
        ),
        (
            then.map(|word| word.span),
            then.map(|word| word.value) == Some(GiveUpDecl::DeadLetter),
        ),
    ] {
        if let Some(span) = word.filter(|_| asks && named.is_none()) {
            report.push(nowhere(span));
        }
    }
    let kept = dead_letter.is_some();
    let on_invalid = match declared.on_invalid.as_ref().map(|word| word.value) {
        Some(OnInvalidDecl::Nak) => OnInvalid::Nak,
        Some(OnInvalidDecl::DeadLetter) | None if kept => OnInvalid::DeadLetter,
        _ => OnInvalid::Term,
    };
    let give_up = match then.map(|word| word.value) {
        Some(GiveUpDecl::DeadLetter) | None if kept => GiveUp::DeadLetter,
        _ => GiveUp::Term,
    };
    let backoff = failure.and_then(|failure| failure.backoff.as_ref());
    Policy {
        on_invalid,
        work: Work {
            concurrency: at_least_one(declared.concurrency.as_ref(), "concurrency", report),
            attempts: at_least_one(failure.map(|failure| &failure.attempts), "attempts", report),
            backoff: backoff.map(|waits| {
                let times = waits.value.iter().map(|Time(wait)| *wait);
                Spanned::new(times.collect(), waits.span)
            }),
            give_up,
        },
        dead_letter: dead_letter.cloned(),
    }
}

fn nowhere(span: Span) -> Diagnostic {
    let message = "nobody says where dead letters go";
    Diagnostic::new(&rules::DEAD_LETTER, span, message, "")
        .with_help("name the stream that keeps them: `dead_letter: <stream>`, beside `filter`")
}

fn at_least_one(number: Option<&Spanned<u64>>, what: &str, report: &mut Report) -> Option<Spanned<u64>> {
    let number = number?;
    if number.value == 0 {
        let message = format!("`{what}` of 0 leaves every message undone");
        report.push(Diagnostic::new(&rules::WORK, number.span, message, "").with_help("use at least 1"));
        return None;
    }
    Some(number.clone())
}
