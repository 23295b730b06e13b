//! Named subscriptions: they hear something, and what they expect.

use crate::contract::{Contract, Subscription};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;

use super::near;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for subscription in contract.subscriptions.values() {
        let filter = &subscription.filter;
        if contract.hears_nothing(filter) {
            let message = format!("`{}` hears no subject of this contract", filter.value);
            let diagnostic = Diagnostic::new(
                &rules::HEARS_NOTHING,
                filter.span,
                message,
                "the server accepts it and delivers nothing",
            );
            report.push(near::with_nearest(diagnostic, filter, contract));
        }
        expected_payload(subscription, contract, report);
    }
}

fn expected_payload(subscription: &Subscription, contract: &Contract, report: &mut Report) {
    let Some(expected) = &subscription.payload else {
        return;
    };
    for subject in contract.heard_by(&subscription.filter) {
        for carried in subject.payloads() {
            if carried.value == expected.value {
                continue;
            }
            let message = format!(
                "`{}` expects `{}`, but `{}` carries `{}`",
                subscription.name.value, expected.value, subject.name.value, carried.value
            );
            let diagnostic = Diagnostic::new(&rules::OTHER_PAYLOAD, expected.span, message, "expected here")
                .with_label(carried.span, "carried here")
                .with_help("no such message would decode: expect what the subject carries, or narrow the filter");
            report.push(diagnostic);
        }
    }
}
