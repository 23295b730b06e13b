//! Traces that go on across the wire, as W3C Trace Context says.

use std::fmt;
use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;

use async_nats::{HeaderMap, HeaderValue};
use tracing::{Instrument, Span, debug_span, info_span};

use super::Kind;

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";

tokio::task_local! {
    static CURRENT: Trace;
}

/// Where a message or a piece of work stands in a trace: the trace's id, and the id of this step of it.
///
/// Handlers run within the trace of the message that they handle, and what they send goes one step further. A program that
/// reads a subscription by itself does so with [`scope`](Self::scope):
///
/// ```no_run
/// use natsmith_runtime::observe::Trace;
/// use natsmith_runtime::{Endpoint, TypedSubject, access};
///
/// # async fn run<S: TypedSubject>(endpoint: Endpoint<S, access::PublishSubscribe>) -> Result<(), Box<dyn std::error::Error>> {
/// let mut messages = endpoint.subscribe().await?;
/// while let Some(message) = messages.next().await {
///     let message = message?;
///     let trace = message.trace().unwrap_or_else(Trace::start);
///     trace.scope(endpoint.publish(&message.payload)).await?; // carries the same trace id
/// }
/// # Ok(())
/// # }
/// ```
///
/// As text it is a `traceparent`:
///
/// ```
/// use natsmith_runtime::observe::Trace;
/// let parent: Trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse()?;
/// let step = parent.next();
/// assert_eq!(step.trace_id(), parent.trace_id());
/// assert_ne!(step.span_id(), parent.span_id());
/// assert!(step.to_string().starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
/// # Ok::<(), natsmith_runtime::observe::TraceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    id: u128,
    span: u64,
    sampled: bool,
    /// What other tracers have to say, passed on as it came.
    state: Option<Arc<str>>,
}

impl Trace {
    /// The first step of a new trace, which is to be sampled.
    #[must_use]
    pub fn start() -> Self {
        Self {
            id: u128::from(random()) << 64 | u128::from(random()),
            span: random(),
            sampled: true,
            state: None,
        }
    }

    /// One step further in the same trace.
    #[must_use]
    pub fn next(&self) -> Self {
        Self {
            span: random(),
            ..self.clone()
        }
    }

    /// The trace of the message that is being handled, if any.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// The trace that a message's headers tell of; `None` where they hold no `traceparent` or one that is malformed.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let mut trace: Self = headers.get(TRACEPARENT)?.as_str().parse().ok()?;
        trace.state = headers.get(TRACESTATE).map(|state| state.as_str().into());
        Some(trace)
    }

    /// Runs a future within this trace: whatever it sends goes one step further.
    pub fn scope<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, future)
    }

    /// The id of the whole trace: 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.id)
    }

    /// The id of this step: 16 hexadecimal digits.
    #[must_use]
    pub fn span_id(&self) -> String {
        format!("{:016x}", self.span)
    }

    /// Whether the one who began the trace wants it to be recorded.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.sampled
    }

    fn write(&self, headers: &mut HeaderMap) {
        // What the headers were made of is a header's value again.
        if let Ok(value) = self.to_string().parse::<HeaderValue>() {
            headers.insert(TRACEPARENT, value);
        }
        if let Some(Ok(state)) = self.state.as_deref().map(str::parse::<HeaderValue>) {
            headers.insert(TRACESTATE, state);
        }
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = u8::from(self.sampled);
        write!(f, "00-{:032x}-{:016x}-{flags:02x}", self.id, self.span)
    }
}

/// A text that is no `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceError;

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a `traceparent` of W3C Trace Context, such as 00-<32 digits>-<16 digits>-01")
    }
}

impl std::error::Error for TraceError {}

impl FromStr for Trace {
    type Err = TraceError;

    fn from_str(text: &str) -> Result<Self, TraceError> {
        read(text).ok_or(TraceError)
    }
}

