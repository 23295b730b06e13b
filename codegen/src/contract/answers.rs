//! How requests are answered.

use std::time::Duration;

use crate::source::Span;

/// How a request is answered.
#[derive(Clone, Debug)]
pub enum Answers {
    /// By one, with one reply.
    One {
        /// How long the asker waits.
        timeout: Option<Duration>,
    },
    /// By several.
    Many(Replies),
    /// By one, in chunks.
    Streamed(Streamed),
}

/// How the answers of several are gathered.
#[derive(Clone, Debug)]
pub struct Replies {
    /// Where it was said.
    pub span: Span,
    /// How many are expected.
    pub expected: Option<u64>,
    /// How long all of them may take.
    pub deadline: Duration,
    /// How long after one answer the next one is waited for.
    pub silence: Option<Duration>,
}

/// How an answer in chunks is sent.
#[derive(Clone, Debug)]
pub struct Streamed {
    /// Where it was said.
    pub span: Span,
    /// How many chunks may be under way or wait for their reader.
    pub window: u32,
    /// How long nothing may be heard of the other side.
    pub silence: Duration,
}
