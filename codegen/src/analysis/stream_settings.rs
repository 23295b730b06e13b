//! Settings of streams: the server takes them together, and they do what they seem to do.

use super::findings::{Findings, of_streams};
use crate::contract::settings::{SettingValue, Settings};
use crate::contract::{Contract, Provisioned, Store, StoreKind};
use crate::diagnostics::{Diagnostic, Report, Rule};
use crate::rules::{store as store_rules, stream as rules};
use crate::source::Span;
use crate::words::{duration, size};

/// What a name may be long, in bytes.
const LONGEST_NAME: usize = 255;
/// What a description may be long, in bytes.
const LONGEST_DESCRIPTION: usize = 4096;
/// The server counts what stands around metadata too, and refuses what reaches this, in bytes.
const LARGEST_METADATA: usize = 128 * 1024;
/// The shortest age and window that the server keeps, in nanoseconds.
const SHORTEST_AGE: u64 = 100_000_000;
/// The shortest life of a marker, in nanoseconds.
const SHORTEST_MARKER: u64 = 1_000_000_000;
/// The shortest wait of a pull request, in nanoseconds.
const SHORTEST_WAIT: u64 = 1_000_000;
/// The most values of a key that a bucket keeps (ADR-8).
const LONGEST_HISTORY: u64 = 64;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    of_streams(contract, report, |stream, findings| {
        discard_per_subject(stream, findings);
        even_replicas(stream, findings);
        purge(stream, findings);
        sealed(stream, findings);
        counter(stream, contract, findings);
        persist_mode(stream, findings);
        too_short(stream, findings);
        too_long(stream, findings);
        max_consumers(stream, findings);
    });
    let mut findings = Findings::new(report);
    // A profile that keeps less, such as that of a developer's machine, does so on purpose.
    for stream in contract.provisioned(None) {
        in_memory(&stream, &mut findings);
    }
    for stream in contract.streams.values() {
        unlimited(&stream.name.value, stream.name.span, &stream.settings, &mut findings);
    }
    for store in contract.kv.values() {
        history(store, &mut findings);
    }
}

/// A finding that the server has too.
fn refused(rule: &'static Rule, place: &SettingValue, message: String, code: u32) -> Diagnostic {
    let text = format!("the server refuses this (error {code})");
    Diagnostic::new(rule, place.span, message, text)
}

/// The server refuses a limit for each subject that it is not to keep (error 10052).
fn discard_per_subject(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    let settings = &stream.settings;
    let Some(flag) = settings.flag("discard_new_per_subject") else {
        return;
    };
    let missing = if settings.says("discard", "new").is_none() {
        "discard: new"
    } else if settings.limit("max_msgs_per_subject").is_none() {
        "max_msgs_per_subject"
    } else {
        return;
    };
    let message = format!("`discard_new_per_subject` means nothing without `{missing}`");
    let help = format!("add `{missing}`, or remove `discard_new_per_subject`");
    findings.push(refused(&rules::DISCARD_PER_SUBJECT, flag, message, 10052).with_help(help));
}

/// A majority of two is two, and of four is three.
fn even_replicas(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    let Some(replicas) = stream.settings.get("num_replicas") else {
        return;
    };
    let Some(number @ (2 | 4)) = replicas.wire.as_u64() else {
        return;
    };
    let message = format!(
        "{number} replicas outlive the loss of no more servers than {}",
        number - 1
    );
    let help = format!("use {} or {}", number - 1, number + 1);
    let text = "a majority has to be there";
    findings.push(Diagnostic::new(&rules::EVEN_REPLICAS, replicas.span, message, text).with_help(help));
}

/// What purges cannot be where purging is denied: the server refuses the one (error 10052), and allows purging for the others.
fn purge(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    let settings = &stream.settings;
    let Some(denied) = settings.flag("deny_purge") else {
        return;
    };
    let silent = "the server takes it back without a word";
    let needs = [
        (
            settings.flag("allow_rollup_hdrs"),
            "the server refuses this (error 10052)",
        ),
        (
            settings
                .get("subject_delete_marker_ttl")
                .filter(|value| value.wire != 0),
            silent,
        ),
        (settings.flag("allow_msg_schedules"), silent),
    ];
    for (needed, text) in needs {
        if let Some(needed) = needed {
            let message = format!("the stream `{}` must purge and must not", stream.stream.name.value);
            let diagnostic = Diagnostic::new(&rules::PURGE, denied.span, message, text)
                .with_label(needed.span, "this purges")
                .with_help("remove one of the two");
            findings.push(diagnostic);
        }
    }
}

