//! Presence: heartbeats say who is there, at a pace that can be kept, and notices say who comes and leaves.

use std::time::Duration;

use crate::contract::payload::{Leaf, LeafKind, LookupError};
use crate::contract::{Contract, Notice, Presence, Role, Subject};
use crate::diagnostics::{Diagnostic, Report, Rule};
use crate::rules::presence as rules;
use crate::source::Spanned;
use crate::words::{closest, list};

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for presence in contract.presence.values() {
        timing(presence, report);
        let Some(subject) = presence.subject(contract) else {
            continue;
        };
        heartbeat(presence, subject, contract, report);
        for (_, notice) in presence.notices() {
            self::notice(presence, subject, notice, contract, report);
        }
        told_apart(presence, report);
    }
}

fn timing(presence: &Presence, report: &mut Report) {
    let mut fault = |place: &Spanned<Duration>, message: &str, help: &str| {
        report.push(Diagnostic::new(&rules::TIMING, place.span, message, "").with_help(help));
    };
    if presence.interval.value.is_zero() {
        fault(
            &presence.interval,
            "there is no time between two heartbeats",
            "say how often one is sent, such as `30s`",
        );
    } else if presence.jitter.value > presence.interval.value / 2 {
        fault(
            &presence.jitter,
            "the jitter is more than half of the interval",
            "make it smaller, or leave it out: a tenth of the interval is enough to spread heartbeats",
        );
    }
    if presence.missed.value == 0 || u32::try_from(presence.missed.value).is_err() {
        let message = format!("nobody can miss {} heartbeats", presence.missed.value);
        let help = "say how many in a row are missed before a party counts as offline, such as `3`";
        report.push(Diagnostic::new(&rules::TIMING, presence.missed.span, message, "").with_help(help));
    }
}

fn heartbeat(presence: &Presence, subject: &Subject, contract: &Contract, report: &mut Report) {
    let mut fault = |place: &Spanned<String>, message: String, help: &str| {
        let diagnostic = Diagnostic::new(&rules::HEARTBEAT, place.span, message, "")
            .with_label(subject.name.span, "the subject")
            .with_help(help);
        report.push(diagnostic);
    };
    if subject.is_request() {
        let message = format!(
            "`{}` is a request, and a heartbeat is an event",
            presence.heartbeat.value
        );
        fault(&presence.heartbeat, message, "name a subject that has a `payload`");
        return;
    }
    match (&presence.party, presence.party_token(contract)) {
        (Some(party), _) if !subject.template.tokens().any(|token| token == party.value) => {
            let message = format!("`{}` is not a token of `{}`", party.value, subject.template.text.value);
            fault(party, message, "name the token that says who is there");
        }
        (None, None) => {
            let message = format!("`{}` does not say which token names who is there", presence.name.value);
            let tokens: Vec<&str> = subject.template.tokens().collect();
            let help = match tokens.as_slice() {
                [] => "give the template a token for the one who sends".to_owned(),
                tokens => format!("add `party`, one of {}", list(tokens)),
            };
            fault(&presence.heartbeat, message, &help);
        }
        _ => {}
    }
    for role in subject
        .senders()
        .iter()
        .filter_map(|role| contract.roles.get(&role.value))
    {
        let unknown = subject
            .template
            .tokens()
            .find(|token| !subject.fills(token) && contract.own_token(role, token).is_none());
        if let Some(token) = unknown {
            let message = format!("`{}` does not know its own `{token}`", role.name.value);
            let help = format!("put `{token}` under `self` of that role, or `bind` it to a field of the heartbeat");
            fault(&presence.heartbeat, message, &help);
        }
    }
    if let Some(pointer) = &presence.sequence {
        let counts = scalar(contract, subject, pointer, &rules::HEARTBEAT).and_then(|leaf| match leaf.kind {
            LeafKind::Integer(integer) if integer.lowest().is_some_and(|lowest| lowest >= 0) => Ok(()),
            _ => {
                let message = format!(
                    "`{}` does not count: it can be something else than 0, 1, 2, ...",
                    pointer.value
                );
                let diagnostic = Diagnostic::new(&rules::HEARTBEAT, pointer.span, message, "")
                    .with_label(leaf.span, "the field")
                    .with_help("make it `type: integer` with `minimum: 0`");
                Err(diagnostic)
            }
        });
        if let Err(diagnostic) = counts {
            report.push(diagnostic);
        }
    }
}

