//! Programs that leave in order: nothing that was taken is lost, and the goodbye is the last that is heard.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use natsmith_runtime::connection::State;
use natsmith_runtime::life::{Life, LifeErrorKind, Phase, Reason};
use natsmith_runtime::request::RequestErrorKind;
use natsmith_runtime::serve::ServeErrorKind;
use natsmith_runtime::{Connection, Endpoint, SetEndpoint, TypedSubject, access};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::contract::{AgentMessages, QuerySubject, Status, StatusSubject, WorkSubject, connect, server, soon};

fn query(nats: &Connection) -> Endpoint<QuerySubject, access::AskAnswer> {
    Endpoint::new(nats, QuerySubject::filter().agent("a1"))
}

fn status(nats: &Connection) -> Endpoint<StatusSubject, access::PublishSubscribe> {
    Endpoint::new(nats, StatusSubject::filter())
}

#[tokio::test]
async fn what_was_taken_is_finished_before_the_connection_closes() {
    const EVENTS: u64 = 300;
    let server = server().await;
    let (nats, others) = (connect(&server).await, connect(&server).await);
    let handled = Arc::new(AtomicU64::new(0));
    let mut life = Life::of(&nats);
    let count = handled.clone();
    // Whoever handles an event says so: also what a handler sends on its way out must arrive.
    let work = Endpoint::<WorkSubject, access::Publish>::new(&nats, WorkSubject::filter().agent("a1"));
    let endpoint = status(&nats);
    let handling = endpoint.handle(4, move |event| {
        let (count, work) = (count.clone(), work.clone());
        async move {
            tokio::time::sleep(Duration::from_millis(2)).await;
            work.publish(&event.payload).await?;
            count.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    });
    life.keep(handling.await.unwrap());
    let endpoint = query(&nats);
    let serving = endpoint.serve(|request| async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(request.payload)
    });
    life.keep(serving.await.unwrap());
    let said = Endpoint::<WorkSubject, access::Subscribe>::new(&others, WorkSubject::filter());
    let mut heard = said.subscribe().await.unwrap();
    others.round_trip().await.unwrap();
    let mut phase = life.phase();
    assert_eq!(*phase.borrow_and_update(), Phase::Starting);
    life.ready().await.unwrap();
    assert_eq!(*phase.borrow_and_update(), Phase::Ready);

    let stopper = life.stopper();
    let running = tokio::spawn(life.run());
    let asking = (0..200).map(|load| {
        let query = query(&others);
        let stopper = stopper.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(load / 4)).await;
            if load == 100 {
                stopper.stop();
            }
            query
                .request(&Status::of("a1", load % 100))
                .await
                .map_err(|error| error.kind())
        }
    });
    for load in 0..EVENTS {
        status(&others).publish(&Status::of("a1", load % 100)).await.unwrap();
    }
    others.round_trip().await.unwrap();
    let asked = soon(futures_util::future::join_all(asking)).await;
    assert_eq!(soon(running).await.unwrap().unwrap(), Reason::Stopped);
    assert_eq!(*phase.borrow_and_update(), Phase::Ended);
    assert_eq!(nats.state(), State::Closed);

    // Each request was answered, or known at once not to be: none was taken and forgotten.
    let answered = asked.iter().filter(|answer| answer.is_ok()).count();
    let refused = asked
        .iter()
        .filter(|answer| matches!(answer, Err(RequestErrorKind::NoResponders)))
        .count();
    assert_eq!(answered + refused, 200, "{asked:?}");
    assert!(answered >= 100, "{answered} answered, {refused} refused");
    let late = query(&others).request(&Status::of("a1", 1)).await;
    assert_eq!(late.unwrap_err().kind(), RequestErrorKind::NoResponders);
    // Each event was on its way before the program left, and was handled.
    assert_eq!(handled.load(Ordering::Relaxed), EVENTS);
    for _ in 0..EVENTS {
        soon(heard.next()).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn farewells_run_in_turn_while_the_connection_stands() {
    let server = server().await;
    let (nats, others) = (connect(&server).await, connect(&server).await);
    let mut heard = status(&others).subscribe().await.unwrap();
    others.round_trip().await.unwrap();
    let mut life = Life::of(&nats);
    for (load, fails) in [(1, false), (2, true), (3, false)] {
        let status = status(&nats);
        life.farewell(async move {
            status.publish(&Status::of("a1", load)).await?;
            if fails { Err("as it must".into()) } else { Ok(()) }
        });
    }
    life.stopper().stop();
    let error = soon(life.run()).await.unwrap_err();
    assert_eq!(error.kind(), LifeErrorKind::Farewell);
    assert_eq!(error.to_string(), "a farewell failed: as it must");
    assert_eq!(nats.state(), State::Closed);
    for load in 1..=3 {
        assert_eq!(soon(heard.next()).await.unwrap().unwrap().payload.load, load);
    }
}

#[tokio::test]
async fn leaving_ends_at_the_deadline() {
    let server = server().await;
    let nats = connect(&server).await;
    let mut life = Life::of(&nats).within(Duration::from_millis(200));
    let handling = status(&nats).handle(1, |_| std::future::pending()).await;
    life.keep(handling.unwrap());
    life.ready().await.unwrap();
    status(&nats).publish(&Status::of("a1", 1)).await.unwrap();
    nats.round_trip().await.unwrap();
    life.stopper().stop();
    let error = soon(life.run()).await.unwrap_err();
    assert_eq!(error.kind(), LifeErrorKind::Drain);
    assert!(error.to_string().contains("1 services"), "{error}");
}

#[tokio::test]
async fn a_connection_that_is_closed_ends_the_life() {
    let server = server().await;
    let nats = connect(&server).await;
    let life = Life::of(&nats);
    let stopper = life.stopper();
    let running = tokio::spawn(life.run());
    nats.drain(Duration::from_secs(5)).await.unwrap();
    assert_eq!(soon(running).await.unwrap().unwrap(), Reason::Closed);
    // Loops that wait for the end hear of it too.
    soon(stopper.stopped()).await;
}

#[tokio::test]
async fn what_a_handler_cannot_handle_is_told_and_the_next_event_is_handled() {
    let server = server().await;
    let nats = connect(&server).await;
    let (sender, mut handled) = tokio::sync::mpsc::unbounded_channel();
    let endpoint = SetEndpoint::<AgentMessages>::new(&nats);
    let handling = endpoint.handle(1, move |message| {
        let sender = sender.clone();
        async move {
            let AgentMessages::Status(status) = message else {
                return Err("work is not for me".into());
            };
            assert_ne!(status.payload.load, 7, "as it must");
            sender.send(status.payload.load)?;
            Ok(())
        }
    });
    let handling = handling.await.unwrap();
    let mut errors = handling.errors();
    nats.round_trip().await.unwrap();
    let work = Endpoint::<WorkSubject, access::Publish>::new(&nats, WorkSubject::filter().agent("a1"));
    work.publish(&Status::of("a1", 0)).await.unwrap();
    nats.client().publish("agents.a1.status", "{}".into()).await.unwrap();
    for load in [7, 1, 2, 3] {
        status(&nats).publish(&Status::of("a1", load)).await.unwrap();
    }
    for load in 1..=3 {
        assert_eq!(soon(handled.recv()).await, Some(load), "one at a time keeps the order");
    }
    for kind in [
        ServeErrorKind::Handler,
        ServeErrorKind::InvalidMessage,
        ServeErrorKind::Panic,
    ] {
        assert_eq!(soon(errors.next()).await.unwrap().kind(), kind);
    }
    assert_eq!(handling.error_count(), 3);
    handling.stop().await;
}

/// Where the signal test runs its program.
const PROGRAM: &str = "NATSMITH_TEST_LIFE";

/// The program of the next test; alone, it does nothing.
#[tokio::test]
async fn the_program_of_the_signal_test() {
    let Ok(url) = std::env::var(PROGRAM) else {
        return;
    };
    let nats = Connection::builder(url).connect().await.unwrap();
    let mut life = Life::of(&nats);
    let endpoint = query(&nats);
    let serving = endpoint.serve(|request| async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok(request.payload)
    });
    life.keep(serving.await.unwrap());
    let status = status(&nats);
    life.farewell(async move {
        status.publish(&Status::of("a1", 99)).await?;
        Ok(())
    });
    life.ready().await.unwrap();
    println!("ready");
    println!("left: {}", life.run().await.unwrap());
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_leaves_in_order_when_it_gets_a_signal() {
    let server = server().await;
    let nats = connect(&server).await;
    for (signal, reason) in [("INT", Reason::Interrupted), ("TERM", Reason::Terminated)] {
        let mut heard = status(&nats).subscribe().await.unwrap();
        nats.round_trip().await.unwrap();
        let mut program = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args(["life::the_program_of_the_signal_test", "--exact", "--nocapture"])
            .env(PROGRAM, server.url())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let mut told = async |wanted: &str| {
            while let Some(line) = soon(lines.next_line()).await.unwrap() {
                if line.contains(wanted) {
                    return;
                }
            }
            panic!("the program never said `{wanted}`");
        };
        told("ready").await;
        // A request is being handled when the signal comes.
        let (asker, pid) = (query(&nats), program.id().unwrap().to_string());
        let asking = tokio::spawn(async move { asker.request(&Status::of("a1", 5)).await });
        nats.round_trip().await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let sent = tokio::process::Command::new("kill")
            .args(["-s", signal, &pid])
            .status()
            .await;
        assert!(sent.unwrap().success());
        assert_eq!(
            soon(heard.next()).await.unwrap().unwrap().payload.load,
            99,
            "the goodbye"
        );
        assert_eq!(
            soon(asking).await.unwrap().unwrap().load,
            5,
            "what was asked is answered"
        );
        told(&format!("left: {reason}")).await;
        assert!(soon(program.wait()).await.unwrap().success());
    }
}
