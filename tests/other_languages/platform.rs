//! The contract `agent-platform`: an agent in Python, and a program in JavaScript that finds a service.

use std::fs;

use agent_platform::payloads::common::TaskStatus;
use agent_platform::payloads::task_refusal::RefusalReason;
use agent_platform::payloads::{AgentRegistered, TaskCompleted, TaskRequest, TaskResponse};
use agent_platform::roles::{Agent, Orchestrator};
use agent_platform::subjects::agent::TaskSubject;
use agent_platform::subscriptions::PlatformEvents;
use natsmith_runtime::async_nats::HeaderValue;
use natsmith_runtime::request::RequestErrorKind;
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, FailingSubject, Payload, ServiceError, Subscription};
use serde_json::{Value, json};

use crate::program::{Program, examples};
use crate::{made, server, soon};

async fn connect(server: &Server) -> Connection {
    agent_platform::connection(server.url()).connect().await.unwrap()
}

async fn next(events: &mut Subscription<PlatformEvents>) -> PlatformEvents {
    soon(events.next())
        .await
        .unwrap()
        .unwrap_or_else(|invalid| panic!("{invalid}"))
}

#[tokio::test]
async fn an_agent_in_python_does_tasks_once_each_and_refuses_what_the_schema_refuses() {
    let server = server().await;
    let orchestrator = Orchestrator::new(connect(&server).await);
    let mut events = orchestrator.platform_events().subscribe().await.unwrap();
    orchestrator.connection().round_trip().await.unwrap();

    let agent = Program::python("platform_agent.py", &server, "agent-platform").await;
    let PlatformEvents::AgentRegistered(came) = next(&mut events).await else {
        panic!("it comes first");
    };
    assert_eq!(came.payload.agent_name.as_str(), "python_agent");
    assert_eq!(came.payload.task_types[0].as_str(), "count_words");

    let python = "python_agent".parse().unwrap();
    let task: TaskRequest = made(&json!({
        "task_id": "t-1", "task_type": "count_words", "payload": { "text": "a short story" }, "priority": "high",
    }));
    for _ in 0..2 {
        let answer = soon(orchestrator.task(&python).request(&task)).await.unwrap();
        assert_eq!(answer.status, TaskStatus::Completed);
        assert_eq!(
            answer.result.unwrap().to_value().unwrap(),
            json!({ "words": 3, "run": 1 })
        );
    }
    // One event for the two requests: the second one was answered from memory. The next event is of the next task.
    let next_task = TaskRequest {
        task_id: "t-2".parse().unwrap(),
        ..task.clone()
    };
    soon(orchestrator.task(&python).request(&next_task)).await.unwrap();
    for id in ["t-1", "t-2"] {
        let PlatformEvents::TaskCompleted(told) = next(&mut events).await else {
            panic!("the end of a task");
        };
        assert_eq!(
            (told.payload.task_id.as_str(), told.payload.status),
            (id, TaskStatus::Completed)
        );
    }
    // An error with a payload of the contract, made there and read here.
    let unknown = TaskRequest {
        task_id: "t-3".parse().unwrap(),
        task_type: "write_story".to_owned(),
        ..task
    };
    let error = soon(orchestrator.task(&python).request(&unknown)).await.unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::Service { code: 422 });
    let refusal = error.service_error().and_then(TaskSubject::detail).unwrap().unwrap();
    assert_eq!(
        (refusal.task_id.as_str(), refusal.reason),
        ("t-3", RefusalReason::UnknownType)
    );

    // What the contract's own examples say, Python says too.
    for verdict in ["valid", "invalid"] {
        for example in fs::read_dir(examples("agent-platform").join("TaskRequest").join(verdict)).unwrap() {
            let path = example.unwrap().path();
            let client = orchestrator.connection().client();
            let answer = client.request("agent.python_agent.task", fs::read(&path).unwrap().into());
            let headers = soon(answer).await.unwrap().headers.unwrap_or_default();
            let code = headers.get("Nats-Service-Error-Code").map(HeaderValue::as_str);
            assert_eq!(
                code == Some("400"),
                verdict == "invalid",
                "{}: {headers:?}",
                path.display()
            );
        }
    }
    agent.end().await;
}

