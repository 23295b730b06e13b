//! Work that waits in a stream until somebody has done it.

use std::time::Duration;

use mister_smith::payloads::{QueuedTask, TaskResult};
use mister_smith::roles::{Agent, Orchestrator};
use mister_smith::streams::task_lifecycle::TaskProcessor;
use mister_smith::subjects::tasks::QueueSubject;
use natsmith_runtime::jetstream::{ConsumeErrorKind, PersistErrorKind, PullOptions};
use natsmith_runtime::uuid::Uuid;
use natsmith_runtime::{Connection, Deliveries, Delivery, Message};

use crate::common::{agent, api, connect, example, provisioned, server, soon, task};

type Tasks = Deliveries<Message<QueueSubject>>;
type TaskInHand = Delivery<Message<QueueSubject>>;

/// Tasks for one worker, one at a time.
async fn tasks(connection: &Connection) -> Tasks {
    let one = PullOptions::default().with_batch(1);
    connection.consume_with::<TaskProcessor>(one).await.unwrap()
}

async fn next(tasks: &mut Tasks) -> TaskInHand {
    soon(tasks.next()).await.unwrap().unwrap()
}

async fn queue(nats: &Connection) -> QueuedTask {
    let task = task();
    let ack = Orchestrator::new(nats.clone()).queue().persist(&task).await.unwrap();
    assert_eq!((ack.stream.as_str(), ack.duplicate), ("task_lifecycle", false));
    task
}

/// How many deliveries of the consumer are not settled, and how many tasks wait.
async fn open(nats: &Connection) -> (u64, u64) {
    let info = api(nats, "CONSUMER.INFO.task_lifecycle.task_processor", "").await;
    (
        info["num_ack_pending"].as_u64().unwrap(),
        info["num_pending"].as_u64().unwrap(),
    )
}

#[tokio::test]
async fn a_task_that_is_put_back_goes_to_another_agent() {
    let (server, nats) = provisioned().await;
    let task = queue(&nats).await;
    let (first, second) = (connect(&server).await, connect(&server).await);
    let mut firsts = tasks(&first).await;
    let taken = next(&mut firsts).await;
    assert_eq!((taken.delivered(), &taken.payload), (1, &task));
    assert_eq!(taken.subject, "tasks.execution.queue.0".parse().unwrap());
    taken.nak(None).await.unwrap();
    drop((taken, firsts));

    let again = next(&mut tasks(&second).await).await;
    assert_eq!((again.delivered(), &again.payload), (2, &task));
    assert_eq!(open(&nats).await, (1, 0));
    again.ack_confirmed().await.unwrap();
    assert_eq!(open(&nats).await, (0, 0));
}

#[tokio::test]
async fn a_task_whose_agent_dies_goes_to_another_one() {
    let (server, nats) = provisioned().await;
    let task = queue(&nats).await;
    let dying = connect(&server).await;
    let mut lost = tasks(&dying).await;
    let taken = next(&mut lost).await;
    let began = std::time::Instant::now();
    drop((taken, lost, dying));
    let again = next(&mut tasks(&connect(&server).await).await).await;
    assert_eq!((again.delivered(), &again.payload), (2, &task));
    // Not before its time: the profile's `ack_wait` is 2 s.
    assert!(began.elapsed() > Duration::from_millis(1500), "{:?}", began.elapsed());
    again.ack_confirmed().await.unwrap();
    assert_eq!(open(&nats).await, (0, 0));
}

#[tokio::test]
async fn one_message_id_is_kept_once() {
    let (_server, nats) = provisioned().await;
    let task = queue(&nats).await;
    let queue = Orchestrator::new(nats.clone()).queue();
    let again = queue.persist(&task).await.unwrap();
    assert!(again.duplicate, "{again:?}");
    let mut tasks = tasks(&nats).await;
    next(&mut tasks).await.ack_confirmed().await.unwrap();
    assert_eq!(open(&nats).await, (0, 0));

    // The id is the message's and not the task's: a second attempt has a second result.
    let results = Agent::new(nats, agent()).result();
    for _ in 0..2 {
        let result = TaskResult {
            message_id: Uuid::new_v4(),
            ..example()
        };
        assert!(!results.persist(&result).await.unwrap().duplicate);
    }
}

#[tokio::test]
async fn without_its_stream_nothing_is_kept_or_handed_out() {
    let server = server().await;
    let nats = connect(&server).await;
    let error = Orchestrator::new(nats.clone())
        .queue()
        .persist(&task())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), PersistErrorKind::NoStream);
    assert!(error.to_string().contains("task_lifecycle"), "{error}");
    let error = nats.consume::<TaskProcessor>().await.unwrap_err();
    assert_eq!(error.kind(), ConsumeErrorKind::NotFound);
    assert!(error.to_string().contains("task_processor"), "{error}");
}
