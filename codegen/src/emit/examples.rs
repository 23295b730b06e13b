//! The documents that show what payloads are: those that somebody wrote for the contract, else samples.

use std::collections::HashMap;

use serde_json::Value;

use super::threads;
use crate::contract::payload::Payload;
use crate::contract::{Contract, Verdict};
use crate::sample::{self, Detail};

/// A valid document of a payload.
#[derive(Clone, Debug)]
struct Example {
    name: String,
    text: String,
    document: Value,
}

/// The examples of every payload, gathered once for all documents.
#[derive(Debug)]
pub(super) struct Examples {
    by_payload: HashMap<String, OfPayload>,
}

#[derive(Debug, Default)]
struct OfPayload {
    /// Those of the contract, or else one sample with everything in it.
    all: Vec<Example>,
    /// The sample with nothing in it that may be left out, where nobody wrote an example.
    minimal: Option<String>,
}

impl Examples {
    pub(super) fn of(contract: &Contract) -> Self {
        let mut written: HashMap<&str, Vec<Example>> = HashMap::new();
        for example in &contract.examples {
            if example.verdict == Verdict::Valid
                && let Ok(document) = serde_json::from_str(&example.text)
            {
                written.entry(&example.payload).or_default().push(Example {
                    name: example.name.clone(),
                    text: example.text.trim().to_owned(),
                    document,
                });
            }
        }
        let payloads: Vec<&Payload> = contract.payloads.iter().collect();
        let made = threads::map(&payloads, |payload| {
            if written.contains_key(payload.name.as_str()) {
                return OfPayload::default();
            }
            let made = |detail| {
                let document = sample::valid(&contract.payloads, payload, detail)?;
                let text = serde_json::to_string_pretty(&document).ok()?;
                Some((text, document))
            };
            OfPayload {
                all: made(Detail::Full)
                    .map(|(text, document)| Example {
                        name: "sample".to_owned(),
                        text,
                        document,
                    })
                    .into_iter()
                    .collect(),
                minimal: made(Detail::Minimal).map(|(text, _)| text),
            }
        });
        let by_payload = payloads.into_iter().zip(made).map(|(payload, made)| {
            let written = written.remove(payload.name.as_str());
            let examples = written.map_or(made, |all| OfPayload { all, minimal: None });
            (payload.name.clone(), examples)
        });
        Self {
            by_payload: by_payload.collect(),
        }
    }

    /// Every example of a payload, with its name.
    pub(super) fn all(&self, payload: &str) -> impl Iterator<Item = (&str, &Value)> {
        let of_payload = self.by_payload.get(payload).into_iter();
        let all = of_payload.flat_map(|of_payload| &of_payload.all);
        all.map(|example| (example.name.as_str(), &example.document))
    }

    /// The document that says the most about a payload, as it was written.
    pub(super) fn full(&self, payload: &str) -> Option<&str> {
        let all = self.by_payload.get(payload)?.all.iter();
        all.map(|example| example.text.as_str()).max_by_key(|text| text.len())
    }

    /// A short document of a payload, for programs.
    pub(super) fn short(&self, payload: &str) -> Option<&str> {
        let of_payload = self.by_payload.get(payload)?;
        let all = of_payload.all.iter().map(|example| example.text.as_str());
        of_payload
            .minimal
            .as_deref()
            .or_else(|| all.min_by_key(|text| text.len()))
    }
}
