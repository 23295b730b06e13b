//! Traces that go on across the wire.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use natsmith_runtime::async_nats::HeaderMap;
use natsmith_runtime::observe::Trace;
use natsmith_runtime::{Endpoint, TypedSubject, access};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::contract::{QuerySubject, Status, StatusSubject, connect, server, soon};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Notes the fields of every span.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<String>>>);

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("natsmith_runtime") && metadata.is_span()
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        struct Text(String);
        impl Visit for Text {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                write!(self.0, " {field}={value:?}").unwrap();
            }
        }
        let mut text = Text(span.metadata().name().to_owned());
        span.record(&mut text);
        let mut spans = self.0.lock().unwrap();
        spans.push(text.0);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn what_a_handler_sends_belongs_to_the_trace_of_its_request() {
    let spans = Spans::default();
    // For all threads: one of a single thread is not asked about spans that another thread begins first, and those stay off.
    tracing::subscriber::set_global_default(spans.clone()).unwrap();
    let server = server().await;
    let nats = connect(&server).await;
    let status = Endpoint::<StatusSubject, access::PublishSubscribe>::new(&nats, StatusSubject::filter());
    let mut heard = status.subscribe().await.unwrap();
    let query = Endpoint::<QuerySubject, access::AskAnswer>::new(&nats, QuerySubject::filter().agent("a1"));
    let serving = query
        .serve({
            let status = status.clone();
            move |request| {
                let status = status.clone();
                async move {
                    status.publish(&request.payload).await.unwrap();
                    Ok(request.payload)
                }
            }
        })
        .await
        .unwrap();
    nats.round_trip().await.unwrap();

    let parent: Trace = PARENT.parse().unwrap();
    let asked = parent
        .clone()
        .scope(async { query.request(&Status::of("a1", 1)).await });
    soon(asked).await.unwrap();
    let trace = soon(heard.next()).await.unwrap().unwrap().trace().unwrap();
    assert_eq!(trace.trace_id(), parent.trace_id());
    assert_ne!(trace.span_id(), parent.span_id());

    // Each step names the one before it. There are those of other tests as well.
    let spans = spans.0.lock().unwrap().clone();
    let step = |name: &str, template: &str, parent: &str| {
        let span = spans.iter().find(|span| {
            span.starts_with(name)
                && span.contains(&format!("messaging.destination.template=\"{template}\""))
                && span.contains(&format!("parent_span_id=\"{parent}\""))
        });
        let span = span.unwrap_or_else(|| panic!("no {name} of {template} after {parent}"));
        let (_, rest) = span.split_once(" span_id=\"").unwrap();
        rest[..16].to_owned()
    };
    let asked = step("send", "agents.{agent}.query", &parent.span_id());
    let handled = step("handle", "agents.{agent}.query", &asked);
    assert_eq!(step("send", "agents.{agent}.status", &handled), trace.span_id());
    serving.stop().await;
}

#[tokio::test]
async fn a_trace_begins_with_a_message_and_a_trace_of_the_callers_own_is_left_alone() {
    let server = server().await;
    let nats = connect(&server).await;
    let status = Endpoint::<StatusSubject, access::PublishSubscribe>::new(&nats, StatusSubject::filter());
    let mut heard = status.subscribe().await.unwrap();
    let mut own = HeaderMap::new();
    own.insert("traceparent", PARENT);
    status.publish(&Status::of("a1", 1)).await.unwrap();
    status.publish_with_headers(&Status::of("a1", 2), own).await.unwrap();
    nats.client()
        .publish("agents.a1.status", r#"{"agent":"a1","load":3}"#.into())
        .await
        .unwrap();
    let mut traces = Vec::new();
    for _ in 0..3 {
        traces.push(soon(heard.next()).await.unwrap().unwrap().trace());
    }
    assert!(traces[0].as_ref().is_some_and(Trace::is_sampled));
    assert_eq!(traces[1].as_ref().map(Trace::to_string).as_deref(), Some(PARENT));
    assert_eq!(traces[2], None);
    assert_eq!(Trace::current(), None);
}
