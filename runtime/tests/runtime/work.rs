//! Workers: what they have in hand at a time, what becomes of what fails, and that nothing is lost or done twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use natsmith_runtime::async_nats::HeaderMap;
use natsmith_runtime::jetstream::{
    ConsumeErrorKind, DeliveryErrorKind, PullOptions, ReplayErrorKind, WorkFaultKind, WorkOptions,
};
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, ConsumerEndpoint, WorkError};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};

use crate::contract::{Status, api, connect, soon};
use crate::jetstream::blockable;
use crate::tasks::{
    Auditor, Effects, QUICK, Task, Worker, all_letters, fault, letters, make_consumer, make_dead_letters,
    nothing_is_lost_or_done_twice, ready, task, unreliable, until_idle, worker,
};

#[tokio::test]
async fn so_many_messages_are_in_hand_as_the_contract_says_and_each_is_acknowledged() {
    let (_server, nats, tasks) = ready(json!({})).await;
    let all: Vec<Status> = (0..30).map(task).collect();
    assert_eq!(tasks.persist_all(&all, 8).await.unwrap().len(), 30);
    let (in_hand, most, gate) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicUsize::new(0)),
        Arc::new(Semaphore::new(0)),
    );
    let handler = {
        let (in_hand, most, gate) = (in_hand.clone(), most.clone(), gate.clone());
        move |task: Task| {
            let (in_hand, most, gate) = (in_hand.clone(), most.clone(), gate.clone());
            async move {
                assert_eq!((task.attempt(), task.is_last_attempt()), (1, false));
                most.fetch_max(in_hand.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                gate.acquire().await?.forget();
                in_hand.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            }
        }
    };
    let working = worker(&nats).work(handler).await.unwrap();
    soon(async {
        while in_hand.load(Ordering::SeqCst) < 3 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // No more were taken from the server than can be worked on.
    let info = api(&nats, "CONSUMER.INFO.tasks.worker", json!({})).await;
    assert_eq!(
        (info["num_ack_pending"].as_u64(), info["num_pending"].as_u64()),
        (Some(3), Some(27))
    );
    gate.add_permits(30);
    until_idle(&nats, "worker").await;
    assert_eq!(most.load(Ordering::SeqCst), 3);
    assert_eq!(working.counts().done, 30);
    working.stop().await;
}

#[tokio::test]
async fn a_failing_message_is_tried_as_often_as_the_contract_says_and_then_a_dead_letter() {
    let (_server, nats, tasks) = ready(json!({})).await;
    let (sender, mut attempts) = mpsc::unbounded_channel();
    let working = worker(&nats)
        .work(move |task: Task| {
            sender
                .send((task.attempt(), task.is_last_attempt(), Instant::now()))
                .unwrap();
            async move {
                "no number".parse::<u64>()?;
                Ok(())
            }
        })
        .await
        .unwrap();
    let mut faults = working.faults();
    let mut headers = HeaderMap::new();
    headers.append("Trace", "t-1");
    tasks.persist_with_headers(&task(7), headers.clone()).await.unwrap();
    let mut times = Vec::new();
    for attempt in 1..=3 {
        let (number, last, at) = soon(attempts.recv()).await.unwrap();
        assert_eq!((number, last), (attempt, attempt == 3));
        times.push(at);
    }
    for (pair, wait) in times.windows(2).zip(QUICK) {
        assert!(pair[1] - pair[0] >= *wait, "{times:?}");
    }
    let told = fault(&mut faults, WorkFaultKind::GivenUp).await;
    assert!(
        told.contains("sequence 1 of stream `tasks`, attempt 3: invalid digit"),
        "{told}"
    );
    until_idle(&nats, "worker").await;
    let counts = working.counts();
    assert_eq!((counts.done, counts.retried, counts.given_up), (0, 2, 1));

    let all = all_letters(&nats).await;
    let [letter] = all.as_slice() else {
        panic!("one letter: {all:?}")
    };
    assert_eq!(letter.subject, "tasks.a1.assignment");
    assert_eq!(letter.reason, "invalid digit found in string");
    assert_eq!((letter.stream.as_str(), letter.consumer.as_str()), ("tasks", "worker"));
    assert_eq!((letter.stream_sequence, letter.delivered), (1, 3));
    assert_eq!(letter.headers.get("Trace").unwrap().as_str(), "t-1");
    assert_eq!(letter.headers.get("Nats-Msg-Id").unwrap().as_str(), "task-7");
    let payload: Value = serde_json::from_slice(letter.payload.as_ref().unwrap()).unwrap();
    assert_eq!(payload["note"], "task-7");
    let told = letter.to_string();
    assert!(told.contains("`worker` after 3 deliveries: invalid digit"), "{told}");
}

#[tokio::test]
async fn a_handler_may_give_up_ask_for_a_wait_or_panic() {
    let (_server, nats, tasks) = ready(json!({})).await;
    let (sender, mut handled) = mpsc::unbounded_channel();
    let working = worker(&nats)
        .work(move |task: Task| {
            let sender = sender.clone();
            async move {
                let (load, attempt) = (task.payload.load, task.attempt());
                sender.send((load, attempt, Instant::now())).unwrap();
                match (load, attempt) {
                    (1, _) => Err(WorkError::give_up("nobody can")),
                    (2, 1) => Err(WorkError::retry_after(Duration::from_millis(300), "later")),
                    (3, 1) => panic!("once"),
                    _ => Ok(()),
                }
            }
        })
        .await
        .unwrap();
    let mut faults = working.faults();
    tasks.persist(&Status::of("a1", 1)).await.unwrap();
    assert_eq!(soon(handled.recv()).await.unwrap().0, 1);
    fault(&mut faults, WorkFaultKind::GivenUp).await;
    tasks.persist(&Status::of("a1", 2)).await.unwrap();
    let first = soon(handled.recv()).await.unwrap();
    let second = soon(handled.recv()).await.unwrap();
    assert_eq!((first.0, second.0, second.1), (2, 2, 2));
    assert!(second.2 - first.2 >= Duration::from_millis(300));
    tasks.persist(&Status::of("a1", 3)).await.unwrap();
    let told = fault(&mut faults, WorkFaultKind::Retried).await;
    // The one that asked to wait was told first.
    let told = if told.contains("later") {
        fault(&mut faults, WorkFaultKind::Retried).await
    } else {
        told
    };
    assert!(
        told.contains("the handler panicked: once") && told.contains("again in 20ms"),
        "{told}"
    );
    until_idle(&nats, "worker").await;
    let counts = working.counts();
    assert_eq!((counts.done, counts.retried, counts.given_up), (2, 2, 1));
    let all = all_letters(&nats).await;
    assert_eq!(
        (all.len(), all[0].reason.as_str(), all[0].delivered),
        (1, "nobody can", 1)
    );
}

#[tokio::test]
async fn what_is_in_hand_is_kept_alive_however_long_it_takes() {
    let (_server, nats, tasks) = ready(json!({ "ack_wait": 300_000_000_u64 })).await;
    let calls = Arc::new(AtomicU64::new(0));
    let counted = calls.clone();
    let working = worker(&nats)
        .work(move |_: Task| {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(1500)).map_to_ok()
        })
        .await
        .unwrap();
    tasks.persist(&task(1)).await.unwrap();
    // Somebody else waits for what is forgotten.
    let mut others = nats.consume::<Worker>().await.unwrap();
    let other = tokio::time::timeout(Duration::from_millis(1700), others.next()).await;
    assert!(other.is_err(), "delivered again while it was in hand: {other:?}");
    until_idle(&nats, "worker").await;
    assert_eq!((calls.load(Ordering::SeqCst), working.counts().done), (1, 1));
}

/// A future that has done its work when another one is over.
trait MapToOk: Future + Sized {
    async fn map_to_ok(self) -> Result<(), WorkError> {
        self.await;
        Ok(())
    }
}

impl<F: Future> MapToOk for F {}

#[tokio::test]
async fn what_does_not_decode_is_a_dead_letter_with_its_fault_whoever_receives_it() {
    let (_server, nats, _tasks) = ready(json!({})).await;
    let send = async |document: &'static str| {
        nats.client()
            .publish("tasks.a1.assignment", document.into())
            .await
            .unwrap();
    };
    send(r#"{"agent":"a1","load":101}"#).await;
    let mut deliveries = nats.consume::<Worker>().await.unwrap();
    let error = soon(deliveries.next()).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), DeliveryErrorKind::Invalid);
    assert!(error.to_string().contains("put to the dead letters"), "{error}");
    drop(deliveries);
    let working = worker(&nats).work(async |_: Task| Ok(())).await.unwrap();
    let mut faults = working.faults();
    send("{").await;
    let told = fault(&mut faults, WorkFaultKind::Invalid).await;
    assert!(told.contains("sequence 2 of stream `tasks`"), "{told}");
    until_idle(&nats, "worker").await;
    assert_eq!(working.counts().invalid, 1);
    let all = all_letters(&nats).await;
    assert_eq!(all.len(), 2);
    assert!(
        all[0].reason.contains("/load") && all[1].reason.contains("JSON"),
        "{all:?}"
    );
    assert_eq!(all[1].payload.as_deref(), Some("{".as_bytes()));
}

