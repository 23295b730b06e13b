//! Streams: what they capture exists, is theirs alone, and fits the server.

use crate::contract::{Answers, Capture, Contract, Limits, Provisioned, Store, Stream, Subject};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::stream as rules;
use crate::source::Spanned;
use crate::subject::Index;
use crate::words::size;

use super::near;

/// The most replicas that a server keeps of one stream.
const MAX_REPLICAS: u64 = 5;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    apart(contract, report);
    for stream in contract.streams.values() {
        captures(stream, contract, report);
        for store in contract.stores() {
            named_apart(stream, store, report);
        }
        looks_like_a_store(stream, contract, report);
        max_msg_size(stream, &contract.limits, report);
        replicas(stream, contract, report);
        duplicate_window(stream, report);
    }
    limits(contract, report);
}

fn captures(stream: &Stream, contract: &Contract, report: &mut Report) {
    for capture in &stream.subjects {
        if contract.hears_nothing(&capture.filter) && !stream.is_of_dead_letters(capture) {
            let message = format!("`{}` captures no subject of this contract", capture.filter);
            let diagnostic = Diagnostic::new(
                &rules::CAPTURES_NOTHING,
                capture.span,
                message,
                "the server accepts it and keeps nothing",
            );
            report.push(near::with_nearest(diagnostic, &capture.filter, contract));
        }
        let no_ack = stream.settings.get("no_ack").is_some_and(|no_ack| no_ack.wire == true);
        let heard = contract.heard_by(&capture.filter);
        for subject in heard.filter(|subject| is_answered_in_an_inbox(subject) && !no_ack) {
            let message = format!(
                "the stream `{}` captures the request `{}`",
                stream.name.value, subject.name.value
            );
            let diagnostic = Diagnostic::new(&rules::CAPTURES_REQUEST, capture.span, message, "captured here")
                .with_label(subject.name.span, "a request")
                .with_help("the stream's acknowledgement would answer the asker first: leave the subject out, or set `no_ack: true`");
            report.push(diagnostic);
        }
    }
}

/// Where an acknowledgement would be taken for the answer.
fn is_answered_in_an_inbox(subject: &Subject) -> bool {
    subject
        .answers()
        .is_some_and(|answers| !matches!(answers, Answers::On(_)))
}

/// No two captures overlap: of one stream, of two, or of a stream and what a store is kept in.
fn apart(contract: &Contract, report: &mut Report) {
    let declared: usize = contract.streams.values().map(|stream| stream.subjects.len()).sum();
    let streams = contract
        .streams
        .values()
        .chain(contract.stores().map(|store| &store.backing));
    let all: Vec<(&Stream, &Capture)> = streams
        .flat_map(|stream| stream.subjects.iter().map(move |capture| (stream, capture)))
        .collect();
    let index = Index::new(all.iter().map(|(_, capture)| &capture.filter));
    for (place, (stream, capture)) in all.iter().enumerate() {
        let mut earlier: Vec<usize> = index
            .overlapping(&capture.filter)
            .filter(|other| *other < place.min(declared))
            .collect();
        earlier.sort_unstable();
        let earlier = earlier.into_iter().filter_map(|place| all.get(place));
        let mut last: Option<&Stream> = None;
        for (other, first) in earlier {
            // One finding for each stream that it meets says enough.
            if last.is_some_and(|last| std::ptr::eq(last, *other)) {
                continue;
            }
            last = Some(*other);
            report.push(if std::ptr::eq(*other, *stream) {
                twice(stream, first, capture)
            } else {
                shared(other, first, stream, capture)
            });
        }
    }
}

/// The server refuses a stream whose own subjects overlap (error 10052).
fn twice(stream: &Stream, first: &Capture, second: &Capture) -> Diagnostic {
    let message = format!("the stream `{}` captures the same subject twice", stream.name.value);
    let text = format!("`{}`; the server refuses the stream (error 10052)", second.filter);
    Diagnostic::new(&rules::OVERLAP, second.span, message, text)
        .with_label(first.span, format!("`{}`", first.filter))
        .with_help("keep the wider one of the two")
}

/// The server refuses two streams with overlapping subjects (error 10065).
fn shared(stream: &Stream, ours: &Capture, other: &Stream, theirs: &Capture) -> Diagnostic {
    let message = format!(
        "the streams `{}` and `{}` capture the same subject",
        stream.name.value, other.name.value
    );
    let text = format!(
        "`{}`; the server refuses the second stream (error 10065)",
        theirs.filter
    );
    Diagnostic::new(&rules::OVERLAP, theirs.span, message, text)
        .with_label(ours.span, format!("`{}`", ours.filter))
        .with_help("let one stream capture it and the other `source` from that stream")
}

/// The server refuses a second stream of one name (error 10058).
fn named_apart(stream: &Stream, store: &Store, report: &mut Report) {
    if stream.name.value == store.backing.name.value {
        let message = format!("`{}` is kept in a stream of this name", store.name.value);
        let text = "the server refuses the second stream (error 10058)";
        let diagnostic = Diagnostic::new(&rules::STORE_NAME, stream.name.span, message, text)
            .with_label(store.name.span, "kept there")
            .with_help("name the stream otherwise");
        report.push(diagnostic);
    }
}

