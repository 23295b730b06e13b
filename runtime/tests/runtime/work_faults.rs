//! Durable work and persisting while servers die: nothing that was acknowledged is lost, nothing is done twice.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use natsmith_runtime::jetstream::{Fetch, WorkOptions, Working};
use natsmith_runtime::provision::{ConsumerSpec, Profile, StreamSpec, plan};
use natsmith_runtime::testing::{Cluster, Server};
use natsmith_runtime::{Connection, ConsumerEndpoint, Endpoint, TypedSubject, access};
use serde_json::{Value, json};

use crate::contract::{Status, TaskSubject, api};
use crate::tasks::{Effects, Tasks, Worker, nothing_is_lost_or_done_twice, ready, task, unreliable, until_idle};

/// What a dying server may hold up: an election, and what waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection that is quick to come back, and to say that something was not acknowledged.
async fn connect(url: &str) -> Connection {
    Connection::builder(url)
        .reconnect_delay(Duration::from_millis(20))
        .max_reconnect_delay(Duration::from_millis(200))
        .request_timeout(Duration::from_secs(1))
        .connect()
        .await
        .unwrap()
}

/// Persists every message, whatever happens to the server; tells after each hundred how many are acknowledged.
async fn persist_surely(tasks: &Tasks, all: &[Status], mut progress: impl AsyncFnMut(usize)) {
    for (number, chunk) in (1..).zip(all.chunks(100)) {
        let acks = tasks.persist_all_within(chunk, 50, PATIENCE).await;
        assert_eq!(acks.unwrap_or_else(|error| panic!("{error}")).len(), 100);
        progress(number * 100).await;
    }
}

