//! `natsmith check`

use std::io;
use std::path::Path;

use clap::Args;
use natsmith_codegen::contract::Contract;
use natsmith_codegen::diagnostics::Level;
use natsmith_codegen::fix::{Fixed, Made, fix};
use natsmith_codegen::{CheckedAll, CheckedContract, check_all, output};

use super::report::{self, Format};
use super::{Contracts, Failure, Outcome, count, say};

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
    /// How findings are told
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let folders = arguments.contracts.folders()?;
    let format = arguments.format;
    let checked = if arguments.fix {
        let fixed = fix(&folders);
        write(&fixed, format)?;
        fixed.checked
    } else {
        check_all(&folders)
    };
    report::publish(&checked, format, arguments.notes)?;
    if !format.is_document() {
        for contract in &checked.contracts {
            tell(&checked, contract, arguments)?;
        }
    }
    Ok(if checked.report.has_errors() {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}

/// Writes the files that fixes have changed, and says what was done.
fn write(fixed: &Fixed, format: Format) -> Result<(), Failure> {
    for file in &fixed.files {
        output::rewrite(Path::new(&file.name), &file.old, &file.new)?;
    }
    // A document stands alone on the standard output.
    let out: &mut dyn io::Write = if format.is_document() {
        &mut io::stderr()
    } else {
        &mut io::stdout()
    };
    for Made { place, code, what } in &fixed.made {
        say!(to out, "{place}: fixed {code}: {what}");
    }
    for Made { place, code, what } in &fixed.refused {
        say!(to out, "{place}: left {code} alone: to {what} would bring new errors");
    }
    let files = count(fixed.files.len(), "file");
    match fixed.made.len() {
        1 => say!(to out, "1 fix in {files}"),
        number => say!(to out, "{number} fixes in {files}"),
    }
    Ok(())
}

/// Shows the findings of a contract to people, and a verdict on it.
fn tell(checked: &CheckedAll, contract: &CheckedContract, arguments: &Arguments) -> Result<(), Failure> {
    let own = checked.report.within(&contract.files);
    if arguments.format == Format::Human {
        report::print(&own, &checked.files, arguments.notes)?;
    }
    let verdict = report::verdict(&own);
    let size = contract.contract.as_ref().map(size).unwrap_or_default();
    let remarks = match own.count(Level::Info) {
        0 => String::new(),
        number if arguments.notes => format!(", {}", count(number, "note")),
        number => format!(", {} (see --notes)", count(number, "note")),
    };
    let meant = match own.excepted().len() {
        0 => String::new(),
        number => format!(", {}", count(number, "exception")),
    };
    say!("{}: {verdict}{size}{remarks}{meant}", contract.folder.display());
    Ok(())
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
