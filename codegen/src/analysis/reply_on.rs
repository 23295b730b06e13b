//! Replies on declared subjects: they get there, and who asks finds them there.

use super::bindings::{field, repeats};
use crate::contract::{Answers, Contract, Correlation, ReplyOn, Role, Subject};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;
use crate::source::{Span, Spanned};
use crate::words::list;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for subject in contract.subjects.values() {
        let Some(Answers::On(reply_on)) = subject.answers() else {
            continue;
        };
        // One with a fault of its own is left out of the contract.
        let Some(event) = contract.subjects.get(&reply_on.subject.value) else {
            continue;
        };
        shared(reply_on, event, report);
        headed(reply_on, event, report);
        roles(subject, event, report);
        tokens(subject, reply_on, event, contract, report);
        correlation(subject, reply_on, event, contract, report);
        for role in subject
            .senders()
            .iter()
            .filter_map(|role| contract.roles.get(&role.value))
        {
            meant_for(role, subject, reply_on, event, contract, report);
        }
    }
}

fn fault(span: Span, message: String, help: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&rules::REPLY_ON, span, message, "").with_help(help)
}

/// In a queue group a reply would go to any of those who ask.
fn shared(reply_on: &ReplyOn, event: &Subject, report: &mut Report) {
    if let Some(group) = &event.queue_group {
        let message = format!(
            "`{}` shares its messages in a queue group, so a reply goes to anybody in it",
            event.name.value
        );
        let diagnostic = fault(
            reply_on.subject.span,
            message,
            "remove the `queue_group` of that event, or answer on another one",
        );
        report.push(diagnostic.with_label(group.span, "the queue group"));
    }
}

/// Nobody asks a handler for headers.
fn headed(reply_on: &ReplyOn, event: &Subject, report: &mut Report) {
    if let Some(headers) = &event.headers {
        let message = format!("`{}` wants headers, and a reply has none", event.name.value);
        let diagnostic = fault(
            reply_on.subject.span,
            message,
            "remove the `headers` of that event, or answer on another one",
        );
        report.push(diagnostic.with_label(headers.span, "the headers"));
    }
}

/// Who asks hears the event, who answers publishes it.
fn roles(subject: &Subject, event: &Subject, report: &mut Report) {
    let sides = [
        (
            subject.senders(),
            event.receivers(),
            "asks and does not hear",
            "subscribe",
        ),
        (
            subject.receivers(),
            event.senders(),
            "answers and does not publish",
            "publish",
        ),
    ];
    for (roles, there, what, key) in sides {
        for role in roles
            .iter()
            .filter(|role| there.iter().all(|other| other.value != role.value))
        {
            let message = format!("`{}` {what} `{}`", role.value, event.name.value);
            let help = format!("add `{}` to `{key}` of that event", role.value);
            report.push(fault(role.span, message, help).with_label(event.name.span, "where the reply travels"));
        }
    }
}

/// Whoever answers knows every token of the reply's subject.
fn tokens(subject: &Subject, reply_on: &ReplyOn, event: &Subject, contract: &Contract, report: &mut Report) {
    for (token, binding) in &reply_on.tokens {
        if event.template.tokens().any(|used| used == token) {
            repeats(token, &binding.pointer, subject.payload(), contract, report);
        } else {
            let message = format!("`{token}` is not a token of `{}`", event.name.value);
            let diagnostic = fault(
                binding.token_span,
                message,
                "name a token of that template, or remove it",
            );
            report.push(diagnostic.with_label(event.template.text.span, "the template"));
        }
    }
    let unknown: Vec<&str> = event
        .template
        .tokens()
        .filter(|token| source(token, subject, reply_on, event).is_none())
        .collect();
    if let [first, ..] = unknown.as_slice() {
        let message = format!("nobody knows {} of the reply's subject", list(&unknown));
        let help = format!(
            "take it from a field of the request, `reply_on: {{ .., tokens: {{ {first}: /.. }} }}`, or bind it to a field of the reply"
        );
        let diagnostic = fault(reply_on.subject.span, message, help);
        report.push(diagnostic.with_label(event.template.text.span, "the template"));
    }
}

/// Where a token of the reply's subject comes from.
enum Source {
    /// A field of the request, or of the reply.
    Field,
    /// The request's own subject.
    Subject,
}

fn source(token: &str, subject: &Subject, reply_on: &ReplyOn, event: &Subject) -> Option<Source> {
    if reply_on.pointer(token).is_some() || event.bind.contains_key(token) {
        Some(Source::Field)
    } else {
        let same = subject.template.tokens().any(|asked| asked == token);
        same.then_some(Source::Subject)
    }
}

fn correlation(subject: &Subject, reply_on: &ReplyOn, event: &Subject, contract: &Contract, report: &mut Report) {
    match &reply_on.correlation {
        Correlation::Header => {}
        Correlation::Field { request, reply } => {
            field(subject.payload(), request, contract, report);
            field(event.payload(), reply, contract, report);
        }
        Correlation::Token { request, token } => {
            if event.template.tokens().any(|used| used == token.value) {
                repeats(token, request, subject.payload(), contract, report);
            } else {
                let message = format!("`{}` is not a token of `{}`", token.value, event.name.value);
                let diagnostic = fault(token.span, message, "name the token of that template that holds the id");
                report.push(diagnostic.with_label(event.template.text.span, "the template"));
            }
        }
    }
}

/// A role hears the replies under its own name, so that is where they must go.
fn meant_for(
    role: &Role,
    subject: &Subject,
    reply_on: &ReplyOn,
    event: &Subject,
    contract: &Contract,
    report: &mut Report,
) {
    let sent = contract.own_tokens(role, subject, subject.sender.as_ref());
    for (token, own) in contract.own_tokens(role, event, event.receiver.as_ref()) {
        let from_subject = matches!(source(token, subject, reply_on, event), Some(Source::Subject));
        if from_subject && !sent.iter().any(|(sent, as_own)| *sent == token && *as_own == own) {
            let message = format!(
                "`{}` hears replies under its own `{own}`, and `{token}` of the request is another one's",
                role.name.value
            );
            let help = format!("take it from a field of the request: `reply_on: {{ .., tokens: {{ {token}: /.. }} }}`");
            let place: &Spanned<String> = &reply_on.subject;
            report
                .push(fault(place.span, message, help).with_label(event.template.text.span, "where the reply travels"));
        }
    }
}
