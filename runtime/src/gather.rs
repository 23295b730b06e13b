//! Requests that several answer (scatter-gather).

use std::fmt;

use async_nats::StatusCode;
use futures_util::StreamExt;
use tokio::time::Instant;

use crate::connection::Connection;
use crate::observe::Timer;
use crate::outgoing::Outgoing;
use crate::payload::Payload;
use crate::request::{RequestError, RequestErrorKind, outcome, reply};
pub use crate::subject::answer::Gather;

/// What was gathered.
///
/// ```
/// use natsmith_runtime::gather::Gathered;
///
/// fn report(offers: Gathered<String>) {
///     match offers {
///         Gathered::Complete(offers) => println!("everybody has answered: {offers:?}"),
///         Gathered::Partial(part) => println!("{} of {:?}: {}", part.replies.len(), part.expected, part.ended),
///     }
/// }
/// ```
#[derive(Debug)]
pub enum Gathered<R> {
    /// As many valid answers as were expected.
    Complete(Vec<R>),
    /// Fewer, or nobody knows how many there should be.
    Partial(Partial<R>),
}

/// Answers of which some may be missing.
#[derive(Debug)]
#[non_exhaustive]
pub struct Partial<R> {
    /// The valid answers, in the order in which they came.
    pub replies: Vec<R>,
    /// Errors that services answered, answers that their schema refuses, and requests of
    /// [`request_each`](crate::Endpoint::request_each) that nobody answered.
    pub faults: Vec<RequestError>,
    /// How many answers were expected, if that is known.
    pub expected: Option<usize>,
    /// Why no more were waited for.
    pub ended: Ended,
}

/// Why no more answers were waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// As many as were expected have come, but not all of them are valid answers.
    Count,
    /// The time for all of them was over.
    Deadline,
    /// Nothing has come for so long after the last one.
    Silence,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Count => "everybody has answered, not all of them well",
            Self::Deadline => "the time was over",
            Self::Silence => "nothing more has come",
        })
    }
}

impl<R> Gathered<R> {
    /// The valid answers, whether some are missing or not.
    #[must_use]
    pub fn replies(&self) -> &[R] {
        match self {
            Self::Complete(replies) | Self::Partial(Partial { replies, .. }) => replies,
        }
    }

    /// The valid answers, if none is missing.
    ///
    /// # Errors
    /// What has come, if some are missing or nobody knows.
    pub fn complete(self) -> Result<Vec<R>, Partial<R>> {
        match self {
            Self::Complete(replies) => Ok(replies),
            Self::Partial(partial) => Err(partial),
        }
    }
}

/// What several requests with one answer each have come to.
pub(crate) fn gathered<R>(answers: Vec<Result<R, RequestError>>) -> Gathered<R> {
    let mut partial = Partial {
        expected: Some(answers.len()),
        replies: Vec::new(),
        faults: Vec::new(),
        ended: Ended::Count,
    };
    for answer in answers {
        match answer {
            Ok(reply) => partial.replies.push(reply),
            Err(fault) => {
                if fault.kind() == RequestErrorKind::TimedOut {
                    partial.ended = Ended::Deadline;
                }
                partial.faults.push(fault);
            }
        }
    }
    if partial.faults.is_empty() {
        Gathered::Complete(partial.replies)
    } else {
        Gathered::Partial(partial)
    }
}

/// Sends a request and gathers what is answered.
pub(crate) async fn gather<R: Payload>(
    connection: &Connection,
    message: Outgoing,
    plan: Gather,
) -> Result<Gathered<R>, RequestError> {
    let (template, timer) = (message.template(), Timer::start());
    let gathered = answers(connection, message, plan).await;
    timer.asked(template, outcome(&gathered));
    gathered
}

async fn answers<R: Payload>(
    connection: &Connection,
    message: Outgoing,
    plan: Gather,
) -> Result<Gathered<R>, RequestError> {
    let client = connection.client();
    let closed = |error| RequestError::with_source(RequestErrorKind::Closed, error);
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await.map_err(closed)?;
    let template = message.template();
    message.publish_with_reply(client, inbox).await?;
    let deadline = Instant::now() + plan.deadline;
    let mut partial = Partial {
        replies: Vec::new(),
        faults: Vec::new(),
        expected: plan.expected,
        ended: Ended::Deadline,
    };
    let mut until = deadline;
    loop {
        let answered = partial.replies.len() + partial.faults.len();
        if plan.expected.is_some_and(|expected| answered >= expected) {
            if partial.faults.is_empty() {
                return Ok(Gathered::Complete(partial.replies));
            }
            partial.ended = Ended::Count;
            return Ok(Gathered::Partial(partial));
        }
        let Ok(answer) = tokio::time::timeout_at(until, answers.next()).await else {
            partial.ended = if until < deadline {
                Ended::Silence
            } else {
                Ended::Deadline
            };
            return Ok(Gathered::Partial(partial));
        };
        let answer = answer.ok_or_else(|| RequestError::new(RequestErrorKind::Closed))?;
        if answer.status == Some(StatusCode::NO_RESPONDERS) {
            return Err(RequestErrorKind::NoResponders.into());
        }
        match reply(template, &answer) {
            Ok(reply) => partial.replies.push(reply),
            Err(fault) => partial.faults.push(fault),
        }
        if let Some(silence) = plan.silence {
            until = deadline.min(Instant::now() + silence);
        }
    }
}
