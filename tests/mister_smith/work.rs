//! Tasks as the contract has them worked on: attempts, dead letters with the reason, and another life.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt;
use mister_smith::payloads::QueuedTask;
use mister_smith::roles::{Agent, Operator, Orchestrator};
use mister_smith::streams::task_lifecycle::TaskProcessor;
use natsmith_runtime::jetstream::{DeadLetter, GiveUp, WorkFaultKind};
use natsmith_runtime::{OnInvalid, Payload, TypedConsumer, WorkError};
use tokio::sync::mpsc;

use crate::common::{agent, connect, provisioned, publish_raw, soon, task};

#[test]
fn the_policy_is_the_contracts() {
    assert_eq!(TaskProcessor::ON_INVALID, OnInvalid::DeadLetter("dead_tasks"));
    let policy = TaskProcessor::WORK;
    assert_eq!((policy.concurrency, policy.attempts), (1, Some(5)));
    assert_eq!(policy.give_up, GiveUp::DeadLetter("dead_tasks"));
    let waits = [1, 2, 3, 4].map(|attempt| policy.wait(attempt).as_secs());
    assert_eq!(waits, [1, 10, 60, 300]);
}

#[tokio::test]
async fn a_task_that_nobody_can_do_waits_for_somebody_who_can() {
    let (server, nats) = provisioned().await;
    let operator = Operator::new(connect(&server).await);
    let role = Agent::new(connect(&server).await, agent());
    let (can, (done, mut tasks_done)) = (Arc::new(AtomicBool::new(false)), mpsc::unbounded_channel());
    let learnt = can.clone();
    let tasks = role.task_processor();
    let working = tasks
        .work(move |task| {
            let (learnt, done) = (learnt.load(Ordering::SeqCst), done.clone());
            async move {
                if !learnt {
                    return Err(WorkError::give_up("no agent knows COBOL"));
                }
                done.send(task.payload.clone())?;
                Ok(())
            }
        })
        .await
        .unwrap();
    let mut faults = working.faults();
    let task = task();
    let queue = Orchestrator::new(nats.clone()).queue();
    let stored = queue.persist_within(&task, Duration::from_secs(5)).await.unwrap();
    assert_eq!(soon(faults.next()).await.unwrap().kind(), WorkFaultKind::GivenUp);

    // One that nobody can read goes the same way.
    publish_raw(&nats, "tasks.execution.queue.0", "{}").await;
    assert_eq!(soon(faults.next()).await.unwrap().kind(), WorkFaultKind::Invalid);
    let letters: Vec<DeadLetter> = operator.dead_tasks().letters().try_collect().await.unwrap();
    let [first, second] = letters.as_slice() else {
        panic!("two letters: {letters:?}");
    };
    assert_eq!(first.reason, "no agent knows COBOL");
    assert_eq!(
        (first.subject.as_str(), first.stream_sequence),
        ("tasks.execution.queue.0", stored.sequence)
    );
    assert_eq!(
        (first.stream.as_str(), first.consumer.as_str()),
        ("task_lifecycle", "task_processor")
    );
    let kept = QueuedTask::decode(first.payload.as_ref().unwrap()).unwrap();
    assert_eq!(kept, task);
    assert!(second.reason.contains("required"), "{second}");

    can.store(true, Ordering::SeqCst);
    let dead_tasks = operator.dead_tasks();
    assert_eq!(
        dead_tasks
            .replay_where(|letter| letter.reason.contains("COBOL"))
            .await
            .unwrap(),
        1
    );
    assert_eq!(soon(tasks_done.recv()).await.unwrap(), task);
    dead_tasks.discard(second).await.unwrap();
    let rest: Vec<DeadLetter> = dead_tasks.letters().try_collect().await.unwrap();
    assert!(rest.is_empty(), "{rest:?}");
    working.stop().await;
}
