//! Each example comes to its end, and tells all of it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets what it does not expect has failed"
)]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use natsmith_runtime::testing::Server;

/// What each chapter must tell, in this order.
const MISTER_SMITH: &[&str] = &[
    "1. The contract comes to the server",
    "profile `dev`: 9 to create, 0 to update, 0 as wanted",
    "nothing is left to do: profile `dev`: 0 to create, 0 to update, 9 as wanted",
    "2. The cast",
    "3. A command to one agent",
    "command_type = Execute",
    "4. A question and its answer",
    "answers: code_review 1.4.0",
    "5. Signs of life",
    "jones lives: heartbeats",
    "6. An agent dies with a task in its hands",
    "by its message id",
    "delivery 1",
    "jones is dead",
    "delivery 2",
    "50 % are done",
    "completed: ",
    "7. A task that nobody can do, until somebody has learnt it",
    "no agent knows COBOL",
    "reads: `tasks.analysis.queue.2`",
    "given up by `task_processor` after 1 deliveries: no agent knows COBOL",
    "sends out 1 once more",
    "completed: ",
    "8. What the monitor hears on wildcards",
    "<- system.alerts.critical",
    "idle, 75 %",
    "9. A CLI session asks, and is stopped",
    "decision = block",
    "is stopped: `rm -rf target` deletes files",
    "10. A message that does not keep the contract",
    "/capacity",
    "maximum",
    "a number of at most 1",
    "1.5",
    "busy, 75 %",
    "11. What all this takes",
    "streams: 5 of 50 (10.0 %)",
    "12. The server goes, and comes back",
    "disconnected",
    "reconnecting, attempt 1",
    "connected",
    "profile `dev`: 1 to create, 0 to update, 8 as wanted",
    "nothing is left to do",
    "command_type = Execute",
    "the connection was lost",
    "completed: ",
    "13. Everybody leaves in order",
    "offline, 75 %",
    "monitor         drained",
    "The end",
];

const AGENT_PLATFORM: &[&str] = &[
    "1. The contract comes to the server",
    "2. Two agents come",
    "has come and does: generate_text, summarise",
    "word_counter has come and does: count_words",
    "3. A task, and the same task again",
    "answers: completed",
    "story-1 of llm_agent: completed",
    "has done it once, and answered the second request from memory",
    "4. Tasks that come to nothing",
    "learns at once, and not after 30 s: nobody answers on this subject",
    "is told in words: the service answered with an error: 422: I do count_words only",
    "and for programs: unknown_type",
    "is answered 400",
    "/priority",
    "5. Any client can find the agents' service",
    "finds task-desk 1.0.0: Does the tasks of one agent.",
    "learns that it was asked",
    "6. Somebody chats",
    "<- chat.message.new",
    "{\"words\":5}",
    "<- enhancement.feedback",
    "7. Everybody leaves in order",
    "orchestrator    drained",
    "The end",
];

const MISTER_SMITH_V1: &[&str] = &[
    "1. The contract comes to the server",
    "profile `dev`: 8 to create, 0 to update, 0 as wanted",
    "2. A CLI session begins",
    "<- control.startup",
    "it can write_file and run_command",
    "`claude_cli_integration` has it as number 1",
    "3. The session asks before it acts",
    "-> agent.reviewer-1.pre",
    "may I use write_file?",
    "<- agent.reviewer-1.hook_response",
    "approve: inside of the repository",
    "goes on with {\"path\":\"src/lib.rs\"}; `claude_cli_integration` has it",
    "may I use run_command?",
    "block: it deletes files",
    "4. One order, three subjects",
    "<- agents.reviewer-1.commands",
    "<- cmd.execute.reviewer-1",
    "<- agents.reviewer-1.commands.execute",
    "5. How the agent is, in short and in full",
    "on agents.*.status",
    "on agents.*.status.*: 1 task",
    "6. A task from its beginning to its end",
    "number 1 of `task_lifecycle`",
    "<- tasks.analysis.queue.3",
    "delivery 1",
    "on tasks.>: queued 1 time, reads 12 files, then warning: 2 findings",
    "on task.*: created, assigned, completed",
    "7. What all this takes",
    "streams: 4 of 50 (8.0 %)",
    "8. Everybody leaves in order",
    "monitor         drained",
    "The end",
];

