//! How long streams keep what, and who decides it: nothing is kept for nobody, and nothing goes unnoticed.

use super::findings::{Findings, of_streams};
use crate::contract::settings::SettingValue;
use crate::contract::{Answers, Consumer, Contract, Provisioned, ProvisionedConsumer, Stream, Subject};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::stream as rules;
use crate::source::Span;
use crate::subject::{Index, contains, overlap};
use crate::words::list;

/// How many subjects a finding names.
const NAMED: usize = 3;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    of_streams(contract, report, |stream, findings| {
        if let Some(queue) = stream.settings.says("retention", "workqueue") {
            for consumer in &stream.consumers {
                queue_consumer(consumer, queue, findings);
            }
            one_each(stream, queue, findings);
        }
        unheard(stream, contract, findings);
        drops(stream, findings);
        discards(stream, contract, findings);
        unacknowledged(stream, contract, findings);
        acknowledges_all(stream, findings);
    });
    for subject in contract.subjects.values() {
        message_id(subject, contract, report);
    }
}

/// The server refuses a consumer of a queue that acknowledges other than one by one (errors 10084 and 10098), or that begins
/// elsewhere than at the beginning (error 10101).
fn queue_consumer(consumer: &ProvisionedConsumer<'_>, queue: &SettingValue, findings: &mut Findings<'_>) {
    let name = &consumer.consumer.name.value;
    let settings = &consumer.settings;
    if let Some(policy) = settings.get("ack_policy").filter(|policy| policy.wire != "explicit") {
        let code = if policy.wire == "none" { 10084 } else { 10098 };
        let message = format!("`{name}` takes from a queue and does not acknowledge one by one");
        let text = format!("the server refuses this (error {code})");
        let diagnostic = Diagnostic::new(&rules::QUEUE_ACK, policy.span, message, text)
            .with_label(queue.span, "a queue")
            .with_help("use `ack_policy: explicit`");
        findings.push(diagnostic);
    }
    if let Some(policy) = settings.get("deliver_policy").filter(|policy| policy.wire != "all") {
        let message = format!("`{name}` would leave work in the queue that nobody else takes");
        let text = "the server refuses this (error 10101)";
        let diagnostic = Diagnostic::new(&rules::QUEUE_START, policy.span, message, text)
            .with_label(queue.span, "a queue")
            .with_help("use `deliver_policy: all`, or leave it out");
        findings.push(diagnostic);
    }
}

/// The server refuses a second consumer for a message of a queue (errors 10099 and 10100).
fn one_each(stream: &Provisioned<'_>, queue: &SettingValue, findings: &mut Findings<'_>) {
    for (index, second) in stream.consumers.iter().enumerate() {
        let second = second.consumer;
        let mut earlier = stream.consumers.iter().take(index).map(|first| first.consumer);
        if let Some(first) = earlier.find(|first| share(first, second)) {
            let code = if second.filters.is_empty() { 10099 } else { 10100 };
            let message = format!(
                "`{}` and `{}` take the same messages from one queue",
                first.name.value, second.name.value
            );
            let text = format!("the server refuses the second one (error {code})");
            let diagnostic = Diagnostic::new(&rules::QUEUE_OVERLAP, second.name.span, message, text)
                .with_label(first.name.span, "the first one")
                .with_label(queue.span, "each message goes to one consumer")
                .with_help("give them filters that do not overlap, or let the roles of both share one consumer");
            findings.push(diagnostic);
        }
    }
}

fn share(first: &Consumer, second: &Consumer) -> bool {
    let everything = first.filters.is_empty() || second.filters.is_empty();
    everything
        || first.filters.iter().any(|ours| {
            second
                .filters
                .iter()
                .any(|theirs| overlap(&ours.filter, &theirs.filter))
        })
}

/// What no consumer wants is dropped by one retention as soon as it comes, and kept for ever by the other.
fn unheard(stream: &Provisioned<'_>, contract: &Contract, findings: &mut Findings<'_>) {
    let retention = |word: &str| stream.settings.says("retention", word);
    let (rule, retention, fate) = match (retention("interest"), retention("workqueue")) {
        (Some(interest), _) => (&rules::INTEREST_UNHEARD, interest, "drops"),
        (None, Some(queue)) => (&rules::QUEUE_UNREAD, queue, "never removes"),
        (None, None) => return,
    };
    let name = &stream.stream.name;
    let Some(wanted) = wanted(stream.stream) else { return };
    for capture in &stream.stream.subjects {
        if stream.stream.is_of_dead_letters(capture) {
            continue;
        }
        let unheard: Vec<&str> = contract
            .heard_by(&capture.filter)
            .filter(|subject| wanted.overlapping(&subject.template.wildcard()).next().is_none())
            .map(|subject| subject.name.value.as_str())
            .collect();
        let (some, more) = unheard.split_at(unheard.len().min(NAMED));
        if some.is_empty() {
            continue;
        }
        let more = match more.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!("no consumer wants {}{more}, which `{}` {fate}", list(some), name.value);
        let diagnostic = Diagnostic::new(rule, capture.span, message, "kept for nobody")
            .with_label(retention.span, "goes by what consumers want")
            .with_help("declare a consumer for it, leave it out of the stream, or use `retention: limits`");
        findings.push(diagnostic);
    }
}

/// What the consumers of a stream filter; `None` if one of them wants everything.
fn wanted(stream: &Stream) -> Option<Index> {
    let consumers = || stream.consumers.values();
    let filtered = consumers().all(|consumer| !consumer.filters.is_empty());
    let filters = consumers().flat_map(|consumer| &consumer.filters);
    filtered.then(|| Index::new(filters.map(|capture| &capture.filter)))
}

