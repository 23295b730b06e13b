//! Which streams keep a subject, for how long and how much of it, and which consumers deliver it.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::contract::settings::Settings;
use crate::contract::{Consumer, Contract, Provisioned, Stream};
use crate::emit::facts;
use crate::subject::{contains, overlap};
use crate::words::{duration, size};

/// A stream that keeps what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The stream.
    pub stream: String,
    /// Those of its filters that hear it.
    pub filters: Vec<String>,
    /// Whether it keeps all that a filter hears.
    pub whole: bool,
    /// What it keeps, without a profile and under each profile that says otherwise.
    pub limits: Vec<Limits>,
    /// The consumers that deliver it.
    pub consumers: Vec<Consumed>,
    /// Whether it is there for dead letters, and this is one.
    pub dead_letters: bool,
    /// Who reads the dead letters in it and sends them out once more.
    pub replay: Vec<String>,
}

/// For how long a stream keeps messages, and how much of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// The profile; `None` without one.
    pub profile: Option<String>,
    /// What is said of it: `retention`, `max_age` and so on, as people write them.
    pub settings: Map<String, Value>,
}

/// A consumer that delivers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Consumed {
    /// The consumer.
    pub consumer: String,
    /// Those of its filters that hear it.
    pub filters: Vec<String>,
    /// Who works on it.
    pub consume: Vec<String>,
    /// How, in sentences.
    pub work: String,
    /// What becomes of a message that does not decode.
    pub on_invalid: &'static str,
    /// The stream that what is given up goes to.
    pub dead_letter: Option<String>,
}

/// The settings that say how long and how much; those that people ask about first.
const LIMITS: [&str; 9] = [
    "retention",
    "storage",
    "max_age",
    "max_bytes",
    "max_msgs",
    "max_msgs_per_subject",
    "max_msg_size",
    "discard",
    "num_replicas",
];

/// The streams that keep what a filter hears.
pub(super) fn all(contract: &Contract, asked: &str) -> Vec<Kept> {
    let streams = contract.provisioned(None).into_iter();
    let kept = streams.filter_map(|provisioned| kept(contract, &provisioned, asked));
    kept.collect()
}

fn kept(contract: &Contract, provisioned: &Provisioned<'_>, asked: &str) -> Option<Kept> {
    let stream = provisioned.stream;
    let hears = |filter: &str| overlap(filter, asked);
    let captures = stream.subjects.iter().filter(|capture| hears(&capture.filter));
    let captures: Vec<_> = captures.collect();
    if captures.is_empty() {
        return None;
    }
    let consumers = stream.consumers.values();
    Some(Kept {
        stream: stream.name.value.clone(),
        filters: captures.iter().map(|capture| capture.filter.clone()).collect(),
        whole: captures.iter().any(|capture| contains(&capture.filter, asked)),
        limits: limits(contract, provisioned),
        consumers: consumers
            .filter_map(|consumer| consumed(stream, consumer, asked))
            .collect(),
        dead_letters: captures.iter().any(|capture| stream.is_of_dead_letters(capture)),
        replay: stream.replay.iter().map(|role| role.value.clone()).collect(),
    })
}

fn consumed(stream: &Stream, consumer: &Consumer, asked: &str) -> Option<Consumed> {
    let filters = consumer.delivers(stream).iter();
    let filters = filters.filter(|capture| overlap(&capture.filter, asked));
    let filters: Vec<String> = filters.map(|capture| capture.filter.clone()).collect();
    (!filters.is_empty()).then(|| Consumed {
        consumer: consumer.name.value.clone(),
        filters,
        consume: consumer.consume.iter().map(|role| role.value.clone()).collect(),
        work: facts::worked(consumer),
        on_invalid: facts::after_invalid(consumer),
        dead_letter: consumer.dead_letter.as_ref().map(|stream| stream.value.clone()),
    })
}

/// What a stream keeps without a profile, and under each profile that says otherwise.
fn limits(contract: &Contract, provisioned: &Provisioned<'_>) -> Vec<Limits> {
    let mut limits = vec![Limits {
        profile: None,
        settings: said(&provisioned.settings),
    }];
    for profile in contract.profiles.values() {
        let streams = contract.provisioned(Some(profile));
        let own = streams
            .iter()
            .find(|other| other.stream.name.value == provisioned.stream.name.value);
        let settings = own.map(|own| said(&own.settings)).unwrap_or_default();
        if limits.first().is_some_and(|first| first.settings != settings) {
            limits.push(Limits {
                profile: Some(profile.name.value.clone()),
                settings,
            });
        }
    }
    limits
}

fn said(settings: &Settings) -> Map<String, Value> {
    let said = LIMITS.iter().filter_map(|name| {
        let value = &settings.get(name)?.wire;
        let text = match (*name, value.as_u64()) {
            ("max_age", Some(nanoseconds)) => duration(Duration::from_nanos(nanoseconds)).into(),
            ("max_bytes" | "max_msg_size", Some(bytes)) => size(bytes).into(),
            _ => value.clone(),
        };
        Some(((*name).to_owned(), text))
    });
    said.collect()
}
