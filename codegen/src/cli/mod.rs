//! The command line.

mod check;
mod credentials;
mod docs;
mod excerpt;
mod explain;
mod generate;
mod graph;
mod import;
mod report;
mod sample;
mod validate;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Prints a line, to the standard output or elsewhere; a line that nobody reads ends the run instead of being a panic.
macro_rules! say {
    (to $out:expr, $($argument:tt)*) => {
        std::io::Write::write_fmt($out, format_args!("{}\n", format_args!($($argument)*)))?
    };
    ($($argument:tt)*) => {
        std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{}\n", format_args!($($argument)*)))?
    };
}
use say;

/// One contract for everything that talks over NATS: checked, generated, documented.
#[derive(Debug, Parser)]
#[command(name = "natsmith", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Proves that contracts hold together.
    Check(check::Arguments),
    /// Generates everything that is made of contracts.
    Generate(generate::Arguments),
    /// Writes the documents of contracts: the reference as HTML, Markdown and plain text, and JSON Schemas.
    Docs(docs::Arguments),
    /// Prints a document that a payload accepts, or documents that it refuses.
    Sample(sample::Arguments),
    /// Holds documents against what a subject carries.
    Validate(validate::Arguments),
    /// Makes a contract of a document in another language.
    Import(import::Arguments),
    /// Draws who sends, what travels, who hears it, and which streams and consumers there are.
    Graph(graph::Arguments),
    /// Makes keys and credentials for the users of a contract.
    Credentials(credentials::Arguments),
    /// Explains a code that `check` reports.
    Explain(explain::Arguments),
}

/// Which contracts a command is about.
#[derive(Debug, Args)]
struct Contracts {
    /// Contract folders [default: every folder under schema/]
    #[arg(value_name = "FOLDER")]
    folders: Vec<PathBuf>,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Clean,
    Findings,
}

/// Why a command could not run.
type Failure = Box<dyn std::error::Error>;

pub(crate) fn run(arguments: Arguments) -> ExitCode {
    let outcome = match arguments.command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Docs(arguments) => docs::run(&arguments),
        Command::Credentials(arguments) => credentials::run(&arguments),
        Command::Sample(arguments) => sample::run(&arguments),
        Command::Validate(arguments) => validate::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Graph(arguments) => graph::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
    };
    match outcome {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Err(failure) => {
            // Whoever pipes into `head` has seen enough, and needs no complaint.
            let unread = failure.downcast_ref::<io::Error>();
            if unread.is_none_or(|error| error.kind() != io::ErrorKind::BrokenPipe) {
                let _ = writeln!(io::stderr(), "natsmith: {failure}");
            }
            ExitCode::from(2)
        }
    }
}

impl Contracts {
    /// One folder, if it is named.
    fn named(folder: Option<&PathBuf>) -> Self {
        Self {
            folders: folder.into_iter().cloned().collect(),
        }
    }

    /// The folders that were named, or every one under `schema/`.
    fn folders(&self) -> Result<Vec<PathBuf>, Failure> {
        if self.folders.is_empty() {
            return found();
        }
        match self.folders.iter().find(|folder| !folder.is_dir()) {
            Some(missing) => Err(format!("{} is not a folder", missing.display()).into()),
            None => Ok(self.folders.clone()),
        }
    }
}

fn found() -> Result<Vec<PathBuf>, Failure> {
    const ROOT: &str = "schema";
    let nothing = || format!("no contract found: name a folder, or put contracts into folders under {ROOT}/");
    let entries = Path::new(ROOT).read_dir().map_err(|_| nothing())?;
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    if folders.is_empty() {
        Err(nothing().into())
    } else {
        Ok(folders)
    }
}

/// `1 file`, `2 files`.
fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