async fn until_done(working: &Working, effects: &Effects, tasks: u64) {
    let (mut faults, mut told) = (working.faults(), Vec::new());
    let telling = async {
        while let Some(fault) = faults.next().await {
            told.push(format!("{fault}"));
        }
        std::future::pending::<()>().await;
    };
    let counting = async {
        // Effects are counted rather than messages: one may be stored twice where a server forgot an id.
        while u64::try_from(effects.lock().unwrap().len()).unwrap() + working.counts().given_up < tasks {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let done = tokio::time::timeout(PATIENCE, async {
        tokio::select! {
            () = counting => {}
            () = telling => {}
        }
    });
    if done.await.is_err() {
        let effects = effects.lock().unwrap().len();
        panic!("{:?}, {effects} effects: {}", working.counts(), told.join("\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_killed_twice_in_the_middle_of_persisting_and_of_work() {
    const TASKS: u64 = 3000;
    let (server, nats, _) = ready(json!({ "ack_wait": 1_000_000_000_u64 })).await;
    let (publisher, workers) = (connect(server.url()).await, connect(server.url()).await);
    let tasks = Tasks::new(&publisher, TaskSubject::filter());
    let effects = Effects::default();
    let options = WorkOptions::default().with_concurrency(16);
    let working = ConsumerEndpoint::<Worker>::new(&workers)
        .work_with(options, unreliable(&effects))
        .await
        .unwrap();
    let all: Vec<Status> = (0..TASKS).map(task).collect();
    // The server dies while messages are on their way to it and from it, and comes back after a moment.
    let server = Arc::new(Mutex::new(Some(server)));
    let (mut deaths, mut restarting) = (0, None);
    let publishing = persist_surely(&tasks, &all, async |stored: usize| {
        if stored > 800 * (deaths + 1) && deaths < 2 {
            deaths += 1;
            let place = server.clone();
            restarting = Some(tokio::spawn(async move {
                let mut server: Server = place.lock().unwrap().take().unwrap();
                server.kill();
                server.restart().await.unwrap();
                *place.lock().unwrap() = Some(server);
            }));
        }
    });
    tokio::time::timeout(PATIENCE, publishing).await.unwrap();
    restarting.unwrap().await.unwrap();
    assert_eq!(deaths, 2);
    until_done(&working, &effects, TASKS).await;
    until_idle(&nats, "worker").await;
    println!("{:?}", working.counts());
    working.stop().await;
    nothing_is_lost_or_done_twice(&nats, &effects, TASKS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_whole_or_nothing_whenever_the_server_dies() {
    const SIZE: u64 = 50;
    let (mut server, nats, _) = ready(json!({})).await;
    let config = json!({ "name": "tasks", "subjects": ["tasks.*.assignment"], "allow_atomic": true });
    api(&nats, "STREAM.UPDATE.tasks", config).await;
    let publisher = connect(server.url()).await;
    let tasks = Tasks::new(&publisher, TaskSubject::filter());
    let (mut stored, mut died) = (HashSet::new(), 0);
    for batch in 0..30 {
        let messages = (0..SIZE).map(|number| task(batch * SIZE + number));
        let dying = async {
            if batch % 10 == 5 {
                // In the middle of the batch, or close to it.
                for _ in 0..died * 3 {
                    tokio::task::yield_now().await;
                }
                died += 1;
                server.kill();
                server.restart().await.unwrap();
            }
        };
        let (committed, ()) = tokio::join!(tasks.persist_atomic(messages), dying);
        if committed.is_ok() {
            stored.insert(batch);
        }
    }
    tokio::time::timeout(PATIENCE, nats.round_trip())
        .await
        .unwrap()
        .unwrap();
    assert!(stored.len() >= 20, "{stored:?}");
    let mut found: HashMap<u64, u64> = HashMap::new();
    let consumer = ConsumerEndpoint::<Worker>::new(&nats);
    loop {
        let fetch = Fetch::of(500).within(Duration::from_millis(500));
        let fetched = consumer.fetch(fetch).await.unwrap();
        if fetched.deliveries.is_empty() {
            break;
        }
        for delivery in fetched.deliveries {
            let number: u64 = delivery.payload.note.strip_prefix("task-").unwrap().parse().unwrap();
            *found.entry(number / SIZE).or_default() += 1;
            delivery.ack().await.unwrap();
        }
    }
    println!("{} batches acknowledged, {} found", stored.len(), found.len());
    assert!(found.values().all(|messages| *messages == SIZE), "{found:?}");
    assert!(stored.iter().all(|batch| found.contains_key(batch)));
}

const PROD: Profile = Profile {
    name: "prod",
    streams: &[
        StreamSpec {
            name: "tasks",
            config: r#"{"subjects":["tasks.*.assignment"],"num_replicas":3}"#,
            consumers: &[ConsumerSpec {
                name: "worker",
                config: r#"{"ack_policy":"explicit","ack_wait":2000000000}"#,
            }],
        },
        StreamSpec {
            name: "dead_tasks",
            config: r#"{"subjects":["dead_letters.dead_tasks.>"],"num_replicas":3}"#,
            consumers: &[],
        },
    ],
};

/// The number of the server that leads a stream, once there is one.
async fn leader(nats: &Connection, cluster: &Cluster) -> usize {
    tokio::time::timeout(PATIENCE, async {
        loop {
            let answer = nats.client().request("$JS.API.STREAM.INFO.tasks", "".into()).await;
            let info: Value = answer.map_or(Value::Null, |answer| serde_json::from_slice(&answer.payload).unwrap());
            let name = info["cluster"]["leader"]
                .as_str()
                .and_then(|name| name.strip_prefix("node-"));
            if let Some(number) = name.and_then(|number| number.parse().ok()) {
                return number;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .unwrap_or_else(|_| panic!("none of {} leads", cluster.len()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_loses_the_leader_of_its_stream_under_load_and_loses_no_message() {
    const TASKS: u64 = 3000;
    let mut cluster = Cluster::start().await.unwrap();
    let (publisher, workers) = (connect(&cluster.url()).await, connect(&cluster.url()).await);
    let applied = plan(&publisher, &PROD).await.unwrap().apply().await;
    assert!(applied.is_ok(), "{}", applied.unwrap_err());
    let tasks = Endpoint::<TaskSubject, access::Publish>::new(&publisher, TaskSubject::filter());
    let effects = Effects::default();
    let options = WorkOptions::default().with_concurrency(16);
    let working = ConsumerEndpoint::<Worker>::new(&workers)
        .work_with(options, unreliable(&effects))
        .await
        .unwrap();
    let all: Vec<Status> = (0..TASKS).map(task).collect();
    let first = leader(&publisher, &cluster).await;
    let (mut died, mut resumed) = (None, None);
    let publishing = persist_surely(&tasks, &all, async |stored: usize| match died {
        None if stored > 1000 => {
            cluster.server(first).kill();
            died = Some(Instant::now());
        }
        Some(at) if resumed.is_none() => resumed = Some(at.elapsed()),
        _ => {}
    });
    tokio::time::timeout(PATIENCE, publishing).await.unwrap();
    let second = leader(&publisher, &cluster).await;
    assert_ne!(first, second);
    until_done(&working, &effects, TASKS).await;
    cluster.server(first).restart().await.unwrap();
    cluster.ready().await.unwrap();
    let nats = connect(&cluster.url()).await;
    until_idle(&nats, "worker").await;
    println!(
        "node-{first} died, the next hundred were stored after {:?} under node-{second}: {:?}",
        resumed.unwrap(),
        working.counts()
    );
    working.stop().await;
    nothing_is_lost_or_done_twice(&nats, &effects, TASKS).await;
}
