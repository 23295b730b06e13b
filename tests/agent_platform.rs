//! The contract `agent-platform` on a real server: tasks are submitted, done once, and told to everybody.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect has failed"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use agent_platform::payloads::common::TaskStatus;
use agent_platform::payloads::task_refusal::RefusalReason;
use agent_platform::payloads::{
    AgentRegistered, ChatMessage, EnhancementFeedback, TaskCompleted, TaskRefusal, TaskRequest, TaskResponse,
};
use agent_platform::roles::{Agent, Chat, Enhancement, Orchestrator};
use agent_platform::subjects::agent::TaskSubject;
use agent_platform::subscriptions::PlatformEvents;
use agent_platform::tokens::AgentName;
use natsmith_runtime::idempotent::Answers;
use natsmith_runtime::request::RequestErrorKind;
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, FailingSubject, Payload, ServiceError};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(10), future)
        .await
        .expect("this was to happen within 10 s")
}

async fn server() -> Server {
    Server::start().await.unwrap_or_else(|error| panic!("{error}"))
}

async fn connect(server: &Server) -> Connection {
    agent_platform::connection(server.url()).connect().await.unwrap()
}

fn llm() -> AgentName {
    "llm_agent".parse().unwrap()
}

/// A payload from JSON, as a program in another language would write it.
fn made<P: Payload>(document: &Value) -> P {
    P::decode(document.to_string().as_bytes()).unwrap_or_else(|error| panic!("{}: {error}", P::NAME))
}

fn task(id: &str) -> TaskRequest {
    made(&json!({
        "task_id": id, "task_type": "generate_text", "payload": { "prompt": "Write a story." }, "priority": "normal",
    }))
}

fn completed(id: &str, run: usize) -> TaskResponse {
    made(&json!({ "task_id": id, "status": "completed", "result": { "run": run } }))
}

#[tokio::test]
async fn a_repeated_task_is_answered_from_memory_and_not_run_twice() {
    let server = server().await;
    let agent = Agent::new(connect(&server).await, llm());
    let orchestrator = Orchestrator::new(connect(&server).await);
    let (runs, may_end) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
    let answers = Answers::<TaskSubject>::keeping(2);
    let handler = {
        let (runs, may_end) = (runs.clone(), may_end.clone());
        answers.once(move |request| {
            let (runs, may_end) = (runs.clone(), may_end.clone());
            async move {
                let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
                may_end.acquire().await.unwrap().forget();
                match request.payload.task_id.as_str() {
                    "bad" => Err(ServiceError::new(500, format!("run {run} failed"))),
                    id => Ok(completed(id, run)),
                }
            }
        })
    };
    let _service = agent.provide_task_desk(handler).await.unwrap();

    agent.connection().round_trip().await.unwrap();
    // Twice at once, and once more later: one run.
    let (endpoint, request) = (orchestrator.task(&llm()), task("t-1"));
    may_end.add_permits(1);
    let (first, second) = soon(async { tokio::join!(endpoint.request(&request), endpoint.request(&request)) }).await;
    let third = soon(endpoint.request(&request)).await;
    for answer in [first, second, third] {
        assert_eq!(answer.unwrap(), completed("t-1", 1));
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);

    // An error is not remembered.
    for _ in 0..2 {
        may_end.add_permits(1);
        let error = soon(endpoint.request(&task("bad"))).await.unwrap_err();
        assert_eq!(error.kind(), RequestErrorKind::Service { code: 500 });
    }
    assert_eq!(runs.load(Ordering::SeqCst), 3);

    // Two answers are kept; the oldest is forgotten and run again.
    for id in ["t-2", "t-3", "t-1"] {
        may_end.add_permits(1);
        soon(endpoint.request(&task(id))).await.unwrap();
    }
    assert_eq!(runs.load(Ordering::SeqCst), 6);
}

