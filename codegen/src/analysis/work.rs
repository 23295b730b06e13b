//! Work on what consumers deliver: what is given up arrives where it is to be kept.

use std::collections::HashSet;

use crate::contract::settings::{SettingValue, Settings};
use crate::contract::{Consumer, Contract, GiveUp, OnInvalid, Stream};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::stream as rules;
use crate::source::Span;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for stream in contract.streams.values() {
        for consumer in stream.consumers.values() {
            dead_letters(stream, consumer, report);
            waits(consumer, report);
        }
        if stream.keeps_dead_letters {
            keeps(stream, contract, report);
        } else if let Some(role) = stream.replay.first() {
            let message = format!("the stream `{}` keeps no dead letters", stream.name.value);
            let help = format!(
                "name it in the `dead_letter` of a consumer, or remove `{}` here",
                role.value
            );
            report.push(Diagnostic::new(&rules::REPLAY, role.span, message, "nothing to replay").with_help(help));
        }
    }
    under_every_profile(contract, report);
}

fn dead_letters(stream: &Stream, consumer: &Consumer, report: &mut Report) {
    let Some(dead_letter) = &consumer.dead_letter else {
        return;
    };
    if dead_letter.value == stream.name.value {
        let message = format!(
            "the dead letters of `{}` go to the stream it works on",
            consumer.name.value
        );
        let diagnostic = Diagnostic::new(&rules::DEAD_LETTER, dead_letter.span, message, "")
            .with_label(stream.name.span, "this one")
            .with_help("declare a stream of its own for them; it needs no `subjects`");
        report.push(diagnostic);
    } else if consumer.on_invalid != OnInvalid::DeadLetter && consumer.work.give_up != GiveUp::DeadLetter {
        let message = format!("nothing of `{}` goes to its dead letters", consumer.name.value);
        let diagnostic = Diagnostic::new(&rules::DEAD_LETTER, dead_letter.span, message, "")
            .with_help("remove it, or say `dead_letter` under `on_failure: { then: .. }` or `on_invalid`");
        report.push(diagnostic);
    }
}

/// What a stream of dead letters must not do to them.
fn keeps(stream: &Stream, contract: &Contract, report: &mut Report) {
    for consumer in stream.consumers.values() {
        let delivers = consumer.delivers(stream);
        if !delivers.is_empty() && delivers.iter().all(|capture| stream.is_of_dead_letters(capture)) {
            let message = format!("`{}` would deliver dead letters and no subject", consumer.name.value);
            let diagnostic = Diagnostic::new(&rules::DEAD_LETTER, consumer.name.span, message, "")
                .with_help("they are read and replayed by the roles that the stream names under `replay`");
            report.push(diagnostic);
        }
    }
    let mut told = HashSet::new();
    for profile in contract.every_profile() {
        settings(stream, &contract.stream_settings(stream, profile), &mut told, report);
    }
}

fn settings(stream: &Stream, settings: &Settings, told: &mut HashSet<Span>, report: &mut Report) {
    let name = &stream.name.value;
    let is = |setting: &str, text: &str| settings.get(setting).filter(|value| value.wire.as_str() == Some(text));
    let on = |setting: &str| settings.get(setting).filter(|value| value.wire == true);
    let faults: [(Option<&SettingValue>, String, &str); 4] = [
        (
            is("retention", "interest"),
            format!("the stream `{name}` drops dead letters that no consumer wants"),
            "use `retention: limits`",
        ),
        (
            is("retention", "workqueue"),
            format!("the stream `{name}` is a queue, and dead letters are read more than once"),
            "use `retention: limits`",
        ),
        (
            on("no_ack"),
            format!("the stream `{name}` does not say whether it has taken a dead letter"),
            "remove it: a message is given up when its letter is stored, and not before",
        ),
        (
            on("deny_delete").filter(|_| !stream.replay.is_empty()),
            format!("the stream `{name}` keeps dead letters that were replayed"),
            "remove it, or nobody can tell what was replayed and what was not",
        ),
    ];
    for (value, message, help) in faults {
        if let Some(value) = value.filter(|value| told.insert(value.span)) {
            report.push(Diagnostic::new(&rules::DEAD_LETTER, value.span, message, "").with_help(help));
        }
    }
}

