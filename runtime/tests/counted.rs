//! What is counted of messages, on a real nats-server, in a process of its own: a process has one recorder.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_cmp,
    missing_docs,
    unreachable_pub
)]

#[path = "runtime/contract.rs"]
#[allow(dead_code, reason = "a contract for more tests than this one")]
mod contract;

use std::time::Duration;

use natsmith_runtime::jetstream::{GiveUp, PullOptions, WorkPolicy};
use natsmith_runtime::testing::{Recorder, Server};
use natsmith_runtime::{
    Connection, ConsumerEndpoint, Endpoint, Job, Message, OnInvalid, ServiceError, SetEndpoint, TypedConsumer,
    TypedSubject, WorkError, access,
};

use contract::{
    AgentMessages, QuerySubject, Status, StatusSubject, TaskSubject, WorkSubject, Worker, connect, server, soon,
};

const STATUS: (&str, &str) = ("subject", "agents.{agent}.status");
const QUERY: (&str, &str) = ("subject", "agents.{agent}.query");
const TASK: (&str, &str) = ("subject", "tasks.{agent}.assignment");

/// Waits until a metric has this value: what happens in other tasks is counted a moment later.
async fn reaches(recorder: &Recorder, name: &str, labels: &[(&str, &str)], value: f64) {
    let waited = tokio::time::timeout(Duration::from_secs(10), async {
        while recorder.value(name, labels) < value {
            tokio::task::yield_now().await;
        }
    });
    let found = waited.await.map(|()| recorder.value(name, labels));
    assert_eq!(found, Ok(value), "{name} {labels:?}: {}", recorder.value(name, labels));
}

// One test: all of them count together in one process.
#[tokio::test]
async fn every_message_is_counted_under_its_template() {
    let recorder = Recorder::install();
    natsmith_runtime::observe::describe_metrics();
    let mut server = server().await;
    let nats = connect(&server).await;
    assert_eq!(recorder.value("natsmith_connections", &[]), 1.0);
    events(&recorder, &nats).await;
    requests(&recorder, &nats).await;
    deliveries(&recorder, &nats).await;
    work(&recorder, &nats).await;
    slow(&recorder).await;

    server.restart().await.unwrap();
    reaches(&recorder, "natsmith_disconnects_total", &[], 1.0).await;
    reaches(&recorder, "natsmith_connections", &[], 1.0).await;
    nats.drain(Duration::from_secs(5)).await.unwrap();
    assert_eq!(recorder.value("natsmith_connections", &[]), 0.0);

    let subjects = recorder.label_values("subject");
    let known = [
        "agents.>",
        "agents.{agent}.query",
        "agents.{agent}.status",
        "agents.{agent}.work",
        "tasks.{agent}.assignment",
    ];
    assert_eq!(subjects, known, "concrete subjects never become labels");
}

