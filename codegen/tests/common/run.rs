//! The binary as its users meet it.

use std::path::Path;
use std::process::{Command, Output};

/// What a run said, and how it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The binary, without colours, in a folder.
pub(crate) fn natsmith(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_natsmith"));
    command.current_dir(folder).env("NO_COLOR", "1");
    command
}

/// Runs the binary in a folder.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Run {
    let output = natsmith(folder).args(arguments).output().expect("the binary runs");
    Run::from(output)
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the binary writes UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Run {
    /// All of it, for a snapshot.
    pub(crate) fn shown(&self) -> String {
        let stderr = if self.stderr.is_empty() {
            String::new()
        } else {
            format!("--- standard error\n{}", self.stderr)
        };
        let code = self.code.map_or("killed".to_owned(), |code| code.to_string());
        format!("{}{stderr}--- exit code {code}\n", self.stdout)
    }
}

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("codegen/ is inside the repository")
}