const AGENT_FRAMEWORK: &[&str] = &[
    "1. The contract comes to the server",
    "profile `dev`: 3 to create, 0 to update, 0 as wanted",
    "2. The agents read their configuration and come",
    "environment prod, servers nats://localhost:4222",
    "batches of 10, or what has come within 1 s",
    "with a batch_size of 0: /nats/batch_size: expected a number of at least 1, found 0",
    "looks which of 2 servers is there",
    "3. An environment hears nothing of another one",
    "agent-002    <- agents.prod.task.analysis.sales",
    "of the last quarter",
    "the other    <- agents.dev.task.analysis.sales",
    "made up",
    "4. Who can analyse?",
    "has found agent-002 and agent-003",
    "5. A tool of another agent's server",
    "-> agents.prod.mcp.remote-mcp-server.requests",
    "is answered: {\"hits\":3}",
    "on a subject that ends in the id of the call",
    "404: there is no tool `time_machine`",
    "6. Negotiations",
    "agent-002       accepts",
    "agent-003       refuses: Insufficient resources",
    "<- agents.prod.event.negotiation.rejected",
    "1 of 2 have answered: nobody answers on this subject",
    "<- agents.prod.event.negotiation.incomplete",
    "<- agents.prod.event.negotiation.finalized",
    "7. An answer in parts",
    "answers in 10 parts",
    "has enough after `Analysis part 1: Processing...`",
    "Results in batches",
    "has 25 results kept, with 16 on their way at most",
    "has fetched 10 + 10 + 5",
    "The same task is not worked on twice",
    "sales of the last quarter: has worked on it",
    "sales of the last quarter: knows the result already",
    "sales of this quarter: has worked on it",
    "How the agents are",
    "<- agents.prod.status.agent-002",
    "messages processed: 10",
    "What was counted, by the template of the subject",
    "agents.{env}.mcp.{server_id}.requests",
    "2 asked, 2 handled, 1 errors",
    "agents.{env}.a2a.negotiate.{agent_id}",
    "5 asked, 4 handled, 0 errors",
    "Everybody leaves in order",
    "operations      drained",
    "The end",
];

const AGENT_MESH: &[&str] = &[
    "1. The contract comes to the server",
    "profile `dev`: 1 to create, 0 to update, 0 as wanted",
    "2. Agents come, and everybody knows",
    "-> agents.all",
    "coordinator is available: coordination",
    "weather_bot is available: weather_lookup",
    "3. A message that nobody waits for",
    "direct: Do this task.",
    "weather_bot: Task complete.",
    "4. A question that somebody waits for",
    "answers: As far as weather_lookup goes: sunny.",
    "422: ask me something",
    "-> agents.request.general_assistant",
    "nobody answers on this subject",
    "5. A task is handed over",
    "handoff: Write tomorrow's forecast.",
    "<- agents.handoff.coordinator.to.weather_bot",
    "weather_bot: Completed what was handed over.",
    "6. What goes wrong on the way",
    "passed over: it does not keep the contract",
    "logs: /priority: expected an integer, found \"high\"",
    "attempt 1: fails",
    "weather_bot: Task complete.",
    "attempt 2: fails",
    "weather_bot: I could not do it, twice.",
    "7. Three workers share the work",
    "passed over work-13",
    "8. An agent falls silent, and is heard again",
    "weather_bot is online",
    "falls silent",
    "weather_bot is offline: three heartbeats did not come",
    "weather_bot is back, and its heartbeats are counted anew",
    "Everybody leaves in order",
    "weather_bot is offline: it has said goodbye",
    "coordinator is offline: it has said goodbye",
    "monitor         drained",
    "The end",
];

#[test]
fn the_story_of_agent_mesh_comes_to_its_end() {
    tells("agent_mesh", AGENT_MESH);
}

#[test]
fn the_story_of_agent_framework_comes_to_its_end() {
    tells("agent_framework", AGENT_FRAMEWORK);
}

#[test]
fn the_story_of_the_first_edition_comes_to_its_end() {
    tells("mister_smith_v1", MISTER_SMITH_V1);
}

#[test]
fn the_story_of_mister_smith_comes_to_its_end() {
    tells("mister_smith", MISTER_SMITH);
}

#[test]
fn the_story_of_agent_platform_comes_to_its_end() {
    tells("agent_platform", AGENT_PLATFORM);
}

#[test]
fn without_a_server_a_story_says_so_and_fails() {
    // The port is one that nobody can listen on.
    let told = run("mister_smith", Some("nats://127.0.0.1:1"));
    assert!(
        told.contains("The story broke off: the server cannot be reached"),
        "{told}"
    );
}

/// Each story comes to its end where everybody is a user with the permissions of its role and of its identity, and the server has
/// refused nobody anything.
#[test]
fn the_stories_come_to_their_end_with_the_permissions_of_their_roles() {
    for contract in [
        "agent-framework",
        "agent-mesh",
        "agent-platform",
        "mister-smith",
        "mister-smith-v1",
    ] {
        let keys = tempfile::tempdir().expect("a temporary folder");
        let schema = format!("schema/{contract}");
        let natsmith = natsmith();
        let account = Command::new(&natsmith)
            .args(["credentials", "account", schema.as_str(), "--keys"])
            .arg(keys.path())
            .output()
            .expect("natsmith can be run");
        assert!(account.status.success(), "{}", String::from_utf8_lossy(&account.stderr));
        let config = String::from_utf8(account.stdout).expect("text");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let room = "jetstream: { max_file_store: 1TiB, max_memory_store: 1TiB }";
        let server = Server::builder().config(room).config(config).start();
        let server = runtime.block_on(server).unwrap_or_else(|error| panic!("{error}"));
        let environment: &[(&str, &OsStr)] = &[
            ("NATS_URL", server.url().as_ref()),
            ("NATSMITH_KEYS", keys.path().as_ref()),
            ("NATSMITH", natsmith.as_ref()),
        ];
        let told = run_with(&contract.replace('-', "_"), environment, true);
        assert!(told.contains("The end"), "{contract}:\n{told}");
        let log = server.log();
        let refused: Vec<&str> = log.lines().filter(|line| line.contains("Violation")).collect();
        assert!(refused.is_empty(), "{contract}: {}\n{told}", refused.join("\n"));
    }
}