async fn events(recorder: &Recorder, nats: &Connection) {
    let status = Endpoint::<StatusSubject, access::PublishSubscribe>::new(nats, StatusSubject::filter());
    let mut heard = status.subscribe().await.unwrap();
    let mut all = SetEndpoint::<AgentMessages>::new(nats).subscribe().await.unwrap();
    assert_eq!(recorder.value("natsmith_subscriptions", &[STATUS]), 1.0);
    nats.round_trip().await.unwrap();
    for load in [1, 2] {
        status.publish(&Status::of("a1", load)).await.unwrap();
    }
    status.publish(&Status::of("a1", 101)).await.unwrap_err();
    status.publish(&Status::of("a.b", 1)).await.unwrap_err();
    let raw = [
        ("agents.a1.status", "{}"),
        ("agents.a2.status", r#"{"agent":"a1","load":1}"#),
        ("agents.a1.unknown", "{}"),
    ];
    for (subject, document) in raw {
        nats.client().publish(subject, document.into()).await.unwrap();
    }
    let bytes = "{\"agent\":\"a1\",\"load\":1,\"note\":\"\"}".len();
    #[allow(clippy::cast_precision_loss)]
    let bytes = 2.0 * bytes as f64;
    let event = ("kind", "event");
    assert_eq!(recorder.value("natsmith_sent_total", &[STATUS, event]), 2.0);
    assert_eq!(recorder.value("natsmith_sent_bytes_total", &[STATUS]), bytes);
    assert_eq!(recorder.value("natsmith_send_errors_total", &[STATUS, event]), 2.0);
    for _ in 0..4 {
        let _ = soon(heard.next()).await.unwrap();
    }
    assert_eq!(recorder.value("natsmith_received_total", &[STATUS]), 4.0);
    assert_eq!(
        recorder.value("natsmith_received_bytes_total", &[STATUS]),
        bytes + 2.0 + 23.0
    );
    for cause in ["payload", "disagreement"] {
        let labels = [STATUS, ("cause", cause)];
        assert_eq!(recorder.value("natsmith_decode_errors_total", &labels), 1.0, "{cause}");
    }
    for _ in 0..5 {
        let _ = soon(all.next()).await.unwrap();
    }
    let unknown = [("subject", "agents.>"), ("cause", "subject")];
    assert_eq!(recorder.value("natsmith_decode_errors_total", &unknown), 1.0);
    drop((heard, all));
    assert_eq!(recorder.value("natsmith_subscriptions", &[STATUS]), 0.0);
}

async fn requests(recorder: &Recorder, nats: &Connection) {
    let query = Endpoint::<QuerySubject, access::AskAnswer>::new(nats, QuerySubject::filter().agent("a1"));
    query.request(&Status::of("a1", 1)).await.unwrap_err();
    let serving = query.serve(|request| async move {
        match request.payload.load {
            0 => panic!("as it must"),
            1 => Err(ServiceError::new(404, "no such agent")),
            _ => Ok(request.payload),
        }
    });
    let serving = serving.await.unwrap();
    nats.round_trip().await.unwrap();
    for load in 0..3 {
        let _ = query.request(&Status::of("a1", load)).await;
    }
    nats.client().request("agents.a1.query", "?".into()).await.unwrap();
    for (outcome, count) in [("no_responders", 1), ("service_error", 2), ("ok", 1)] {
        let took = recorder.values("natsmith_request_seconds", &[QUERY, ("outcome", outcome)]);
        assert_eq!(took.len(), count, "{outcome}");
        assert!(took.iter().all(|seconds| (0.0..5.0).contains(seconds)), "{took:?}");
    }
    for cause in ["panic", "handler", "invalid_request"] {
        let labels = [QUERY, ("cause", cause)];
        assert_eq!(recorder.value("natsmith_handler_errors_total", &labels), 1.0, "{cause}");
    }
    let handled = |outcome| recorder.values("natsmith_handler_seconds", &[QUERY, ("outcome", outcome)]);
    assert_eq!((handled("ok").len(), handled("error").len()), (1, 2));
    assert_eq!(
        recorder.value("natsmith_sent_total", &[QUERY, ("kind", "request")]),
        4.0
    );
    // Three requests as the service reads them, their answers, and one more request that is none.
    assert_eq!(recorder.value("natsmith_received_total", &[QUERY]), 7.0);
    reaches(recorder, "natsmith_sent_total", &[QUERY, ("kind", "reply")], 4.0).await;
    serving.stop().await;
}

async fn deliveries(recorder: &Recorder, nats: &Connection) {
    let tasks = Endpoint::<TaskSubject, access::Publish>::new(nats, TaskSubject::filter());
    tasks.persist(&Status::of("a1", 1)).await.unwrap_err();
    let api = async_nats(nats);
    let stream = natsmith_runtime::async_nats::jetstream::stream::Config {
        name: "tasks".to_owned(),
        subjects: vec!["tasks.>".to_owned()],
        ..Default::default()
    };
    let stream = api.create_stream(stream).await.unwrap();
    let consumer = natsmith_runtime::async_nats::jetstream::consumer::pull::Config {
        durable_name: Some(Worker::NAME.to_owned()),
        ..Default::default()
    };
    stream.create_consumer(consumer).await.unwrap();
    for load in 0..3 {
        tasks.persist(&Status::of("a1", load)).await.unwrap();
    }
    let stored = recorder.values("natsmith_persist_seconds", &[TASK, ("outcome", "ok")]);
    assert_eq!(stored.len(), 3);
    let none = recorder.values("natsmith_persist_seconds", &[TASK, ("outcome", "no_stream")]);
    assert_eq!(none.len(), 1);
    let mut work = nats
        .consume_with::<Worker>(PullOptions::default().with_batch(1))
        .await
        .unwrap();
    let first = soon(work.next()).await.unwrap().unwrap();
    let pending = [("stream", "tasks"), ("consumer", "worker")];
    assert_eq!(recorder.value("natsmith_pending", &pending), 2.0);
    first.nak(None).await.unwrap();
    drop(first);
    for _ in 0..3 {
        soon(work.next()).await.unwrap().unwrap().ack().await.unwrap();
    }
    assert_eq!(recorder.value("natsmith_redelivered_total", &[TASK]), 1.0);
    assert_eq!(recorder.value("natsmith_received_total", &[TASK]), 4.0);
}

/// The consumer `worker` with a place for what it gives up.
struct Careful;

impl TypedConsumer for Careful {
    type Message = Message<TaskSubject>;
    const STREAM: &'static str = "tasks";
    const NAME: &'static str = Worker::NAME;
    const ON_INVALID: OnInvalid = OnInvalid::Term;
    const WORK: WorkPolicy = WorkPolicy {
        attempts: Some(2),
        backoff: &[Duration::from_millis(1)],
        give_up: GiveUp::DeadLetter("dead_tasks"),
        ..WorkPolicy::DEFAULT
    };
}

async fn work(recorder: &Recorder, nats: &Connection) {
    let stream = natsmith_runtime::async_nats::jetstream::stream::Config {
        name: "dead_tasks".to_owned(),
        subjects: vec!["dead_letters.dead_tasks.>".to_owned()],
        ..Default::default()
    };
    async_nats(nats).create_stream(stream).await.unwrap();
    let before = recorder.value("natsmith_redelivered_total", &[TASK]);
    let consumer = ConsumerEndpoint::<Careful>::new(nats);
    let working = consumer.work(async |task: Job<Message<TaskSubject>>| match task.payload.load {
        7 => Err(WorkError::retry("never")),
        8 => panic!("as it must"),
        _ => Ok(()),
    });
    let working = working.await.unwrap();
    let tasks = Endpoint::<TaskSubject, access::Publish>::new(nats, TaskSubject::filter());
    tasks
        .persist_all([6, 7, 8].map(|load| Status::of("a1", load)), 3)
        .await
        .unwrap();
    reaches(recorder, "natsmith_dead_letters_total", &[TASK], 2.0).await;
    for cause in ["handler", "panic"] {
        let labels = [TASK, ("cause", cause)];
        assert_eq!(recorder.value("natsmith_handler_errors_total", &labels), 2.0, "{cause}");
    }
    let handled = |outcome| recorder.values("natsmith_handler_seconds", &[TASK, ("outcome", outcome)]);
    assert_eq!((handled("ok").len(), handled("error").len()), (1, 4));
    assert_eq!(recorder.value("natsmith_redelivered_total", &[TASK]), before + 2.0);
    working.stop().await;
}

async fn slow(recorder: &Recorder) {
    let server = Server::start().await.unwrap();
    let nats = Connection::builder(server.url())
        .subscription_capacity(1)
        .connect()
        .await
        .unwrap();
    let work = Endpoint::<WorkSubject, access::PublishSubscribe>::new(&nats, WorkSubject::filter().agent("a1"));
    let heard = work.subscribe().await.unwrap();
    for load in 0..50 {
        work.publish(&Status::of("a1", load)).await.unwrap();
    }
    nats.round_trip().await.unwrap();
    let label = [("subject", "agents.{agent}.work")];
    let counted = tokio::time::timeout(Duration::from_secs(10), async {
        while recorder.value("natsmith_slow_consumers_total", &label) < 1.0 {
            tokio::task::yield_now().await;
        }
    });
    counted.await.unwrap();
    assert!(recorder.value("natsmith_missed_total", &label) >= 1.0);
    drop(heard);
    nats.drain(Duration::from_secs(5)).await.unwrap();
}

fn async_nats(nats: &Connection) -> natsmith_runtime::async_nats::jetstream::Context {
    natsmith_runtime::async_nats::jetstream::new(nats.client().clone())
}
