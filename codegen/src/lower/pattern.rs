//! How a subject is used: as an event, or as a request.

use super::names::Scope;
use crate::contract::{Pattern, Replies};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;
use crate::source::{Span, Spanned};
use crate::syntax::SubjectDecl;

pub(super) fn lower(
    name: &Spanned<String>,
    declared: &SubjectDecl,
    scope: &Scope<'_>,
    report: &mut Report,
) -> Option<Pattern> {
    let faults = match (&declared.payload, &declared.request, &declared.reply) {
        (Some(_), None, None) => misplaced_in_event(declared),
        (None, Some(_), Some(_)) => misplaced_in_request(declared),
        _ => {
            let message = format!("`{}` is neither an event nor a request", name.value);
            vec![fault(
                message,
                name.span,
                "give it `payload`, or both `request` and `reply`",
            )]
        }
    };
    let mut good = faults.is_empty();
    for diagnostic in faults {
        report.push(diagnostic);
    }
    for payload in [&declared.payload, &declared.request, &declared.reply]
        .into_iter()
        .flatten()
    {
        good &= scope.payload(payload, report);
    }
    let mut roles = |names: &[Spanned<String>]| scope.roles(names.to_vec(), report);
    let pattern = match (&declared.payload, &declared.request, &declared.reply) {
        (Some(payload), ..) => Pattern::Event {
            payload: payload.clone(),
            publish: roles(&declared.publish),
            subscribe: roles(&declared.subscribe),
        },
        (None, Some(request), Some(reply)) => Pattern::Request {
            request: request.clone(),
            reply: reply.clone(),
            timeout: declared.timeout.as_ref().map(|timeout| timeout.value.0),
            replies: declared.replies.as_ref().map(|replies| Replies {
                span: replies.span,
                expected: replies.expected.as_ref().map(|expected| expected.value),
                deadline: replies.deadline.value.0,
                silence: replies.silence.as_ref().map(|silence| silence.value.0),
            }),
            ask: roles(&declared.ask),
            answer: roles(&declared.answer),
        },
        _ => return None,
    };
    good.then_some(pattern)
}

fn fault(message: String, span: Span, help: &str) -> Diagnostic {
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
        has_no(
            "idempotency_key",
            declared.idempotency_key.as_ref().map(|key| key.span),
            "an event has a `message_id`, by which a stream recognises it",
        ),
    ];
    faults.into_iter().flatten().collect()
}

fn misplaced_in_request(declared: &SubjectDecl) -> Vec<Diagnostic> {
    let several = |span: Option<Span>, message: &str, help: &str| {
        declared.replies.as_ref()?;
        Some(fault(message.to_owned(), span?, help))
    };
    let expected = declared.replies.as_ref().and_then(|replies| replies.expected.as_ref());
    let nobody = expected.filter(|expected| expected.value == 0).map(|expected| {
        let help = "say how many answer, or leave `expected` out where nobody knows";
        fault(
            "a request that nobody answers is not sent".to_owned(),
            expected.span,
            help,
        )
    });
    let faults = [
        nobody,
        misplaced(&declared.publish, "publish", "a request", "ask"),
        misplaced(&declared.subscribe, "subscribe", "a request", "answer"),
        several(
            declared.timeout.as_ref().map(|timeout| timeout.span),
            "`timeout` is for one reply, and `replies` says that there are several",
            "remove it; `replies.deadline` says how long all of them may take",
        ),
        several(
            declared.queue_group.as_ref().map(|group| group.span),
            "one member of a queue group answers, and `replies` says that several do",
            "remove `queue_group`, or `replies`",
        ),
    ];
    faults.into_iter().flatten().collect()
}