/// The command, beside this test's own program.
fn natsmith() -> PathBuf {
    let own = std::env::current_exe().expect("the path of this test");
    let folder = own.parent().and_then(Path::parent).expect("a folder of built programs");
    let built = folder.join(format!("natsmith{}", std::env::consts::EXE_SUFFIX));
    assert!(
        built.is_file(),
        "{} is missing: run `cargo build -p natsmith-codegen`",
        built.display()
    );
    built
}

/// Runs an example on a server of its own, and looks for what it must tell.
fn tells(example: &str, lines: &[&str]) {
    // Where the server must be installed first, that takes as long as it takes.
    natsmith_runtime::testing::server_binary().unwrap_or_else(|error| panic!("{error}"));
    let told = run(example, None);
    let mut rest = told.as_str();
    for line in lines {
        let (_, after) = rest
            .split_once(line)
            .unwrap_or_else(|| panic!("{line:?} is missing at its place in:\n{told}"));
        rest = after;
    }
}

/// Runs to the end, which must come within a minute, and returns all that was printed. On a server that is not there, it must fail.
fn run(example: &str, url: Option<&str>) -> String {
    let environment: Vec<(&str, &OsStr)> = url.map(|url| ("NATS_URL", url.as_ref())).into_iter().collect();
    run_with(example, &environment, url.is_none())
}

/// Runs to the end, which must come within a minute and be a good one or not, and returns all that was printed.
fn run_with(example: &str, environment: &[(&str, &OsStr)], is_good: bool) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!(
        "story-{example}-{}-{is_good}-{}.txt",
        std::process::id(),
        environment.len()
    ));
    let output = fs::File::create(&path).expect("a file for the output");
    let mut command = Command::new(program(example));
    for name in ["NATS_URL", "NATSMITH_KEYS", "NATSMITH"] {
        command.env_remove(name);
    }
    let mut story = command
        .envs(environment.iter().copied())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .stdout(output.try_clone().expect("the file"))
        .stderr(output)
        .spawn()
        .expect("the example can be run");
    let until = Instant::now() + Duration::from_secs(60);
    let status = loop {
        if let Some(status) = story.try_wait().expect("the example is our child") {
            break Some(status);
        }
        if Instant::now() > until {
            // It has failed already; whether it can be killed changes nothing.
            let _ = story.kill();
            let _ = story.wait();
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let told = fs::read_to_string(&path).expect("the output");
    let _ = fs::remove_file(&path);
    let status = status.unwrap_or_else(|| panic!("no end within a minute:\n{told}"));
    assert_eq!(status.code() == Some(0), is_good, "{status}:\n{told}");
    told
}

/// An example's program, beside this test's own: `cargo test` builds both, `cargo test --test story` only the one.
fn program(example: &str) -> PathBuf {
    let own = std::env::current_exe().expect("the path of this test");
    let built = own
        .parent()
        .and_then(Path::parent)
        .expect("a folder of built programs")
        .join("examples")
        .join(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    let help = format!("run `cargo build --example {example}`, or `cargo test` without `--test`");
    let Ok(built_at) = built.metadata().and_then(|file| file.modified()) else {
        panic!("{} is missing: {help}", built.display());
    };
    let sources = [
        format!("examples/{example}"),
        "examples/common".to_owned(),
        format!("generated/{}/src", example.replace('_', "-")),
        "runtime/src".to_owned(),
    ];
    for sources in sources {
        let newest = newest(&Path::new(env!("CARGO_MANIFEST_DIR")).join(&sources));
        assert!(
            newest <= built_at,
            "{} is older than {sources}: {help}",
            built.display()
        );
    }
    built
}

/// When something below a folder was last changed.
fn newest(folder: &Path) -> SystemTime {
    let entries = fs::read_dir(folder).expect("a folder of sources").flatten();
    entries
        .map(|entry| match entry.path() {
            path if path.is_dir() => newest(&path),
            path => path.metadata().and_then(|file| file.modified()).expect("a source file"),
        })
        .max()
        .unwrap_or(SystemTime::UNIX_EPOCH)
}
