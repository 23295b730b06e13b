//! How requests are answered: by one, by several, in chunks.

use std::time::Duration;

use indexmap::IndexMap;

use super::names::unknown;
use super::pattern::fault;
use crate::contract::{Answers, Binding, Correlation, Replies, ReplyOn, Streamed};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::{contract as names_rules, subject as rules};
use crate::source::{Span, Spanned};
use crate::syntax::{CorrelateDecl, RepliesDecl, ReplyOnDecl, StreamedDecl, SubjectDecl};

/// How many chunks may be under way where the contract does not say.
const WINDOW: u32 = 16;

/// How long either side of an answer in chunks may be silent where the contract does not say.
const SILENCE: Duration = Duration::from_secs(5);

/// What is known of the subjects before any of them is resolved.
pub(super) struct Declared<'d> {
    /// The payload of each sound one, `None` for a request.
    pub(super) payloads: IndexMap<String, Option<Spanned<String>>>,
    /// Every name.
    pub(super) names: &'d [String],
    /// Whether all declarations could be read.
    pub(super) complete: bool,
}

impl Declared<'_> {
    /// What the replies on a subject carry; reported where it is no event.
    pub(super) fn reply(&self, reply_on: &ReplyOnDecl, report: &mut Report) -> Option<Spanned<String>> {
        let subject = &reply_on.subject;
        let Some(payload) = self.payloads.get(&subject.value) else {
            if self.complete && !self.names.contains(&subject.value) {
                let known = self.names.iter().map(String::as_str);
                report.push(unknown(subject, known, "subject", &names_rules::UNKNOWN_SUBJECT));
            }
            return None;
        };
        if payload.is_none() {
            let message = format!("`{}` is no event that carries one payload", subject.value);
            let help = "replies travel as events: name a subject that has `payload`";
            report.push(Diagnostic::new(&rules::REPLY_ON, subject.span, message, "").with_help(help));
        }
        // An unknown payload is reported where the event names it.
        payload
            .as_ref()
            .map(|payload| Spanned::new(payload.value.clone(), subject.span))
    }
}

pub(super) fn lower(declared: &SubjectDecl) -> Answers {
    if let Some(reply_on) = &declared.reply_on {
        return Answers::On(Box::new(ReplyOn {
            subject: reply_on.subject.clone(),
            timeout: declared.timeout.as_ref().map(|timeout| timeout.value.0),
            tokens: bindings(&reply_on.tokens.sound),
            correlation: reply_on
                .correlate
                .as_ref()
                .map_or(Correlation::Header, |correlate| correlation(correlate)),
        }));
    }
    if let Some(replies) = &declared.replies {
        return Answers::Many(self::replies(replies));
    }
    if let Some(streamed) = &declared.streamed {
        return Answers::Streamed(self::streamed(streamed));
    }
    Answers::One {
        timeout: declared.timeout.as_ref().map(|timeout| timeout.value.0),
    }
}

/// Tokens with the fields that they repeat.
pub(super) fn bindings(declared: &[(Spanned<String>, Spanned<String>)]) -> IndexMap<String, Binding> {
    let bindings = declared.iter().map(|(token, pointer)| {
        let binding = Binding {
            token_span: token.span,
            pointer: pointer.clone(),
        };
        (token.value.clone(), binding)
    });
    bindings.collect()
}

fn correlation(declared: &CorrelateDecl) -> Correlation {
    let request = declared.request.clone();
    match (&declared.reply, &declared.token) {
        (_, Some(token)) => Correlation::Token {
            request,
            token: token.clone(),
        },
        (Some(reply), None) => Correlation::Field {
            request,
            reply: reply.clone(),
        },
        // Reported as a fault.
        (None, None) => Correlation::Header,
    }
}

fn replies(declared: &Spanned<RepliesDecl>) -> Replies {
    Replies {
        span: declared.span,
        expected: declared.expected.as_ref().map(|expected| expected.value),
        deadline: declared.deadline.value.0,
        silence: declared.silence.as_ref().map(|silence| silence.value.0),
    }
}

fn streamed(declared: &Spanned<StreamedDecl>) -> Streamed {
    let window = declared.window.as_ref();
    Streamed {
        span: declared.span,
        window: window.map_or(WINDOW, |window| u32::try_from(window.value).unwrap_or(u32::MAX)),
        silence: declared.silence.as_ref().map_or(SILENCE, |silence| silence.value.0),
    }
}

/// What contradicts the way in which a request is answered.
pub(super) fn faults(declared: &SubjectDecl) -> Vec<Diagnostic> {
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
