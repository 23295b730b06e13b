//! How requests are answered: by one, by several, in chunks.

use std::time::Duration;

use super::pattern::fault;
use crate::contract::{Answers, Replies, Streamed};
use crate::diagnostics::Diagnostic;
use crate::source::{Span, Spanned};
use crate::syntax::{RepliesDecl, StreamedDecl, SubjectDecl};

/// How many chunks may be under way where the contract does not say.
const WINDOW: u32 = 16;

/// How long either side of an answer in chunks may be silent where the contract does not say.
const SILENCE: Duration = Duration::from_secs(5);

pub(super) fn lower(declared: &SubjectDecl) -> Answers {
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
