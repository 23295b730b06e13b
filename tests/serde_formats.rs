//! Payload types in serde's formats: what is valid comes through unchanged, and nothing else comes in.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use mister_smith::payloads::*;
use natsmith_runtime::Payload;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn examples(payload: &str, verdict: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("schema/mister-smith/examples")
        .join(payload)
        .join(verdict);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .map(|entry| entry.expect("a folder can be read").path())
        .map(|path| (path.clone(), fs::read(path).expect("an example can be read")))
        .collect()
}

/// Both formats say what `decode` and `encode` say.
fn check<P: Payload + Serialize + DeserializeOwned + PartialEq + Debug>() {
    let valid = examples(P::NAME, "valid");
    assert!(!valid.is_empty(), "{} has no valid example", P::NAME);
    for (path, text) in valid {
        let value = P::decode(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let written = serde_json::to_vec(&value).expect("it can be written");
        // The blanks of free-form JSON are no part of other formats.
        let again = P::decode(&written).expect("it is valid");
        assert_eq!(serde_json::from_slice::<P>(&text).expect("it is valid"), again);
        let plain = |text: &[u8]| serde_json::from_slice::<Value>(text).expect("it is JSON");
        assert_eq!(plain(&written), plain(&value.to_bytes().expect("it is valid")));
        let packed = rmp_serde::to_vec_named(&value).expect("it can be packed");
        assert_eq!(rmp_serde::from_slice::<P>(&packed).expect("it is valid"), again);
    }
    for (path, text) in examples(P::NAME, "invalid") {
        assert!(serde_json::from_slice::<P>(&text).is_err(), "{}", path.display());
        let Ok(value) = serde_json::from_slice::<Value>(&text) else {
            continue;
        };
        let packed = rmp_serde::to_vec_named(&value).expect("it can be packed");
        assert!(rmp_serde::from_slice::<P>(&packed).is_err(), "{}", path.display());
    }
}

#[test]
fn examples_of_payloads() {
    check::<AgentCommand>();
    check::<AgentMetrics>();
    check::<AgentStatus>();
    check::<CliContext>();
    check::<HookEvent>();
    check::<QueuedTask>();
    check::<SystemAlert>();
    check::<TaskResult>();
    check::<WorkflowOrchestration>();
}

#[test]
fn members_keep_their_order_and_stand_once() {
    let query = CapabilityQuery {
        include_resources: true,
        ..CapabilityQuery::default()
    };
    let text = serde_json::to_string(&query).expect("it can be written");
    assert_eq!(text.as_bytes(), query.to_bytes().expect("it is valid"));
    let twice = r#"{"include_resources": true, "include_resources": true}"#;
    let error = serde_json::from_str::<CapabilityQuery>(twice).expect_err("a member stands twice");
    assert!(
        error
            .to_string()
            .contains("/include_resources: expected each member once"),
        "{error}"
    );
    let wrong = json!({"agents": [1], "id": "no agent"});
    let id = serde_json::from_value::<common::AgentId>(wrong["id"].clone());
    assert!(id.expect_err("it has no such form").to_string().contains("pattern"));
}

/// A type of one's own holds payload types like any other.
#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Noted {
    id: common::AgentId,
    states: Vec<common::AgentState>,
    most: u64,
}

#[test]
fn payload_types_stand_in_other_types() {
    let noted = Noted {
        id: "agent-3f2b8c1e-5d4a-4e6f-9a7b-1c2d3e4f5a6b".parse().expect("an id"),
        states: common::AgentState::ALL.to_vec(),
        most: u64::MAX,
    };
    let packed = rmp_serde::to_vec(&noted).expect("it can be packed");
    assert_eq!(rmp_serde::from_slice::<Noted>(&packed).expect("it is valid"), noted);
}
