//! Personal data: it is forgotten after some time, and no part of subjects.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::contract::payload::{DefinitionKind, PERSONAL_DATA, Payload, PayloadSet, Shape};
use crate::contract::{Consumer, Contract, StoreKind, Stream};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::payload as rules;
use crate::rules::subject as subject_rules;
use crate::source::Span;

use super::extent::parts;
use super::sizes::kept;

/// What a payload has that is personal: what it is called, and where it stands.
type Personal = (String, Span);

pub(super) fn check(contract: &Contract, report: &mut Report) {
    let payloads = &contract.payloads;
    let marked: HashMap<&str, Personal> = payloads
        .iter()
        .filter_map(|payload| Some((payload.name.as_str(), personal(payload, payloads)?)))
        .collect();
    if marked.is_empty() {
        return;
    }
    let of = |payload: &str| marked.get(payload);
    for stream in contract.streams.values() {
        let subjects = kept(stream, contract);
        let found = subjects
            .iter()
            .flat_map(|subject| subject.payloads())
            .find_map(|payload| Some((payload, of(payload)?)));
        if let Some((payload, personal)) = found {
            forgotten(stream, payload, personal, report);
        } else if let Some((payload, personal)) =
            given_up(stream, contract).find_map(|payload| Some((payload, of(payload)?)))
        {
            forgotten(stream, payload, personal, report);
        }
    }
    for store in contract.kv.values() {
        let StoreKind::KeyValue { value, .. } = &store.kind else {
            continue;
        };
        if let Some((name, place)) = of(value).filter(|_| store.settings.number("ttl").unwrap_or(0) == 0) {
            let message = format!("the bucket `{}` keeps personal data for ever", store.name.value);
            let diagnostic = Diagnostic::new(&rules::PERSONAL_DATA, store.name.span, message, "no `ttl`")
                .with_label(*place, format!("`{name}` of `{}` is personal", value.value))
                .with_help("set `ttl` to the time for which it may be kept");
            report.push(diagnostic);
        }
    }
    bindings(contract, report);
}

fn forgotten(stream: &Stream, payload: &str, (name, place): &Personal, report: &mut Report) {
    if stream.settings.number("max_age").unwrap_or(0) > 0 {
        return;
    }
    let message = format!("the stream `{}` keeps personal data for ever", stream.name.value);
    let diagnostic = Diagnostic::new(&rules::PERSONAL_DATA, stream.name.span, message, "no `max_age`")
        .with_label(*place, format!("`{name}` of `{payload}` is personal"))
        .with_help("set `max_age` to the time for which it may be kept");
    report.push(diagnostic);
}

/// The payloads that a stream gets as dead letters.
fn given_up<'c>(stream: &'c Stream, contract: &'c Contract) -> impl Iterator<Item = &'c str> {
    let comes_here = |consumer: &&Consumer| {
        consumer
            .dead_letter
            .as_ref()
            .is_some_and(|letters| letters.value == stream.name.value)
    };
    let from = contract
        .streams
        .values()
        .filter(move |other| other.consumers.values().any(|consumer| comes_here(&consumer)));
    from.flat_map(|other| kept(other, contract))
        .flat_map(|subject| subject.payloads())
        .map(|payload| payload.as_str())
}

/// Subjects are seen by whoever may monitor the server, and stand in its logs.
fn bindings(contract: &Contract, report: &mut Report) {
    for subject in contract.subjects.values() {
        for (token, binding) in &subject.bind {
            let marked = subject.payloads().into_iter().find_map(|payload| {
                contract
                    .payloads
                    .lookup(payload, &binding.pointer)
                    .ok()
                    .filter(|leaf| leaf.personal)
            });
            if let Some(leaf) = marked {
                let message = format!("`{token}` puts personal data into the subject");
                let diagnostic = Diagnostic::new(
                    &subject_rules::TOKEN_PERSONAL,
                    binding.pointer.span,
                    message,
                    "bound here",
                )
                .with_label(leaf.span, "personal")
                .with_help("route by an id that says nothing about a person, such as a random one");
                report.push(diagnostic);
            }
        }
    }
}

/// The first thing in a payload that is marked as personal.
fn personal(payload: &Payload, payloads: &PayloadSet) -> Option<Personal> {
    if !is_marked(&payload.schema) {
        return None;
    }
    let mut seen = HashSet::from([payload.root]);
    let mut waiting = vec![payload.root];
    while let Some(id) = waiting.pop() {
        let definition = payloads.definition(id);
        if definition.docs.personal_data {
            return Some((definition.name.clone(), definition.origin));
        }
        if let DefinitionKind::Struct(object) = &definition.kind
            && let Some(field) = object.fields.iter().find(|field| field.docs.personal_data)
        {
            return Some((field.name.clone(), field.origin));
        }
        waiting.extend(parts(definition).into_iter().filter(|part| seen.insert(*part)));
    }
    // It stands where no type has a name, as for the items of a list.
    Some((payload.name.clone(), payload.origin))
}

/// Whether a schema or one inside it is marked.
fn is_marked(schema: &Value) -> bool {
    match schema {
        Value::Array(schemas) => schemas.iter().any(is_marked),
        Value::Object(object) => object.iter().any(|(key, value)| match Shape::of(key) {
            Shape::Schemas => is_marked(value),
            Shape::Named => value.as_object().is_some_and(|named| named.values().any(is_marked)),
            Shape::Other => key == PERSONAL_DATA && *value == true,
        }),
        _ => false,
    }
}
