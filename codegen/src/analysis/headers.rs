//! Typed headers: every member of the payload can be the header of a message.

use crate::contract::payload::Header;
use crate::contract::{Contract, Subject};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;
use crate::source::Spanned;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for subject in contract.subjects.values() {
        if let Some(headers) = &subject.headers {
            headers_of(contract, subject, headers, report);
        }
    }
}

fn headers_of(contract: &Contract, subject: &Subject, payload: &Spanned<String>, report: &mut Report) {
    let Some(headers) = contract.payloads.headers(payload) else {
        let message = format!("`{}` is no object with named members", payload.value);
        let help = "make it one: each member is a header";
        report.push(Diagnostic::new(&rules::HEADERS, payload.span, message, "").with_help(help));
        return;
    };
    for header in &headers {
        if let Some((message, help)) = fault(header) {
            let diagnostic = Diagnostic::new(&rules::HEADERS, header.span, message, "")
                .with_label(payload.span, "the headers of this subject")
                .with_help(help);
            report.push(diagnostic);
        }
    }
    if headers.is_empty() {
        let message = format!("`{}` names no member, so there is no header", payload.value);
        let help = format!(
            "give it `properties`, or take `headers` out of `{}`",
            subject.name.value
        );
        report.push(Diagnostic::new(&rules::HEADERS, payload.span, message, "").with_help(help));
    }
}

/// What keeps a member from being a header, and what to do.
fn fault(header: &Header<'_>) -> Option<(String, String)> {
    let name = header.name;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':') {
        let message = format!("`{name}` cannot be the name of a header");
        return Some((message, "use visible ASCII characters without `:`".to_owned()));
    }
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("nats-") || lower.starts_with("natsmith-") {
        let message = format!("`{name}` has a meaning of its own for NATS or natsmith");
        let help = match lower.as_str() {
            "nats-msg-id" => "name the field of the payload under `message_id`",
            _ => "give it another name, such as one that begins with `X-`",
        };
        return Some((message, help.to_owned()));
    }
    if lower == "traceparent" || lower == "tracestate" {
        let message = format!("`{name}` is carried by the feature `trace` of the generated crate");
        return Some((message, "remove it, and switch that feature on".to_owned()));
    }
    let kind = header.kind.err()?;
    let message = format!("`{name}` {kind}, and a header is one text");
    let help = "make it a text, a number or a boolean; leave it out of `required` where it may be missing";
    Some((message, help.to_owned()))
}