fn sealed(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    if let Some(sealed) = stream.settings.flag("sealed") {
        let message = format!(
            "the stream `{}` would be made full of nothing",
            stream.stream.name.value
        );
        let help = "remove it: a stream is sealed once it holds what it is to hold";
        findings.push(refused(&rules::SEALED, sealed, message, 10052).with_help(help));
    }
}

/// A stream of counters takes numbers to add, and keeps them (ADR-49).
fn counter(stream: &Provisioned<'_>, contract: &Contract, findings: &mut Findings<'_>) {
    let settings = &stream.settings;
    let Some(counter) = settings.flag("allow_msg_counter") else {
        return;
    };
    let retention = settings.get("retention").filter(|value| value.wire != "limits");
    let others = [
        settings.says("discard", "new"),
        settings.flag("allow_msg_ttl"),
        settings.flag("allow_msg_schedules"),
        retention,
    ];
    for other in others.into_iter().flatten() {
        let message = format!(
            "the counters of `{}` would not keep their sum",
            stream.stream.name.value
        );
        let diagnostic = refused(&rules::COUNTER, other, message, 10052)
            .with_label(counter.span, "a stream of counters")
            .with_help("remove one of the two");
        findings.push(diagnostic);
    }
    let captured = stream
        .stream
        .subjects
        .iter()
        .flat_map(|capture| contract.heard_by(&capture.filter));
    for subject in captured.filter(|subject| !subject.senders().is_empty()) {
        let message = format!(
            "`{}` carries documents, and a stream of counters takes numbers alone",
            subject.name.value
        );
        let text = "the server refuses each of them (error 10169)";
        let diagnostic = Diagnostic::new(&rules::COUNTER, counter.span, message, text)
            .with_label(subject.name.span, "published by this contract")
            .with_help("keep it in another stream");
        findings.push(diagnostic);
    }
}

/// The server writes behind the acknowledgement only where nothing else waits for the write (error 10052).
fn persist_mode(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    let settings = &stream.settings;
    let Some(mode) = settings.says("persist_mode", "async") else {
        return;
    };
    let others = [
        settings.flag("allow_atomic"),
        settings.says("storage", "memory"),
        settings
            .get("num_replicas")
            .filter(|value| value.wire.as_u64().is_some_and(|number| number > 1)),
    ];
    for other in others.into_iter().flatten() {
        let message = format!(
            "the stream `{}` cannot write behind its acknowledgements",
            stream.stream.name.value
        );
        let diagnostic = refused(&rules::PERSIST_MODE, mode, message, 10052)
            .with_label(other.span, "this waits for the write, or has none")
            .with_help("remove `persist_mode: async`, or keep the stream on one server's disk and without batches");
        findings.push(diagnostic);
    }
}

/// The server refuses what is over before it has begun (errors 10052 and 10115).
fn too_short(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    let mut check = |settings: &Settings, name: &str, shortest: u64, code: u32| {
        let value = settings.get(name);
        let short = |value: &&SettingValue| value.wire.as_u64().is_some_and(|time| time > 0 && time < shortest);
        // What a store says of its stream without being told stands at its name.
        let Some(value) = value
            .filter(short)
            .filter(|value| value.span != stream.stream.name.span)
        else {
            return;
        };
        let least = duration(std::time::Duration::from_nanos(shortest));
        let message = format!("the server counts in no shorter times than {least} here");
        findings.push(refused(&rules::TOO_SHORT, value, message, code).with_help(format!("use {least} or more")));
    };
    check(&stream.settings, "max_age", SHORTEST_AGE, 10052);
    check(&stream.settings, "duplicate_window", SHORTEST_AGE, 10052);
    check(&stream.settings, "subject_delete_marker_ttl", SHORTEST_MARKER, 10052);
    for consumer in &stream.consumers {
        check(&consumer.settings, "max_expires", SHORTEST_WAIT, 10115);
    }
}

