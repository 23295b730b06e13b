//! Budgets: what the contracts of an account ask for together is there.

use std::collections::HashSet;

use crate::contract::{Contract, Limits, Provisioned};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::account as rules;
use crate::source::Spanned;
use crate::words::size;

/// A limit of the account: its key, where a contract says it, what one contract asks of it, and how its numbers are shown.
struct Budget {
    key: &'static str,
    limit: fn(&Limits) -> &Option<Spanned<u64>>,
    asked: fn(&[Provisioned<'_>]) -> u64,
    show: fn(u64) -> String,
}

const BUDGETS: [Budget; 4] = [
    Budget {
        key: "max_memory",
        limit: |limits| &limits.max_memory,
        asked: |streams| bytes(streams, "memory"),
        show: size,
    },
    Budget {
        key: "max_storage",
        limit: |limits| &limits.max_storage,
        asked: |streams| bytes(streams, "file"),
        show: size,
    },
    Budget {
        key: "max_streams",
        limit: |limits| &limits.max_streams,
        asked: |streams| streams.len() as u64,
        show: plain,
    },
    Budget {
        key: "max_consumers",
        limit: |limits| &limits.max_consumers,
        asked: |streams| streams.iter().map(|stream| stream.consumers.len() as u64).sum(),
        show: plain,
    },
];

/// What a contract says of the account and asks nothing of by itself.
type Said = (&'static str, fn(&Limits) -> &Option<Spanned<u64>>);

const SAID: [Said; 3] = [
    ("max_payload", |limits| &limits.max_payload),
    ("max_connections", |limits| &limits.max_connections),
    ("max_subscriptions", |limits| &limits.max_subscriptions),
];

fn plain(number: u64) -> String {
    number.to_string()
}

fn bytes(streams: &[Provisioned<'_>], storage: &str) -> u64 {
    let of_kind = streams
        .iter()
        .filter(|stream| stream.settings.text("storage").unwrap_or("file") == storage);
    let reserved = of_kind.filter_map(|stream| stream.settings.number("max_bytes"));
    reserved.fold(0, u64::saturating_add)
}

pub(super) fn check(contracts: &[&Contract], report: &mut Report) {
    if contracts.len() < 2 {
        return;
    }
    let mut known = HashSet::new();
    // What two contracts declare is there once.
    let asked: Vec<Vec<Provisioned<'_>>> = contracts
        .iter()
        .map(|contract| {
            let mut streams = contract.provisioned(None);
            streams.retain(|stream| known.insert(stream.stream.name.value.clone()));
            streams
        })
        .collect();
    for budget in &BUDGETS {
        agreed(contracts, budget.key, budget.limit, report);
        together(contracts, &asked, budget, report);
    }
    for (key, limit) in SAID {
        agreed(contracts, key, limit, report);
    }
}

fn agreed(contracts: &[&Contract], key: &str, limit: fn(&Limits) -> &Option<Spanned<u64>>, report: &mut Report) {
    let mut said = contracts.iter().filter_map(|contract| limit(&contract.limits).as_ref());
    let Some(first) = said.next() else { return };
    for other in said.filter(|other| other.value != first.value) {
        let message = format!("two contracts of one account say different things of its `{key}`");
        let diagnostic = Diagnostic::new(&rules::LIMITS, other.span, message, "")
            .with_label(first.span, "the other one")
            .with_help("say the same in both: an account has one limit");
        report.push(diagnostic);
    }
}

fn together(contracts: &[&Contract], asked: &[Vec<Provisioned<'_>>], budget: &Budget, report: &mut Report) {
    let total = asked.iter().map(|streams| (budget.asked)(streams));
    let total = total.fold(0, u64::saturating_add);
    let limits = contracts
        .iter()
        .filter_map(|contract| Some((*contract, (budget.limit)(&contract.limits).as_ref()?)));
    let Some((contract, limit)) = limits.min_by_key(|(_, limit)| limit.value) else {
        return;
    };
    // What one of them asks for alone is told of that one.
    let alone = contracts
        .iter()
        .map(|contract| (budget.asked)(&contract.provisioned(None)));
    if total <= limit.value || alone.max().unwrap_or_default() > limit.value {
        return;
    }
    let others = contracts.iter().filter(|other| !std::ptr::eq(**other, contract));
    let message = format!(
        "the contracts of account `{}` ask for {} together, and `{}` is {}",
        contract.account(),
        (budget.show)(total),
        budget.key,
        (budget.show)(limit.value)
    );
    let mut diagnostic = Diagnostic::new(&rules::BUDGET, limit.span, message, "the limit");
    for other in others {
        diagnostic = diagnostic.with_label(other.origin(), "shares the account");
    }
    report.push(diagnostic.with_help("raise the limit, keep less, or give a contract an `account` of its own"));
}