#[tokio::test]
async fn a_task_that_is_not_taken_is_refused_with_a_reason() {
    let server = server().await;
    let agent = Agent::new(connect(&server).await, llm());
    let orchestrator = Orchestrator::new(connect(&server).await);
    let service = agent
        .provide_task_desk(|request| async move {
            let refusal = TaskRefusal {
                task_id: request.payload.task_id,
                reason: RefusalReason::Busy,
                retry_after_seconds: Some(30),
            };
            Err(TaskSubject::error(429, "three tasks are under way", &refusal))
        })
        .await
        .unwrap();
    agent.connection().round_trip().await.unwrap();
    let error = soon(orchestrator.task(&llm()).request(&task("t-1"))).await.unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::Service { code: 429 });
    assert!(error.to_string().ends_with("429: three tasks are under way"), "{error}");
    let refusal = error.service_error().and_then(TaskSubject::detail).unwrap().unwrap();
    assert_eq!(refusal.reason, RefusalReason::Busy);
    assert_eq!(
        (refusal.task_id.as_str(), refusal.retry_after_seconds),
        ("t-1", Some(30))
    );

    // A program in another language finds the same, and the service counts it.
    let stranger = connect(&server).await;
    let body = json!({ "task_id": "t-2", "task_type": "generate_text", "payload": {}, "priority": "normal" });
    let answer = stranger
        .client()
        .request("agent.llm_agent.task", body.to_string().into());
    let answer = soon(answer).await.unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&answer.payload).unwrap(),
        json!({ "task_id": "t-2", "reason": "busy", "retry_after_seconds": 30 })
    );
    let stats = service.stats().await;
    assert_eq!((stats["task"].requests, stats["task"].errors), (2, 2));
}

#[tokio::test]
async fn an_invalid_task_is_answered_with_an_error_and_nobody_waits() {
    let server = server().await;
    let agent = Agent::new(connect(&server).await, llm());
    let _service = agent
        .provide_task_desk(|request| async move { Ok(completed(request.payload.task_id.as_str(), 1)) })
        .await
        .unwrap();
    agent.connection().round_trip().await.unwrap();
    let stranger = connect(&server).await;
    let body = json!({ "task_id": "t-1", "task_type": "generate_text", "payload": {}, "priority": "NORMAL" });
    let answer = stranger
        .client()
        .request("agent.llm_agent.task", body.to_string().into());
    let answer = soon(answer).await.unwrap();
    let headers = answer.headers.unwrap();
    assert_eq!(headers.get("Nats-Service-Error-Code").unwrap().as_str(), "400");
    assert!(
        headers
            .get("Nats-Service-Error")
            .unwrap()
            .as_str()
            .contains("/priority")
    );
}

#[tokio::test]
async fn the_platforms_events_reach_everybody_who_may_hear_them() {
    let server = server().await;
    let agent = Agent::new(connect(&server).await, llm());
    let (chat, enhancement) = (
        Chat::new(connect(&server).await),
        Enhancement::new(connect(&server).await),
    );
    let orchestrator = Orchestrator::new(connect(&server).await);
    let mut events = orchestrator.platform_events().subscribe().await.unwrap();
    let mut said = orchestrator.new_message().subscribe().await.unwrap();
    let mut rated = enhancement.feedback().subscribe().await.unwrap();
    for role in [orchestrator.connection(), enhancement.connection()] {
        role.round_trip().await.unwrap();
    }
    let came: AgentRegistered = made(&json!({
        "agent_name": "llm_agent", "task_types": ["generate_text"], "timestamp": "2025-10-02T12:00:00Z",
    }));
    agent.agent_registered().publish(&came).await.unwrap();
    let done: TaskCompleted = made(&json!({
        "task_id": "t-1", "agent_name": "llm_agent", "status": "completed", "timestamp": "2025-10-02T12:00:02Z",
    }));
    agent.task_completed().publish(&done).await.unwrap();
    let message: ChatMessage = made(&json!({ "session_id": "s-1", "message_id": "m-1", "content": "Hello" }));
    chat.new_message().publish(&message).await.unwrap();
    let feedback: EnhancementFeedback = made(&json!({ "task_id": "t-1", "rating": 5 }));
    chat.feedback().publish(&feedback).await.unwrap();

    let PlatformEvents::AgentRegistered(heard) = soon(events.next()).await.unwrap().unwrap() else {
        panic!("the agent comes first");
    };
    assert_eq!(heard.payload, came);
    let PlatformEvents::TaskCompleted(heard) = soon(events.next()).await.unwrap().unwrap() else {
        panic!("then the task ends");
    };
    assert_eq!(heard.payload.status, TaskStatus::Completed);
    assert_eq!(soon(said.next()).await.unwrap().unwrap().payload, message);
    assert_eq!(soon(rated.next()).await.unwrap().unwrap().payload, feedback);
}
