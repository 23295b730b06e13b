//! A stream of tasks with the consumer that works on them, and what became of each task.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::TryStreamExt;
use natsmith_runtime::jetstream::{
    DeadLetter, DeadLetterStream, DeadLetters, GiveUp, WorkFault, WorkFaultKind, WorkPolicy,
};
use natsmith_runtime::testing::Server;
use natsmith_runtime::{
    Connection, ConsumerEndpoint, Endpoint, Faults, Job, Message, OnInvalid, TypedConsumer, TypedSubject, WorkError,
    access,
};
use serde_json::{Value, json};

use crate::contract::{Status, TaskSubject, api, connect, server, soon};

pub type Tasks = Endpoint<TaskSubject, access::Publish>;
pub type Task = Job<Message<TaskSubject>>;

pub const QUICK: &[Duration] = &[Duration::from_millis(20), Duration::from_millis(60)];

/// The consumer `worker` of the stream `tasks`, whose failures end among the dead letters.
pub struct Worker;

impl TypedConsumer for Worker {
    type Message = Message<TaskSubject>;
    const STREAM: &'static str = "tasks";
    const NAME: &'static str = "worker";
    const ON_INVALID: OnInvalid = OnInvalid::DeadLetter("dead_tasks");
    const WORK: WorkPolicy = WorkPolicy {
        concurrency: 3,
        attempts: Some(3),
        backoff: QUICK,
        give_up: GiveUp::DeadLetter("dead_tasks"),
    };
}

/// Another consumer of the same stream, which terminates what it gives up.
pub struct Auditor;

impl TypedConsumer for Auditor {
    type Message = Message<TaskSubject>;
    const STREAM: &'static str = "tasks";
    const NAME: &'static str = "auditor";
    const ON_INVALID: OnInvalid = OnInvalid::Term;
    const WORK: WorkPolicy = WorkPolicy {
        attempts: Some(2),
        backoff: QUICK,
        ..WorkPolicy::DEFAULT
    };
}

pub struct DeadTasks;

impl DeadLetterStream for DeadTasks {
    const NAME: &'static str = "dead_tasks";
}

pub async fn make_dead_letters(nats: &Connection) {
    let config = json!({ "name": "dead_tasks", "subjects": ["dead_letters.dead_tasks.>"] });
    api(nats, "STREAM.CREATE.dead_tasks", config).await;
}

pub async fn make_consumer(nats: &Connection, name: &str, settings: Value) {
    let mut config =
        json!({ "name": name, "durable_name": name, "ack_policy": "explicit", "ack_wait": 30_000_000_000_u64 });
    for (name, value) in settings.as_object().unwrap() {
        config[name] = value.clone();
    }
    let body = json!({ "stream_name": "tasks", "config": config, "action": "create" });
    api(nats, &format!("CONSUMER.CREATE.tasks.{name}"), body).await;
}

/// A server with the streams and the consumer, and a connection to it.
pub async fn ready(settings: Value) -> (Server, Connection, Tasks) {
    let server = server().await;
    let nats = connect(&server).await;
    let config = json!({ "name": "tasks", "subjects": ["tasks.*.assignment"] });
    api(&nats, "STREAM.CREATE.tasks", config).await;
    make_dead_letters(&nats).await;
    make_consumer(&nats, "worker", settings).await;
    let tasks = Tasks::new(&nats, TaskSubject::filter());
    (server, nats, tasks)
}

pub fn worker(nats: &Connection) -> ConsumerEndpoint<Worker> {
    ConsumerEndpoint::new(nats)
}

pub fn letters(nats: &Connection) -> DeadLetters<DeadTasks> {
    DeadLetters::new(nats)
}

pub async fn all_letters(nats: &Connection) -> Vec<DeadLetter> {
    letters(nats).letters().try_collect().await.unwrap()
}

/// Waits until the consumer has nothing to deliver and nothing in hand.
pub async fn until_idle(nats: &Connection, name: &str) {
    soon(async {
        loop {
            let info = api(nats, &format!("CONSUMER.INFO.tasks.{name}"), json!({})).await;
            if info["num_pending"] == 0 && info["num_ack_pending"] == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

pub async fn fault(faults: &mut Faults<WorkFault>, kind: WorkFaultKind) -> String {
    soon(async {
        loop {
            let fault = faults.next().await.unwrap();
            if fault.kind() == kind {
                return fault.to_string();
            }
        }
    })
    .await
}

/// A task that is told apart by its message id.
pub fn task(number: u64) -> Status {
    Status {
        note: format!("task-{number}"),
        ..Status::of("a1", number % 100)
    }
}

/// What a handler has done, by task.
pub type Effects = Arc<Mutex<HashMap<String, u64>>>;

/// A handler that fails one time in ten, and always with one task in a hundred.
pub fn unreliable(effects: &Effects) -> impl Fn(Task) -> std::future::Ready<Result<(), WorkError>> + use<> {
    let (effects, calls) = (effects.clone(), AtomicU64::new(0));
    move |task: Task| {
        let call = calls.fetch_add(1, Ordering::Relaxed);
        std::future::ready(if task.payload.note.ends_with("13") {
            Err(WorkError::retry("an unlucky task"))
        } else if call % 10 == 9 {
            Err(WorkError::retry("an unlucky moment"))
        } else {
            *effects.lock().unwrap().entry(task.payload.note.clone()).or_default() += 1;
            Ok(())
        })
    }
}

/// Every task has had its effect once, or is among the dead letters.
pub async fn nothing_is_lost_or_done_twice(nats: &Connection, effects: &Effects, tasks: u64) {
    let dead: Vec<String> = all_letters(nats)
        .await
        .iter()
        .map(|letter| {
            let payload: Value = serde_json::from_slice(letter.payload.as_ref().unwrap()).unwrap();
            payload["note"].as_str().unwrap().to_owned()
        })
        .collect();
    let effects = effects.lock().unwrap();
    for number in 0..tasks {
        let name = format!("task-{number}");
        let ends = effects.get(&name).copied().unwrap_or(0) + u64::from(dead.contains(&name));
        assert_eq!(
            ends,
            1,
            "{name}: {:?} effects, dead letter: {}",
            effects.get(&name),
            dead.contains(&name)
        );
    }
    assert_eq!(effects.len() + dead.len(), usize::try_from(tasks).unwrap());
    let unlucky = usize::try_from(tasks / 100).unwrap();
    assert!(dead.len() >= unlucky, "{} letters", dead.len());
}
