//! Services: what is provided is what somebody answers.

use crate::contract::{Answers, Contract, Service, Subject};
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
        if let Some(how) = unusual(subject) {
            let message = format!(
                "`{}` is answered {how}, and who finds a service awaits one reply in its inbox",
                endpoint.value
            );
            let diagnostic = Diagnostic::new(&rules::ENDPOINT, endpoint.span, message, "")
                .with_label(subject.name.span, "declared here")
                .with_help("leave it out of the service: its roles answer it with a method of its own");
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

/// How a request is answered, where a client that knows nothing of the contract would not expect it.
fn unusual(subject: &Subject) -> Option<&'static str> {
    match subject.answers()? {
        Answers::One { .. } | Answers::Many(_) => None,
        Answers::Streamed(_) => Some("in chunks"),
        Answers::On(_) => Some("on a declared subject"),
    }
}