/// A wait behind the last attempt never comes.
fn waits(consumer: &Consumer, report: &mut Report) {
    let (Some(backoff), Some(attempts)) = (&consumer.work.backoff, &consumer.work.attempts) else {
        return;
    };
    let waits = backoff.value.len() as u64;
    if waits >= attempts.value {
        let message = format!("{waits} waits, and {} attempts", attempts.value);
        let diagnostic = Diagnostic::new(
            &rules::BACKOFF,
            backoff.span,
            message,
            "the last of them are never waited for",
        )
        .with_label(attempts.span, "attempts")
        .with_help("remove waits, or raise `attempts`: there is one wait between two attempts");
        report.push(diagnostic);
    }
}

/// What the consumer's settings must let happen, whatever a profile changes.
fn under_every_profile(contract: &Contract, report: &mut Report) {
    let mut told = HashSet::new();
    for profile in contract.every_profile() {
        for stream in contract.provisioned(profile) {
            for provisioned in &stream.consumers {
                let (consumer, settings) = (provisioned.consumer, &provisioned.settings);
                acknowledged(consumer, settings, &mut told, report);
                given_up(consumer, settings, &mut told, report);
                in_hand(consumer, settings, &mut told, report);
            }
        }
    }
}

/// A worker settles each message by itself.
fn acknowledged(consumer: &Consumer, settings: &Settings, told: &mut HashSet<Span>, report: &mut Report) {
    let work = &consumer.work;
    let asked = [
        work.concurrency.as_ref().map(|number| number.span),
        work.attempts.as_ref().map(|number| number.span),
        consumer.dead_letter.as_ref().map(|name| name.span),
    ];
    let policy = settings
        .get("ack_policy")
        .filter(|policy| policy.wire.as_str() != Some("explicit"));
    if let (Some(policy), Some(asked)) = (policy, asked.into_iter().flatten().next())
        && told.insert(policy.span)
    {
        let message = format!("a worker of `{}` settles each message by itself", consumer.name.value);
        let diagnostic = Diagnostic::new(&rules::WORK, policy.span, message, "settles others with it, or none")
            .with_label(asked, "meant for workers")
            .with_help("use `ack_policy: explicit`");
        report.push(diagnostic);
    }
}

/// After `max_deliver` the server delivers a message no more, and tells nobody who would put it to the dead letters.
fn given_up(consumer: &Consumer, settings: &Settings, told: &mut HashSet<Span>, report: &mut Report) {
    let (GiveUp::DeadLetter, Some(max_deliver)) = (consumer.work.give_up, settings.get("max_deliver")) else {
        return;
    };
    let Some(deliveries) = max_deliver.wire.as_u64().filter(|deliveries| *deliveries > 0) else {
        return;
    };
    let attempts = consumer.work.attempts.as_ref();
    if attempts.is_some_and(|attempts| attempts.value < deliveries) || !told.insert(max_deliver.span) {
        return;
    }
    let message = format!(
        "the server forgets a message of `{}` that workers took {deliveries} times and never settled",
        consumer.name.value
    );
    let mut diagnostic = Diagnostic::new(
        &rules::MAX_DELIVER,
        max_deliver.span,
        message,
        "it never becomes a dead letter",
    );
    diagnostic = match attempts {
        Some(attempts) => diagnostic
            .with_label(attempts.span, "attempts")
            .with_help("remove `max_deliver`: `attempts` bounds the deliveries, and what is left over is given up"),
        None => diagnostic.with_help(format!("say `on_failure: {{ attempts: {deliveries} }}` instead")),
    };
    report.push(diagnostic);
}

/// The server delivers no more than `max_ack_pending` at a time.
fn in_hand(consumer: &Consumer, settings: &Settings, told: &mut HashSet<Span>, report: &mut Report) {
    let (Some(concurrency), Some(pending)) = (&consumer.work.concurrency, settings.get("max_ack_pending")) else {
        return;
    };
    let most = pending.wire.as_u64().filter(|most| *most > 0);
    if most.is_some_and(|most| concurrency.value > most) && told.insert(pending.span) {
        let message = format!("no worker ever has {} messages in hand", concurrency.value);
        let diagnostic = Diagnostic::new(
            &rules::WORK,
            concurrency.span,
            message,
            "more than the server gives out",
        )
        .with_label(pending.span, "deliveries at a time, to all workers together")
        .with_help("lower `concurrency`, or raise `max_ack_pending`");
        report.push(diagnostic);
    }
}
