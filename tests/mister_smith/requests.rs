//! Capability queries: an answer, and each way of having none.

use std::time::Duration;

use mister_smith::payloads::{AgentCapabilities, CapabilityQuery};
use mister_smith::roles::{Agent, Orchestrator};
use natsmith_runtime::ServiceError;
use natsmith_runtime::request::{RequestErrorKind, SERVICE_ERROR, SERVICE_ERROR_CODE};
use natsmith_runtime::serve::ServeErrorKind;

use crate::common::{AGENT, agent, connect, example, next_raw, other_agent, server, soon};

#[tokio::test]
async fn an_agent_answers_and_others_do_not_hear_the_question() {
    let server = server().await;
    let worker = Agent::new(connect(&server).await, agent());
    let serving = worker
        .capabilities()
        .serve(|question| async move {
            assert_eq!(question.subject.agent_id, agent());
            assert_eq!(question.payload, example::<CapabilityQuery>());
            Ok(example::<AgentCapabilities>())
        })
        .await
        .unwrap();
    worker.connection().round_trip().await.unwrap();

    let orchestrator = Orchestrator::new(connect(&server).await);
    let answer = soon(orchestrator.capabilities(&agent()).request(&example()))
        .await
        .unwrap();
    assert_eq!(answer, example());
    let nobody = soon(orchestrator.capabilities(&other_agent()).request(&example())).await;
    assert_eq!(nobody.unwrap_err().kind(), RequestErrorKind::NoResponders);
    assert_eq!(serving.error_count(), 0);
    soon(serving.stop()).await;
    let stopped = soon(orchestrator.capabilities(&agent()).request(&example())).await;
    assert_eq!(stopped.unwrap_err().kind(), RequestErrorKind::NoResponders);
}

#[tokio::test]
async fn silence_is_a_timeout_and_nobody_is_not() {
    let server = server().await;
    let nats = connect(&server).await;
    let _silent = nats
        .client()
        .subscribe(format!("agents.{AGENT}.capabilities"))
        .await
        .unwrap();
    let orchestrator = Orchestrator::new(nats);
    let wait = Duration::from_millis(150);
    let silent = soon(orchestrator.capabilities(&agent()).request_within(&example(), wait)).await;
    let error = silent.unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::TimedOut);
    assert!(error.to_string().contains("150ms"), "{error}");
    let nobody = soon(
        orchestrator
            .capabilities(&other_agent())
            .request_within(&example(), wait),
    )
    .await;
    assert_eq!(nobody.unwrap_err().kind(), RequestErrorKind::NoResponders);
}

#[tokio::test]
async fn a_service_error_keeps_its_code_and_words() {
    let server = server().await;
    let nats = connect(&server).await;
    let serving = Agent::new(nats.clone(), agent())
        .capabilities()
        .serve(|_| async { Err(ServiceError::new(503, "starting up")) })
        .await
        .unwrap();
    let mut errors = serving.errors();
    let answer = soon(Orchestrator::new(nats).capabilities(&agent()).request(&example())).await;
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::Service { code: 503 });
    assert_eq!(error.service_error(), Some(&ServiceError::new(503, "starting up")));
    assert_eq!(soon(errors.next()).await.unwrap().kind(), ServeErrorKind::Handler);
}

#[tokio::test]
async fn a_request_that_its_schema_refuses_is_not_sent() {
    let server = server().await;
    let nats = connect(&server).await;
    let mut heard = nats.client().subscribe("agents.>").await.unwrap();
    let orchestrator = Orchestrator::new(nats.clone());
    let empty = CapabilityQuery {
        capabilities: Some(Vec::new()),
        ..example()
    };
    let error = soon(orchestrator.capabilities(&agent()).request(&empty))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::InvalidRequest);
    assert!(error.to_string().contains("/capabilities"), "{error}");
    nats.client().publish("agents.end", "".into()).await.unwrap();
    assert_eq!(next_raw(&mut heard).await.0, "agents.end");
}

#[tokio::test]
async fn an_answer_that_its_schema_refuses_is_the_services_fault() {
    let server = server().await;
    let nats = connect(&server).await;
    let serving = Agent::new(nats.clone(), agent())
        .capabilities()
        .serve(|_| async {
            Ok(AgentCapabilities {
                max_tasks: 0,
                ..example()
            })
        })
        .await
        .unwrap();
    let mut errors = serving.errors();
    let answer = soon(
        Orchestrator::new(nats.clone())
            .capabilities(&agent())
            .request(&example()),
    )
    .await;
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::Service { code: 500 });
    assert!(error.to_string().contains("/max_tasks"), "{error}");
    assert_eq!(soon(errors.next()).await.unwrap().kind(), ServeErrorKind::InvalidReply);
}

#[tokio::test]
async fn an_invalid_request_is_answered_with_400() {
    let server = server().await;
    let nats = connect(&server).await;
    let _serving = Agent::new(nats.clone(), agent())
        .capabilities()
        .serve(|_| async { Ok(example::<AgentCapabilities>()) })
        .await
        .unwrap();
    let document = r#"{"capabilities":[]}"#;
    let subject = format!("agents.{AGENT}.capabilities");
    let answer = soon(nats.client().request(subject, document.into())).await.unwrap();
    let headers = answer.headers.unwrap();
    assert_eq!(headers.get(SERVICE_ERROR_CODE).unwrap().as_str(), "400");
    let told = headers.get(SERVICE_ERROR).unwrap().as_str();
    assert!(told.contains("/capabilities") && told.contains("minItems"), "{told}");
}