#[tokio::test]
async fn a_message_is_not_lost_while_there_is_no_place_for_dead_letters() {
    let (_server, nats, tasks) = ready(json!({})).await;
    api(&nats, "STREAM.DELETE.dead_tasks", json!({})).await;
    let working = worker(&nats)
        .work(async |_: Task| Err(WorkError::give_up("nobody can")))
        .await
        .unwrap();
    let mut faults = working.faults();
    tasks.persist(&task(1)).await.unwrap();
    let told = fault(&mut faults, WorkFaultKind::NotBuried).await;
    assert!(told.contains("nobody can") && told.contains("`dead_tasks`"), "{told}");
    make_dead_letters(&nats).await;
    fault(&mut faults, WorkFaultKind::GivenUp).await;
    until_idle(&nats, "worker").await;
    assert_eq!(all_letters(&nats).await.len(), 1);
}

#[tokio::test]
async fn a_message_that_is_too_large_for_a_letter_is_one_without_its_payload() {
    let server = Server::builder().config("max_payload: 2048").start().await.unwrap();
    let nats = connect(&server).await;
    let config = json!({ "name": "tasks", "subjects": ["tasks.*.assignment"] });
    api(&nats, "STREAM.CREATE.tasks", config).await;
    make_dead_letters(&nats).await;
    make_consumer(&nats, "worker", json!({})).await;
    let large = format!("{{\"agent\":\"a1\",\"load\":1,\"more\":\"{}\"}}", "x".repeat(1950));
    nats.client()
        .publish("tasks.a1.assignment", large.into())
        .await
        .unwrap();
    let _working = worker(&nats)
        .work(async |_: Task| Err(WorkError::give_up("nobody can")))
        .await
        .unwrap();
    until_idle(&nats, "worker").await;
    let all = all_letters(&nats).await;
    assert_eq!((all.len(), all[0].stream_sequence, &all[0].payload), (1, 1, &None));
    let error = letters(&nats).replay(&all[0]).await.unwrap_err();
    assert_eq!(error.kind(), ReplayErrorKind::NoPayload, "{error}");
}

