//! Services: what is provided is what somebody answers.

use crate::contract::{Contract, Service};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::service as rules;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for service in contract.services.values() {
        endpoints(service, contract, report);
    }
}

fn endpoints(service: &Service, contract: &Contract, report: &mut Report) {
    for endpoint in &service.endpoints {
        let Some(subject) = contract.subjects.get(&endpoint.value) else {
            continue;
        };
        if !subject.is_request() {
            let message = format!("`{}` is an event, and a service answers requests", endpoint.value);
            let diagnostic = Diagnostic::new(&rules::ENDPOINT, endpoint.span, message, "")
                .with_label(subject.name.span, "declared here")
                .with_help("list subjects that have `request` and `reply`");
            report.push(diagnostic);
            continue;
        }
        for role in &service.provide {
            if subject.receivers().iter().all(|receiver| receiver.value != role.value) {
                let message = format!(
                    "`{}` provides this service and does not answer `{}`",
                    role.value, endpoint.value
                );
                let diagnostic = Diagnostic::new(&rules::PROVIDER, role.span, message, "")
                    .with_label(subject.name.span, "answered by others")
                    .with_help(format!("add `{}` to `answer` of that subject", role.value));
                report.push(diagnostic);
            }
        }
    }
}
