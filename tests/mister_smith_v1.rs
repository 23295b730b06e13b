//! The contract `mister-smith-v1` on a real server: the sketch and the taxonomy of the first edition side by side.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets what it does not expect has failed"
)]

use std::fs;
use std::path::Path;
use std::time::Duration;

use mister_smith_v1::payloads::{
    AgentCommand, AgentStatus, CapabilityQueryMessage, CapabilityResponseMessage, CliStartup, HookEvent, QueuedTask,
    ResultNotification, ResultNotificationMessage, StatusUpdate, StatusUpdateMessage, TaskAssigned,
    TaskAssignmentMessage, TaskCreated, TaskOutput, TaskResult,
};
use mister_smith_v1::provision::{LIMITS, Profile, plan};
use mister_smith_v1::roles::{Agent, Cli, Monitor, Operator, Orchestrator};
use mister_smith_v1::subjects::basic::SystemEventsMessage;
use mister_smith_v1::subscriptions::{AllAgentStatus, AllTaskTopics, AllTasks};
use natsmith_runtime::message::FromMessage;
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, Payload, Subscription};

/// The agent of the contract's examples.
const REVIEWER: &str = "reviewer-1";

async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(10), future)
        .await
        .expect("this was to happen within 10 s")
}

async fn connect(server: &Server) -> Connection {
    mister_smith_v1::connection(server.url()).connect().await.unwrap()
}

/// A server with the contract on it.
async fn framework() -> Server {
    let server = Server::start().await.unwrap_or_else(|error| panic!("{error}"));
    let operator = connect(&server).await;
    plan(&operator, Profile::DEV).await.unwrap().apply().await.unwrap();
    assert!(plan(&operator, Profile::DEV).await.unwrap().is_empty());
    server
}

async fn agent(server: &Server, id: &str) -> Agent {
    Agent::new(connect(server).await, id.parse().unwrap())
}