#[tokio::test]
async fn a_program_in_javascript_finds_the_service_and_calls_it() {
    let server = server().await;
    let agent = Agent::new(connect(&server).await, "llm_agent".parse().unwrap());
    let providing = agent
        .provide_task_desk(|request| async move {
            let id = request.payload.task_id.as_str();
            Ok::<_, ServiceError>(made::<TaskResponse>(
                &json!({ "task_id": id, "status": "completed", "result": { "text": "..." } }),
            ))
        })
        .await
        .unwrap();
    agent.connection().round_trip().await.unwrap();

    let mut caller = Program::javascript("caller.js", &server, "agent-platform").await;
    let found = json(&mut caller).await;
    for answer in ["ping", "info"] {
        assert_eq!(found[answer]["name"], "task-desk", "{found}");
        assert_eq!(found[answer]["version"], "1.0.0");
    }
    assert_eq!(found["info"]["description"], "Does the tasks of one agent.");
    assert_eq!(found["info"]["endpoints"][0]["subject"], "agent.llm_agent.task");

    // Both judge the contract's examples alike, and JavaScript accepts what is answered.
    let folder = examples("agent-platform").join("TaskRequest");
    let count = |verdict: &str| fs::read_dir(folder.join(verdict)).unwrap().count();
    let (valid, invalid) = (count("valid"), count("invalid"));
    assert!(valid > 0 && invalid > 1);
    for _ in 0..valid + invalid {
        let told = json(&mut caller).await;
        let accepted = told["verdict"] == "valid";
        assert_eq!(told["own"].is_null(), accepted, "{told}");
        assert_eq!(told["answer"]["status"] == "completed", accepted, "{told}");
        assert_eq!(told["code"] == "400", !accepted, "{told}");
        assert!(told["fault"].is_null(), "{told}");
    }
    let stats = json(&mut caller).await;
    let endpoint = &stats["stats"]["endpoints"][0];
    assert_eq!(endpoint["num_requests"], valid + invalid, "{stats}");
    assert_eq!(endpoint["num_errors"], invalid, "{stats}");

    // It hears the platform's events, and refuses one that is not of this contract.
    assert_eq!(json(&mut caller).await["listening"], true);
    let came: AgentRegistered = made(&json!({
        "agent_name": "llm_agent", "task_types": ["generate_text"], "timestamp": "2025-10-02T12:00:00Z",
    }));
    agent.agent_registered().publish(&came).await.unwrap();
    let done = json!({
        "task_id": "t-1", "agent_name": "llm_agent", "status": "completed", "timestamp": "2025-10-02T12:00:02Z",
    });
    agent
        .task_completed()
        .publish(&made::<TaskCompleted>(&done))
        .await
        .unwrap();
    for (member, value, keyword) in [
        ("status", "running", "/status: enum"),
        ("timestamp", "today", "/timestamp: format"),
    ] {
        let mut bad = done.clone();
        bad[member] = value.into();
        assert!(TaskCompleted::decode(bad.to_string().as_bytes()).is_err());
        let client = agent.connection().client();
        client
            .publish("platform.events.task_completed", bad.to_string().into())
            .await
            .unwrap();
        // What was published before it was well.
        if member == "status" {
            for subject in ["platform.events.agent_registered", "platform.events.task_completed"] {
                assert_eq!(json(&mut caller).await, json!({ "heard": subject, "fault": null }));
            }
        }
        assert_eq!(json(&mut caller).await["fault"], keyword);
    }
    caller.end().await;
    providing.stop().await;
}

/// The next thing that a program finds out.
async fn json(program: &mut Program) -> Value {
    let line = program.line().await;
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
}
