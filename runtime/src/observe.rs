//! What can be observed of a contract's messages: counters and histograms through the facade `metrics`, spans through
//! `tracing`, and traces that go on across the wire.
//!
//! Both are features of this crate and of every generated one, `metrics` and `trace`. Without them nothing of this is
//! compiled into the way of a message.
//!
//! Messages are told apart by the **template** of their subject, such as `agents.{agent_id}.status`, and never by the
//! concrete subject: a label that holds an id makes a new time series for every agent.
//!
//! # Metrics
//!
//! Everything is told to the recorder that the program has installed, such as an exporter to Prometheus. Install it first:
//! what was counted before is gone. `describe_metrics` gives it units and descriptions.
//!
//! | name | kind | labels | what it says |
//! |---|---|---|---|
//! | `natsmith_sent_total` | counter | `subject`, `kind` | messages that the client has taken; `kind` is `event`, `persisted`, `request` or `reply` |
//! | `natsmith_sent_bytes_total` | counter | `subject`, `kind` | bytes of their payloads |
//! | `natsmith_received_total` | counter | `subject` | messages that were received and read, valid or not |
//! | `natsmith_received_bytes_total` | counter | `subject` | bytes of their payloads |
//! | `natsmith_redelivered_total` | counter | `subject` | of them those that a consumer delivered before |
//! | `natsmith_decode_errors_total` | counter | `subject`, `cause` | messages that do not keep the contract; `cause` is `subject`, `payload`, `headers` or `disagreement` |
//! | `natsmith_send_errors_total` | counter | `subject`, `kind` | messages that were not sent: refused by their schema, too large, or the connection is closed |
//! | `natsmith_handler_errors_total` | counter | `subject`, `cause` | what went wrong while messages were handled; `cause` is `handler`, `panic`, `invalid_reply`, `unsent`, ... |
//! | `natsmith_handler_seconds` | histogram | `subject`, `outcome` | how long handlers take; `outcome` is `ok` or `error` |
//! | `natsmith_request_seconds` | histogram | `subject`, `outcome` | from a request to its answer, as its sender sees it; `outcome` is `ok` or what went wrong |
//! | `natsmith_persist_seconds` | histogram | `subject`, `outcome` | from a message to the acknowledgement of its stream |
//! | `natsmith_dead_letters_total` | counter | `subject` | messages that were given up and put aside |
//! | `natsmith_missed_total` | counter | `subject` | messages that the client dropped because a subscription was slow |
//! | `natsmith_slow_consumers_total` | counter | `subject` | bursts of such messages |
//! | `natsmith_pending` | gauge | `stream`, `consumer` | messages that a consumer has still to deliver |
//! | `natsmith_parties` | gauge | `presence`, `state` | how many of those that are watched are `online`, `late` or `offline` |
//! | `natsmith_subscriptions` | gauge | `subject` | subscriptions that are open |
//! | `natsmith_account_used`, `natsmith_account_limit` | gauge | `resource` | what `Connection::resources` found: `memory`, `storage`, `streams`, `consumers`, `connections`, `subscriptions` |
//! | `natsmith_ready_timestamp_seconds` | gauge | | when the program was ready, in seconds since 1970; the time since then is its uptime |
//! | `natsmith_connections` | gauge | | connections that stand |
//! | `natsmith_disconnects_total` | counter | | connections that were lost |
//!
//! What a message of no known subject is counted under is the filter that heard it.
//!
//! # Traces
//!
//! Every message that is sent carries a `traceparent` ([W3C Trace Context](https://www.w3.org/TR/trace-context/)): that of
//! the message which is being handled, one step further, or else the first of a new trace. A `traceparent` among the
//! message's own headers is left alone. Handlers run within a span that has the fields `trace_id`, `span_id` and
//! `parent_span_id`, and so do all events that they log. A program that reads a subscription by itself continues a trace with
//! `Message::trace` and `Trace::scope`.

#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "trace")]
mod trace;

use std::future::Future;
#[cfg(feature = "metrics")]
use std::time::Instant;

use async_nats::HeaderMap;

#[cfg(feature = "metrics")]
pub use metrics::describe_metrics;
#[cfg(feature = "trace")]
pub use trace::{Trace, TraceError};

/// What a message is to the one who sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nobody answers.
    Event,
    /// A stream acknowledges it.
    Persisted,
    /// Somebody answers it.
    Request,
    /// It is an answer, or a part of one.
    Reply,
}

impl Kind {
    #[cfg(any(feature = "metrics", feature = "trace"))]
    fn label(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Persisted => "persisted",
            Self::Request => "request",
            Self::Reply => "reply",
        }
    }
}