/// Reads version 00, and of later ones what they have in common with it (section 3.2.4).
fn read(text: &str) -> Option<Trace> {
    let mut parts = text.splitn(5, '-');
    let mut digits = |length: usize| {
        let part = parts.next()?;
        let hexadecimal = part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (part.len() == length && hexadecimal).then_some(part)
    };
    let version = digits(2)?;
    let (trace_id, span_id, flags) = (digits(32)?, digits(16)?, digits(2)?);
    if version == "ff" || version == "00" && parts.next().is_some() {
        return None;
    }
    let trace = Trace {
        id: u128::from_str_radix(trace_id, 16).ok()?,
        span: u64::from_str_radix(span_id, 16).ok()?,
        sampled: u8::from_str_radix(flags, 16).ok()? & 1 == 1,
        state: None,
    };
    (trace.id != 0 && trace.span != 0).then_some(trace)
}

/// An id: zero is none.
fn random() -> u64 {
    crate::random::number().max(1)
}

/// Writes the trace that a message belongs to into its headers, unless they name one.
pub(super) fn depart(template: &'static str, subject: &str, kind: Kind, headers: &mut Option<HeaderMap>) -> Span {
    let headers = headers.get_or_insert_default();
    let named = Trace::from_headers(headers);
    let parent = if named.is_some() { None } else { Trace::current() };
    let trace = named.unwrap_or_else(|| {
        let trace = parent.as_ref().map_or_else(Trace::start, Trace::next);
        trace.write(headers);
        trace
    });
    debug_span!(
        "send",
        "messaging.system" = "nats",
        "messaging.operation" = kind.label(),
        "messaging.destination.template" = template,
        "messaging.destination.name" = subject,
        trace_id = trace.trace_id(),
        span_id = trace.span_id(),
        parent_span_id = parent.map(|parent| parent.span_id()),
    )
}

/// Runs a handler within the trace of its message.
pub(super) fn handling<F: Future>(
    template: &'static str,
    subject: &str,
    headers: Option<&HeaderMap>,
    handler: F,
) -> impl Future<Output = F::Output> + use<F> {
    let parent = headers.and_then(Trace::from_headers);
    let trace = parent.as_ref().map_or_else(Trace::start, Trace::next);
    let span = info_span!(
        "handle",
        "messaging.system" = "nats",
        "messaging.operation" = "process",
        "messaging.destination.template" = template,
        "messaging.destination.name" = subject,
        trace_id = trace.trace_id(),
        span_id = trace.span_id(),
        parent_span_id = parent.map(|parent| parent.span_id()),
    );
    CURRENT.scope(trace, handler.instrument(span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_read_as_the_recommendation_says() {
        let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let trace: Trace = valid.parse().unwrap();
        assert!(trace.is_sampled());
        assert_eq!(trace.to_string(), valid);
        let unsampled: Trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-fe"
            .parse()
            .unwrap();
        assert_eq!(unsampled.to_string().rsplit('-').next(), Some("00"));
        let later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later";
        assert_eq!(later.parse().as_ref(), Ok(&trace));
        for bad in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(bad.parse::<Trace>(), Err(TraceError), "{bad}");
        }
    }

    #[test]
    fn steps_differ_and_the_trace_stays() {
        let first = Trace::start();
        let ids: std::collections::HashSet<String> = (0..1000).map(|_| first.next().span_id()).collect();
        assert_eq!(ids.len(), 1000);
        assert_ne!(Trace::start().trace_id(), first.trace_id());
    }

    #[test]
    fn what_others_say_of_a_trace_is_passed_on() {
        let mut headers = HeaderMap::new();
        headers.insert(TRACEPARENT, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        headers.insert(TRACESTATE, "vendor=1");
        let mut onward = HeaderMap::new();
        Trace::from_headers(&headers).unwrap().next().write(&mut onward);
        assert_eq!(onward.get(TRACESTATE).unwrap().as_str(), "vendor=1");
    }
}
