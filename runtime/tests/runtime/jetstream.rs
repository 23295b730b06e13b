//! Persisting, consuming, and everything that can go wrong between.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use natsmith_runtime::async_nats::HeaderMap;
use natsmith_runtime::async_nats::header::NATS_EXPECTED_STREAM;
use natsmith_runtime::jetstream::{
    ConsumeErrorKind, DeliveryErrorKind, PersistErrorKind, PullOptions, SettleErrorKind,
};
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, Deliveries, Delivery, Endpoint, Message, OnInvalid, TypedSubject, access};
use serde_json::{Value, json};

use crate::contract::{PatientWorker, Status, TaskSubject, Worker, api, connect, server, soon};

type Tasks = Endpoint<TaskSubject, access::Publish>;
type Task = Delivery<Message<TaskSubject>>;

async fn make_stream(nats: &Connection) {
    api(
        nats,
        "STREAM.CREATE.tasks",
        json!({ "name": "tasks", "subjects": ["tasks.*.assignment"] }),
    )
    .await;
}

async fn make_consumer(nats: &Connection, settings: Value) {
    let mut config = json!({ "name": "worker", "durable_name": "worker", "ack_policy": "explicit" });
    for (name, value) in settings.as_object().unwrap() {
        config[name] = value.clone();
    }
    let body = json!({ "stream_name": "tasks", "config": config, "action": "create" });
    api(nats, "CONSUMER.CREATE.tasks.worker", body).await;
}

/// A server with stream and consumer, and a connection to it.
async fn ready(settings: Value) -> (Server, Connection, Tasks) {
    let server = server().await;
    let nats = connect(&server).await;
    make_stream(&nats).await;
    make_consumer(&nats, settings).await;
    let tasks = Tasks::new(&nats, TaskSubject::filter());
    (server, nats, tasks)
}

async fn delivered<M: natsmith_runtime::FromMessage>(deliveries: &mut Deliveries<M>) -> Delivery<M> {
    soon(deliveries.next()).await.unwrap().unwrap()
}

fn millis(millis: u64) -> u64 {
    millis * 1_000_000
}

#[tokio::test]
async fn a_persisted_message_is_acknowledged_and_a_repeated_id_is_not_stored_twice() {
    let (_server, _nats, tasks) = ready(json!({})).await;
    let task = Status {
        note: "id-1".to_owned(),
        ..Status::of("a1", 1)
    };
    let ack = tasks.persist(&task).await.unwrap();
    assert_eq!((ack.stream.as_str(), ack.sequence, ack.duplicate), ("tasks", 1, false));
    let ack = tasks.persist(&task).await.unwrap();
    assert_eq!((ack.sequence, ack.duplicate), (1, true));
    // Without an id every message is another one.
    assert_eq!(tasks.persist(&Status::of("a1", 1)).await.unwrap().sequence, 2);
    assert_eq!(tasks.persist(&Status::of("a1", 1)).await.unwrap().sequence, 3);
}

#[tokio::test]
async fn what_is_not_stored_is_an_error() {
    let server = Server::builder().config("max_payload: 1024").start().await.unwrap();
    let nats = connect(&server).await;
    let tasks = Tasks::new(&nats, TaskSubject::filter());
    let started = Instant::now();
    let error = tasks.persist(&Status::of("a1", 1)).await.unwrap_err();
    assert_eq!(error.kind(), PersistErrorKind::NoStream);
    assert!(
        error.to_string().contains("`tasks`") && started.elapsed() < Duration::from_secs(2),
        "{error}"
    );

    // Another stream captures the subject: it must not answer for the contract's.
    api(
        &nats,
        "STREAM.CREATE.other",
        json!({ "name": "other", "subjects": ["tasks.>"] }),
    )
    .await;
    let error = tasks.persist(&Status::of("a1", 1)).await.unwrap_err();
    assert_eq!(error.kind(), PersistErrorKind::AnotherStream, "{error}");
    let mut expected = HeaderMap::new();
    expected.insert(NATS_EXPECTED_STREAM, "tasks");
    let error = tasks
        .persist_with_headers(&Status::of("a1", 1), expected)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), PersistErrorKind::Refused { code: 10_060 }, "{error}");
    assert_eq!(api(&nats, "STREAM.INFO.other", json!({})).await["state"]["messages"], 1);
    api(&nats, "STREAM.DELETE.other", json!({})).await;

    make_stream(&nats).await;
    let note = |note: &str| Status {
        note: note.to_owned(),
        ..Status::of("a1", 1)
    };
    let error = tasks.persist(&note("a\r\nb")).await.unwrap_err();
    assert_eq!(error.kind(), PersistErrorKind::MessageId);
    let error = tasks.persist(&note(&"x".repeat(2000))).await.unwrap_err();
    assert_eq!(error.kind(), PersistErrorKind::MaxPayloadExceeded);
    assert_eq!(
        tasks.persist(&Status::of("a1", 101)).await.unwrap_err().kind(),
        PersistErrorKind::InvalidPayload
    );
    assert_eq!(
        tasks.persist(&Status::of("a.b", 1)).await.unwrap_err().kind(),
        PersistErrorKind::Subject
    );
    assert_eq!(api(&nats, "STREAM.INFO.tasks", json!({})).await["state"]["messages"], 0);
}

