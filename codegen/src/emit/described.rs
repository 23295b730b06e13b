//! What documents say about payloads: the same words and examples in every document.

use serde_json::Value;

use super::examples::Examples;
use crate::contract::payload::Payload;
use crate::contract::{Contract, Part};

/// A payload with what there is to say about it.
pub(super) struct Described<'c> {
    /// The payload.
    pub payload: &'c Payload,
    /// Its title, or its name.
    pub title: &'c str,
    /// Its description, or where it is used.
    pub description: String,
    /// Documents that it accepts, by name: those of the contract, or else a sample.
    pub examples: Vec<(&'c str, &'c Value)>,
}

/// Every payload, in the order of the files.
pub(super) fn payloads<'c>(contract: &'c Contract, examples: &'c Examples) -> Vec<Described<'c>> {
    let described = contract.payloads.iter().map(|payload| Described {
        payload,
        title: payload.title.as_deref().unwrap_or(&payload.name),
        description: payload.description.clone().unwrap_or_else(|| used(contract, payload)),
        examples: examples.all(&payload.name).collect(),
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
