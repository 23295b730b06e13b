//! What is left after a server went away, and after a connection was drained.

use std::sync::Arc;
use std::time::Duration;

use mister_smith::payloads::AgentCapabilities;
use mister_smith::provision::{Profile, plan};
use mister_smith::roles::{Agent, Monitor, Orchestrator};
use mister_smith::streams::claude_cli_integration;
use mister_smith::streams::task_lifecycle::TaskProcessor;
use mister_smith::subscriptions::AllAgentStatus;
use natsmith_runtime::connection::{Event, State};
use natsmith_runtime::endpoint::PublishErrorKind;
use natsmith_runtime::jetstream::DeliveryErrorKind;
use natsmith_runtime::provision::{Action, Asset};
use tokio::sync::Notify;

use crate::common::{agent, connect, example, provisioned, server, soon, status, task, until};

#[tokio::test]
async fn after_a_restart_everything_goes_on() {
    let (mut server, nats) = provisioned().await;
    let other = connect(&server).await;
    let mut states = Monitor::new(other.clone())
        .all_agent_status()
        .subscribe()
        .await
        .unwrap();
    let mut tasks = other.consume::<TaskProcessor>().await.unwrap();
    other.round_trip().await.unwrap();
    let queue = Orchestrator::new(nats.clone()).queue();
    let (before, after) = (task(), task());
    queue.persist(&before).await.unwrap();

    let mut events = [nats.events(), other.events()];
    server.stop().await.unwrap();
    for events in &mut events {
        assert_eq!(soon(events.next()).await, Some(Event::Disconnected));
    }
    assert!(!nats.is_healthy());
    server.restart().await.unwrap();
    for events in &mut events {
        let seen = until(events, &Event::Connected).await;
        assert!(seen.contains(&Event::Reconnecting(1)), "{seen:?}");
    }
    assert!(nats.is_healthy() && other.is_healthy());
    other.round_trip().await.unwrap();

    // What subscriptions hear.
    Agent::new(nats.clone(), agent())
        .status()
        .publish(&status(7))
        .await
        .unwrap();
    let AllAgentStatus::Status(heard) = soon(states.next()).await.unwrap().unwrap();
    assert_eq!(heard.payload.current_tasks, 7);
    // What streams kept, and what they keep from now on; the outage is an item, and not the end.
    queue.persist(&after).await.unwrap();
    let lost = soon(tasks.next()).await.unwrap().unwrap_err();
    assert_eq!(lost.kind(), DeliveryErrorKind::ConnectionLost);
    for task in [before, after] {
        let delivery = soon(tasks.next()).await.unwrap().unwrap();
        assert_eq!(delivery.payload, task);
        delivery.ack_confirmed().await.unwrap();
    }
    // What was provisioned, except what one server alone had in its memory.
    let rest = plan(&nats, Profile::DEV).await.unwrap();
    let lost: Vec<Asset> = rest.actions().iter().map(Action::asset).collect();
    let in_memory = claude_cli_integration::NAME;
    assert_eq!(lost, [Asset::Stream { name: in_memory }], "{rest}");
    rest.apply().await.unwrap();
    assert!(plan(&nats, Profile::DEV).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_drain_loses_nothing_that_was_accepted() {
    const COUNT: u32 = 500;
    let server = server().await;
    let other = connect(&server).await;
    let mut states = Monitor::new(other.clone())
        .all_agent_status()
        .subscribe()
        .await
        .unwrap();
    other.round_trip().await.unwrap();

    let nats = connect(&server).await;
    let reports = Agent::new(nats.clone(), agent()).status();
    for number in 0..COUNT {
        reports.publish(&status(number)).await.unwrap();
    }
    nats.drain(Duration::from_secs(5)).await.unwrap();
    assert_eq!(nats.state(), State::Closed);
    for number in 0..COUNT {
        let AllAgentStatus::Status(heard) = soon(states.next()).await.unwrap().unwrap();
        assert_eq!(heard.payload.current_tasks, number);
    }
    assert_eq!(states.missed(), 0);
    let refused = reports.publish(&status(COUNT)).await.unwrap_err();
    assert_eq!(refused.kind(), PublishErrorKind::Closed);
}

#[tokio::test]
async fn a_drain_answers_the_request_in_hand() {
    let server = server().await;
    let nats = connect(&server).await;
    let (asked, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let (asked, go_on) = (asked.clone(), go_on.clone());
        move |_| {
            let (asked, go_on) = (asked.clone(), go_on.clone());
            async move {
                asked.notify_one();
                go_on.notified().await;
                Ok(example::<AgentCapabilities>())
            }
        }
    };
    let serving = Agent::new(nats.clone(), agent())
        .capabilities()
        .serve(handler)
        .await
        .unwrap();
    nats.round_trip().await.unwrap();
    let orchestrator = Orchestrator::new(connect(&server).await);
    let question = tokio::spawn(async move { orchestrator.capabilities(&agent()).request(&example()).await });
    soon(asked.notified()).await;

    let drained = tokio::spawn(async move { nats.drain(Duration::from_secs(5)).await });
    tokio::task::yield_now().await;
    assert!(!drained.is_finished());
    go_on.notify_one();
    soon(drained).await.unwrap().unwrap();
    assert_eq!(soon(question).await.unwrap().unwrap(), example());
    assert!(serving.is_finished());
}
