//! What can be known about a connection while its server comes and goes.

use std::time::Duration;

use natsmith_runtime::connection::{ConnectErrorKind, DrainErrorKind, Event, FlushErrorKind, State};
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, Endpoint, TypedSubject, access};

use crate::contract::{Status, StatusSubject, connect, server, soon};

/// Reads events until `wanted`, and returns all of them.
async fn until(events: &mut natsmith_runtime::connection::Events, wanted: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut seen = Vec::new();
    soon(async {
        loop {
            let event = events.next().await.expect("the events have ended");
            let found = wanted(&event);
            seen.push(event);
            if found {
                return;
            }
        }
    })
    .await;
    seen
}

#[tokio::test]
async fn a_lost_server_is_told_step_by_step_and_subscriptions_are_renewed() {
    let mut server = server().await;
    let nats = connect(&server).await;
    let mut events = nats.events();
    assert_eq!(nats.state(), State::Connected);
    assert!(nats.is_healthy());
    let status = Endpoint::<StatusSubject, access::PublishSubscribe>::new(&nats, StatusSubject::filter());
    let mut heard = status.subscribe().await.unwrap();

    server.stop().await.unwrap();
    let seen = until(&mut events, |event| *event == Event::Reconnecting(2)).await;
    // Between them stands why each attempt failed.
    let steps: Vec<_> = seen
        .into_iter()
        .filter(|event| !matches!(event, Event::Error(_)))
        .collect();
    assert_eq!(
        steps,
        [Event::Disconnected, Event::Reconnecting(1), Event::Reconnecting(2)]
    );
    assert!(!nats.is_healthy());
    assert!(matches!(nats.state(), State::Reconnecting(_)));
    // Published while there is no connection: it waits in the client.
    status.publish(&Status::of("a1", 1)).await.unwrap();

    server.restart().await.unwrap();
    until(&mut events, |event| *event == Event::Connected).await;
    let mut state = nats.watch_state();
    soon(state.wait_for(|state| *state == State::Connected)).await.unwrap();
    assert!(nats.is_healthy());
    let message = soon(heard.next()).await.unwrap().unwrap();
    assert_eq!(message.payload, Status::of("a1", 1));
}

#[tokio::test]
async fn given_up_is_closed() {
    let mut server = server().await;
    let nats = Connection::builder(server.url())
        .reconnect_delay(Duration::from_millis(1))
        .max_reconnects(3)
        .connect()
        .await
        .unwrap();
    let mut events = nats.events();
    let status = Endpoint::<StatusSubject, access::PublishSubscribe>::new(&nats, StatusSubject::filter());
    let mut heard = status.subscribe().await.unwrap();
    server.stop().await.unwrap();
    let seen = until(&mut events, |event| *event == Event::Closed).await;
    assert_eq!(seen.first(), Some(&Event::Disconnected));
    assert!(seen.contains(&Event::Reconnecting(3)), "{seen:?}");
    assert!(
        seen.iter()
            .any(|event| matches!(event, Event::Error(text) if text.contains("max reconnects")))
    );
    // An ended stream stays ended.
    assert_eq!((events.next().await, events.next().await), (None, None));
    assert_eq!(nats.state(), State::Closed);
    assert!(soon(heard.next()).await.is_none());
    let error = status.publish(&Status::of("a1", 1)).await.unwrap_err();
    assert_eq!(error.kind(), natsmith_runtime::endpoint::PublishErrorKind::Closed);
    assert_eq!(nats.round_trip().await.unwrap_err().kind(), FlushErrorKind::Closed);
    // Events asked for too late end at once.
    assert_eq!(nats.events().next().await, None);
}

#[tokio::test]
async fn a_server_in_lame_duck_mode_is_told() {
    let server = server().await;
    let nats = connect(&server).await;
    let mut events = nats.events();
    server.lame_duck().unwrap();
    until(&mut events, |event| *event == Event::LameDuck).await;
}

#[tokio::test]
async fn a_slow_subscription_is_told_with_its_filter() {
    let server = server().await;
    let nats = Connection::builder(server.url())
        .subscription_capacity(4)
        .connect()
        .await
        .unwrap();
    let mut events = nats.events();
    let status = Endpoint::<StatusSubject, access::PublishSubscribe>::new(&nats, StatusSubject::filter());
    let mut heard = status.subscribe().await.unwrap();
    for load in 0..50 {
        status.publish(&Status::of("a1", load)).await.unwrap();
    }
    let seen = until(&mut events, |event| {
        matches!(event, Event::SlowConsumer { missed: 46, .. })
    })
    .await;
    assert!(
        seen.iter().all(
            |event| matches!(event, Event::SlowConsumer { filter: Some(filter), .. } if filter == "agents.*.status")
        )
    );
    assert!(seen.len() <= 3, "one event for the first, one for the others: {seen:?}");
    assert_eq!(heard.missed(), 46);
    // What was kept is the oldest, in order, and the subscription goes on.
    for load in 0..4 {
        assert_eq!(soon(heard.next()).await.unwrap().unwrap().payload.load, load);
    }
    status.publish(&Status::of("a1", 99)).await.unwrap();
    assert_eq!(soon(heard.next()).await.unwrap().unwrap().payload.load, 99);
}

