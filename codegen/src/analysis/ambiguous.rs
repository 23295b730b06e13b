//! Subjects that are of two templates: who hears one cannot tell which of them was meant.

use std::collections::HashSet;

use crate::contract::{Contract, Subject};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;
use crate::subject::Index;
use crate::words::list;

/// So many pairs are looked at closely; a contract with more has been told enough.
const PAIRS: usize = 100_000;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    let subjects: Vec<&Subject> = contract.subjects.values().collect();
    let filters: Vec<String> = subjects.iter().map(|subject| subject.template.wildcard()).collect();
    let index = Index::new(&filters);
    // One finding a subject is enough to look at it.
    let mut told = HashSet::new();
    for (one, other) in index.overlaps().take(PAIRS) {
        let (first, second) = (one.min(other), one.max(other));
        // Those that are the same throughout are told as such.
        if told.contains(&second) || filters.get(first) == filters.get(second) {
            continue;
        }
        let (Some(a), Some(b)) = (subjects.get(first), subjects.get(second)) else {
            continue;
        };
        if let Some(diagnostic) = both(a, b, contract) {
            told.insert(second);
            report.push(diagnostic);
        }
    }
}

/// What is to be said of two templates whose filters overlap.
fn both(a: &Subject, b: &Subject, contract: &Contract) -> Option<Diagnostic> {
    let (of_a, of_b) = (contract.shape(&a.template), contract.shape(&b.template));
    let shared = of_a.intersection(&of_b).filter(|shared| !shared.is_empty())?;
    let example = shared.example();
    let shown = example
        .as_ref()
        .map_or_else(String::new, |example| format!("`{example}` is "));
    let (a_name, b_name) = (&a.name.value, &b.name.value);
    if carried(a) != carried(b) {
        let message = format!("{shown}both `{a_name}` and `{b_name}`, which carry different payloads");
        let diagnostic = Diagnostic::new(&rules::AMBIGUOUS, b.template.text.span, message, said(b))
            .with_label(a.template.text.span, said(a))
            .with_help("tell them apart by a fixed part, or by what their tokens can be (`enum`, `pattern`)");
        return Some(diagnostic);
    }
    let (narrow, wide) = if of_a.contains(&of_b) {
        (b, a)
    } else if of_b.contains(&of_a) {
        (a, b)
    } else {
        return None;
    };
    let message = format!(
        "every subject of `{}` is one of `{}` too",
        narrow.name.value, wide.name.value
    );
    let diagnostic = Diagnostic::new(
        &rules::SPECIAL_CASE,
        narrow.template.text.span,
        message,
        "the special case",
    )
    .with_label(wide.template.text.span, "and the general one")
    .with_help("who hears the general one hears both: leave one out, or tell them apart by what their tokens can be");
    Some(diagnostic)
}

fn carried(subject: &Subject) -> (bool, Vec<&str>) {
    let payloads = subject.payloads();
    (
        subject.is_request(),
        payloads.iter().map(|payload| payload.as_str()).collect(),
    )
}

/// What a subject carries, for a label.
fn said(subject: &Subject) -> String {
    let (request, payloads) = carried(subject);
    let kind = if request { "requests with" } else { "carries" };
    format!("{kind} {}", list(&payloads))
}
