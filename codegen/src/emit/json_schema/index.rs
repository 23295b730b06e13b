//! `docs/subjects.json`: which payload travels on which subject, for programs that have the schemas and not the contract.

use serde_json::{Map, Value, json};

use super::super::tree::MARKER;
use crate::contract::{Contract, Discriminator, Part, Segment, StoreKind, Subject, Template};

/// The index.
pub(super) fn index(contract: &Contract) -> Value {
    let payloads = contract.payloads.iter().map(|payload| {
        let file = format!("json-schema/{}.json", payload.name);
        let entry = json!({ "schema": file, "$id": contract.schema_id(payload), "draft": payload.draft.name() });
        (payload.name.clone(), entry)
    });
    let subjects: Vec<Value> = contract
        .subjects
        .values()
        .map(|subject| entry(contract, subject))
        .collect();
    json!({
        "$comment": MARKER,
        "contract": contract.name.value,
        "version": contract.version,
        "subjects": subjects,
        "kv": buckets(contract),
        "payloads": payloads.collect::<Map<_, _>>(),
    })
}

fn entry(contract: &Contract, subject: &Subject) -> Value {
    let mut entry = Map::new();
    entry.insert("name".to_owned(), subject.name.as_str().into());
    entry.insert("subject".to_owned(), subject.template.text.as_str().into());
    entry.insert("filter".to_owned(), subject.template.wildcard().into());
    let kind = if subject.is_request() { "request" } else { "event" };
    entry.insert("kind".to_owned(), kind.into());
    if let Some(summary) = &subject.summary {
        entry.insert("summary".to_owned(), summary.trim().into());
    }
    if let Some(messages) = &subject.messages {
        let of = messages.of.iter();
        let of: Map<String, Value> = of
            .map(|(kind, payload)| (kind.value.clone(), payload.as_str().into()))
            .collect();
        let (by, what) = match &messages.by {
            Discriminator::Field(pointer) => ("field", pointer),
            Discriminator::Header(name) => ("header", name),
            Discriminator::Token(name) => ("token", name),
        };
        entry.insert("messages".to_owned(), json!({ "by": { by: what.value }, "of": of }));
    }
    for part in Part::ALL {
        if subject.messages.is_some() && part == Part::Payload {
            continue;
        }
        if let Some(payload) = subject.part(part) {
            entry.insert(part.as_str().to_owned(), payload.into());
        }
    }
    let tokens = tokens(contract, &subject.template, Some(subject));
    entry.insert("tokens".to_owned(), tokens);
    Value::Object(entry)
}

/// The tokens with their places between the dots, counted from 0.
fn tokens(contract: &Contract, template: &Template, of: Option<&Subject>) -> Value {
    let tokens = template.segments.iter().enumerate().filter_map(|(place, segment)| {
        let (Segment::Token(name) | Segment::Tail(name)) = segment else {
            return None;
        };
        let mut token = Map::new();
        token.insert("name".to_owned(), name.as_str().into());
        token.insert("place".to_owned(), place.into());
        if matches!(segment, Segment::Tail(_)) {
            token.insert("tail".to_owned(), true.into());
        }
        let declared = contract.tokens.get(name);
        if let Some(members) = declared.and_then(|token| token.members.as_ref()) {
            let members = members.iter().map(|member| member.as_str());
            token.insert("enum".to_owned(), members.collect());
        }
        if let Some(pattern) = declared.and_then(|token| token.pattern.as_ref()) {
            token.insert("pattern".to_owned(), pattern.as_str().into());
        }
        if let Some(binding) = of.and_then(|subject| subject.bind.get(name)) {
            token.insert("repeats".to_owned(), binding.pointer.as_str().into());
        }
        Some(Value::Object(token))
    });
    tokens.collect()
}

fn buckets(contract: &Contract) -> Value {
    let buckets = contract.kv.values().filter_map(|bucket| {
        let StoreKind::KeyValue { value, .. } = &bucket.kind else {
            return None;
        };
        Some(json!({
            "name": bucket.name.value,
            "key": bucket.key.text.value,
            "subject": format!("$KV.{}.{}", bucket.name.value, bucket.key.text.value),
            "payload": value.value,
            "tokens": tokens(contract, &bucket.key, None),
        }))
    });
    buckets.collect()
}