#[tokio::test]
async fn a_permissions_violation_is_an_event() {
    let server = Server::builder()
        .config(r#"authorization { users: [{ user: u, password: p, permissions: { publish: "allowed.>" } }] }"#)
        .start()
        .await
        .unwrap();
    let nats = Connection::builder(server.url())
        .user_and_password("u", "p")
        .connect()
        .await
        .unwrap();
    let mut events = nats.events();
    let status = Endpoint::<StatusSubject, access::Publish>::new(&nats, StatusSubject::filter());
    status.publish(&Status::of("a1", 1)).await.unwrap();
    let seen = until(&mut events, |event| matches!(event, Event::Error(_))).await;
    assert!(
        seen.last()
            .unwrap()
            .to_string()
            .to_lowercase()
            .contains("permissions violation"),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_connection_can_begin_before_its_server() {
    let mut server = server().await;
    server.stop().await.unwrap();
    let error = Connection::builder(server.url()).connect().await.unwrap_err();
    assert_eq!(error.kind(), ConnectErrorKind::Io);

    let nats = Connection::builder(server.url())
        .retry_on_initial_connect(true)
        .reconnect_delay(Duration::from_millis(10))
        .max_reconnect_delay(Duration::from_millis(50))
        .connect()
        .await
        .unwrap();
    let mut events = nats.events();
    assert_eq!(nats.state(), State::Connecting);
    assert!(!nats.is_healthy());
    until(&mut events, |event| *event == Event::Reconnecting(3)).await;
    server.restart().await.unwrap();
    let seen = until(&mut events, |event| *event == Event::Connected).await;
    assert!(!seen.contains(&Event::Disconnected), "{seen:?}");
    assert!(nats.is_healthy());
}

#[tokio::test]
async fn flush_and_round_trip_wait_for_the_server_and_no_longer_than_allowed() {
    let mut server = server().await;
    let nats = Connection::builder(server.url())
        .flush_timeout(Duration::from_millis(200))
        .connect()
        .await
        .unwrap();
    nats.flush().await.unwrap();
    assert!(nats.round_trip().await.unwrap() < Duration::from_millis(200));
    server.stop().await.unwrap();
    let mut state = nats.watch_state();
    soon(state.wait_for(|state| *state != State::Connected)).await.unwrap();
    assert_eq!(nats.flush().await.unwrap_err().kind(), FlushErrorKind::TimedOut);
    assert_eq!(nats.round_trip().await.unwrap_err().kind(), FlushErrorKind::TimedOut);
}

#[tokio::test]
async fn draining_writes_what_is_published_and_ends_subscriptions_after_what_they_hold() {
    let server = server().await;
    let other = connect(&server).await;
    let hearing = Endpoint::<StatusSubject, access::Subscribe>::new(&other, StatusSubject::filter());
    let mut heard = hearing.subscribe().await.unwrap();
    other.round_trip().await.unwrap();

    let nats = connect(&server).await;
    let mut events = nats.events();
    let status = Endpoint::<StatusSubject, access::PublishSubscribe>::new(&nats, StatusSubject::filter());
    let mut own = status.subscribe().await.unwrap();
    for load in 0..100 {
        status.publish(&Status::of("a1", load)).await.unwrap();
    }
    nats.round_trip().await.unwrap();
    soon(nats.drain(Duration::from_secs(5))).await.unwrap();
    assert_eq!(nats.state(), State::Closed);
    assert!(!nats.is_healthy());
    assert_eq!(
        until(&mut events, |event| *event == Event::Closed).await,
        [Event::Draining, Event::Closed]
    );
    for load in 0..100 {
        assert_eq!(soon(heard.next()).await.unwrap().unwrap().payload.load, load);
        assert_eq!(soon(own.next()).await.unwrap().unwrap().payload.load, load);
    }
    assert!(soon(own.next()).await.is_none());
    // A second drain finds everything done.
    nats.drain(Duration::MAX).await.unwrap();
}

#[tokio::test]
async fn draining_without_a_server_ends_at_the_deadline() {
    let mut server = server().await;
    let nats = connect(&server).await;
    server.stop().await.unwrap();
    let mut state = nats.watch_state();
    soon(state.wait_for(|state| *state != State::Connected)).await.unwrap();
    let error = soon(nats.drain(Duration::from_millis(100))).await.unwrap_err();
    assert_eq!(error.kind(), DrainErrorKind::TimedOut);
}

#[tokio::test]
async fn a_dropped_connection_is_closed() {
    let server = server().await;
    let nats = connect(&server).await;
    let mut events = nats.events();
    drop(nats);
    until(&mut events, |event| *event == Event::Closed).await;
}

#[tokio::test]
async fn a_round_trip_needs_nobody_and_minds_nobody() {
    let server = server().await;
    let nats = connect(&server).await;
    nats.round_trip().await.unwrap();
    let without_echo = Connection::builder(server.url()).no_echo(true).connect().await.unwrap();
    without_echo.round_trip().await.unwrap();
    // Somebody who hears everything and answers nothing, such as a person who looks on.
    let _looks_on = connect(&server).await.client().subscribe(">").await.unwrap();
    nats.round_trip().await.unwrap();
    nats.round_trip().await.unwrap();
}