#[tokio::test]
async fn only_a_pull_consumer_that_exists_can_be_consumed() {
    let server = server().await;
    let nats = connect(&server).await;
    let error = nats.consume::<Worker>().await.unwrap_err();
    assert_eq!(error.kind(), ConsumeErrorKind::NotFound);
    assert!(
        error.to_string().contains("`tasks > worker`") && error.to_string().contains("stream not found"),
        "{error}"
    );
    make_stream(&nats).await;
    let error = nats.consume::<Worker>().await.unwrap_err();
    assert!(error.to_string().contains("consumer not found"), "{error}");
    make_consumer(&nats, json!({ "deliver_subject": "pushed" })).await;
    assert_eq!(
        nats.consume::<Worker>().await.unwrap_err().kind(),
        ConsumeErrorKind::PushConsumer
    );

    let without = Server::builder().jetstream(false).start().await.unwrap();
    let error = connect(&without).await.consume::<Worker>().await.unwrap_err();
    assert_eq!(error.kind(), ConsumeErrorKind::Api);
    assert!(error.to_string().contains("not enabled"), "{error}");
}

#[tokio::test]
async fn deliveries_come_in_order_and_say_where_they_are_from() {
    const TASKS: u64 = 300;
    let (_server, nats, tasks) = ready(json!({ "max_batch": 10, "max_expires": 2_000_000_000_u64 })).await;
    for load in 0..TASKS {
        tasks.persist(&Status::of("a1", load % 100)).await.unwrap();
    }
    let mut deliveries = nats.consume::<Worker>().await.unwrap();
    for sequence in 1..=TASKS {
        let task: Task = delivered(&mut deliveries).await;
        assert_eq!(task.stream_sequence(), sequence);
        assert_eq!((task.delivered(), task.info().pending), (1, TASKS - sequence));
        assert_eq!((task.info().stream(), task.info().consumer()), ("tasks", "worker"));
        assert_eq!(task.payload.load, (sequence - 1) % 100);
        assert_eq!(task.subject.to_string(), "tasks.a1.assignment");
        task.ack().await.unwrap();
    }
    nats.round_trip().await.unwrap();
    let info = api(&nats, "CONSUMER.INFO.tasks.worker", json!({})).await;
    assert_eq!(
        (
            info["num_ack_pending"].as_u64(),
            info["ack_floor"]["stream_seq"].as_u64()
        ),
        (Some(0), Some(TASKS))
    );
}

#[tokio::test]
async fn what_is_put_back_or_forgotten_comes_again() {
    let (_server, nats, tasks) = ready(json!({ "ack_wait": millis(400) })).await;
    let mut deliveries = nats.consume::<Worker>().await.unwrap();
    tasks.persist(&Status::of("a1", 1)).await.unwrap();
    delivered(&mut deliveries).await.nak(None).await.unwrap();
    let second = delivered(&mut deliveries).await;
    assert_eq!((second.delivered(), second.stream_sequence()), (2, 1));
    let delay = Duration::from_millis(150);
    let put_back = Instant::now();
    second.nak(Some(delay)).await.unwrap();
    let third = delivered(&mut deliveries).await;
    assert!(put_back.elapsed() >= delay);
    assert_eq!(third.delivered(), 3);
    // Neither settled nor kept: it comes after `ack_wait`.
    let forgotten = Instant::now();
    drop(third);
    let fourth = delivered(&mut deliveries).await;
    assert_eq!(fourth.delivered(), 4);
    assert!(
        forgotten.elapsed() >= Duration::from_millis(300),
        "{:?}",
        forgotten.elapsed()
    );
    // Work in progress is not taken away.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(900) {
        fourth.progress().await.unwrap();
        let next = tokio::time::timeout(Duration::from_millis(150), deliveries.next()).await;
        assert!(next.is_err(), "delivered again while in progress");
    }
    fourth.ack_confirmed().await.unwrap();
    let info = api(&nats, "CONSUMER.INFO.tasks.worker", json!({})).await;
    assert_eq!(info["num_ack_pending"], 0);
    // Confirmed once, an acknowledgement has nobody to confirm it when the consumer is gone.
    tasks.persist(&Status::of("a1", 2)).await.unwrap();
    let last = delivered(&mut deliveries).await;
    api(&nats, "CONSUMER.DELETE.tasks.worker", json!({})).await;
    assert_eq!(
        last.ack_confirmed().await.unwrap_err().kind(),
        SettleErrorKind::NoConsumer
    );
}