/// An example of a payload.
fn example<P: Payload>(name: &str) -> P {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("schema/mister-smith-v1/examples")
        .join(P::NAME)
        .join("valid")
        .join(format!("{name}.json"));
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    P::decode(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

async fn next<T: FromMessage>(subscription: &mut Subscription<T>) -> T {
    soon(subscription.next())
        .await
        .unwrap()
        .unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn one_order_has_three_subjects_and_each_is_heard_alone() {
    let server = framework().await;
    let (reviewer, other) = (agent(&server, REVIEWER).await, agent(&server, "reviewer-2").await);
    let orchestrator = Orchestrator::new(connect(&server).await);
    let mut direct = reviewer.direct_commands().subscribe().await.unwrap();
    let mut routed = reviewer.routed_commands().subscribe().await.unwrap();
    let mut typed = reviewer.commands().subscribe().await.unwrap();
    let mut elsewhere = other.commands().subscribe().await.unwrap();
    for agent in [&reviewer, &other] {
        agent.connection().round_trip().await.unwrap();
    }
    let command: AgentCommand = example("full");
    orchestrator.commands().publish(&command).await.unwrap();
    orchestrator.routed_commands().publish(&command).await.unwrap();
    orchestrator.direct_commands().publish(&command).await.unwrap();
    assert_eq!(
        next(&mut direct).await.subject.to_string(),
        "agents.reviewer-1.commands"
    );
    assert_eq!(next(&mut routed).await.subject.to_string(), "cmd.execute.reviewer-1");
    assert_eq!(
        next(&mut typed).await.subject.to_string(),
        "agents.reviewer-1.commands.execute"
    );

    // What another agent hears next is its own.
    let own = AgentCommand {
        agent_id: "reviewer-2".to_owned(),
        ..command
    };
    orchestrator.commands().publish(&own).await.unwrap();
    assert_eq!(next(&mut elsewhere).await.payload, own);
    // 12.2 has priorities from 1 to 10.
    for (priority, accepted) in [(0, false), (1, true), (10, true), (11, false)] {
        let command = AgentCommand {
            priority: Some(priority),
            ..own.clone()
        };
        assert_eq!(command.validate().is_ok(), accepted, "{priority}");
    }
}

#[tokio::test]
async fn the_short_status_and_the_full_one_are_both_kept_and_heard_apart() {
    let server = framework().await;
    let (reviewer, monitor) = (agent(&server, REVIEWER).await, Monitor::new(connect(&server).await));
    let mut in_short = monitor.all_agent_status().subscribe().await.unwrap();
    let mut in_full = monitor.status().subscribe().await.unwrap();
    monitor.connection().round_trip().await.unwrap();
    // The consumer delivers what is new from now on.
    let mut kept = monitor.agent_status_monitor().consume().await.unwrap();
    let short: StatusUpdate = StatusUpdate {
        agent_id: REVIEWER.parse().unwrap(),
        ..example("busy")
    };
    let full: AgentStatus = example("full");
    assert_eq!(
        reviewer.status_update().persist(&short).await.unwrap().stream,
        "agent_events"
    );
    assert_eq!(reviewer.status().persist(&full).await.unwrap().stream, "agent_events");
    let AllAgentStatus::StatusUpdate(heard) = next(&mut in_short).await;
    assert_eq!(heard.payload, short);
    let heard = next(&mut in_full).await;
    assert_eq!(heard.subject.to_string(), "agents.reviewer-1.status.busy");
    assert_eq!(heard.payload, full);
    for _ in 0..2 {
        soon(kept.next()).await.unwrap().unwrap().ack_confirmed().await.unwrap();
    }
}

#[tokio::test]
async fn a_task_goes_from_its_creation_to_its_end_and_is_told_at_each_step() {
    let server = framework().await;
    let orchestrator = Orchestrator::new(connect(&server).await);
    let (reviewer, monitor) = (agent(&server, REVIEWER).await, Monitor::new(connect(&server).await));
    let mut topics = monitor.all_task_topics().subscribe().await.unwrap();
    let mut tasks = monitor.all_tasks().subscribe().await.unwrap();
    monitor.connection().round_trip().await.unwrap();

    let task: QueuedTask = example("full");
    orchestrator
        .task_created()
        .publish(&example::<TaskCreated>("full"))
        .await
        .unwrap();
    let first = orchestrator.queue().persist(&task).await.unwrap();
    let again = orchestrator.queue().persist(&task).await.unwrap();
    assert!(!first.duplicate && again.duplicate);
    let AllTaskTopics::TaskCreated(_) = next(&mut topics).await else {
        panic!("first it is created");
    };
    let mut queue = reviewer.task_processor().consume().await.unwrap();
    let taken = soon(queue.next()).await.unwrap().unwrap();
    assert_eq!(taken.payload, task);
    orchestrator
        .task_assigned()
        .publish(&example::<TaskAssigned>("full"))
        .await
        .unwrap();
    let AllTaskTopics::TaskAssigned(_) = next(&mut topics).await else {
        panic!("then it is assigned");
    };
    let output: TaskOutput = example("full");
    let id = task.task_id.to_string().parse().unwrap();
    reviewer.progress(&id).publish(&output).await.unwrap();
    reviewer.result().persist(&example::<TaskResult>("full")).await.unwrap();
    reviewer
        .task_completed()
        .publish(&example::<ResultNotification>("full"))
        .await
        .unwrap();
    taken.ack_confirmed().await.unwrap();
    let AllTaskTopics::TaskCompleted(_) = next(&mut topics).await else {
        panic!("and then it is completed");
    };

    for step in ["queued", "queued again", "running", "done"] {
        let heard = next(&mut tasks).await;
        let expected = match heard {
            AllTasks::Queue(heard) => step.starts_with("queued") && heard.payload == task,
            AllTasks::Progress(heard) => step == "running" && heard.subject.task_id == id && heard.payload == output,
            AllTasks::Result(heard) => step == "done" && heard.payload.task_id == task.task_id,
            _ => false,
        };
        assert!(expected, "{step}");
    }
}

#[tokio::test]
async fn each_of_the_five_basic_messages_is_told_by_its_subject() {
    let server = framework().await;
    let (reviewer, monitor) = (agent(&server, REVIEWER).await, Monitor::new(connect(&server).await));
    let mut heard = monitor.system_events().subscribe().await.unwrap();
    monitor.connection().round_trip().await.unwrap();
    let task: TaskAssignmentMessage = example("full");
    let messages = [
        task.clone().into(),
        example::<StatusUpdateMessage>("full").into(),
        example::<ResultNotificationMessage>("full").into(),
        example::<CapabilityQueryMessage>("full").into(),
        example::<CapabilityResponseMessage>("full").into(),
    ];
    for message in messages {
        let message: SystemEventsMessage = message;
        reviewer.system_events().publish(&message).await.unwrap();
        let heard = next(&mut heard).await;
        assert_eq!(
            heard.subject.to_string(),
            format!("events.{}", heard.subject.message_type)
        );
        assert_eq!(heard.payload, message);
    }
    // A message on the subject of another one is none of the contract's.
    let client = reviewer.connection().client();
    let document = task.to_bytes().unwrap();
    client.publish("events.status_update", document).await.unwrap();
    let invalid = soon(heard.next()).await.unwrap().unwrap_err();
    assert_eq!(invalid.payload_error().unwrap().pointer().to_string(), "/message_type");
}

#[tokio::test]
async fn a_session_begins_in_the_sketch_and_in_the_taxonomy() {
    let server = framework().await;
    let cli = Cli::new(connect(&server).await, REVIEWER.parse().unwrap());
    let (orchestrator, monitor) = (
        Orchestrator::new(connect(&server).await),
        Monitor::new(connect(&server).await),
    );
    let mut sessions = orchestrator.control_startup().subscribe().await.unwrap();
    let mut triggered = monitor.hook_triggered().subscribe().await.unwrap();
    for connection in [orchestrator.connection(), monitor.connection()] {
        connection.round_trip().await.unwrap();
    }
    let startup: CliStartup = example("full");
    cli.control_startup().publish(&startup).await.unwrap();
    assert_eq!(next(&mut sessions).await.payload, startup);
    assert_eq!(
        cli.startup().persist(&startup).await.unwrap().stream,
        "claude_cli_integration"
    );
    let hook: HookEvent = example("full");
    cli.hook_triggered().publish(&hook).await.unwrap();
    assert_eq!(
        next(&mut triggered).await.subject.to_string(),
        "hook.pre_task.triggered"
    );
    let kept = cli.hooks().persist(&hook).await.unwrap();
    assert_eq!((kept.stream.as_str(), kept.sequence), ("claude_cli_integration", 2));
}

#[tokio::test]
async fn what_the_contract_takes_stays_within_its_limits() {
    let server = framework().await;
    let operator = Operator::new(connect(&server).await);
    let report = operator.connection().resources(&LIMITS).await.unwrap();
    assert!(report.is_within_limits(), "{report:?}");
    assert!(
        report
            .usages()
            .iter()
            .any(|usage| usage.to_string().starts_with("streams: 4 of 50"))
    );
}
