//! What a request's subject says about its answers.

use std::fmt;
use std::time::Duration;

use crate::error::BoxError;

/// How long answers are gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gather {
    /// How many answers are expected; without it, nobody knows, and the time decides.
    pub expected: Option<usize>,
    /// How long all of them may take.
    pub deadline: Duration,
    /// How long after one answer the next one is waited for.
    pub silence: Option<Duration>,
}

/// The subject that one request is answered on, and what an answer on it must say.
pub struct ReplyPlace<R> {
    template: &'static str,
    find: Find<R>,
}

type Find<R> = Box<dyn Fn(&R) -> Result<String, BoxError> + Send + Sync>;

impl<R> ReplyPlace<R> {
    /// A place that is found by what the answer says.
    pub(crate) fn new(template: &'static str, find: Find<R>) -> Self {
        Self { template, find }
    }

    /// The template of the subject.
    pub(crate) fn template(&self) -> &'static str {
        self.template
    }

    /// The subject of an answer.
    pub(crate) fn subject(&self, reply: &R) -> Result<String, BoxError> {
        (self.find)(reply)
    }
}

impl<R> fmt::Debug for ReplyPlace<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyPlace")
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}