#[tokio::test]
async fn a_message_that_takes_its_workers_down_is_given_up_without_another_attempt() {
    let (_server, nats, tasks) = ready(json!({ "ack_wait": 100_000_000_u64 })).await;
    tasks.persist(&task(1)).await.unwrap();
    // Three who took it and ended.
    let mut deliveries = nats.consume::<Worker>().await.unwrap();
    for delivered in 1..=3 {
        let delivery = soon(deliveries.next()).await.unwrap().unwrap();
        assert_eq!(delivery.delivered(), delivered);
    }
    drop(deliveries);
    let working = worker(&nats)
        .work(async |_: Task| panic!("must not be called"))
        .await
        .unwrap();
    fault(&mut working.faults(), WorkFaultKind::GivenUp).await;
    until_idle(&nats, "worker").await;
    let all = all_letters(&nats).await;
    assert_eq!(all[0].reason, "delivered 3 times and never settled");
}

#[tokio::test]
async fn what_was_handled_is_not_handled_again_when_it_comes_again() {
    let (_server, nats, tasks) = ready(json!({})).await;
    let calls = Arc::new(AtomicU64::new(0));
    let counted = calls.clone();
    let options = WorkOptions::default().with_memory(100).with_concurrency(8);
    let working = worker(&nats)
        .work_with(options, move |_: Task| {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(50)).map_to_ok()
        })
        .await
        .unwrap();
    // The stream takes them for different messages; their publisher says that they are one.
    for place in 0..5 {
        let mut headers = HeaderMap::new();
        headers.insert("Natsmith-Message-Id", "one and the same");
        let task = Status::of("a1", place);
        tasks.persist_with_headers(&task, headers).await.unwrap();
    }
    until_idle(&nats, "worker").await;
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!((working.counts().done, working.counts().repeated), (1, 4));
}

