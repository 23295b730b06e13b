//! Many messages at once: with a window of acknowledgements, all or none, and fetched by number, size and time.

use std::time::{Duration, Instant};

use natsmith_runtime::jetstream::{
    AtomicBatch, AtomicSubject, ConsumeErrorKind, DeliveryErrorKind, Fetch, PersistErrorKind,
};
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, ConsumerEndpoint, Endpoint, PersistedSubject, TypedSubject, access};
use serde_json::{Value, json};

use crate::contract::{Status, StatusSubject, TaskSubject, Worker, api, connect, server};

type Tasks = Endpoint<TaskSubject, access::Publish>;

impl AtomicSubject for TaskSubject {}

/// Another subject, which another stream keeps.
impl PersistedSubject for StatusSubject {
    const STREAM: &'static str = "agents";
}

impl AtomicSubject for StatusSubject {}

async fn stored(nats: &Connection) -> u64 {
    api(nats, "STREAM.INFO.tasks", json!({})).await["state"]["messages"]
        .as_u64()
        .unwrap()
}

/// A server with a stream and a consumer.
async fn ready(settings: Value) -> (Server, Connection, Tasks) {
    let server = server().await;
    let nats = connect(&server).await;
    let mut config = json!({ "name": "tasks", "subjects": ["tasks.*.assignment"] });
    for (name, value) in settings.as_object().unwrap() {
        config[name] = value.clone();
    }
    api(&nats, "STREAM.CREATE.tasks", config).await;
    let config = json!({ "name": "worker", "durable_name": "worker", "ack_policy": "explicit" });
    let body = json!({ "stream_name": "tasks", "config": config, "action": "create" });
    api(&nats, "CONSUMER.CREATE.tasks.worker", body).await;
    let tasks = Tasks::new(&nats, TaskSubject::filter());
    (server, nats, tasks)
}

fn task(number: u64) -> Status {
    Status {
        note: format!("id-{number}"),
        ..Status::of("a1", number % 100)
    }
}

