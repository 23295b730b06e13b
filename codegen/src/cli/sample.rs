//! `natsmith sample`

use std::path::PathBuf;

use clap::Args;
use natsmith_codegen::contract::payload::Payload;
use natsmith_codegen::contract::{Contract, Verdict};
use natsmith_codegen::sample::{self, Detail};
use natsmith_codegen::{Checked, check};
use serde_json::{Value, json};

use super::{Contracts, Failure, Outcome, say};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The payload, such as `AgentStatus`
    payload: String,
    /// Only the members that must be there
    #[arg(long, conflicts_with = "invalid")]
    minimal: bool,
    /// A document a line for each rule that can be broken: its name, the place, the keyword, the document
    #[arg(long)]
    invalid: bool,
    /// The contract's folder [default: the one under schema/ that has the payload]
    #[arg(long, value_name = "FOLDER")]
    contract: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let contract = contract(arguments)?;
    let payload = contract.payloads.get(&arguments.payload).ok_or("the payload is gone")?;
    if arguments.invalid {
        for miss in sample::near_misses(&contract.payloads, payload) {
            let line = json!({
                "name": miss.name,
                "pointer": miss.pointer,
                "keyword": miss.keyword,
                "document": miss.document,
            });
            say!("{line}");
        }
        return Ok(Outcome::Clean);
    }
    let detail = if arguments.minimal {
        Detail::Minimal
    } else {
        Detail::Full
    };
    let document = sample::valid(&contract.payloads, payload, detail).or_else(|| example(&contract, payload, detail));
    let document = document.ok_or_else(|| {
        let name = &payload.name;
        format!("no sample can be made of `{name}`; write one into examples/{name}/valid/")
    })?;
    say!("{}", serde_json::to_string_pretty(&document)?);
    Ok(Outcome::Clean)
}

/// The one contract that has the payload.
fn contract(arguments: &Arguments) -> Result<Contract, Failure> {
    let contracts = Contracts {
        folders: arguments.contract.iter().cloned().collect(),
    };
    let mut found: Option<(PathBuf, Contract)> = None;
    let mut likely = None;
    for folder in contracts.folders()? {
        let Checked { contract, report, .. } = check(&folder);
        let contract = contract.filter(|_| !report.has_errors()).ok_or_else(|| {
            let folder = folder.display();
            format!("the contract in {folder} has errors; `natsmith check {folder}` shows them")
        })?;
        if contract.payloads.get(&arguments.payload).is_none() {
            let name = sample::likely(&contract.payloads, &arguments.payload).map(str::to_owned);
            likely = likely.or(name);
            continue;
        }
        if let Some((other, _)) = found {
            let (name, other, folder) = (&arguments.payload, other.display(), folder.display());
            return Err(format!("both {other} and {folder} have a payload `{name}`; name one with --contract").into());
        }
        found = Some((folder, contract));
    }
    found.map(|(_, contract)| contract).ok_or_else(|| {
        let hint = likely.map_or_else(String::new, |likely| format!("; did you mean `{likely}`?"));
        format!("no payload is called `{}`{hint}", arguments.payload).into()
    })
}

/// What somebody wrote for a payload that no sample can be made of: the longest document, or the shortest.
fn example(contract: &Contract, payload: &Payload, detail: Detail) -> Option<Value> {
    let examples = contract
        .examples
        .iter()
        .filter(|example| example.payload == payload.name && example.verdict == Verdict::Valid);
    let example = match detail {
        Detail::Full => examples.max_by_key(|example| example.text.len()),
        Detail::Minimal => examples.min_by_key(|example| example.text.len()),
    };
    serde_json::from_str(&example?.text).ok()
}
