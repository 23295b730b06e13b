//! Payloads that borrow from their documents: what they take no memory for, and how they are used.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

use std::fs;
use std::path::Path;

use allocation_counter::measure;
use mister_smith::payloads::{AgentCommandRef, AgentStatusRef, TaskAssignmentRef, TaskResultRef};
use natsmith_runtime::{BorrowedPayload, Payload, PayloadError};

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
    takes_no_memory::<mister_smith::payloads::AgentCommand>(|text| {
        AgentCommandRef::decode(text).map(|command| command.payload.as_str().len())
    });
    takes_no_memory::<mister_smith::payloads::AgentStatus>(|text| {
        AgentStatusRef::decode(text).map(|status| status.capabilities.iter().count())
    });
    takes_no_memory::<mister_smith::payloads::TaskAssignment>(|text| {
        TaskAssignmentRef::decode(text)
            .map(|task| task.dependencies.iter().count() + task.requirements.capabilities.iter().count())
    });
    takes_no_memory::<mister_smith::payloads::TaskResult>(|text| {
        TaskResultRef::decode(text).map(|result| result.result_data.as_str().len())
    });
}
