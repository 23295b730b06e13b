//! `natsmith check`

use clap::Args;
use natsmith_codegen::check;
use natsmith_codegen::contract::Contract;
use natsmith_codegen::diagnostics::Level;

use super::{Contracts, Failure, Outcome, count, report, say};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    contracts: Contracts,
    /// Shows what is worth knowing and nothing is wrong with, such as which payloads a validator judges.
    #[arg(long)]
    notes: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Clean;
    for folder in arguments.contracts.folders()? {
        let checked = check(&folder);
        report::print(&checked, arguments.notes)?;
        let verdict = report::verdict(&checked.report);
        let size = checked.contract.as_ref().map(size).unwrap_or_default();
        let notes = match report::of_level(&checked.report, Level::Info) {
            0 => String::new(),
            notes if arguments.notes => format!(", {}", count(notes, "note")),
            notes => format!(", {} (see --notes)", count(notes, "note")),
        };
        say!("{}: {verdict}{size}{notes}", folder.display());
        if checked.report.has_errors() {
            outcome = Outcome::Findings;
        }
    }
    Ok(outcome)
}

/// What was checked, so that a clean verdict is one about something.
fn size(contract: &Contract) -> String {
    let consumers = contract.streams.values().map(|stream| stream.consumers.len()).sum();
    let parts = [
        count(contract.subjects.len(), "subject"),
        count(contract.payloads.names().count(), "payload"),
        count(contract.examples.len(), "example"),
        count(contract.streams.len(), "stream"),
        count(consumers, "consumer"),
    ];
    format!(" ({})", parts.join(", "))
}
