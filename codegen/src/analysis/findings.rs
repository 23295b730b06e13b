//! Findings about settings, which several profiles may share: each place is told once.

use std::collections::HashSet;

use crate::contract::{Contract, Provisioned, ProvisionedConsumer};
use crate::diagnostics::{Diagnostic, Report};
use crate::source::Span;

/// A report that takes each kind of finding once a place.
pub(super) struct Findings<'r> {
    report: &'r mut Report,
    told: HashSet<(&'static str, Span)>,
}

impl<'r> Findings<'r> {
    pub(super) fn new(report: &'r mut Report) -> Self {
        Self {
            report,
            told: HashSet::new(),
        }
    }

    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        let Some(place) = diagnostic.labels.first().map(|label| label.span) else {
            return;
        };
        if self.told.insert((diagnostic.rule.code, place)) {
            self.report.push(diagnostic);
        }
    }
}

/// Shows every stream, and those behind stores, without a profile and under each.
pub(super) fn of_streams(
    contract: &Contract,
    report: &mut Report,
    check: impl Fn(&Provisioned<'_>, &mut Findings<'_>),
) {
    let mut findings = Findings::new(report);
    for profile in contract.every_profile() {
        for provisioned in contract.provisioned(profile) {
            check(&provisioned, &mut findings);
        }
    }
}

/// Shows every consumer with its stream, without a profile and under each.
pub(super) fn of_consumers(
    contract: &Contract,
    report: &mut Report,
    check: impl Fn(&Provisioned<'_>, &ProvisionedConsumer<'_>, &mut Findings<'_>),
) {
    of_streams(contract, report, |stream, findings| {
        for consumer in &stream.consumers {
            check(stream, consumer, findings);
        }
    });
}
