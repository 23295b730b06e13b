//! Named wildcard subscriptions: each message as the variant of its subject.

use mister_smith::payloads::{
    AgentStatus, QueuedTask, SystemAlert, TaskAssignment, TaskCancel, TaskError, TaskProgress, TaskResult,
};
use mister_smith::roles::{Agent, Monitor, Orchestrator};
use mister_smith::subscriptions::{AllAgentStatus, AllSystemAlerts, AllTasks, Everything};
use mister_smith::tokens::{Severity, StatusType, TaskType};
use natsmith_runtime::subject::matches;
use natsmith_runtime::{InvalidCause, SubjectSet};

use crate::common::{agent, connect, example, publish_raw, server, soon};

#[tokio::test]
async fn everything_about_tasks_comes_as_what_it_is() {
    let server = server().await;
    let nats = connect(&server).await;
    let monitor = Monitor::new(connect(&server).await);
    let mut heard = monitor.all_tasks().subscribe().await.unwrap();
    monitor.connection().round_trip().await.unwrap();
    let mut next = async || soon(heard.next()).await.unwrap();

    let (orchestrator, worker) = (Orchestrator::new(nats.clone()), Agent::new(nats.clone(), agent()));
    orchestrator
        .assignment()
        .publish(&example::<TaskAssignment>())
        .await
        .unwrap();
    orchestrator.queue().publish(&example::<QueuedTask>()).await.unwrap();
    worker.progress().publish(&example::<TaskProgress>()).await.unwrap();
    worker.result().publish(&example::<TaskResult>()).await.unwrap();
    worker.error().publish(&example::<TaskError>()).await.unwrap();
    publish_raw(&nats, "tasks.analysis.gossip", "{}").await;
    orchestrator.cancel().publish(&example::<TaskCancel>()).await.unwrap();

    let AllTasks::Assignment(message) = next().await.unwrap() else {
        panic!("an assignment")
    };
    assert_eq!(message.payload, example());
    assert_eq!(message.subject.task_type, TaskType::Analysis);
    let AllTasks::Queue(message) = next().await.unwrap() else {
        panic!("a queued task")
    };
    assert_eq!(
        (message.payload.clone(), message.subject.priority.as_str()),
        (example(), "0")
    );
    let AllTasks::Progress(message) = next().await.unwrap() else {
        panic!("progress")
    };
    assert_eq!(message.payload, example());
    let AllTasks::Result(message) = next().await.unwrap() else {
        panic!("a result")
    };
    assert_eq!(message.payload, example());
    let AllTasks::Error(message) = next().await.unwrap() else {
        panic!("an error")
    };
    assert_eq!(message.payload, example());
    let stranger = next().await.unwrap_err();
    assert!(matches!(stranger.cause(), InvalidCause::Subject(_)), "{stranger:?}");
    assert!(stranger.to_string().contains("tasks.analysis.gossip"), "{stranger}");
    assert!(matches!(next().await.unwrap(), AllTasks::Cancel(_)));
}

#[tokio::test]
async fn tokens_of_status_and_alerts_are_typed() {
    let server = server().await;
    let nats = connect(&server).await;
    let monitor = Monitor::new(nats.clone());
    let mut reports = monitor.all_agent_status().subscribe().await.unwrap();
    let mut alerts = monitor.all_system_alerts().subscribe().await.unwrap();
    Agent::new(nats.clone(), agent())
        .status()
        .publish(&example::<AgentStatus>())
        .await
        .unwrap();
    let alert = SystemAlert {
        severity: "critical".parse().unwrap(),
        ..example()
    };
    Orchestrator::new(nats).alerts().publish(&alert).await.unwrap();

    let AllAgentStatus::Status(status) = soon(reports.next()).await.unwrap().unwrap();
    assert_eq!(
        (&status.subject.agent_id, status.subject.status_type),
        (&agent(), StatusType::Busy)
    );
    assert_eq!(status.payload, example());
    let AllSystemAlerts::Alerts(heard) = soon(alerts.next()).await.unwrap().unwrap();
    assert_eq!((heard.subject.severity, &heard.payload), (Severity::Critical, &alert));
}

#[test]
fn a_subject_finds_its_template() {
    let wildcard = |template: &str| -> String {
        let parts = template
            .split('.')
            .map(|part| if part.starts_with('{') { "*" } else { part });
        parts.collect::<Vec<_>>().join(".")
    };
    let wildcards: Vec<String> = Everything::TEMPLATES
        .iter()
        .map(|template| wildcard(template))
        .collect();
    assert!(wildcards.len() > 20, "{wildcards:?}");
    let mut subjects: Vec<String> = wildcards.iter().map(|filter| filter.replace('*', "x")).collect();
    for subject in subjects.clone() {
        subjects.push(format!("{subject}.more"));
        subjects.push(subject.replace(".x", ""));
        subjects.push(subject.replace(".x", "."));
        subjects.push(subject.split('.').next().unwrap_or_default().to_owned());
    }
    for subject in subjects {
        let expected = wildcards.iter().position(|filter| matches(filter, &subject));
        assert_eq!(Everything::find(&subject), expected, "{subject}");
    }
}
