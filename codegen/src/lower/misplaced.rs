//! Keys that do not belong beside the others of a subject.

use crate::diagnostics::Diagnostic;
use crate::rules::subject as rules;
use crate::source::{Span, Spanned};
use crate::syntax::{RepliesDecl, ReplyOnDecl, StreamedDecl, SubjectDecl};

/// A contradiction, and the way out of it.
pub(super) fn fault(message: String, span: Span, help: &str) -> Diagnostic {
    Diagnostic::new(&rules::PATTERN, span, message, "").with_help(help)
}

/// Roles under a key of the other pattern.
fn misplaced(roles: &[Spanned<String>], key: &str, kind: &str, instead: &str) -> Option<Diagnostic> {
    let message = format!("`{key}` does not belong to {kind}");
    Some(fault(message, roles.first()?.span, &format!("use `{instead}`")))
}

/// What contradicts an event.
pub(super) fn in_event(declared: &SubjectDecl) -> Vec<Diagnostic> {
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

/// What contradicts a request.
pub(super) fn in_request(declared: &SubjectDecl) -> Vec<Diagnostic> {
    let mut faults = in_answers(declared);
    faults.extend(misplaced(&declared.publish, "publish", "a request", "ask"));
    faults.extend(misplaced(&declared.subscribe, "subscribe", "a request", "answer"));
    faults
}

/// What contradicts the way in which a request is answered.
fn in_answers(declared: &SubjectDecl) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    if let Some(replies) = &declared.replies {
        faults.extend(among_several(declared, replies));
    }
    if let Some(streamed) = &declared.streamed {
        faults.extend(among_chunks(declared, streamed));
    }
    if let Some(reply_on) = &declared.reply_on {
        faults.extend(elsewhere(declared, reply_on));
    }
    faults
}

/// Reports what stands beside a key and does not belong there.
fn beside(span: Option<Span>, message: &str, help: &str) -> Option<Diagnostic> {
    Some(fault(message.to_owned(), span?, help))
}

fn among_several(declared: &SubjectDecl, replies: &RepliesDecl) -> Vec<Diagnostic> {
    let nobody = replies.expected.as_ref().filter(|expected| expected.value == 0);
    let faults = [
        beside(
            nobody.map(|expected| expected.span),
            "a request that nobody answers is not sent",
            "say how many answer, or leave `expected` out where nobody knows",
        ),
        beside(
            declared.timeout.as_ref().map(|timeout| timeout.span),
            "`timeout` is for one reply, and `replies` says that there are several",
            "remove it; `replies.deadline` says how long all of them may take",
        ),
        beside(
            declared.queue_group.as_ref().map(|group| group.span),
            "one member of a queue group answers, and `replies` says that several do",
            "remove `queue_group`, or `replies`",
        ),
        beside(
            declared.streamed.as_ref().map(|streamed| streamed.span),
            "one answers in chunks, and `replies` says that several answer",
            "remove `streamed`, or `replies`",
        ),
    ];
    faults.into_iter().flatten().collect()
}

fn among_chunks(declared: &SubjectDecl, streamed: &StreamedDecl) -> Vec<Diagnostic> {
    let nothing = streamed.window.as_ref().filter(|window| window.value == 0);
    let never = streamed.silence.as_ref().filter(|silence| silence.value.0.is_zero());
    let faults = [
        beside(
            nothing.map(|window| window.span),
            "a window of 0 lets no chunk through",
            "1 is one chunk at a time; leave `window` out for 16",
        ),
        beside(
            never.map(|silence| silence.span),
            "both sides are lost at once when neither may be silent",
            "say how long a lost side may go unnoticed, such as `5s`",
        ),
        beside(
            declared.timeout.as_ref().map(|timeout| timeout.span),
            "`timeout` is for one reply, and `streamed` says that it comes in chunks",
            "remove it; `streamed.silence` says how long nothing may come",
        ),
        beside(
            declared.idempotency_key.as_ref().map(|key| key.span),
            "an answer in chunks is not kept, so it cannot be given again",
            "remove `idempotency_key`, or `streamed`",
        ),
    ];
    faults.into_iter().flatten().collect()
}

fn elsewhere(declared: &SubjectDecl, reply_on: &ReplyOnDecl) -> Vec<Diagnostic> {
    let correlate = reply_on.correlate.as_ref();
    let neither = correlate.filter(|correlate| correlate.reply.is_none() && correlate.token.is_none());
    let both = correlate.and_then(|correlate| correlate.reply.as_ref().and(correlate.token.as_ref()));
    let faults = [
        beside(
            declared.reply.as_ref().map(|reply| reply.span),
            "`reply_on` names the event, and the event says what the reply is",
            "remove `reply`",
        ),
        beside(
            declared.replies.as_ref().map(|replies| replies.span),
            "replies of several are gathered in an inbox, and `reply_on` names a subject",
            "remove `replies`, or say `reply` instead of `reply_on`",
        ),
        beside(
            declared.streamed.as_ref().map(|streamed| streamed.span),
            "chunks are sent to an inbox, and `reply_on` names a subject",
            "remove `streamed`, or say `reply` instead of `reply_on`",
        ),
        beside(
            neither.map(|correlate| correlate.span),
            "nobody says where the reply repeats the request's id",
            "add `reply` with a field of the reply, or `token` with a token of its subject",
        ),
        beside(
            both.map(|token| token.span),
            "one place is enough to say which request a reply belongs to",
            "keep `reply` where the reply has the id in a field, else `token`",
        ),
    ];
    faults.into_iter().flatten().collect()
}
