//! Several messages on one subject: each can be told from the others.

use std::collections::BTreeMap;

use crate::contract::payload::LeafKind;
use crate::contract::{Answers, Contract, Discriminator, Messages, Pattern, Segment, Subject};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;
use crate::source::{Span, Spanned};

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for subject in contract.subjects.values() {
        if let Some(messages) = &subject.messages {
            kinds(messages, report);
            match &messages.by {
                Discriminator::Field(pointer) => field(contract, messages, pointer, report),
                Discriminator::Header(name) => header(messages, name, report),
                Discriminator::Token(name) => token(contract, subject, messages, name, report),
            }
        }
        reply_on(contract, subject, report);
    }
}

fn fault(message: String, span: Span, help: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&rules::MESSAGES, span, message, "").with_help(help.into())
}

/// Each kind becomes a variant.
fn kinds(messages: &Messages, report: &mut Report) {
    let mut variants: BTreeMap<String, &Spanned<String>> = BTreeMap::new();
    for (kind, _) in &messages.of {
        let variant = crate::casing::pascal(kind);
        if variant == "Unknown" || variant.is_empty() {
            let message = format!("`{}` cannot be the name of a message", kind.value);
            let help = "what the contract does not name is `Unknown`: give it a name of its own, with letters in it";
            report.push(fault(message, kind.span, help));
        } else if let Some(first) = variants.insert(variant.clone(), kind) {
            let message = format!("`{}` and `{}` are both `{variant}` in Rust", first.value, kind.value);
            let help = "let them differ by more than their spelling";
            report.push(fault(message, kind.span, help).with_label(first.span, "the first one"));
        }
    }
}

/// A payload says itself which message it is, and can say nothing else.
fn field(contract: &Contract, messages: &Messages, pointer: &Spanned<String>, report: &mut Report) {
    for (kind, payload) in &messages.of {
        let (message, label) = match contract.payloads.lookup(payload, pointer) {
            Ok(leaf) => match (&leaf.kind, &leaf.optional) {
                (LeafKind::Constant(text), None) if *text == kind.value => continue,
                (LeafKind::Constant(text), None) => (
                    format!(
                        "`{}` of `{}` is `{text}`, not `{}`",
                        pointer.value, payload.value, kind.value
                    ),
                    Some(leaf.span),
                ),
                _ => (
                    format!(
                        "`{}` of `{}` can be other than `{}`",
                        pointer.value, payload.value, kind.value
                    ),
                    Some(leaf.span),
                ),
            },
            Err(_) => (format!("`{}` has no field `{}`", payload.value, pointer.value), None),
        };
        let help = format!(
            "give the payload that required field, with `const: {}`; or tell messages apart by a `header`",
            kind.value
        );
        let diagnostic = fault(message, payload.span, help);
        report.push(match label {
            Some(span) => diagnostic.with_label(span, "the field"),
            None => diagnostic,
        });
    }
}

/// The name of a header, and values that it can have.
fn header(messages: &Messages, name: &Spanned<String>, report: &mut Report) {
    let lower = name.to_ascii_lowercase();
    let visible = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
    if !visible || lower.starts_with("nats-") || lower.starts_with("natsmith-") {
        let message = format!("`{}` cannot be the header of a message", name.value);
        let help = "use visible ASCII characters without `:`, and do not begin with `Nats-` or `Natsmith-`";
        report.push(fault(message, name.span, help));
    }
    for (kind, _) in &messages.of {
        if kind.value.trim() != kind.value || kind.chars().any(char::is_control) {
            let message = format!("`{}` cannot be the value of a header", kind.value);
            let help = "remove white space at its ends and control characters";
            report.push(fault(message, kind.span, help));
        }
    }
}

/// The token stands in the template, and can be each of the kinds.
fn token(contract: &Contract, subject: &Subject, messages: &Messages, name: &Spanned<String>, report: &mut Report) {
    let stands = subject.template.segments.contains(&Segment::Token(name.value.clone()));
    if !stands || subject.bind.contains_key(&name.value) {
        let (message, help) = if stands {
            let message = format!("`{}` is bound to a field and tells messages apart", name.value);
            (message, "remove it from `bind`, or tell messages apart by that `field`")
        } else {
            let message = format!("`{}` is not a token of this subject", name.value);
            (message, "name a token of the template that is one place in it")
        };
        report.push(fault(message, name.span, help).with_label(subject.template.text.span, "the template"));
        return;
    }
    let Some(token) = contract.tokens.get(&name.value) else {
        return;
    };
    let members = token.members.as_ref();
    let pattern = token
        .pattern
        .as_ref()
        .and_then(|pattern| regex::Regex::new(pattern).ok());
    for (kind, _) in &messages.of {
        let listed = members.is_none_or(|members| members.iter().any(|member| member.value == kind.value));
        let matches = pattern.as_ref().is_none_or(|pattern| pattern.is_match(kind));
        if !(listed && matches && token.has_room_for(kind)) {
            let message = format!("the token `{}` cannot be `{}`", name.value, kind.value);
            let help = "use values that the token accepts";
            report.push(fault(message, kind.span, help).with_label(token.name.span, "the token"));
        }
    }
}

/// An answer on a declared subject is the one reply of its request.
fn reply_on(contract: &Contract, subject: &Subject, report: &mut Report) {
    let Pattern::Request {
        answers: Answers::On(reply_on),
        ..
    } = &subject.pattern
    else {
        return;
    };
    let event = contract.subjects.get(&reply_on.subject.value);
    if let Some(messages) = event.and_then(|event| event.messages.as_ref()) {
        let message = format!(
            "`{}` carries several messages, and an answer is one",
            reply_on.subject.value
        );
        let help = "answer on an event that has `payload`";
        report.push(fault(message, reply_on.subject.span, help).with_label(messages.span, "the messages"));
    }
}
