//! A program in another language while it runs.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use natsmith_runtime::testing::Server;
use tokio::sync::mpsc;

use crate::install;

/// How long a program may take to say or do something.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that ends when its standard input is closed.
pub struct Program {
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
    errors: Option<JoinHandle<String>>,
}

impl Program {
    /// A script of `tests/other_languages/python`, for a server and a contract.
    pub async fn python(script: &str, server: &Server, contract: &str) -> Self {
        let (interpreter, packages) = tokio::task::spawn_blocking(install::python)
            .await
            .unwrap()
            .unwrap_or_else(|error| panic!("{error}"));
        let mut command = Command::new(interpreter);
        command
            .arg(here("python").join(script))
            .arg(schemas(contract))
            .env("PYTHONPATH", packages);
        // Nothing is to be written beside the sources.
        Self::start(command.env("PYTHONDONTWRITEBYTECODE", "1"), server)
    }

    /// A script of `tests/other_languages/javascript`, for a server and a contract.
    pub async fn javascript(script: &str, server: &Server, contract: &str) -> Self {
        let packages = tokio::task::spawn_blocking(install::javascript)
            .await
            .unwrap()
            .unwrap_or_else(|error| panic!("{error}"));
        let mut command = Command::new("node");
        command
            .arg(here("javascript").join(script))
            .args([schemas(contract), examples(contract)]);
        Self::start(command.env("NODE_PATH", packages), server)
    }

    /// Any program, for a server.
    pub fn start(command: &mut Command, server: &Server) -> Self {
        let mut child = command
            .env("NATS_URL", server.url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let output = child.stdout.take().unwrap();
        let (told, lines) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if told.send(line).is_err() {
                    break;
                }
            }
        });
        let errors = child
            .stderr
            .take()
            .map(|errors| std::thread::spawn(move || whole(errors)));
        Self { child, lines, errors }
    }

    /// The next line that it writes.
    pub async fn line(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.lines.recv()).await;
        match line {
            Ok(Some(line)) => line,
            Ok(None) => panic!("the program has ended:\n{}", self.errors()),
            Err(_) => {
                let _ = self.child.kill();
                panic!("the program has said nothing for {PATIENCE:?}:\n{}", self.errors());
            }
        }
    }

    /// Closes its standard input and waits for it to end, which must go well.
    pub async fn end(mut self) {
        drop(self.child.stdin.take());
        // It ends its output when it ends itself.
        let ended = async { while self.lines.recv().await.is_some() {} };
        if tokio::time::timeout(PATIENCE, ended).await.is_err() {
            let _ = self.child.kill();
        }
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}:\n{}", self.errors());
    }

    fn errors(&mut self) -> String {
        self.errors
            .take()
            .map(|errors| errors.join().unwrap_or_default())
            .unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Where a test has failed; one that has ended cannot be killed, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn whole(mut errors: ChildStderr) -> String {
    let mut text = Vec::new();
    let _ = errors.read_to_end(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

fn here(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/other_languages")
        .join(language)
}

/// The generated JSON Schemas of a contract.
fn schemas(contract: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("generated")
        .join(contract)
        .join("docs/json-schema")
}

/// The examples of a contract.
pub fn examples(contract: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("schema")
        .join(contract)
        .join("examples")
}
