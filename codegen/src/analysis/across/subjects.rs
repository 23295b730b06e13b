//! Subjects that several contracts speak on: all mean the same by them.

use serde_json::Value;

use super::pairs;
use crate::contract::{Answers, Contract, Pattern, Stream, Subject};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::account as rules;

pub(super) fn check(contracts: &[&Contract], report: &mut Report) {
    for (first, second) in pairs(contracts) {
        for theirs in second.subjects.values() {
            let wildcard = theirs.template.wildcard();
            let shape = second.shape(&theirs.template);
            let meet = |ours: &&Subject| first.shape(&ours.template).overlaps(&shape);
            let mut told = false;
            for ours in first.heard_by(&wildcard).filter(meet) {
                told = told || understood(ours, first, theirs, second, report);
                shared(ours, theirs, report);
            }
        }
        for (keeper, asked) in [(first, second), (second, first)] {
            for stream in keeper.streams.values() {
                captured_requests(stream, asked, report);
            }
        }
    }
}

/// Whether two contracts understand a subject differently, which is then told.
fn understood(ours: &Subject, first: &Contract, theirs: &Subject, second: &Contract, report: &mut Report) -> bool {
    let difference = if ours.is_request() != theirs.is_request() {
        "as a request here, and as an event there"
    } else if carried(ours, first) != carried(theirs, second) {
        "with another payload"
    } else if answer(ours, first) != answer(theirs, second) {
        "with another reply"
    } else {
        return false;
    };
    let message = format!(
        "`{}` of `{}` is also `{}` of `{}`, {difference}",
        theirs.name.value, second.name.value, ours.name.value, first.name.value
    );
    let diagnostic = Diagnostic::new(&rules::SUBJECT, theirs.template.text.span, message, "")
        .with_label(ours.template.text.span, "the same subjects, in the same account")
        .with_help("let the first token tell the contracts apart, or give each an `account` of its own");
    report.push(diagnostic);
    true
}

/// The schemas of what a subject carries.
fn carried<'c>(subject: &Subject, contract: &'c Contract) -> Vec<Option<&'c Value>> {
    let payloads = subject.payloads().into_iter();
    payloads.map(|name| schema(&name.value, contract)).collect()
}

fn schema<'c>(name: &str, contract: &'c Contract) -> Option<&'c Value> {
    contract.payloads.get(name).map(|payload| &payload.schema)
}

fn answer<'c>(subject: &Subject, contract: &'c Contract) -> Option<&'c Value> {
    match &subject.pattern {
        Pattern::Event { .. } => None,
        Pattern::Request { reply, .. } => schema(&reply.value, contract),
    }
}

/// Members of one group take messages from each other, whatever program they are.
fn shared(ours: &Subject, theirs: &Subject, report: &mut Report) {
    let (Some(first), Some(second)) = (&ours.queue_group, &theirs.queue_group) else {
        return;
    };
    if first.value == second.value && !ours.receivers().is_empty() && !theirs.receivers().is_empty() {
        let message = format!(
            "`{}` and `{}` take messages from each other in the queue group `{}`",
            ours.name.value, theirs.name.value, first.value
        );
        let diagnostic = Diagnostic::new(&rules::QUEUE_GROUP, second.span, message, "")
            .with_label(first.span, "the same group, in the same account")
            .with_help("name a group of its own, if both are to hear every message");
        report.push(diagnostic);
    }
}

/// A stream's acknowledgement comes before the answer.
fn captured_requests(stream: &Stream, asked: &Contract, report: &mut Report) {
    if stream.settings.flag("no_ack").is_some() {
        return;
    }
    for capture in &stream.subjects {
        let requests = asked.heard_by(&capture.filter).filter(|subject| {
            let answers = subject.answers();
            answers.is_some_and(|answers| !matches!(answers, Answers::On(_)))
        });
        for request in requests {
            let message = format!(
                "the stream `{}` captures the request `{}` of `{}`",
                stream.name.value, request.name.value, asked.name.value
            );
            let text = "its acknowledgement would answer the asker first";
            let diagnostic = Diagnostic::new(&rules::CAPTURES_REQUEST, capture.span, message, text)
                .with_label(request.name.span, "a request, in the same account")
                .with_help("leave the subject out, or set `no_ack: true`");
            report.push(diagnostic);
        }
    }
}
