//! How requests are answered: by one, by several, in chunks.

use std::time::Duration;

use indexmap::{IndexMap, IndexSet};

use super::names::unknown;
use crate::contract::{Answers, Binding, Correlation, Replies, ReplyOn, Streamed};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::{contract as names_rules, subject as rules};
use crate::source::Spanned;
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
    pub(super) names: &'d IndexSet<String>,
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
