//! The documents that show what payloads are: those that somebody wrote for the contract, else samples.

use std::collections::HashMap;

use crate::contract::payload::Payload;
use crate::contract::{Contract, Verdict};
use crate::emit::threads;
use crate::sample::{self, Detail};

/// Two valid documents of a payload, as text.
#[derive(Clone, Debug, Default)]
pub(super) struct Example {
    /// The one that says the most.
    pub(super) full: Option<String>,
    /// The shortest, for programs.
    pub(super) short: Option<String>,
}

/// The examples of every payload.
#[derive(Debug)]
pub(super) struct Examples {
    by_payload: HashMap<String, Example>,
}

impl Examples {
    pub(super) fn of(contract: &Contract) -> Self {
        let mut written: HashMap<&str, (&str, &str)> = HashMap::new();
        for example in &contract.examples {
            if example.verdict == Verdict::Valid {
                let text = example.text.trim();
                let (longest, shortest) = written.entry(&example.payload).or_insert((text, text));
                if text.len() >= longest.len() {
                    *longest = text;
                }
                if text.len() < shortest.len() {
                    *shortest = text;
                }
            }
        }
        let payloads: Vec<&Payload> = contract.payloads.iter().collect();
        let examples = threads::map(&payloads, |payload| {
            if let Some((full, short)) = written.get(payload.name.as_str()) {
                return Example {
                    full: Some((*full).to_owned()),
                    short: Some((*short).to_owned()),
                };
            }
            let made = |detail| {
                let document = sample::valid(&contract.payloads, payload, detail)?;
                serde_json::to_string_pretty(&document).ok()
            };
            Example {
                full: made(Detail::Full),
                short: made(Detail::Minimal),
            }
        });
        let names = payloads.iter().map(|payload| payload.name.clone());
        Self {
            by_payload: names.zip(examples).collect(),
        }
    }

    /// The document that says the most about a payload.
    pub(super) fn full(&self, payload: &str) -> Option<&str> {
        self.by_payload.get(payload)?.full.as_deref()
    }

    /// A short document of a payload.
    pub(super) fn short(&self, payload: &str) -> Option<&str> {
        self.by_payload.get(payload)?.short.as_deref()
    }
}
