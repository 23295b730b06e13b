//! A role reaches the subjects that are its own, and no others.

use mister_smith::payloads::agent_heartbeat::AgentHeartbeat;
use mister_smith::payloads::{AgentCommand, AgentStatus, HookEvent, HookResponse, SystemAlert};
use mister_smith::roles::{Agent, Cli, Orchestrator};
use mister_smith::subjects::agents::CommandsSubject;
use mister_smith::tokens::CommandType;
use natsmith_runtime::TypedSubject;
use natsmith_runtime::endpoint::PublishErrorKind;
use natsmith_runtime::subscription::SubscribeErrorKind;

use crate::common::{AGENT, OTHER, agent, connect, example, next_raw, other_agent, server, soon, task};

#[tokio::test]
async fn subjects_come_from_scope_and_payload() {
    let server = server().await;
    let nats = connect(&server).await;
    let mut heard = nats.client().subscribe(">").await.unwrap();

    let orchestrator = Orchestrator::new(nats.clone());
    let worker = Agent::new(nats.clone(), agent());
    let cli = Cli::new(nats.clone(), agent());
    let heartbeat: AgentHeartbeat = example();
    orchestrator
        .commands()
        .publish(&example::<AgentCommand>())
        .await
        .unwrap();
    worker.status().publish(&example::<AgentStatus>()).await.unwrap();
    worker.heartbeat().publish(&heartbeat).await.unwrap();
    orchestrator.queue().publish(&task()).await.unwrap();
    orchestrator.alerts().publish(&example::<SystemAlert>()).await.unwrap();
    cli.hooks().publish(&example::<HookEvent>()).await.unwrap();
    orchestrator
        .responses(&agent())
        .publish(&example::<HookResponse>())
        .await
        .unwrap();

    let severity = example::<SystemAlert>().severity;
    let expected = [
        format!("agents.{AGENT}.commands.execute"),
        format!("agents.{AGENT}.status.busy"),
        format!("agents.{AGENT}.heartbeat"),
        "tasks.execution.queue.0".to_owned(),
        format!("system.alerts.{severity}"),
        format!("cli.hooks.post_task.{AGENT}"),
        format!("cli.responses.{AGENT}"),
    ];
    for subject in expected {
        assert_eq!(next_raw(&mut heard).await.0, subject);
    }
}

#[tokio::test]
async fn an_agent_cannot_speak_for_another() {
    let server = server().await;
    let nats = connect(&server).await;
    let mut heard = nats.client().subscribe("agents.>").await.unwrap();
    let worker = Agent::new(nats.clone(), other_agent());
    // The payload names the example's agent.
    let error = worker.status().publish(&example::<AgentStatus>()).await.unwrap_err();
    assert_eq!(error.kind(), PublishErrorKind::Subject);
    let text = error.to_string();
    for part in ["agent_id", "/agent_id", AGENT, OTHER] {
        assert!(text.contains(part), "{part:?} is missing in: {text}");
    }
    let own = AgentStatus {
        agent_id: OTHER.parse().unwrap(),
        ..example()
    };
    worker.status().publish(&own).await.unwrap();
    // Nothing but the second one was sent.
    assert_eq!(next_raw(&mut heard).await.0, format!("agents.{OTHER}.status.busy"));
}

#[tokio::test]
async fn a_payload_that_its_schema_refuses_is_not_sent() {
    let server = server().await;
    let nats = connect(&server).await;
    let mut heard = nats.client().subscribe("agents.>").await.unwrap();
    let worker = Agent::new(nats.clone(), agent());
    let overloaded = AgentStatus {
        capacity: 1.5,
        ..example()
    };
    let error = worker.status().publish(&overloaded).await.unwrap_err();
    assert_eq!(error.kind(), PublishErrorKind::InvalidPayload);
    assert!(
        error
            .to_string()
            .contains("/capacity: expected a number of at most 1, found 1.5 (maximum)"),
        "{error}"
    );
    worker.status().publish(&example()).await.unwrap();
    let (_, sent) = next_raw(&mut heard).await;
    assert!(sent.contains(r#""capacity":0.25"#), "{sent}");
}

#[tokio::test]
async fn an_agent_hears_its_own_commands_and_may_hear_fewer() {
    let server = server().await;
    let nats = connect(&server).await;
    let worker = Agent::new(connect(&server).await, agent());
    let mut all = worker.commands().subscribe().await.unwrap();
    assert_eq!(all.subject_filter(), format!("agents.{AGENT}.commands.*"));
    let stops = CommandsSubject::filter().command_type(CommandType::Stop);
    let mut stops = worker.commands().subscribe_to(stops).await.unwrap();
    assert_eq!(stops.subject_filter(), format!("agents.{AGENT}.commands.stop"));
    worker.connection().round_trip().await.unwrap();

    let commands = Orchestrator::new(nats).commands();
    let execute: AgentCommand = example();
    let others = AgentCommand {
        agent_id: OTHER.parse().unwrap(),
        ..execute.clone()
    };
    let stop = AgentCommand {
        command_type: mister_smith::payloads::common::CommandType::Stop,
        ..execute.clone()
    };
    for command in [&others, &execute, &stop] {
        commands.publish(command).await.unwrap();
    }
    let first = soon(all.next()).await.unwrap().unwrap();
    assert_eq!(first.payload, execute);
    assert_eq!(first.subject.agent_id, agent());
    assert_eq!(first.subject.command_type, CommandType::Execute);
    assert_eq!(soon(all.next()).await.unwrap().unwrap().payload, stop);
    assert_eq!(soon(stops.next()).await.unwrap().unwrap().payload, stop);
}

#[tokio::test]
async fn a_filter_outside_the_scope_is_refused() {
    let server = server().await;
    let worker = Agent::new(connect(&server).await, agent());
    let foreign = CommandsSubject::filter().agent_id(other_agent());
    let error = worker.commands().subscribe_to(foreign).await.unwrap_err();
    assert_eq!(error.kind(), SubscribeErrorKind::OutsideScope);
    let text = error.to_string();
    assert!(
        text.contains("agent_id") && text.contains(AGENT) && text.contains(OTHER),
        "{text}"
    );
}
