//! `natsmith check`

use std::path::Path;

use clap::Args;
use natsmith_codegen::contract::Contract;
use natsmith_codegen::diagnostics::Level;
use natsmith_codegen::fix::{Fixed, Made, fix};
use natsmith_codegen::{CheckedAll, check_all, output};

use super::{Contracts, Failure, Outcome, count, report, say};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    contracts: Contracts,
    /// Shows what is worth knowing and nothing is wrong with, such as which payloads a validator judges.
    #[arg(long)]
    notes: bool,
    /// Changes the files of the contracts where a finding comes with a fix, then shows what is left.
    #[arg(long)]
    fix: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let folders = arguments.contracts.folders()?;
    let checked = if arguments.fix {
        let fixed = fix(&folders);
        write(&fixed)?;
        fixed.checked
    } else {
        check_all(&folders)
    };
    tell(&checked, arguments.notes)
}

/// Writes the files that fixes have changed, and says what was done.
fn write(fixed: &Fixed) -> Result<(), Failure> {
    for file in &fixed.files {
        output::rewrite(Path::new(&file.name), &file.old, &file.new)?;
    }
    for Made { place, code, what } in &fixed.made {
        say!("{place}: fixed {code}: {what}");
    }
    for Made { place, code, what } in &fixed.refused {
        say!("{place}: left {code} alone: to {what} would bring new errors");
    }
    let files = count(fixed.files.len(), "file");
    match fixed.made.len() {
        1 => say!("1 fix in {files}"),
        number => say!("{number} fixes in {files}"),
    }
    Ok(())
}

/// Shows the findings of each contract and a verdict on it.
fn tell(checked: &CheckedAll, notes: bool) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Clean;
    for contract in &checked.contracts {
        let own = checked.report.within(&contract.files);
        report::print(&own, &checked.files, notes)?;
        let verdict = report::verdict(&own);
        let size = contract.contract.as_ref().map(size).unwrap_or_default();
        let remarks = match own.count(Level::Info) {
            0 => String::new(),
            number if notes => format!(", {}", count(number, "note")),
            number => format!(", {} (see --notes)", count(number, "note")),
        };
        let meant = match own.excepted().len() {
            0 => String::new(),
            number => format!(", {}", count(number, "exception")),
        };
        say!("{}: {verdict}{size}{remarks}{meant}", contract.folder.display());
        if own.has_errors() {
            outcome = Outcome::Findings;
        }
    }
    Ok(outcome)
}

/// What was checked, so that a clean verdict is one about something.
fn size(contract: &Contract) -> String {
    let consumers = contract.streams.values().map(|stream| stream.consumers.len()).sum();
    let parts = [
        (contract.subjects.len(), "subject"),
        (contract.payloads.names().count(), "payload"),
        (contract.examples.len(), "example"),
        (contract.services.len(), "service"),
        (contract.streams.len(), "stream"),
        (consumers, "consumer"),
        (contract.kv.len(), "bucket"),
        (contract.object_stores.len(), "object store"),
    ];
    // What every contract has is always told.
    let told = parts
        .iter()
        .enumerate()
        .filter(|(index, (number, _))| *index < 2 || *number > 0);
    let told: Vec<String> = told.map(|(_, (number, noun))| count(*number, noun)).collect();
    format!(" ({})", told.join(", "))
}
