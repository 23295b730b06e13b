//! The hooks of `mister-smith-v1` on a real server: the CLI asks, and is answered on a subject that others hear too.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets what it does not expect has failed"
)]

use std::time::Duration;

use mister_smith_v1::payloads::common::AgentId as AgentName;
use mister_smith_v1::payloads::common::HookType;
use mister_smith_v1::payloads::hook_response::HookDecision;
use mister_smith_v1::payloads::{HookEvent, HookResponse};
use mister_smith_v1::roles::{Cli, Monitor, Orchestrator};
use mister_smith_v1::tokens::AgentId;
use natsmith_runtime::request::RequestErrorKind;
use natsmith_runtime::testing::Server;
use natsmith_runtime::{Connection, Payload, ServiceError};

async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(10), future)
        .await
        .expect("this was to happen within 10 s")
}

async fn connect(server: &Server) -> Connection {
    mister_smith_v1::connection(server.url()).connect().await.unwrap()
}

async fn cli(server: &Server, agent: &str) -> Cli {
    Cli::new(connect(server).await, AgentId::new(agent).unwrap())
}

/// A hook as the specification shows it, for one agent and one tool.
fn hook(kind: HookType, agent: &str, tool: &str) -> HookEvent {
    let document = include_bytes!("../schema/mister-smith-v1/examples/HookEvent/valid/full.json");
    let mut hook = HookEvent::decode(document).unwrap();
    hook.hook_type = kind;
    hook.agent_id = AgentName::new(agent).unwrap();
    hook.session_info.agent_id = hook.agent_id.clone();
    hook.tool_name = Some(tool.parse().unwrap());
    hook
}

fn decision(decision: HookDecision, reason: &str) -> HookResponse {
    HookResponse {
        decision,
        reason: Some(reason.to_owned()),
        r#continue: true,
        stop_reason: None,
        modifications: None,
    }
}

#[tokio::test]
async fn a_hook_is_answered_on_the_subject_of_its_agent() {
    let server = Server::start().await.unwrap_or_else(|error| panic!("{error}"));
    let (orchestrator, monitor) = (
        Orchestrator::new(connect(&server).await),
        Monitor::new(connect(&server).await),
    );
    let mut heard = monitor.hook_response().subscribe().await.unwrap();
    monitor.connection().round_trip().await.unwrap();
    let reviewer = cli(&server, "reviewer-1").await;
    let writer = cli(&server, "writer-1").await;
    let asking = (
        reviewer.pre_task().asker().await.unwrap(),
        writer.pre_task().asker().await.unwrap(),
    );
    let write = hook(HookType::PreTask, "reviewer-1", "write_file");
    let nobody = soon(asking.0.request(&write)).await.unwrap_err();
    assert_eq!(nobody.kind(), RequestErrorKind::NoResponders);

    let deciding = orchestrator.pre_task();
    let _deciding = deciding
        .serve(|hook| async move {
            match hook.payload.tool_name.as_ref().map(ToString::to_string).as_deref() {
                Some("write_file") => Ok(decision(HookDecision::Approve, "files may be written")),
                Some("run_command") => Ok(decision(HookDecision::Block, "commands may not be run")),
                _ => Err(ServiceError::new(404, "no rule for this tool")),
            }
        })
        .await
        .unwrap();
    orchestrator.connection().round_trip().await.unwrap();

    // Two sessions ask at a time; each gets the answer that is meant for it.
    let run = hook(HookType::PreTask, "writer-1", "run_command");
    let (write, run) = soon(async { tokio::join!(asking.0.request(&write), asking.1.request(&run)) }).await;
    assert_eq!(write.unwrap().decision, HookDecision::Approve);
    assert_eq!(run.unwrap().decision, HookDecision::Block);
    let mut subjects = Vec::new();
    for _ in 0..2 {
        let response = soon(heard.next()).await.unwrap().unwrap();
        subjects.push((response.subject.to_string(), response.payload.decision));
    }
    subjects.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(
        subjects,
        [
            ("agent.reviewer-1.hook_response".to_owned(), HookDecision::Approve),
            ("agent.writer-1.hook_response".to_owned(), HookDecision::Block),
        ]
    );
    let other = hook(HookType::PreTask, "writer-1", "launch");
    let error = soon(asking.1.request(&other)).await.unwrap_err();
    assert_eq!(error.kind(), RequestErrorKind::Service { code: 404 });

    // Nobody hears what is meant for somebody else, and an answer to nothing is counted.
    assert_eq!((asking.0.unknown(), asking.1.unknown()), (0, 0));
    let uncalled = decision(HookDecision::Continue, "nobody asked");
    let reviewer_id = AgentId::new("reviewer-1").unwrap();
    orchestrator
        .hook_response(&reviewer_id)
        .publish(&uncalled)
        .await
        .unwrap();
    soon(async {
        while asking.0.unknown() < 1 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(asking.1.unknown(), 0);
}