fn notice(presence: &Presence, heartbeat: &Subject, notice: &Notice, contract: &Contract, report: &mut Report) {
    let Some(subject) = contract.subjects.get(&notice.subject.value) else {
        return;
    };
    let fault = |place: &Spanned<String>, message: String| {
        Diagnostic::new(&rules::NOTICE, place.span, message, "").with_label(subject.name.span, "the subject")
    };
    if subject.is_request() {
        let message = format!("`{}` is a request, and nobody answers a notice", notice.subject.value);
        report.push(fault(&notice.subject, message).with_help("name a subject that has a `payload`"));
        return;
    }
    if let Some(pointer) = &notice.party {
        match scalar(contract, subject, pointer, &rules::NOTICE) {
            Err(diagnostic) => report.push(diagnostic),
            Ok(leaf) if leaf.text_values().is_some() || matches!(leaf.kind, LeafKind::Text(_) | LeafKind::Uuid) => {}
            Ok(leaf) => {
                let message = format!("`{}` names nobody: it is no text", pointer.value);
                let help = "point to the field that says who comes or leaves";
                report.push(
                    fault(pointer, message)
                        .with_label(leaf.span, "the field")
                        .with_help(help),
                );
            }
        }
    } else if let Some(token) = presence.party_token(contract)
        && !subject.template.tokens().any(|other| other == token)
    {
        let message = format!(
            "`{}` has no token `{token}`, and no field says who it is",
            notice.subject.value
        );
        let help = "add `party`, the JSON pointer of the field that says who comes or leaves";
        report.push(fault(&notice.subject, message).with_help(help));
    }
    for (pointer, text) in &notice.when {
        match scalar(contract, subject, pointer, &rules::NOTICE) {
            Err(diagnostic) => report.push(diagnostic),
            Ok(leaf) => {
                let Some(values) = leaf.text_values() else {
                    let message = format!("`{}` is not one of some texts", pointer.value);
                    let help = "point to a field with `enum` or `const`";
                    report.push(
                        fault(pointer, message)
                            .with_label(leaf.span, "the field")
                            .with_help(help),
                    );
                    continue;
                };
                if !values.contains(&text.value.as_str()) {
                    let message = format!("`{}` never says `{}`", pointer.value, text.value);
                    let help = format!("it says {}", list(&values));
                    report.push(fault(text, message).with_label(leaf.span, "the field").with_help(help));
                }
            }
        }
    }
    let hears = |role: &Role| subject.receivers().iter().any(|name| name.value == role.name.value);
    let watchers = heartbeat.receivers().iter();
    for role in watchers
        .filter_map(|role| contract.roles.get(&role.value))
        .filter(|role| !hears(role))
    {
        let message = format!(
            "`{}` watches and does not hear `{}`",
            role.name.value, notice.subject.value
        );
        let help = format!("add `{}` to `subscribe` of that subject", role.name.value);
        report.push(fault(&notice.subject, message).with_help(help));
    }
}

/// Whether the notices of one subject say different things.
fn told_apart(presence: &Presence, report: &mut Report) {
    let (Some(announce), Some(offline)) = (&presence.announce, &presence.offline) else {
        return;
    };
    let differ = announce.when.iter().any(|(pointer, text)| {
        let other = offline.when.iter().find(|(other, _)| other.value == pointer.value);
        other.is_some_and(|(_, other)| other.value != text.value)
    });
    if announce.subject.value == offline.subject.value && !differ {
        let message = "one message would say that somebody comes and that it leaves";
        let diagnostic = Diagnostic::new(&rules::NOTICE, offline.subject.span, message, "")
            .with_label(announce.subject.span, "the same subject")
            .with_help("say under `when` what a field of the payload says in each of them");
        report.push(diagnostic);
    }
}

/// The scalar behind a pointer, which is in every document.
fn scalar<'c>(
    contract: &'c Contract,
    subject: &Subject,
    pointer: &Spanned<String>,
    rule: &'static Rule,
) -> Result<Leaf<'c>, Diagnostic> {
    let payload = subject.payload();
    let fault = |message: String| Diagnostic::new(rule, pointer.span, message, "");
    match contract.payloads.lookup(payload, pointer) {
        Ok(leaf) => match &leaf.optional {
            Some(optional) => Err(fault(format!("`{optional}` may be missing from `{}`", payload.value))
                .with_label(leaf.span, "not required, or may be null")
                .with_help("make the field required")),
            None => Ok(leaf),
        },
        Err(LookupError::UnknownField { pointer: at, known }) => {
            let name = at.rsplit('/').next().unwrap_or_default();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let help = match closest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the fields are {}", list(&known)),
            };
            Err(fault(format!("`{}` has no field `{at}`", payload.value)).with_help(help))
        }
        Err(_) => Err(
            fault(format!("`{}` leads to no field of `{}`", pointer.value, payload.value))
                .with_help("write the names of fields, each behind a slash: `/sequence`"),
        ),
    }
}
