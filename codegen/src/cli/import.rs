//! `natsmith import`

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use natsmith_codegen::diagnostics::Report;
use natsmith_codegen::import;
use natsmith_codegen::source::{self, Files};

use super::{Failure, Outcome, count, say};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    /// AsyncAPI of version 2 or 3, in YAML or JSON; lists what cannot be carried over
    Asyncapi(Asyncapi),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit code 0: all of it was carried over. 1: not all; the list is on the screen and at the top of contract.yaml."
)]
struct Asyncapi {
    /// The document
    file: PathBuf,
    /// The folder of the contract, which must not be there or be empty [default: schema/ and the contract's name]
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let From::Asyncapi(arguments) = &arguments.from;
    let shown = arguments.file.display();
    let text = fs::read_to_string(&arguments.file).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let mut files = Files::default();
    let mut report = Report::default();
    let id = files.add(shown.to_string(), text.as_str());
    let node = source::parse(id, &text, &mut report).filter(|_| !report.has_errors());
    let node = node.ok_or_else(|| {
        let finding = report.diagnostics().first();
        let reason = finding.map_or("it is no YAML and no JSON", |finding| finding.message.as_str());
        let at = finding
            .and_then(|finding| finding.labels.first())
            .map_or((1, 1), |label| files.line_column(label.span));
        format!("{shown}:{}:{}: {reason}", at.0, at.1)
    })?;
    let imported = import::asyncapi(&node.to_json()).map_err(|reason| format!("{shown}: {reason}"))?;
    let folder = arguments
        .output
        .clone()
        .unwrap_or_else(|| Path::new("schema").join(&imported.contract));
    let target = folder.display();
    if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("{target} is there already; name another folder with --output").into());
    }
    for (path, text) in &imported.files {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(&folder);
        fs::create_dir_all(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    for line in &imported.not_carried {
        say!("not carried over: {line}");
    }
    say!(
        "{target}: {}; `natsmith check {target}` proves them",
        count(imported.files.len(), "file")
    );
    Ok(if imported.not_carried.is_empty() {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}
