//! The example `mister_smith` comes to its end, and tells all of it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets what it does not expect has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

/// What each chapter must tell, in this order.
const KEY_LINES: &[&str] = &[
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

#[test]
fn the_story_comes_to_its_end() {
    // Where the server must be installed first, that takes as long as it takes.
    natsmith_runtime::testing::server_binary().unwrap_or_else(|error| panic!("{error}"));
    let told = run(Command::new(program()).env_remove("NATS_URL"), true);
    let mut rest = told.as_str();
    for line in KEY_LINES {
        let (_, after) = rest
            .split_once(line)
            .unwrap_or_else(|| panic!("{line:?} is missing at its place in:\n{told}"));
        rest = after;
    }
}

#[test]
fn without_a_server_the_story_says_so_and_fails() {
    // The port is one that nobody can listen on.
    let told = run(Command::new(program()).env("NATS_URL", "nats://127.0.0.1:1"), false);
    assert!(
        told.contains("The story broke off: the server cannot be reached"),
        "{told}"
    );
}

/// Runs to the end, which must come within a minute, and returns all that was printed.
fn run(command: &mut Command, well: bool) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("story-{}-{well}.txt", std::process::id()));
    let output = fs::File::create(&path).expect("a file for the output");
    let mut story = command
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
    assert_eq!(status.code() == Some(0), well, "{status}:\n{told}");
    told
}

/// The example's program, beside this test's own: `cargo test` builds both, `cargo test --test story` only the one.
fn program() -> PathBuf {
    let own = std::env::current_exe().expect("the path of this test");
    let built = own
        .parent()
        .and_then(Path::parent)
        .expect("a folder of built programs")
        .join("examples")
        .join(format!("mister_smith{}", std::env::consts::EXE_SUFFIX));
    let help = "run `cargo build --example mister_smith`, or `cargo test` without `--test`";
    let Ok(built_at) = built.metadata().and_then(|file| file.modified()) else {
        panic!("{} is missing: {help}", built.display());
    };
    for sources in ["examples/mister_smith", "generated/mister-smith/src", "runtime/src"] {
        let newest = newest(&Path::new(env!("CARGO_MANIFEST_DIR")).join(sources));
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
