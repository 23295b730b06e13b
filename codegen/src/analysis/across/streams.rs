//! Streams, consumers and stores of several contracts: one name is one thing, and one subject is kept once.

use std::collections::HashSet;

use super::super::copies::named_origins;
use super::pairs;
use crate::contract::{Contract, Provisioned, Store, StoreKind};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::account as rules;
use crate::subject::overlap;
use crate::words::list;

pub(super) fn check(contracts: &[&Contract], report: &mut Report) {
    for (first, second) in pairs(contracts) {
        let (ours, theirs) = (first.provisioned(None), second.provisioned(None));
        for ours in &ours {
            for theirs in &theirs {
                if ours.stream.name.value == theirs.stream.name.value {
                    one_name(ours, theirs, report);
                } else {
                    apart(ours, theirs, report);
                }
            }
        }
        stores(first, second, report);
    }
    origins(contracts, report);
}

/// The stream behind a store is judged as the store.
fn is_behind_a_store(stream: &Provisioned<'_>) -> bool {
    stream
        .stream
        .subjects
        .iter()
        .any(|capture| capture.filter.starts_with("$KV.") || capture.filter.starts_with("$O."))
}

/// The server refuses a stream that is there with other settings (error 10058), and provisioning would change it each time.
fn one_name(ours: &Provisioned<'_>, theirs: &Provisioned<'_>, report: &mut Report) {
    let name = &theirs.stream.name;
    if is_behind_a_store(ours) && is_behind_a_store(theirs) {
        return;
    }
    if ours.config() != theirs.config() {
        let message = format!(
            "two contracts of one account declare `{}`, each in its own way",
            name.value
        );
        let text = "the server refuses the second one (error 10058)";
        let diagnostic = Diagnostic::new(&rules::STREAM, name.span, message, text)
            .with_label(ours.stream.name.span, "the other one")
            .with_help("name it otherwise, or declare it in one contract and only publish in the other");
        report.push(diagnostic);
        return;
    }
    for consumer in &theirs.consumers {
        let same = |other: &&crate::contract::ProvisionedConsumer<'_>| {
            other.consumer.name.value == consumer.consumer.name.value
        };
        if let Some(other) = ours.consumers.iter().find(same)
            && other.config() != consumer.config()
        {
            let name = &consumer.consumer.name;
            let message = format!(
                "two contracts of one account declare `{}`, each in its own way",
                name.value
            );
            let text = "the server refuses the second one (error 10148)";
            let diagnostic = Diagnostic::new(&rules::CONSUMER, name.span, message, text)
                .with_label(other.consumer.name.span, "the other one")
                .with_help("name it otherwise");
            report.push(diagnostic);
        }
    }
}

/// The server refuses two streams with overlapping subjects (error 10065).
fn apart(ours: &Provisioned<'_>, theirs: &Provisioned<'_>, report: &mut Report) {
    for second in &theirs.stream.subjects {
        let mut captures = ours.stream.subjects.iter();
        if let Some(first) = captures.find(|first| overlap(&first.filter, &second.filter)) {
            let message = format!(
                "the streams `{}` and `{}` of two contracts capture the same subject",
                ours.stream.name.value, theirs.stream.name.value
            );
            let text = format!(
                "`{}`; the server refuses the second stream (error 10065)",
                second.filter
            );
            let diagnostic = Diagnostic::new(&rules::OVERLAP, second.span, message, text)
                .with_label(first.span, format!("`{}`, in the same account", first.filter))
                .with_help("let one stream capture it and the other `source` from that stream");
            report.push(diagnostic);
        }
    }
}

fn stores(first: &Contract, second: &Contract, report: &mut Report) {
    for theirs in second.stores() {
        let same = |ours: &&Store| ours.backing.name.value == theirs.backing.name.value;
        let Some(ours) = first.stores().find(same) else {
            continue;
        };
        let value = |store: &Store, contract: &Contract| match &store.kind {
            StoreKind::KeyValue { value, .. } => {
                let payload = contract.payloads.get(&value.value);
                payload.map(|payload| payload.schema.clone())
            }
            StoreKind::Object => None,
        };
        let settings = |store: &Store| -> Vec<(String, serde_json::Value)> {
            let settings = store.settings.iter();
            let mut settings: Vec<_> = settings
                .map(|(name, value)| (name.to_owned(), value.wire.clone()))
                .collect();
            settings.sort_by(|one, other| one.0.cmp(&other.0));
            settings
        };
        let difference = if value(ours, first) != value(theirs, second) {
            "other values"
        } else if ours.key.wildcard() != theirs.key.wildcard() {
            "other keys"
        } else if settings(ours) != settings(theirs) {
            "other settings"
        } else {
            continue;
        };
        let message = format!(
            "two contracts of one account declare `{}`, with {difference}",
            theirs.name.value
        );
        let diagnostic = Diagnostic::new(&rules::STORE, theirs.name.span, message, "")
            .with_label(ours.name.span, "the other one")
            .with_help("name it otherwise, or declare it in the same way in both");
        report.push(diagnostic);
    }
}

/// The server makes a stream that copies from one that is not there, and waits.
fn origins(contracts: &[&Contract], report: &mut Report) {
    let provisioned: Vec<_> = contracts.iter().map(|contract| contract.provisioned(None)).collect();
    let names: HashSet<&str> = provisioned
        .iter()
        .flatten()
        .map(|stream| stream.stream.name.value.as_str())
        .collect();
    for stream in provisioned.iter().flatten() {
        for (origin, place) in named_origins(stream) {
            if names.contains(origin.as_str()) {
                continue;
            }
            let message = format!("no contract declares the stream `{origin}`");
            let mut some: Vec<&str> = names.iter().copied().collect();
            some.sort_unstable();
            some.truncate(12);
            let help = format!("use one of {}, or say where it is with `external`", list(&some));
            let text = "the server waits for it without a word";
            report.push(Diagnostic::new(&rules::UNKNOWN_ORIGIN, place, message, text).with_help(help));
        }
    }
}
