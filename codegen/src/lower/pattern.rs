//! How a subject is used: as an event, or as a request.

use super::answers;
use super::names::Scope;
use crate::contract::Pattern;
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;
use crate::source::{Span, Spanned};
use crate::syntax::SubjectDecl;

pub(super) fn lower(
    name: &Spanned<String>,
    declared: &SubjectDecl,
    subjects: &answers::Declared<'_>,
    scope: &Scope<'_>,
    report: &mut Report,
) -> Option<Pattern> {
    let answered = declared.reply.is_some() || declared.reply_on.is_some();
    let faults = match (&declared.payload, &declared.request, answered) {
        (Some(_), None, false) => misplaced_in_event(declared),
        (None, Some(_), true) => misplaced_in_request(declared),
        _ => {
            let message = format!("`{}` is neither an event nor a request", name.value);
            vec![fault(
                message,
                name.span,
                "give it `payload`, or `request` with `reply` or `reply_on`",
            )]
        }
    };
    let mut good = faults.is_empty();
    for diagnostic in faults {
        report.push(diagnostic);
    }
    for payload in [&declared.payload, &declared.request, &declared.reply, &declared.error]
        .into_iter()
        .flatten()
    {
        good &= scope.payload(payload, report);
    }
    let reply = match &declared.reply_on {
        Some(reply_on) => subjects.reply(reply_on, report),
        None => declared.reply.clone(),
    };
    let mut roles = |names: &[Spanned<String>]| scope.roles(names.to_vec(), report);
    let pattern = match (&declared.payload, &declared.request, reply) {
        (Some(payload), ..) => Pattern::Event {
            payload: payload.clone(),
            publish: roles(&declared.publish),
            subscribe: roles(&declared.subscribe),
        },
        (None, Some(request), Some(reply)) => Pattern::Request {
            request: request.clone(),
            reply,
            error: declared.error.clone(),
            answers: answers::lower(declared),
            ask: roles(&declared.ask),
            answer: roles(&declared.answer),
        },
        _ => return None,
    };
    good.then_some(pattern)
}

pub(super) fn fault(message: String, span: Span, help: &str) -> Diagnostic {
    Diagnostic::new(&rules::PATTERN, span, message, "").with_help(help)
}

/// Roles under a key of the other pattern.
fn misplaced(roles: &[Spanned<String>], key: &str, kind: &str, instead: &str) -> Option<Diagnostic> {
    let message = format!("`{key}` does not belong to {kind}");
    Some(fault(message, roles.first()?.span, &format!("use `{instead}`")))
}

fn misplaced_in_event(declared: &SubjectDecl) -> Vec<Diagnostic> {
    let request = "remove it, or declare `request` and `reply`";
    let has_no =
        |key: &str, span: Option<Span>, help: &str| Some(fault(format!("an event has no `{key}`"), span?, help));
    let faults = [
        misplaced(&declared.ask, "ask", "an event", "publish"),
        misplaced(&declared.answer, "answer", "an event", "subscribe"),
        has_no(
            "timeout",
            declared.timeout.as_ref().map(|timeout| timeout.span),
            request,
        ),
        has_no(
            "replies",
            declared.replies.as_ref().map(|replies| replies.span),
            request,
        ),
        has_no("error", declared.error.as_ref().map(|error| error.span), request),
        has_no(
            "streamed",
            declared.streamed.as_ref().map(|streamed| streamed.span),
            request,
        ),
        has_no(
            "idempotency_key",
            declared.idempotency_key.as_ref().map(|key| key.span),
            "an event has a `message_id`, by which a stream recognises it",
        ),
    ];
    faults.into_iter().flatten().collect()
}

fn misplaced_in_request(declared: &SubjectDecl) -> Vec<Diagnostic> {
    let mut faults = answers::faults(declared);
    faults.extend(misplaced(&declared.publish, "publish", "a request", "ask"));
    faults.extend(misplaced(&declared.subscribe, "subscribe", "a request", "answer"));
    faults
}
