//! Proves that the contracts of one account hold together: they share its subjects, its streams and its limits.

mod budgets;
mod roles;
mod services;
mod streams;
mod subjects;

use indexmap::IndexMap;

use crate::contract::Contract;
use crate::diagnostics::Report;

/// One pass over the contracts of one account.
type Pass = fn(&[&Contract], &mut Report);

/// All passes, in the order in which they run.
const PASSES: &[Pass] = &[
    roles::check,
    subjects::check,
    services::check,
    streams::check,
    budgets::check,
];

/// Runs every pass over the contracts of each account.
pub fn across(contracts: &[&Contract], report: &mut Report) {
    let mut accounts: IndexMap<&str, Vec<&Contract>> = IndexMap::new();
    for contract in contracts {
        accounts.entry(contract.account()).or_default().push(contract);
    }
    for contracts in accounts.values() {
        for pass in PASSES {
            pass(contracts, report);
        }
    }
}

/// Every two different contracts, each pair once.
fn pairs<'p, 'c>(contracts: &'p [&'c Contract]) -> impl Iterator<Item = (&'c Contract, &'c Contract)> + 'p {
    contracts.iter().enumerate().flat_map(move |(index, first)| {
        let others = contracts.iter().skip(index + 1);
        others.map(move |second| (*first, *second))
    })
}
