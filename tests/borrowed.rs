//! Payloads that borrow from their documents: what they take no memory for, and how they are used.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test that cannot go on stops"
)]

mod common;

use std::fs;
use std::path::Path;

use allocation_counter::measure;
use mister_smith::payloads::common::AgentId;
use mister_smith::payloads::{
    AgentCommand, AgentCommandRef, AgentStatus, AgentStatusRef, TaskAssignment, TaskAssignmentRef, TaskResult,
    TaskResultRef,
};
use mister_smith::roles::Agent;
use natsmith_runtime::{BorrowedPayload, InvalidCause, Payload, PayloadError};

use common::{AGENT, OTHER, agent, connect, document, example, publish_raw, server, soon, with};

/// The valid examples of a payload in which no escape stands, as they are and in one line.
fn documents(payload: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("schema/mister-smith/examples")
        .join(payload)
        .join("valid");
    let mut documents = Vec::new();
    for entry in fs::read_dir(folder).expect("examples can be read") {
        let text = fs::read(entry.expect("an entry can be read").path()).expect("an example can be read");
        let value: serde_json::Value = serde_json::from_slice(&text).expect("an example is JSON");
        documents.push(value.to_string().into_bytes());
        documents.push(text);
    }
    documents.retain(|document| !document.contains(&b'\\'));
    assert!(!documents.is_empty(), "{payload} has an example without escapes");
    documents
}

/// Reads each example a second time (the first one makes what patterns need), and counts what memory that takes.
fn takes_no_memory<P: Payload>(read: fn(&[u8]) -> Result<usize, PayloadError>) {
    for document in documents(P::NAME) {
        let text = || String::from_utf8_lossy(&document).into_owned();
        let items = read(&document).unwrap_or_else(|error| panic!("{error}: {}", text()));
        let mut again = None;
        let borrowed = measure(|| again = read(&document).ok());
        assert_eq!(again, Some(items));
        assert_eq!(borrowed.count_total, 0, "{}", text());
        let owned = measure(|| drop(P::decode(&document)));
        assert!(owned.count_total > 0, "memory is counted: {}", text());
    }
}

#[test]
fn reading_a_payload_takes_no_memory() {
    takes_no_memory::<AgentCommand>(|text| AgentCommandRef::decode(text).map(|command| command.payload.as_str().len()));
    takes_no_memory::<AgentStatus>(|text| {
        AgentStatusRef::decode(text).map(|status| status.capabilities.iter().count())
    });
    takes_no_memory::<TaskAssignment>(|text| {
        TaskAssignmentRef::decode(text)
            .map(|task| task.dependencies.iter().count() + task.requirements.capabilities.iter().count())
    });
    takes_no_memory::<TaskResult>(|text| TaskResultRef::decode(text).map(|result| result.result_data.as_str().len()));
}

#[test]
fn parts_are_what_the_document_says() {
    let text = document::<AgentStatus>().to_string();
    let status = AgentStatusRef::decode(text.as_bytes()).expect("the example is valid");
    let owned: AgentStatus = example();
    assert_eq!(status.agent_id, owned.agent_id.as_str());
    assert_eq!(AgentId::from(status.agent_id.clone()), owned.agent_id);
    assert_eq!(status.capabilities.len(), owned.capabilities.len());
    for (borrowed, owned) in status.capabilities.iter().zip(&owned.capabilities) {
        assert_eq!(borrowed.as_str(), owned.as_str());
    }
    assert_eq!(status.into_owned(), owned);
}

#[tokio::test]
async fn a_message_is_read_where_it_stands() {
    let server = server().await;
    let nats = connect(&server).await;
    let commands = Agent::new(nats.clone(), agent()).commands().subscribe().await.unwrap();
    let mut commands = commands.into_raw();
    let subject = format!("agents.{AGENT}.commands.execute");

    publish_raw(&nats, &subject, document::<AgentCommand>().to_string()).await;
    let message = soon(commands.next()).await.unwrap().unwrap();
    let command: AgentCommandRef<'_> = message.borrow().unwrap();
    assert_eq!(command.agent_id, AGENT);
    assert_eq!(message.subject.agent_id.as_str(), AGENT);
    let within = message.document().as_ptr_range();
    assert!(
        within.contains(&command.agent_id.as_ptr()),
        "the text stands in the document"
    );
    assert_eq!(command.into_owned(), example());

    publish_raw(&nats, &subject, with::<AgentCommand>("/priority", 11)).await;
    let message = soon(commands.next()).await.unwrap().unwrap();
    let invalid = message.borrow::<AgentCommandRef<'_>>().unwrap_err();
    let expected = AgentCommand::decode(message.document()).unwrap_err();
    assert_eq!(invalid.payload_error(), Some(&expected));

    publish_raw(&nats, &subject, with::<AgentCommand>("/agent_id", OTHER)).await;
    let message = soon(commands.next()).await.unwrap().unwrap();
    let invalid = message.borrow::<AgentCommandRef<'_>>().unwrap_err();
    assert!(matches!(invalid.cause(), InvalidCause::Disagreement(_)), "{invalid:?}");

    publish_raw(&nats, &format!("agents.{AGENT}.commands.dance"), "{}").await;
    let invalid = soon(commands.next()).await.unwrap().unwrap_err();
    assert!(matches!(invalid.cause(), InvalidCause::Subject(_)), "{invalid:?}");
}
