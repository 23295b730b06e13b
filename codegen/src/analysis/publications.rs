//! Publications: what is sent to several subjects at once can be.

use std::collections::HashMap;

use crate::contract::{Contract, Example, Publication, Subject, Verdict};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::publication as rules;
use crate::source::{Span, Spanned};
use crate::validator;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for publication in contract.publications.values() {
        several(publication, report);
        let subjects = publication.subjects.iter();
        let subjects: Vec<(Span, &Subject)> = subjects
            .filter_map(|name| Some((name.span, contract.subjects.get(&name.value)?)))
            .collect();
        if events(&subjects, report) {
            match &publication.payload {
                None => same_payload(&subjects, report),
                Some(payload) => accepted(payload, &subjects, contract, report),
            }
            publishers(publication, &subjects, report);
        }
    }
}

/// Two subjects at least, each of them once.
fn several(publication: &Publication, report: &mut Report) {
    if publication.subjects.len() < 2 {
        let message = format!("`{}` goes to fewer than two subjects", publication.name.value);
        let help = "list the `subjects` that carry it, or publish on the one subject itself";
        report.push(Diagnostic::new(&rules::SUBJECTS, publication.name.span, message, "").with_help(help));
    }
    let mut first: HashMap<&str, Span> = HashMap::new();
    for subject in &publication.subjects {
        if let Some(first) = first.insert(&subject.value, subject.span) {
            let message = format!(
                "`{}` stands twice, and its subscribers would hear everything twice",
                subject.value
            );
            let diagnostic = Diagnostic::new(&rules::SUBJECTS, subject.span, message, "the second one");
            report.push(
                diagnostic
                    .with_label(first, "the first one")
                    .with_help("remove one of them"),
            );
        }
    }
}

/// Requests are answered, and headers belong to one subject.
fn events(subjects: &[(Span, &Subject)], report: &mut Report) -> bool {
    let mut good = true;
    for (span, subject) in subjects {
        let fault = if subject.is_request() {
            format!(
                "`{}` is a request, and a publication waits for no answer",
                subject.name.value
            )
        } else if subject.messages.is_some() {
            format!(
                "`{}` carries several messages, and a publication is one",
                subject.name.value
            )
        } else if subject.headers.is_some() {
            format!(
                "`{}` wants headers of its own, and a publication has none",
                subject.name.value
            )
        } else {
            continue;
        };
        let diagnostic = Diagnostic::new(&rules::SUBJECTS, *span, fault, "")
            .with_help("list events with a `payload` and without `headers`");
        report.push(diagnostic.with_label(subject.name.span, "declared here"));
        good = false;
    }
    good
}

fn same_payload(subjects: &[(Span, &Subject)], report: &mut Report) {
    let Some(((_, first), others)) = subjects.split_first() else {
        return;
    };
    for (span, other) in others {
        let (payload, expected) = (other.payload(), first.payload());
        if payload.value != expected.value {
            let message = format!(
                "`{}` carries `{}`, and `{}` carries `{}`",
                other.name.value, payload.value, first.name.value, expected.value
            );
            let diagnostic = Diagnostic::new(&rules::PAYLOAD, *span, message, "")
                .with_label(payload.span, "this payload")
                .with_label(expected.span, "the payload of the first one")
                .with_help("give them the same payload, or say with `payload` which one all of them accept");
            report.push(diagnostic);
        }
    }
}

/// Every valid example is one for each of the subjects too.
fn accepted(payload: &Spanned<String>, subjects: &[(Span, &Subject)], contract: &Contract, report: &mut Report) {
    let others: Vec<&(Span, &Subject)> = subjects
        .iter()
        .filter(|(_, subject)| subject.payload().value != payload.value)
        .collect();
    let examples = contract.examples.iter();
    let examples: Vec<&Example> = examples
        .filter(|example| example.verdict == Verdict::Valid && example.payload == payload.value)
        .collect();
    if !others.is_empty() && examples.is_empty() {
        let message = format!("no example proves that all subjects accept `{}`", payload.value);
        let help = format!("put one or more into `examples/{}/valid/`", payload.value);
        report.push(Diagnostic::new(&rules::PAYLOAD, payload.span, message, "").with_help(help));
    }
    for (span, subject) in others {
        let carried = subject.payload();
        let schema = contract.payloads.get(&carried.value).map(|payload| &payload.schema);
        // A schema that cannot be compiled was reported when it was resolved.
        let Some(Ok(validator)) = schema.map(|schema| validator::options().build(schema)) else {
            continue;
        };
        let refused = examples.iter().find_map(|example| {
            let document = serde_json::from_str(&example.text).ok()?;
            let fault = validator.iter_errors(&document).next()?.to_string();
            Some((example, fault))
        });
        if let Some((example, fault)) = refused {
            let message = format!(
                "`{}` does not accept every `{}`: {fault}",
                subject.name.value, payload.value
            );
            let diagnostic = Diagnostic::new(&rules::PAYLOAD, *span, message, "")
                .with_label(carried.span, "what it carries")
                .with_label(example.origin, "the example that it refuses")
                .with_help(format!(
                    "let `{}` accept what `{}` does, or leave the subject out",
                    carried.value, payload.value
                ));
            report.push(diagnostic);
        }
    }
}

fn publishers(publication: &Publication, subjects: &[(Span, &Subject)], report: &mut Report) {
    for role in &publication.publish {
        for (_, subject) in subjects {
            if subject.senders().iter().all(|sender| sender.value != role.value) {
                let message = format!("`{}` does not publish `{}`", role.value, subject.name.value);
                let diagnostic = Diagnostic::new(&rules::PUBLISHER, role.span, message, "")
                    .with_label(subject.name.span, "published by others")
                    .with_help(format!("add `{}` to `publish` of that subject", role.value));
                report.push(diagnostic);
            }
        }
    }
}
