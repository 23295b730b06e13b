//! How requests are answered.

use std::time::Duration;

use indexmap::IndexMap;

use super::bindings::Binding;
use crate::source::{Span, Spanned};

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
    /// By one, on a declared subject.
    On(Box<ReplyOn>),
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

/// How an answer on a declared subject is found.
#[derive(Clone, Debug)]
pub struct ReplyOn {
    /// The event that carries the answers.
    pub subject: Spanned<String>,
    /// How long the asker waits.
    pub timeout: Option<Duration>,
    /// Tokens of that event which repeat a field of the request.
    pub tokens: IndexMap<String, Binding>,
    /// How an answer says which request it belongs to.
    pub correlation: Correlation,
}

/// How an answer says which request it belongs to.
#[derive(Clone, Debug)]
pub enum Correlation {
    /// By a header that repeats that of the request.
    Header,
    /// By a field of the answer that repeats one of the request.
    Field {
        /// The request's field, as a JSON pointer.
        request: Spanned<String>,
        /// The answer's field, as a JSON pointer.
        reply: Spanned<String>,
    },
    /// By a token of the answer's subject that repeats a field of the request.
    Token {
        /// The request's field, as a JSON pointer.
        request: Spanned<String>,
        /// The token.
        token: Spanned<String>,
    },
}

impl ReplyOn {
    /// The field of the request that a token of the answer's subject repeats, where the request says so.
    #[must_use]
    pub fn pointer(&self, token: &str) -> Option<&Spanned<String>> {
        let said = self.tokens.get(token).map(|binding| &binding.pointer);
        said.or(match &self.correlation {
            Correlation::Token { request, token: id } if id.value == token => Some(request),
            _ => None,
        })
    }
}
