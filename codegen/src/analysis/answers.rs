//! Answers: what is promised to who asks can be kept.

use crate::contract::{Answers, Contract, Streamed, Subject};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for subject in contract.subjects.values() {
        if let Some(Answers::Streamed(streamed)) = subject.answers() {
            window(subject, streamed, contract, report);
        }
    }
}

/// The client drops what does not fit into a subscription, so a window that does not fit makes gaps.
fn window(subject: &Subject, streamed: &Streamed, contract: &Contract, report: &mut Report) {
    let Some(room) = contract.connection.subscription_pending_messages else {
        return;
    };
    if u64::from(streamed.window) >= room {
        let message = format!(
            "`{}` lets {} chunks wait, and a subscription holds {room} messages",
            subject.name.value, streamed.window
        );
        let help = "make `window` less than `subscribing.max_pending_messages`";
        report.push(Diagnostic::new(&rules::WINDOW, streamed.span, message, "").with_help(help));
    }
}
