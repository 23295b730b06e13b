//! What documents say about payloads: the same words and examples in every document.

use std::collections::HashMap;

use serde_json::Value;

use super::threads;
use crate::contract::payload::Payload;
use crate::contract::{Contract, Part, Verdict};
use crate::sample::{self, Detail};

/// A payload with what there is to say about it.
pub(super) struct Described<'c> {
    /// The payload.
    pub payload: &'c Payload,
    /// Its title, or its name.
    pub title: &'c str,
    /// Its description, or where it is used.
    pub description: String,
    /// Documents that it accepts, by name: those of the contract, or else a sample.
    pub examples: Vec<(String, Value)>,
}

/// Every payload, in the order of the files.
pub(super) fn payloads(contract: &Contract) -> Vec<Described<'_>> {
    let mut examples: HashMap<&str, Vec<(String, Value)>> = HashMap::new();
    for example in contract
        .examples
        .iter()
        .filter(|example| example.verdict == Verdict::Valid)
    {
        if let Ok(document) = serde_json::from_str(&example.text) {
            let of_payload = examples.entry(&example.payload).or_default();
            of_payload.push((example.name.clone(), document));
        }
    }
    let payloads: Vec<&Payload> = contract.payloads.iter().collect();
    let made = threads::map(&payloads, |payload| {
        if examples.contains_key(payload.name.as_str()) {
            return None;
        }
        sample::valid(&contract.payloads, payload, Detail::Full)
    });
    let described = payloads.into_iter().zip(made).map(|(payload, made)| Described {
        payload,
        title: payload.title.as_deref().unwrap_or(&payload.name),
        description: payload.description.clone().unwrap_or_else(|| used(contract, payload)),
        examples: examples
            .remove(payload.name.as_str())
            .unwrap_or_else(|| made.map(|made| ("sample".to_owned(), made)).into_iter().collect()),
    });
    described.collect()
}

/// Where a payload is used, in words.
fn used(contract: &Contract, payload: &Payload) -> String {
    let uses = contract.uses(&payload.name).map(|(subject, part)| {
        let subject = &subject.name.value;
        match part {
            Part::Payload => format!("on `{subject}`"),
            Part::Reply => format!("in answers to `{subject}`"),
            Part::Error => format!("in errors of `{subject}`"),
            Part::Headers => format!("in the headers of `{subject}`"),
        }
    });
    let uses: Vec<String> = uses.collect();
    if uses.is_empty() {
        "Is part of other payloads.".to_owned()
    } else {
        format!("Travels {}.", uses.join(", "))
    }
}