#[tokio::test]
async fn what_is_given_up_is_told_with_its_reason_and_does_not_come_again() {
    let (_server, nats, tasks) = ready(json!({ "ack_wait": millis(200) })).await;
    let advisory = "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.tasks.worker";
    let mut advisories = nats.client().subscribe(advisory).await.unwrap();
    let mut deliveries = nats.consume::<Worker>().await.unwrap();
    tasks.persist(&Status::of("a1", 1)).await.unwrap();
    delivered(&mut deliveries)
        .await
        .term("no such agent: a1")
        .await
        .unwrap();
    let told = soon(advisories.next()).await.unwrap();
    let told: Value = serde_json::from_slice(&told.payload).unwrap();
    assert_eq!(
        (told["stream_seq"].as_u64(), told["reason"].as_str()),
        (Some(1), Some("no such agent: a1"))
    );
    tasks.persist(&Status::of("a1", 2)).await.unwrap();
    let next = delivered(&mut deliveries).await;
    assert_eq!(next.stream_sequence(), 2);
    next.ack().await.unwrap();
}

#[tokio::test]
async fn a_delivery_that_does_not_decode_is_terminated_and_told() {
    let (_server, nats, tasks) = ready(json!({ "ack_wait": millis(200) })).await;
    let advisory = "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.tasks.worker";
    let mut advisories = nats.client().subscribe(advisory).await.unwrap();
    nats.client()
        .publish("tasks.a1.assignment", r#"{"agent":"a1","load":101}"#.into())
        .await
        .unwrap();
    tasks.persist(&Status::of("a1", 2)).await.unwrap();
    let mut deliveries = nats.consume::<Worker>().await.unwrap();
    let error = soon(deliveries.next()).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), DeliveryErrorKind::Invalid);
    let invalid = error.invalid().unwrap();
    assert_eq!((invalid.settled, invalid.info.stream_sequence), (OnInvalid::Term, 1));
    assert!(
        error.to_string().contains("/load") && error.to_string().contains("stream `tasks`"),
        "{error}"
    );
    let told = soon(advisories.next()).await.unwrap();
    let told: Value = serde_json::from_slice(&told.payload).unwrap();
    assert!(told["reason"].as_str().unwrap().contains("/load"), "{told}");
    let next = delivered(&mut deliveries).await;
    assert_eq!(next.stream_sequence(), 2);
    next.ack_confirmed().await.unwrap();
    let info = api(&nats, "CONSUMER.INFO.tasks.worker", json!({})).await;
    assert_eq!(
        (
            info["num_ack_pending"].as_u64(),
            info["ack_floor"]["stream_seq"].as_u64()
        ),
        (Some(0), Some(2))
    );
}

#[tokio::test]
async fn a_delivery_that_does_not_decode_can_be_put_back() {
    let (_server, nats, _tasks) = ready(json!({ "max_deliver": 2 })).await;
    nats.client().publish("tasks.a1.assignment", "{".into()).await.unwrap();
    let mut deliveries = nats.consume::<PatientWorker>().await.unwrap();
    let first = Instant::now();
    for delivery in 1..=2 {
        let error = soon(deliveries.next()).await.unwrap().unwrap_err();
        let invalid = error.invalid().unwrap();
        assert_eq!((invalid.settled, invalid.info.delivered), (OnInvalid::Nak, delivery));
    }
    assert!(
        first.elapsed() >= Duration::from_millis(900),
        "put back with a delay, not in a hot loop"
    );
}

