//! How fast payloads are read, checked, written and refused, next to other ways to do it.
//!
//! `cargo bench --manifest-path benches/Cargo.toml` prints one report; `-- --rounds 21` makes it quicker, and
//! `-- decode` or the name of another section restricts it.

mod by_jiter;
mod case;
mod compiled;
mod contenders;
mod documents;
mod measure;
mod plain;
mod random;
mod report;

use documents as made;
use mister_smith::payloads as mister;
use serde_json::{Value, json};

use crate::case::{AgentCommand, AgentHeartbeat, AgentStatus, Case, TaskAssignment, TaskResult};
use crate::contenders::{Contenders, Decoders, Documents, Encoders, read, refusers};
use crate::measure::{Contender, medians};
use crate::random::Random;
use crate::report::Section;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rounds = arguments
        .iter()
        .skip_while(|argument| *argument != "--rounds")
        .nth(1)
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(101);
    let wanted = |section: &str| {
        let mut names = arguments
            .iter()
            .filter(|argument| ["decode", "encode", "refuse"].contains(&argument.as_str()));
        names.clone().next().is_none() || names.any(|name| name == section)
    };
    if wanted("decode") {
        println!("{}", sections("Read and check", contenders::DERIVE, rounds, &Decoders));
    }
    if wanted("encode") {
        println!("{}", sections("Write and check", contenders::TO_VEC, rounds, &Encoders));
    }
    if wanted("refuse") {
        println!("{}", refuse(rounds));
    }
}

/// The payloads of the specification, a small one and a large one, with what measures each of them.
fn sections(title: &'static str, baseline: &'static str, rounds: usize, contenders: &impl Contenders) -> Section {
    let mut section = Section::new(title, baseline).mean_over(1..5);
    let mut add = |name: &str, documents: &Documents, contenders: &[Contender]| {
        section.add(label(name, documents), medians(contenders, rounds));
    };
    let documents = read::<AgentHeartbeat>(made::variants(made::agent_heartbeat));
    add("heartbeat", &documents, &contenders.of::<AgentHeartbeat>(&documents));
    let documents = read::<AgentCommand>(made::variants(made::agent_command));
    add("command", &documents, &contenders.of::<AgentCommand>(&documents));
    let documents = read::<AgentStatus>(made::variants(made::agent_status));
    add("status", &documents, &contenders.of::<AgentStatus>(&documents));
    let documents = read::<TaskAssignment>(made::variants(made::task_assignment));
    add("assignment", &documents, &contenders.of::<TaskAssignment>(&documents));
    let documents = read::<TaskResult>(made::variants(made::task_result));
    add("result", &documents, &contenders.of::<TaskResult>(&documents));
    let documents = read::<TaskAssignment>(made::large());
    add("large", &documents, &contenders.of::<TaskAssignment>(&documents));
    section
}

/// A payload and the mean size of its documents.
fn label(name: &str, documents: &Documents) -> String {
    let bytes: usize = documents.iter().map(Vec::len).sum();
    format!("{name} {} B", bytes / documents.len())
}

/// Documents that break one rule each.
fn refuse(rounds: usize) -> Section {
    let mut section = Section::new("Refuse, with place and rule", "jsonschema, from text").transposed();
    let mut add = |pointer: &str, keyword: &str, contenders: &[Contender]| {
        section.add(format!("{keyword} at {pointer}"), medians(contenders, rounds));
    };
    for (pointer, wrong, keyword) in [
        ("/agent_id", json!("agent 7!"), "pattern"),
        ("/command_type", json!("explode"), "enum"),
        ("/priority", json!(11), "maximum"),
        ("/metadata/session_id", json!("not-a-uuid"), "format"),
    ] {
        let documents = broken::<AgentCommand>(made::agent_command, pointer, &wrong);
        add(
            pointer,
            keyword,
            &refusers::<AgentCommand>(&documents, pointer, keyword),
        );
    }
    for (pointer, wrong, keyword) in [
        ("/resource_usage/cpu_percent", json!(100.5), "maximum"),
        ("/capabilities/5", json!(17), "type"),
    ] {
        let documents = broken::<AgentStatus>(made::agent_status, pointer, &wrong);
        add(pointer, keyword, &refusers::<AgentStatus>(&documents, pointer, keyword));
    }
    for (pointer, wrong, keyword) in [
        ("/requirements/resources/memory_mb", json!(128), "minimum"),
        ("/dependencies/1", json!("zzz"), "pattern"),
    ] {
        let documents = broken::<TaskAssignment>(made::task_assignment, pointer, &wrong);
        add(
            pointer,
            keyword,
            &refusers::<TaskAssignment>(&documents, pointer, keyword),
        );
    }
    for (pointer, wrong, keyword) in [
        ("/timestamp", json!("yesterday"), "format"),
        ("/error_details/retry_count", json!(-1), "minimum"),
    ] {
        let documents = broken::<TaskResult>(made::task_result, pointer, &wrong);
        add(pointer, keyword, &refusers::<TaskResult>(&documents, pointer, keyword));
    }
    section
}

/// Valid documents in the schema's order, in each of which one value is replaced.
fn broken<C: Case>(make: fn(&mut Random) -> Value, pointer: &str, wrong: &Value) -> Documents {
    let values = made::variants(make);
    let documents = read::<C>(values.clone());
    let replaced = values.iter().zip(documents.iter()).map(|(value, document)| {
        let text = std::str::from_utf8(document).expect("JSON is UTF-8");
        let right = value.pointer(pointer).expect("the value is there");
        let name = pointer.rsplit('/').next().unwrap_or_default();
        // An item of a list has no name before it, but stands only once in these documents.
        let member = format!("\"{name}\":");
        let before = if text.contains(&member) { member } else { String::new() };
        let broken = text.replacen(&format!("{before}{right}"), &format!("{before}{wrong}"), 1);
        assert_ne!(text, broken);
        broken.into_bytes()
    });
    replaced.collect()
}
