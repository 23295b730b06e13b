//! Services and presence of several contracts: who finds one finds what it looks for.

use super::pairs;
use crate::contract::{Contract, Service};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::account as rules;
use crate::words::duration;

pub(super) fn check(contracts: &[&Contract], report: &mut Report) {
    for (first, second) in pairs(contracts) {
        for theirs in second.services.values() {
            let mut services = first.services.values();
            if let Some(ours) = services.find(|ours| ours.service == theirs.service) {
                one_name(ours, first, theirs, second, report);
            }
        }
        heartbeats(first, second, report);
    }
}

fn one_name(ours: &Service, first: &Contract, theirs: &Service, second: &Contract, report: &mut Report) {
    let subjects = |service: &Service, contract: &Contract| -> Vec<String> {
        let endpoints = service.endpoints.iter();
        let subjects = endpoints.filter_map(|name| contract.subjects.get(&name.value));
        let mut subjects: Vec<String> = subjects.map(|subject| subject.template.wildcard()).collect();
        subjects.sort();
        subjects
    };
    if ours.version == theirs.version && subjects(ours, first) == subjects(theirs, second) {
        return;
    }
    let message = format!(
        "two contracts of one account provide `{}`, each its own",
        theirs.service
    );
    let diagnostic = Diagnostic::new(&rules::SERVICE, theirs.name.span, message, "found under one name")
        .with_label(ours.name.span, "the other one")
        .with_help("say with `service` what each is found by");
    report.push(diagnostic);
}

/// Whoever watches expects one pace.
fn heartbeats(first: &Contract, second: &Contract, report: &mut Report) {
    for theirs in second.presence.values() {
        let Some(subject) = theirs.subject(second) else {
            continue;
        };
        let shape = second.shape(&subject.template);
        for ours in first.presence.values() {
            let Some(other) = ours.subject(first) else { continue };
            let meet = first.shape(&other.template).overlaps(&shape);
            if !meet || ours.interval.value == theirs.interval.value {
                continue;
            }
            let message = format!(
                "heartbeats come every {} here, and every {} in `{}`",
                duration(theirs.interval.value),
                duration(ours.interval.value),
                first.name.value
            );
            let text = "the slower ones count as late";
            let diagnostic = Diagnostic::new(&rules::PRESENCE, theirs.interval.span, message, text)
                .with_label(ours.interval.span, "on the same subjects, in the same account")
                .with_help("use one interval, or a subject of its own");
            report.push(diagnostic);
        }
    }
}