#[tokio::test]
async fn stopping_finishes_what_is_in_hand_and_leaves_the_rest_to_others() {
    let (_server, nats, tasks) = ready(json!({})).await;
    let all: Vec<Status> = (0..20).map(task).collect();
    tasks.persist_all(&all, 20).await.unwrap();
    let (sender, mut begun) = mpsc::unbounded_channel();
    let gate = Arc::new(Semaphore::new(0));
    let handler = {
        let gate = gate.clone();
        move |_: Task| {
            sender.send(()).unwrap();
            let gate = gate.clone();
            async move {
                gate.acquire().await?.forget();
                Ok(())
            }
        }
    };
    let working = worker(&nats).work(handler).await.unwrap();
    for _ in 0..3 {
        soon(begun.recv()).await.unwrap();
    }
    let stopping = tokio::spawn(working.stop());
    // Another worker does the rest while the first one still holds three.
    let second = worker(&nats).work(async |_: Task| Ok(())).await.unwrap();
    soon(async {
        while second.counts().done < 17 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    assert!(!stopping.is_finished());
    gate.add_permits(3);
    soon(stopping).await.unwrap();
    until_idle(&nats, "worker").await;
    assert_eq!((second.counts().done, second.counts().repeated), (17, 0));
    // A drain waits for what is in hand too.
    tasks.persist(&task(99)).await.unwrap();
    soon(async {
        while second.counts().done < 18 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    nats.drain(Duration::from_secs(5)).await.unwrap();
    assert!(second.is_finished());
}

#[tokio::test]
async fn a_worker_notices_silence_although_it_is_never_idle_itself() {
    // Its signs of life are due much more often than the server may be silent.
    let (server, _nats, _tasks) = ready(json!({ "ack_wait": 150_000_000_u64 })).await;
    let (url, block) = blockable(&server).await;
    let nats = Connection::builder(url).connect().await.unwrap();
    let pull = PullOptions::default().with_idle_heartbeat(Duration::from_millis(100));
    let options = WorkOptions::default().with_pull(pull);
    let working = worker(&nats).work_with(options, async |_: Task| Ok(())).await.unwrap();
    let mut faults = working.faults();
    block.send_replace(true);
    for _ in 0..2 {
        let told = fault(&mut faults, WorkFaultKind::Delivery).await;
        assert!(told.contains("the server is silent"), "{told}");
    }
}

#[tokio::test]
async fn a_worker_needs_a_consumer_whose_messages_are_acknowledged_one_by_one() {
    let (_server, nats, _tasks) = ready(json!({ "ack_policy": "all" })).await;
    let error = worker(&nats).work(async |_: Task| Ok(())).await.unwrap_err();
    assert_eq!(error.kind(), ConsumeErrorKind::AckPolicy);
    assert!(
        error.to_string().contains("`worker` has the ack policy `all`"),
        "{error}"
    );
}

#[tokio::test]
async fn a_dead_letter_is_worked_on_once_more_by_the_consumer_that_gave_it_up_and_no_other() {
    let (_server, nats, tasks) = ready(json!({})).await;
    make_consumer(&nats, "auditor", json!({})).await;
    let (sender, mut heard) = mpsc::unbounded_channel();
    let (works, repaired) = (sender.clone(), Arc::new(AtomicU64::new(0)));
    let can = repaired.clone();
    let working = worker(&nats)
        .work(move |task: Task| {
            works.send(("worker", task.payload.load)).unwrap();
            let can = can.load(Ordering::SeqCst) > 0;
            async move {
                if can {
                    Ok(())
                } else {
                    Err(WorkError::give_up("not yet"))
                }
            }
        })
        .await
        .unwrap();
    let auditing = ConsumerEndpoint::<Auditor>::new(&nats)
        .work(move |task: Task| {
            sender.send(("auditor", task.payload.load)).unwrap();
            async { Ok(()) }
        })
        .await
        .unwrap();
    for load in 0..3 {
        tasks
            .persist(&Status {
                note: format!("id-{load}"),
                ..Status::of("a1", load)
            })
            .await
            .unwrap();
    }
    for _ in 0..6 {
        soon(heard.recv()).await.unwrap();
    }
    until_idle(&nats, "worker").await;
    assert_eq!(all_letters(&nats).await.len(), 3);

    repaired.store(1, Ordering::SeqCst);
    let letters = letters(&nats);
    let replayed = letters
        .replay_where(|letter| letter.stream_sequence != 2)
        .await
        .unwrap();
    assert_eq!(replayed, 2);
    let mut again = [soon(heard.recv()).await.unwrap(), soon(heard.recv()).await.unwrap()];
    again.sort_unstable();
    assert_eq!(again, [("worker", 0), ("worker", 2)]);
    until_idle(&nats, "worker").await;
    until_idle(&nats, "auditor").await;
    assert!(heard.try_recv().is_err(), "the auditor has seen them before");
    assert_eq!((working.counts().done, auditing.counts().done), (2, 3));
    let rest = all_letters(&nats).await;
    assert_eq!((rest.len(), rest[0].stream_sequence), (1, 2));
    // One that was replayed and not removed, such as by a program that ended in between, is stored once.
    let first = letters.replay(&rest[0]).await.unwrap();
    let second = letters.replay(&rest[0]).await.unwrap();
    assert_eq!((first.duplicate, second.duplicate), (false, true));
    letters.discard(&rest[0]).await.unwrap();
    assert!(letters.letters().next_is_none().await);
}

/// Whether a stream is at its end.
trait NextIsNone: futures_util::Stream + Sized {
    async fn next_is_none(self) -> bool {
        std::pin::pin!(self).next().await.is_none()
    }
}

impl<S: futures_util::Stream> NextIsNone for S {}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_thousand_messages_none_is_lost_and_none_is_done_twice() {
    const TASKS: u64 = 10_000;
    let (_server, nats, tasks) = ready(json!({})).await;
    let all: Vec<Status> = (0..TASKS).map(task).collect();
    let began = Instant::now();
    assert_eq!(tasks.persist_all(&all, 512).await.unwrap().len(), all.len());
    let persisted = began.elapsed();
    let effects = Effects::default();
    let options = WorkOptions::default().with_concurrency(64);
    let working = worker(&nats).work_with(options, unreliable(&effects)).await.unwrap();
    tokio::time::timeout(Duration::from_secs(120), async {
        while working.counts().done + working.counts().given_up < TASKS {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    until_idle(&nats, "worker").await;
    println!(
        "persisted in {persisted:?}, all done in {:?}: {:?}",
        began.elapsed(),
        working.counts()
    );
    working.stop().await;
    nothing_is_lost_or_done_twice(&nats, &effects, TASKS).await;
}