#[tokio::test]
async fn many_are_persisted_in_order_and_each_is_accounted_for() {
    let (_server, nats, tasks) = ready(json!({})).await;
    let all: Vec<Status> = (0..1000).map(task).collect();
    for window in [1, 7, 5000] {
        let acks = tasks.persist_all(&all, window).await.unwrap();
        let sequences: Vec<u64> = acks.iter().map(|ack| ack.sequence).collect();
        // The second time they are known by their ids.
        assert_eq!(sequences, (1..=1000).collect::<Vec<u64>>());
        assert_eq!(acks.iter().all(|ack| ack.duplicate), window > 1);
    }
    assert_eq!(stored(&nats).await, 1000);

    // One that cannot be sent does not hold up the others.
    let mixed = [
        Status::of("a1", 1),
        Status::of("a1", 101),
        Status::of("a.b", 2),
        Status::of("a1", 3),
    ];
    let error = tasks.persist_all(mixed, 2).await.unwrap_err();
    let failed: Vec<(usize, PersistErrorKind)> = error
        .failed()
        .iter()
        .map(|(number, error)| (*number, error.kind()))
        .collect();
    assert_eq!(
        failed,
        [(1, PersistErrorKind::InvalidPayload), (2, PersistErrorKind::Subject)]
    );
    let stored: Vec<(usize, u64)> = error
        .stored()
        .iter()
        .map(|(number, ack)| (*number, ack.sequence))
        .collect();
    assert_eq!(stored, [(0, 1001), (3, 1002)]);
    let told = error.to_string();
    assert!(
        told.contains("2 of 4 messages are not known to be stored; the first is number 1"),
        "{told}"
    );
    api(&nats, "STREAM.DELETE.tasks", json!({})).await;
    let error = tasks.persist_all([task(1), task(2)], 10).await.unwrap_err();
    assert!(
        error
            .failed()
            .iter()
            .all(|(_, error)| error.kind() == PersistErrorKind::NoStream),
        "{error}"
    );
    assert!(tasks.persist_all::<Status>([], 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_batch_is_stored_as_a_whole_or_not_at_all() {
    let (_server, nats, tasks) = ready(json!({ "allow_atomic": true })).await;
    let all: Vec<Status> = (0..1000).map(task).collect();
    let ack = tasks.persist_atomic(&all).await.unwrap();
    assert_eq!((ack.sequence, ack.batch_size), (1000, Some(1000)));
    assert_eq!(stored(&nats).await, 1000);
    // The same messages again, as after an acknowledgement that was lost.
    let error = tasks.persist_atomic(&all).await.unwrap_err();
    assert_eq!(error.kind(), PersistErrorKind::Refused { code: 10_201 }, "{error}");
    let ack = tasks.persist_atomic([Status::of("a1", 1)]).await.unwrap();
    assert_eq!((ack.sequence, ack.batch_size), (1001, Some(1)));

    // One bad message, and none is sent.
    let mut batch = AtomicBatch::new(&nats);
    batch.add(&tasks, &Status::of("a1", 2)).unwrap();
    let error = batch.add(&tasks, &Status::of("a1", 101)).unwrap_err();
    assert_eq!(error.kind(), PersistErrorKind::InvalidPayload);
    let others = Endpoint::<StatusSubject, access::Publish>::new(&nats, StatusSubject::filter());
    let error = batch.add(&others, &Status::of("a1", 2)).unwrap_err();
    assert_eq!(error.kind(), PersistErrorKind::Batch);
    assert!(
        error.to_string().contains("`tasks` keeps the others, `agents` keeps"),
        "{error}"
    );
    assert_eq!(batch.len(), 1);
    drop(batch);
    let mut batch = AtomicBatch::new(&nats);
    for _ in 0..1000 {
        batch.add(&tasks, &Status::of("a1", 3)).unwrap();
    }
    let error = batch.add(&tasks, &Status::of("a1", 3)).unwrap_err();
    assert!(error.to_string().contains("1000 messages"), "{error}");
    let error = AtomicBatch::new(&nats).commit().await.unwrap_err();
    assert_eq!(error.kind(), PersistErrorKind::Batch);
    assert_eq!(stored(&nats).await, 1001);
}

#[tokio::test]
async fn a_stream_that_takes_no_batches_says_so_at_the_first_message() {
    let (_server, nats, tasks) = ready(json!({})).await;
    let error = tasks.persist_atomic([task(1), task(2)]).await.unwrap_err();
    assert_eq!(error.kind(), PersistErrorKind::Refused { code: 10_174 }, "{error}");
    assert_eq!(stored(&nats).await, 0);
}

#[tokio::test]
async fn so_many_are_fetched_or_what_there_is_when_the_time_is_over() {
    let (_server, nats, tasks) = ready(json!({})).await;
    let all: Vec<Status> = (0..25).map(task).collect();
    tasks.persist_all(&all, 25).await.unwrap();
    let consumer = ConsumerEndpoint::<Worker>::new(&nats);
    let fetched = consumer.fetch(Fetch::of(10)).await.unwrap();
    assert!(fetched.faults.is_empty());
    let loads: Vec<u64> = fetched.deliveries.iter().map(|task| task.payload.load).collect();
    assert_eq!(loads, (0..10).collect::<Vec<u64>>());
    for delivery in &fetched.deliveries {
        delivery.ack().await.unwrap();
    }
    // By time: fifteen are there, and no more come.
    let (wait, began) = (Duration::from_millis(300), Instant::now());
    let fetched = consumer.fetch(Fetch::of(100).within(wait)).await.unwrap();
    assert_eq!(fetched.deliveries.len(), 15);
    assert!(began.elapsed() >= wait, "{:?}", began.elapsed());
    for delivery in &fetched.deliveries {
        delivery.nak(None).await.unwrap();
    }
    nats.round_trip().await.unwrap();
    // By size: the fourth would be too much.
    let one = all[10].note.len() + 200;
    let bytes = u64::try_from(one * 3).unwrap();
    let fetched = consumer.fetch(Fetch::of(100).with_max_bytes(bytes)).await.unwrap();
    let count = fetched.deliveries.len();
    assert!(
        (1..15).contains(&count) && fetched.faults.is_empty(),
        "{count}: {:?}",
        fetched.faults
    );
    // What is there, and no waiting.
    let began = Instant::now();
    let rest = consumer.fetch(Fetch::of(100).within(Duration::ZERO)).await.unwrap();
    assert_eq!(rest.deliveries.len(), 15 - count);
    let none = consumer.fetch(Fetch::of(100).within(Duration::ZERO)).await.unwrap();
    assert!(none.deliveries.is_empty() && began.elapsed() < Duration::from_secs(2));

    nats.client().publish("tasks.a1.assignment", "{".into()).await.unwrap();
    tasks.persist(&task(99)).await.unwrap();
    let fetched = consumer.fetch(Fetch::of(2)).await.unwrap();
    assert_eq!((fetched.deliveries.len(), fetched.faults.len()), (1, 1));
    assert_eq!(fetched.faults[0].kind(), DeliveryErrorKind::Invalid);
    api(&nats, "CONSUMER.DELETE.tasks.worker", json!({})).await;
    let error = consumer.fetch(Fetch::of(1)).await.unwrap_err();
    assert_eq!(error.kind(), ConsumeErrorKind::NotFound);
}

#[tokio::test]
async fn what_has_an_id_is_persisted_again_until_the_stream_is_there() {
    let server = server().await;
    let nats = connect(&server).await;
    let tasks = Tasks::new(&nats, TaskSubject::filter());
    // Nobody keeps it, and in the end nobody has.
    let short = Duration::from_millis(200);
    let error = tasks.persist_within(&task(1), short).await.unwrap_err();
    assert_eq!(error.kind(), PersistErrorKind::NoStream);
    let error = tasks
        .persist_all_within([task(1), task(2)], 10, short)
        .await
        .unwrap_err();
    assert_eq!((error.failed().len(), error.stored().len()), (2, 0));
    // What another attempt cannot mend is told at once; what has no id is not tried twice.
    let began = Instant::now();
    let long = Duration::from_secs(60);
    let error = tasks.persist_within(&Status::of("a1", 101), long).await.unwrap_err();
    assert_eq!(error.kind(), PersistErrorKind::InvalidPayload);
    tasks.persist_within(&Status::of("a1", 1), long).await.unwrap_err();
    let error = tasks
        .persist_all_within([Status::of("a1", 1)], 10, long)
        .await
        .unwrap_err();
    assert_eq!(error.failed().len(), 1);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());

    let making = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let config = json!({ "name": "tasks", "subjects": ["tasks.*.assignment"] });
        api(&nats, "STREAM.CREATE.tasks", config).await;
    };
    let (single, mixed) = (task(0), [task(1), Status::of("a1", 101), task(2)]);
    let (one, many, ()) = tokio::join!(
        tasks.persist_within(&single, long),
        tasks.persist_all_within(&mixed, 10, long),
        making
    );
    assert!(!one.unwrap().duplicate);
    let many = many.unwrap_err();
    let stored: Vec<usize> = many.stored().iter().map(|(number, _)| *number).collect();
    assert_eq!((stored, many.failed().len(), many.failed()[0].0), (vec![0, 2], 1, 1));
    assert_eq!(self::stored(&nats).await, 3);
}
