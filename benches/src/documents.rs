//! The documents that are measured: of the size and the kind that agents send, made by seeded chance.

use serde_json::{Value, json};

use crate::random::Random;

/// So many variants of each payload, lest a branch predictor learn the document by heart.
pub const VARIANTS: usize = 64;

const WORDS: &[&str] = &[
    "alpha", "beta", "gamma", "delta", "analyze", "refactor", "compile", "deploy", "parser", "lexer", "vector",
    "graph", "index", "shard", "replica", "queue", "stream", "topic", "policy", "agent", "worker", "planner", "critic",
    "memory", "token", "budget", "retry", "window", "batch", "commit",
];

/// Variants of one payload.
pub fn variants(make: fn(&mut Random) -> Value) -> Vec<Value> {
    let mut random = Random::new(7);
    (0..VARIANTS).map(|_| make(&mut random)).collect()
}

/// The 50 KB document: a task with a large free-form object.
pub fn large() -> Vec<Value> {
    let mut random = Random::new(50);
    let mut make = || {
        let mut task = task_assignment(&mut random);
        let mut files = Vec::new();
        let mut size = 0;
        while size < 49_000 {
            let file = file(&mut random);
            size += file.to_string().len() + 1;
            files.push(file);
        }
        task["task_data"] = json!({ "files": files });
        task
    };
    (0..8).map(|_| make()).collect()
}

pub fn agent_heartbeat(random: &mut Random) -> Value {
    json!({
        "agent_id": agent_id(random),
        "timestamp": random.moment(),
        "sequence": random.within(0, 9_999_999),
    })
}

pub fn agent_command(random: &mut Random) -> Value {
    json!({
        "command_id": random.uuid(),
        "command_type": random.one_of(&["execute", "stop", "pause", "resume", "configure", "query"]),
        "agent_id": agent_id(random),
        "timestamp": random.moment(),
        "payload": free_form(random),
        "priority": random.within(0, 4),
        "timeout_ms": random.within(1_000, 600_000),
        "reply_to": format!("agents.{}.replies_{}", random.one_of(WORDS), random.within(0, 999)),
        "correlation_id": random.uuid(),
        "metadata": {
            "source": format!("orchestrator/{}", random.one_of(WORDS)),
            "trace_id": random.uuid(),
            "user_id": format!("user-{}", random.within(0, 999_999)),
            "session_id": random.uuid(),
        },
    })
}

pub fn agent_status(random: &mut Random) -> Value {
    json!({
        "agent_id": agent_id(random),
        "status": random.one_of(&["idle", "busy", "error", "offline", "starting", "stopping"]),
        "timestamp": random.moment(),
        "capacity": random.decimal(1, 4),
        "current_tasks": random.within(0, 19),
        "max_tasks": random.within(1, 64),
        "uptime_seconds": random.within(0, 9_999_999),
        "last_heartbeat": random.moment(),
        "capabilities": capabilities(random, 6),
        "resource_usage": {
            "cpu_percent": random.decimal(100, 2),
            "memory_mb": random.within(0, 9_000),
            "disk_mb": random.within(0, 999_999),
        },
    })
}

pub fn task_assignment(random: &mut Random) -> Value {
    json!({
        "message_id": random.uuid(),
        "task_id": task_id(random),
        "task_type": random.one_of(&["analysis", "synthesis", "execution", "validation", "monitoring"]),
        "assigned_agent": agent_id(random),
        "timestamp": random.moment(),
        "priority": random.within(0, 4),
        "deadline": random.moment(),
        "requirements": {
            "capabilities": capabilities(random, 3),
            "resources": {
                "cpu_cores": random.within(1, 32),
                "memory_mb": random.within(256, 65_536),
                "disk_mb": random.within(100, 999_999),
            },
        },
        "task_data": free_form(random),
        "dependencies": [task_id(random), task_id(random)],
        "callback_subject": format!("tasks.{}.result", random.uuid()),
    })
}

pub fn task_result(random: &mut Random) -> Value {
    let trace: Vec<String> = (0..3)
        .map(|_| {
            format!(
                "  at {}::{} (src/{}.rs:{})",
                random.one_of(WORDS),
                random.one_of(WORDS),
                random.one_of(WORDS),
                random.within(1, 900)
            )
        })
        .collect();
    json!({
        "message_id": random.uuid(),
        "task_id": task_id(random),
        "agent_id": agent_id(random),
        "status": random.one_of(&["completed", "failed", "cancelled", "timeout"]),
        "timestamp": random.moment(),
        "execution_time_ms": random.within(0, 999_999),
        "result_data": free_form(random),
        "error_details": {
            "error_code": format!("E{:04}", random.within(0, 9_999)),
            "error_message": format!("{}: \"quoted\"", words(random, 6)),
            "stack_trace": trace.join("\n"),
            "retry_count": random.within(0, 4),
        },
        "metrics": {
            "cpu_usage_percent": random.decimal(100, 3),
            "memory_peak_mb": random.decimal(4_000, 2),
            "io_operations": random.within(0, 9_999_999),
        },
    })
}

fn agent_id(random: &mut Random) -> String {
    format!("agent-{}", random.uuid())
}

fn task_id(random: &mut Random) -> String {
    format!("task-{}", random.uuid())
}

fn words(random: &mut Random, count: usize) -> String {
    let words: Vec<&str> = (0..count).map(|_| random.one_of(WORDS)).collect();
    words.join(" ")
}

/// Different ones, as the schemas ask.
fn capabilities(random: &mut Random, count: usize) -> Value {
    let mut names: Vec<String> = Vec::new();
    while names.len() < count {
        let name = format!("{}-{}", random.one_of(WORDS), random.one_of(WORDS));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.into()
}

fn free_form(random: &mut Random) -> Value {
    let steps: Vec<Value> = (0..3)
        .map(|_| {
            json!({
                "name": random.one_of(WORDS),
                "retries": random.within(0, 8),
                "enabled": random.within(0, 1) == 1,
            })
        })
        .collect();
    json!({
        "repo": format!("git@example.org:{}/{}.git", random.one_of(WORDS), random.one_of(WORDS)),
        "ref": format!("refs/heads/{}-{}", random.one_of(WORDS), random.within(0, 999)),
        "steps": steps,
        "ratio": random.decimal(1, 6),
        "note": words(random, 4),
    })
}

fn file(random: &mut Random) -> Value {
    let lines: Vec<u64> = (0..6).map(|_| random.within(0, 9_999)).collect();
    let tags: Vec<&str> = (0..3).map(|_| random.one_of(WORDS)).collect();
    json!({
        "id": random.uuid(),
        "path": format!("src/{}/{}_{}.rs", random.one_of(WORDS), random.one_of(WORDS), random.within(0, 999)),
        "score": random.decimal(100, 5),
        "lines": lines,
        "tags": tags,
        "ok": random.within(0, 9) < 7,
        "summary": words(random, 10),
    })
}