/// Clients take every stream of such a name for a bucket (ADR-8, ADR-20).
fn looks_like_a_store(stream: &Stream, contract: &Contract, report: &mut Report) {
    let name = &stream.name.value;
    let taken = contract.stores().any(|store| store.backing.name.value == *name);
    if let Some(prefix) = ["KV_", "OBJ_"]
        .iter()
        .find(|prefix| name.starts_with(**prefix) && !taken)
    {
        let message = format!("clients take `{name}` for what a bucket is kept in");
        let help = format!("name it without `{prefix}`, or declare it under `kv` or `object_stores`");
        report.push(Diagnostic::new(&rules::STORE_PREFIX, stream.name.span, message, "").with_help(help));
    }
}

fn max_msg_size(stream: &Stream, limits: &Limits, report: &mut Report) {
    let Some(size) = stream.settings.get("max_msg_size") else {
        return;
    };
    let max_payload = limits.max_payload();
    if size.wire.as_u64().is_some_and(|size| size > max_payload) {
        let message = format!("no message of this size reaches the stream `{}`", stream.name.value);
        let (text, help) = match &limits.max_payload {
            Some(_) => (
                "above `limits.max_payload`",
                "lower it, or raise `limits.max_payload` and the server's own setting",
            ),
            None => (
                "above the server's default `max_payload` of 1MiB",
                "lower it to 1MiB, or raise `max_payload` in the server's configuration and say so under `limits:`",
            ),
        };
        let mut diagnostic = Diagnostic::new(&rules::MAX_MSG_SIZE, size.span, message, text).with_help(help);
        if let Some(limit) = &limits.max_payload {
            diagnostic = diagnostic.with_label(limit.span, "the limit");
        }
        report.push(diagnostic);
    }
}

fn replicas(stream: &Stream, contract: &Contract, report: &mut Report) {
    let Some(replicas) = stream.settings.get("num_replicas") else {
        return;
    };
    let wanted = replicas.wire.as_u64().unwrap_or(0);
    if wanted == 0 || wanted > MAX_REPLICAS {
        let message = format!("no server keeps {wanted} replicas");
        let help = format!("use 1, 3 or {MAX_REPLICAS}");
        report.push(Diagnostic::new(&rules::REPLICA_COUNT, replicas.span, message, "").with_help(help));
    } else if wanted > 1 && !runs_on_one_server(stream, contract) {
        let message = format!(
            "the stream `{}` needs {wanted} servers under every profile",
            stream.name.value
        );
        let diagnostic = Diagnostic::new(
            &rules::REPLICAS,
            replicas.span,
            message,
            "one server refuses this (error 10074)",
        )
        .with_help("add a profile for one server: `profiles: { dev: { streams: { \"*\": { num_replicas: 1 } } } }`");
        report.push(diagnostic);
    }
}

fn runs_on_one_server(stream: &Stream, contract: &Contract) -> bool {
    contract.profiles.values().any(|profile| {
        let settings = contract.stream_settings(stream, Some(profile));
        settings.number("num_replicas").is_none_or(|replicas| replicas <= 1)
    })
}

/// The server refuses a window beyond the age that messages reach (error 10052).
fn duplicate_window(stream: &Stream, report: &mut Report) {
    let (Some(window), Some(age)) = (stream.settings.get("duplicate_window"), stream.settings.get("max_age")) else {
        return;
    };
    let (Some(window_length), Some(age_length)) = (window.wire.as_u64(), age.wire.as_u64()) else {
        return;
    };
    if age_length > 0 && window_length > age_length {
        let message = format!("the stream `{}` forgets messages before their ids", stream.name.value);
        let diagnostic = Diagnostic::new(
            &rules::DUPLICATE_WINDOW,
            window.span,
            message,
            "the server refuses this (error 10052)",
        )
        .with_label(age.span, "the age that messages reach")
        .with_help("make `duplicate_window` at most `max_age`");
        report.push(diagnostic);
    }
}

/// A limit, what is asked of it, what that is called, and how its numbers are shown.
type Budget<'l> = (&'l Option<Spanned<u64>>, u64, &'static str, fn(u64) -> String);

/// What all streams ask for together, held against the account's limits, without a profile.
fn limits(contract: &Contract, report: &mut Report) {
    let provisioned = contract.provisioned(None);
    let bytes = |storage: &str| -> u64 {
        let of_kind = |stream: &&Provisioned<'_>| stream.settings.text("storage").unwrap_or("file") == storage;
        let reserved = provisioned
            .iter()
            .filter(of_kind)
            .filter_map(|stream| stream.settings.number("max_bytes"));
        reserved.fold(0, u64::saturating_add)
    };
    let consumers = provisioned.iter().map(|stream| stream.consumers.len() as u64).sum();
    let limits = &contract.limits;
    let plain = |number: u64| number.to_string();
    let checks: [Budget<'_>; 4] = [
        (&limits.max_storage, bytes("file"), "on disk", size),
        (&limits.max_memory, bytes("memory"), "of memory", size),
        (&limits.max_streams, provisioned.len() as u64, "streams", plain),
        (&limits.max_consumers, consumers, "consumers", plain),
    ];
    for (limit, used, what, shown) in checks {
        if let Some(limit) = limit.as_ref().filter(|limit| used > limit.value) {
            let message = format!(
                "the contract needs {} {what}, the limit is {}",
                shown(used),
                shown(limit.value)
            );
            let help = "lower what streams ask for, or raise the limit here and in the server's account";
            report.push(Diagnostic::new(&rules::OVER_LIMIT, limit.span, message, "the limit").with_help(help));
        }
    }
}
