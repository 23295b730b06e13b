//! How a subject is used: as an event, or as a request.

use super::names::Scope;
use super::{answers, misplaced};
use crate::contract::Pattern;
use crate::diagnostics::Report;
use crate::source::Spanned;
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
        (Some(_), None, false) => misplaced::in_event(declared),
        (None, Some(_), true) => misplaced::in_request(declared),
        _ => {
            let message = format!("`{}` is neither an event nor a request", name.value);
            vec![misplaced::fault(
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
