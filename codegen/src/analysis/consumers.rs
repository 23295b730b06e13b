//! Consumers: what they are declared for is kept by their stream and reaches them.

use crate::contract::{Capture, Consumer, Contract, Stream};
use crate::diagnostics::{Diagnostic, Fix, Report};
use crate::rules::stream as rules;
use crate::subject::Index;

use super::near;

/// How many filters or subjects a finding names.
const NAMED: usize = 12;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for stream in contract.streams.values() {
        let kept = Index::new(stream.subjects.iter().map(|capture| &capture.filter));
        for consumer in stream.consumers.values() {
            for filter in &consumer.filters {
                let inside = kept.overlapping(&filter.filter).next().is_some();
                reaches(filter, inside, stream, contract, report);
            }
            once(consumer, report);
            backoff(consumer, report);
            ack_wait(consumer, report);
        }
    }
}

/// `inside` says whether the stream keeps anything that the filter could deliver.
fn reaches(filter: &Capture, inside: bool, stream: &Stream, contract: &Contract, report: &mut Report) {
    if let Some(subject) = &filter.subject {
        if !inside {
            let message = format!("`{subject}` is not kept by the stream `{}`", stream.name.value);
            let help = match contract.capturing(&filter.filter).next() {
                Some(other) => format!(
                    "declare the consumer under the stream `{}`, which keeps it",
                    other.name.value
                ),
                None => format!("no stream keeps it: add `{subject}` to the stream's `subjects`"),
            };
            let diagnostic = Diagnostic::new(
                &rules::SUBJECT_NOT_KEPT,
                filter.span,
                message,
                "nothing can be delivered",
            )
            .with_label(stream.name.span, format!("the stream hears {}", captured(stream)))
            .with_help(help);
            report.push(diagnostic);
        }
        return;
    }
    if !contract.all_subjects {
        return;
    }
    if !inside {
        let heard = contract.heard_by(&filter.filter).map(|subject| subject.name.as_str());
        let outside = format!("`{}` lies outside the stream `{}`", filter.filter, stream.name.value);
        let message = match some(heard) {
            Some(heard) => format!("{outside}; it could only hear {heard}"),
            None => outside,
        };
        let text = "the server accepts it and delivers nothing";
        let diagnostic = Diagnostic::new(&rules::FILTER_OUTSIDE_STREAM, filter.span, message, text)
            .with_label(stream.name.span, format!("the stream hears {}", captured(stream)));
        report.push(near::with_nearest(diagnostic, &filter.filter, contract));
    }
    if contract.hears_nothing(&filter.filter) {
        let message = format!("`{}` matches no subject of this contract", filter.filter);
        let text = "nothing is ever delivered";
        let diagnostic = Diagnostic::new(&rules::FILTER_MATCHES_NOTHING, filter.span, message, text);
        report.push(near::with_nearest(diagnostic, &filter.filter, contract));
    }
}

/// The filters of a stream for a sentence.
fn captured(stream: &Stream) -> String {
    let filters = stream.subjects.iter().map(|capture| capture.filter.as_str());
    some(filters).unwrap_or_else(|| "nothing".to_owned())
}

/// The first of many for a sentence, and how many more there are; `None` if there is none.
fn some<'n>(names: impl Iterator<Item = &'n str>) -> Option<String> {
    let mut names = names.fuse();
    let first: Vec<String> = names.by_ref().take(NAMED).map(|name| format!("`{name}`")).collect();
    let more = names.count();
    let listed = first.join(", ");
    match (first.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(listed),
        (false, more) => Some(format!("{listed} and {more} more")),
    }
}

/// The server refuses a consumer with a filter within another (error 10138), and lets filters cross.
fn once(consumer: &Consumer, report: &mut Report) {
    let filters = Index::new(consumer.filters.iter().map(|capture| &capture.filter));
    for (place, second) in consumer.filters.iter().enumerate() {
        let around = filters.containing(&second.filter).chain(filters.within(&second.filter));
        let first = around.filter(|other| *other < place).min();
        if let Some(first) = first.and_then(|first| consumer.filters.get(first)) {
            let message = format!("the consumer `{}` filters the same subject twice", consumer.name.value);
            let text = format!("`{}`; the server refuses this (error 10138)", second.filter);
            let diagnostic = Diagnostic::new(&rules::FILTERS_OVERLAP, second.span, message, text)
                .with_label(first.span, format!("`{}`", first.filter))
                .with_help("keep the wider one of the two");
            report.push(diagnostic);
        }
    }
}

/// The server refuses a consumer with more waits than further deliveries (error 10116).
fn backoff(consumer: &Consumer, report: &mut Report) {
    let (Some(backoff), Some(max_deliver)) = (consumer.settings.get("backoff"), consumer.settings.get("max_deliver"))
    else {
        return;
    };
    let waits = backoff.wire.as_array().map_or(0, Vec::len) as u64;
    let deliveries = max_deliver.wire.as_u64().unwrap_or(u64::MAX);
    if waits > deliveries {
        let message = format!("`backoff` has {waits} waits, and `max_deliver` is {deliveries}");
        let diagnostic = Diagnostic::new(
            &rules::BACKOFF,
            backoff.span,
            message,
            "the server refuses this (error 10116)",
        )
        .with_label(max_deliver.span, "deliveries")
        .with_help("remove waits, or raise `max_deliver`");
        report.push(diagnostic);
    }
}

/// With a backoff the server takes its first wait for `ack_wait`, whatever was asked for.
fn ack_wait(consumer: &Consumer, report: &mut Report) {
    let (Some(backoff), Some(ack_wait)) = (consumer.settings.get("backoff"), consumer.settings.get("ack_wait")) else {
        return;
    };
    let first = backoff.wire.get(0);
    if first.is_some_and(|first| *first != ack_wait.wire) {
        let message = "the server takes the first wait of `backoff` for `ack_wait`";
        let diagnostic = Diagnostic::new(&rules::ACK_WAIT, ack_wait.span, message, "silently replaced")
            .with_label(backoff.span, "by the first of these")
            .with_help("remove `ack_wait`, or start `backoff` with it")
            .with_fix(Fix::new("remove `ack_wait`, as the server does").remove(ack_wait.key_span));
        report.push(diagnostic);
    }
}