/// The server refuses names, descriptions and metadata that are too long (errors 10052, 10102, 10107 and 10135).
fn too_long(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    let name = &stream.stream.name;
    asset(
        &name.value,
        name.span,
        &stream.settings,
        (10052, 10052, 10052),
        findings,
    );
    for consumer in &stream.consumers {
        let name = &consumer.consumer.name;
        asset(
            &name.value,
            name.span,
            &consumer.settings,
            (10102, 10107, 10135),
            findings,
        );
    }
}

fn asset(name: &str, place: Span, settings: &Settings, codes: (u32, u32, u32), findings: &mut Findings<'_>) {
    let mut found = |span: Span, what: &str, length: usize, longest: usize, code: u32| {
        if length > longest {
            let message = format!("{what} of {length} bytes is longer than the server takes");
            let text = format!("the server refuses this (error {code})");
            let help = format!("use {} at most", size(longest as u64));
            findings.push(Diagnostic::new(&rules::TOO_LONG, span, message, text).with_help(help));
        }
    };
    found(place, "a name", name.len(), LONGEST_NAME, codes.0);
    if let Some(value) = settings.get("description") {
        let length = value.wire.as_str().map_or(0, str::len);
        found(value.span, "a description", length, LONGEST_DESCRIPTION, codes.1);
    }
    if let Some(value) = settings.get("metadata") {
        let pairs = value.wire.as_object().into_iter().flatten();
        let length = pairs
            .map(|(key, text)| key.len() + text.as_str().map_or(0, str::len))
            .sum();
        // The server writes some of its own beside them.
        found(value.span, "metadata", length, LARGEST_METADATA - 128, codes.2);
    }
}

/// The server refuses the consumers beyond a stream's own limit (error 10026).
fn max_consumers(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    let (Some(limit), Some(most)) = (
        stream.settings.get("max_consumers"),
        stream.settings.limit("max_consumers"),
    ) else {
        return;
    };
    let number = stream.consumers.len();
    if number as u64 > most {
        let message = format!("the stream `{}` has {number} consumers", stream.stream.name.value);
        let help = format!("raise it to {number} at least, or leave it out");
        findings.push(refused(&rules::MAX_CONSUMERS, limit, message, 10026).with_help(help));
    }
}

fn in_memory(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    let replicas = stream.settings.number("num_replicas").unwrap_or(1);
    if let Some(memory) = stream.settings.says("storage", "memory").filter(|_| replicas <= 1) {
        let message = format!("a restart of one server empties `{}`", stream.stream.name.value);
        let help = "use `storage: file`, or keep it on 3 servers, where it has to outlive a restart";
        findings.push(Diagnostic::new(&rules::IN_MEMORY, memory.span, message, "").with_help(help));
    }
}

/// Without any limit the first that is reached is the disk's.
fn unlimited(name: &str, place: Span, settings: &Settings, findings: &mut Findings<'_>) {
    let kept_by_limits = settings.get("retention").is_none_or(|value| value.wire == "limits");
    let limits = ["max_age", "max_bytes", "max_msgs", "max_msgs_per_subject"];
    if kept_by_limits && limits.iter().all(|limit| settings.limit(limit).is_none()) {
        let message = format!("the stream `{name}` grows until the disk is full");
        let help = "say how long messages are kept, `max_age: 30d`, or how many bytes, `max_bytes: 1GiB`";
        findings.push(Diagnostic::new(&rules::UNLIMITED, place, message, "nothing is ever removed").with_help(help));
    }
}

fn history(store: &Store, findings: &mut Findings<'_>) {
    let StoreKind::KeyValue { .. } = store.kind else {
        return;
    };
    let Some(history) = store.settings.get("history") else {
        return;
    };
    if history
        .wire
        .as_u64()
        .is_some_and(|number| number == 0 || number > LONGEST_HISTORY)
    {
        let message = format!("the bucket `{}` is one that clients refuse", store.name.value);
        let help = format!("use 1 to {LONGEST_HISTORY}; more values of a key belong in a stream");
        findings.push(Diagnostic::new(&store_rules::HISTORY, history.span, message, "").with_help(help));
    }
}
