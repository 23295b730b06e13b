//! The form of templates: what they begin with, and how long they are.

use regex::Regex;

use crate::contract::{Contract, Segment, Subject, Token};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;
use crate::source::Span;

/// What the server, its clients and natsmith keep for themselves: how the first part begins, and what it is.
const RESERVED: &[(&str, &str)] = &[
    ("$JS", "JetStream's own requests, acknowledgements and advisories"),
    ("$SYS", "what the server says of itself in its system account"),
    ("$KV", "the keys of key-value buckets"),
    ("$OBJ", "the parts of object stores"),
    ("$O", "the parts of object stores"),
    ("$SRV", "how services are discovered (ADR-32)"),
    ("$MQTT", "the server's bridge to MQTT"),
    ("$NRG", "the votes of servers among each other"),
    ("$", "the server"),
    ("_INBOX", "the inboxes that replies come to"),
    ("_R_", "the replies of services of other accounts"),
    ("_GR_", "replies from other clusters"),
    ("dead_letters", "the dead letters of natsmith's consumers"),
];

/// Names that a subscription to everything hears, and that no token should be able to be.
const NAMES: [&str; 5] = ["$JS", "$SYS", "$KV", "$SRV", "_INBOX"];

/// The most bytes of a line of the protocol, unless the server is told otherwise (`max_control_line`).
const CONTROL_LINE: usize = 4096;

/// What such a line holds at least beside the subject: a space and the size of the message.
const BESIDE_SUBJECT: usize = 2;

/// What the documentation of NATS calls reasonable, in parts and in bytes.
const REASONABLE: (usize, usize) = (16, 256);

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for subject in contract.subjects.values() {
        if let Some((part, place)) = subject.template.parts().next() {
            match part {
                Segment::Literal(word) => reserved(subject, word, place, report),
                Segment::Token(token) | Segment::Tail(token) => {
                    if let Some(token) = contract.tokens.get(token) {
                        open_start(token, place, report);
                    }
                }
            }
        }
        length(subject, contract, report);
    }
}

fn reserved(subject: &Subject, word: &str, place: Span, report: &mut Report) {
    let Some((prefix, what)) = RESERVED.iter().find(|(prefix, _)| word.starts_with(prefix)) else {
        return;
    };
    let template = &subject.template.text.value;
    // What the server publishes there may be listened to.
    let only_heard = subject.senders().is_empty() && !subject.is_request();
    if only_heard && (template.starts_with("$JS.EVENT.") || word == "$SYS") {
        return;
    }
    if *prefix == "dead_letters" && word != *prefix {
        return;
    }
    let message = format!("`{template}` is not the contract's to give away");
    let text = format!("`{prefix}` is for {what}");
    let help = "begin with a word of your own";
    report.push(Diagnostic::new(&rules::RESERVED, place, message, text).with_help(help));
}

fn open_start(token: &Token, place: Span, report: &mut Report) {
    let pattern = token.pattern.as_ref().map(|pattern| Regex::new(pattern));
    let admits = |name: &str| match &pattern {
        Some(Ok(pattern)) => pattern.is_match(name),
        Some(Err(_)) => false,
        None => true,
    };
    if token.members.is_some() {
        return;
    }
    if let Some(name) = NAMES.iter().find(|name| admits(name)) {
        let message = format!("the subject may begin with anything, also with `{name}`");
        let help =
            "begin with a word, by which permissions and streams can name the contract, or give the token a pattern";
        let text = format!("`{}` can be `{name}`", token.name.value);
        report.push(Diagnostic::new(&rules::OPEN_START, place, message, text).with_help(help));
    }
}

fn length(subject: &Subject, contract: &Contract, report: &mut Report) {
    let parts = subject.template.segments.len();
    let bytes: usize = subject
        .template
        .segments
        .iter()
        .map(|part| shortest(part, contract))
        .sum();
    let bytes = bytes + parts.saturating_sub(1);
    let place = subject.template.text.span;
    if bytes + BESIDE_SUBJECT > CONTROL_LINE {
        let message = format!("the shortest subject of `{}` has {bytes} bytes", subject.name.value);
        let text = "the server closes the connection (`maximum control line exceeded`)";
        let help = format!(
            "a line of the protocol has at most {CONTROL_LINE} bytes: put into the payload what need not be routed by"
        );
        report.push(Diagnostic::new(&rules::TOO_LONG, place, message, text).with_help(help));
        return;
    }
    let (most_parts, most_bytes) = REASONABLE;
    let message = if parts > most_parts {
        format!("the subject has {parts} parts")
    } else if bytes > most_bytes {
        format!("the subject has at least {bytes} bytes")
    } else {
        return;
    };
    let help = format!(
        "stay within {most_parts} parts and {most_bytes} bytes: put into the payload what need not be routed by"
    );
    report.push(Diagnostic::new(&rules::DEEP, place, message, "").with_help(help));
}

/// The fewest bytes that a part takes.
fn shortest(part: &Segment, contract: &Contract) -> usize {
    match part {
        Segment::Literal(word) => word.len(),
        Segment::Token(token) | Segment::Tail(token) => {
            let members = contract.tokens.get(token).and_then(|token| token.members.as_ref());
            members
                .and_then(|members| members.iter().map(|member| member.len()).min())
                .unwrap_or(1)
        }
    }
}