/// What is counted: a call to `metrics`, or nothing at all.
macro_rules! counted {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $ty:ty),*);)*) => {$(
        $(#[$doc])*
        #[inline]
        pub(crate) fn $name($($argument: $ty),*) {
            #[cfg(feature = "metrics")]
            metrics::$name($($argument),*);
            #[cfg(not(feature = "metrics"))]
            let _ = ($($argument,)*);
        }
    )*};
}

counted! {
    /// The client has taken a message.
    sent(template: &'static str, kind: Kind, bytes: usize);
    /// A message was not sent.
    unsent(template: &'static str, kind: Kind);
    /// A message came in.
    received(template: &'static str, raw: &async_nats::Message);
    /// A message that came in does not keep the contract.
    undecodable(template: &'static str, cause: &'static str);
    /// Something went wrong while a message was handled.
    handler_failed(template: &'static str, cause: &'static str);
    /// A message was put aside for good.
    dead_letter(template: &'static str);
    /// The client dropped a message of a slow subscription.
    missed(template: &'static str);
    /// The first message of a burst was dropped.
    slow(template: &'static str);
    /// How many messages a consumer has still to deliver.
    pending(stream: &str, consumer: &str, messages: u64);
    /// How many parties of a presence are in a state.
    parties(presence: &'static str, state: &'static str, parties: u64);
    /// What an account uses of a resource, and what it may use.
    used(resource: &'static str, used: u64, limit: Option<u64>);
    /// The program is ready.
    ready();
    /// A connection stands.
    connected();
    /// A connection stands no longer; `lost` where nobody meant that.
    disconnected(lost: bool);
}

/// Measures how long something takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timer {
    #[cfg(feature = "metrics")]
    started: Instant,
}

impl Timer {
    pub(crate) fn start() -> Self {
        Self {
            #[cfg(feature = "metrics")]
            started: Instant::now(),
        }
    }

    /// A request has come to its end.
    pub(crate) fn asked(self, template: &'static str, outcome: &'static str) {
        self.tell("natsmith_request_seconds", template, outcome);
    }

    /// A stream has acknowledged a message, or has not.
    pub(crate) fn persisted(self, template: &'static str, outcome: &'static str) {
        self.tell("natsmith_persist_seconds", template, outcome);
    }

    /// A handler has come to its end.
    pub(crate) fn handled(self, template: &'static str, well: bool) {
        self.tell("natsmith_handler_seconds", template, if well { "ok" } else { "error" });
    }

    fn tell(self, name: &'static str, template: &'static str, outcome: &'static str) {
        #[cfg(feature = "metrics")]
        metrics::took(name, template, outcome, self.started.elapsed());
        #[cfg(not(feature = "metrics"))]
        let _ = (self, name, template, outcome);
    }
}

/// An open subscription; dropping it says that it has ended.
#[derive(Debug)]
pub(crate) struct Listening {
    #[cfg(feature = "metrics")]
    template: &'static str,
}

impl Listening {
    pub(crate) fn to(template: &'static str) -> Self {
        #[cfg(feature = "metrics")]
        metrics::listening(template, 1.0);
        #[cfg(not(feature = "metrics"))]
        let _ = template;
        Self {
            #[cfg(feature = "metrics")]
            template,
        }
    }
}

#[cfg(feature = "metrics")]
impl Drop for Listening {
    fn drop(&mut self) {
        metrics::listening(self.template, -1.0);
    }
}

/// A message on its way out; dropping it ends its span.
#[must_use]
pub(crate) struct Departure {
    #[cfg(feature = "trace")]
    _span: tracing::Span,
}

impl Departure {
    /// Gives the message the trace that it belongs to.
    pub(crate) fn of(template: &'static str, subject: &str, kind: Kind, headers: &mut Option<HeaderMap>) -> Self {
        #[cfg(not(feature = "trace"))]
        let _ = (template, subject, kind, headers);
        Self {
            #[cfg(feature = "trace")]
            _span: trace::depart(template, subject, kind, headers),
        }
    }
}

/// Handles a message: what it does belongs to the message's trace.
#[cfg(feature = "trace")]
pub(crate) fn handling<F: Future>(
    template: &'static str,
    raw: &async_nats::Message,
    handler: F,
) -> impl Future<Output = F::Output> + use<F> {
    trace::handling(template, &raw.subject, raw.headers.as_ref(), handler)
}

/// Handles a message.
#[cfg(not(feature = "trace"))]
pub(crate) fn handling<F: Future>(_template: &'static str, _raw: &async_nats::Message, handler: F) -> F {
    handler
}