/// A full queue makes room by throwing work away.
fn drops(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    let settings = &stream.settings;
    let retention = settings
        .says("retention", "workqueue")
        .or(settings.says("retention", "interest"));
    if retention.is_none() || settings.says("discard", "new").is_some() {
        return;
    }
    let limits = ["max_msgs", "max_bytes", "max_msgs_per_subject"];
    let limit = limits.iter().find(|limit| settings.limit(limit).is_some());
    if let Some(limit) = limit.and_then(|limit| settings.get(limit)) {
        let name = &stream.stream.name.value;
        let message = format!("a full `{name}` throws away what nobody has worked on");
        let text = "the oldest goes, and nobody is told";
        let help = "add `discard: new`, which tells who publishes, if nothing may be lost";
        findings.push(Diagnostic::new(&rules::QUEUE_DROPS, limit.key_span, message, text).with_help(help));
    }
}

/// Who does not wait for the acknowledgement never learns that a full stream has refused a message.
fn discards(stream: &Provisioned<'_>, contract: &Contract, findings: &mut Findings<'_>) {
    let Some(discard) = stream.settings.says("discard", "new") else {
        return;
    };
    if let Some(no_ack) = stream.settings.flag("no_ack") {
        let message = format!("nobody is told what a full `{}` refuses", stream.stream.name.value);
        let diagnostic = Diagnostic::new(&rules::DISCARD_NEW, discard.span, message, "refuses new messages")
            .with_label(no_ack.span, "and does not say so")
            .with_help("remove one of the two");
        findings.push(diagnostic);
    }
    for (place, name, what) in published_blindly(contract) {
        let Some(subject) = contract.subjects.get(name) else {
            continue;
        };
        if stream.stream.captures(&subject.template.wildcard()) {
            let message = format!(
                "a full `{}` refuses `{name}`, and {what} waits for no answer",
                stream.stream.name.value
            );
            let diagnostic = Diagnostic::new(&rules::DISCARD_NEW, discard.span, message, "refuses new messages")
                .with_label(place, "published without waiting")
                .with_help("use `discard: old`, or keep the subject in another stream");
            findings.push(diagnostic);
        }
    }
}

/// The subjects that generated clients publish without waiting for a stream, and what does so.
fn published_blindly(contract: &Contract) -> Vec<(Span, &str, &'static str)> {
    let publications = contract.publications.values().flat_map(|all| &all.subjects);
    let publications = publications.map(|name| (name.span, name.value.as_str(), "a publication"));
    let heartbeats = contract.presence.values().map(|presence| &presence.heartbeat);
    let heartbeats = heartbeats.map(|name| (name.span, name.value.as_str(), "a heartbeat"));
    let replies = contract
        .subjects
        .values()
        .filter_map(|subject| match subject.answers()? {
            Answers::On(reply_on) => Some((reply_on.subject.span, reply_on.subject.value.as_str(), "a reply")),
            _ => None,
        });
    publications.chain(heartbeats).chain(replies).collect()
}

/// What a stream does not acknowledge cannot be persisted.
fn unacknowledged(stream: &Provisioned<'_>, contract: &Contract, findings: &mut Findings<'_>) {
    let Some(no_ack) = stream.settings.flag("no_ack") else {
        return;
    };
    for capture in &stream.stream.subjects {
        let mut events = contract
            .heard_by(&capture.filter)
            .filter(|subject| !subject.is_request());
        if let Some(event) = events.find(|event| !event.senders().is_empty()) {
            let message = format!(
                "nobody can tell whether `{}` has kept `{}`",
                stream.stream.name.value, event.name.value
            );
            let diagnostic = Diagnostic::new(&rules::NO_ACK, no_ack.span, message, "`persist` waits in vain")
                .with_label(event.name.span, "published by this contract")
                .with_help("remove `no_ack`, or keep events in a stream of their own");
            findings.push(diagnostic);
        }
    }
}

/// The server refuses a stream that would answer requests to itself (error 10052).
fn acknowledges_all(stream: &Provisioned<'_>, findings: &mut Findings<'_>) {
    if stream.settings.flag("no_ack").is_some() {
        return;
    }
    let reserved = |filter: &str| {
        filter == ">"
            || (overlap(filter, "$JS.>") && !contains("$JS.EVENT.>", filter))
            || (overlap(filter, "$SYS.>") && !contains("$SYS.ACCOUNT.>", filter))
    };
    for capture in stream
        .stream
        .subjects
        .iter()
        .filter(|capture| reserved(&capture.filter))
    {
        let message = format!("`{}` captures what the server is asked", capture.filter);
        let text = "the server refuses this (error 10052)";
        let help = "name the first token, such as `{ filter: \"orders.>\" }`, or add `no_ack: true`";
        findings.push(Diagnostic::new(&rules::NEEDS_NO_ACK, capture.span, message, text).with_help(help));
    }
}

/// Nobody but a stream reads the id.
fn message_id(subject: &Subject, contract: &Contract, report: &mut Report) {
    let Some(id) = &subject.message_id else { return };
    let wildcard = subject.template.wildcard();
    if contract.capturing(&wildcard).next().is_some() {
        return;
    }
    let message = format!("no stream keeps `{}`, and nobody else reads its id", subject.name.value);
    let help = format!(
        "add `{}` to the `subjects` of a stream, or remove `message_id`",
        subject.name.value
    );
    report.push(Diagnostic::new(&rules::MESSAGE_ID, id.span, message, "recognises no repetition").with_help(help));
}
