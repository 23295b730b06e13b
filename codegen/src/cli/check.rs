//! `natsmith check`

use natsmith_codegen::check;
use natsmith_codegen::contract::Contract;

use super::{Contracts, Failure, Outcome, count, report, say};

pub(super) fn run(contracts: &Contracts) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Clean;
    for folder in contracts.folders()? {
        let checked = check(&folder);
        report::print(&checked)?;
        let verdict = report::verdict(&checked.report);
        let size = checked.contract.as_ref().map(size).unwrap_or_default();
        say!("{}: {verdict}{size}", folder.display());
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