#[tokio::test]
async fn a_lost_connection_is_told_and_deliveries_go_on_after_it() {
    let (mut server, nats, tasks) = ready(json!({})).await;
    let mut deliveries = nats.consume::<Worker>().await.unwrap();
    tasks.persist(&Status::of("a1", 1)).await.unwrap();
    delivered(&mut deliveries).await.ack_confirmed().await.unwrap();
    for load in 2..4 {
        server.stop().await.unwrap();
        let error = soon(deliveries.next()).await.unwrap().unwrap_err();
        assert_eq!(error.kind(), DeliveryErrorKind::ConnectionLost, "{error}");
        server.restart().await.unwrap();
        let other = connect(&server).await;
        Tasks::new(&other, TaskSubject::filter())
            .persist(&Status::of("a1", load))
            .await
            .unwrap();
        let next = soon(async {
            loop {
                // The server may not have its consumers ready at the first moment.
                match deliveries.next().await.unwrap() {
                    Ok(delivery) => break delivery,
                    Err(error) => {
                        assert_eq!(error.kind(), DeliveryErrorKind::NoConsumer, "{error}");
                    }
                }
            }
        })
        .await;
        assert_eq!(next.payload.load, load);
        next.ack_confirmed().await.unwrap();
    }
}

#[tokio::test]
async fn a_deleted_consumer_is_told_again_and_again_until_it_is_back() {
    let (_server, nats, tasks) = ready(json!({})).await;
    let mut deliveries = nats.consume::<Worker>().await.unwrap();
    tasks.persist(&Status::of("a1", 1)).await.unwrap();
    delivered(&mut deliveries).await.ack_confirmed().await.unwrap();
    let deleting = async {
        api(&nats, "CONSUMER.DELETE.tasks.worker", json!({})).await;
    };
    let ((), error) = tokio::join!(deleting, soon(deliveries.next()));
    assert_eq!(error.unwrap().unwrap_err().kind(), DeliveryErrorKind::ConsumerDeleted);
    let error = soon(deliveries.next()).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), DeliveryErrorKind::NoConsumer, "{error}");
    assert!(error.to_string().contains("tasks > worker"), "{error}");
    make_consumer(&nats, json!({ "deliver_policy": "new" })).await;
    tasks.persist(&Status::of("a1", 2)).await.unwrap();
    assert_eq!(delivered(&mut deliveries).await.payload.load, 2);
}

/// The URL of a pipe to a server that can be blocked without breaking the connection.
pub async fn blockable(server: &Server) -> (String, tokio::sync::watch::Sender<bool>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (block, mut blocked) = tokio::sync::watch::channel(false);
    let upstream = server.port();
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut server = tokio::net::TcpStream::connect(("127.0.0.1", upstream)).await.unwrap();
        tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
            _ = blocked.wait_for(|blocked| *blocked) => {}
        }
        // Both ends stay open, and nothing moves.
        std::future::pending::<()>().await;
    });
    (format!("nats://127.0.0.1:{port}"), block)
}

#[tokio::test]
async fn a_server_that_falls_silent_is_told() {
    let (server, _nats, tasks) = ready(json!({})).await;
    let (url, block) = blockable(&server).await;
    let nats = Connection::builder(url).connect().await.unwrap();
    let options = PullOptions::default().with_idle_heartbeat(Duration::from_millis(100));
    let mut deliveries = nats.consume_with::<Worker>(options).await.unwrap();
    tasks.persist(&Status::of("a1", 1)).await.unwrap();
    delivered(&mut deliveries).await.ack().await.unwrap();
    // While it is idle and well, heartbeats keep it from complaining.
    let idle = tokio::time::timeout(Duration::from_millis(1200), deliveries.next()).await;
    assert!(idle.is_err(), "{idle:?}");
    block.send_replace(true);
    for _ in 0..2 {
        let error = soon(deliveries.next()).await.unwrap().unwrap_err();
        assert_eq!(error.kind(), DeliveryErrorKind::MissedHeartbeat, "{error}");
    }
}

#[tokio::test]
async fn draining_ends_the_stream_and_waits_for_what_is_in_hand() {
    let (server, nats, tasks) = ready(json!({ "ack_wait": millis(60_000) })).await;
    for load in 0..10 {
        tasks.persist(&Status::of("a1", load)).await.unwrap();
    }
    let mut deliveries = nats.consume::<Worker>().await.unwrap();
    let task = delivered(&mut deliveries).await;
    let draining = tokio::spawn({
        let nats = nats.clone();
        async move { nats.drain(Duration::from_secs(5)).await }
    });
    soon(async { while deliveries.next().await.is_some() {} }).await;
    assert!(deliveries.next().await.is_none(), "an ended stream stays ended");
    drop(deliveries);
    task.ack_confirmed().await.unwrap();
    assert!(!draining.is_finished());
    drop(task);
    soon(draining).await.unwrap().unwrap();
    let info = api(&connect(&server).await, "CONSUMER.INFO.tasks.worker", json!({})).await;
    assert_eq!(info["ack_floor"]["stream_seq"], 1);
}
