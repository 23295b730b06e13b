//! The page of a stream, with its consumers.

use serde::Serialize;

use super::super::facts;
use super::super::settings::{Row, profiles, rows};
use super::columns;
use super::site::{Link, Part, Site, parts};
use crate::contract::settings::{CONSUMER, STREAM, Settings};
use crate::contract::{Capture, Stream};

/// The page of a stream.
#[derive(Serialize)]
pub(super) struct StreamPage<'c> {
    title: &'c str,
    summary: &'c str,
    captures: Vec<Captured<'c>>,
    profiles: Vec<&'c str>,
    settings: Vec<Row>,
    consumers: Vec<ConsumerEntry<'c>>,
    /// Who sends its dead letters out once more.
    replay: Vec<Link>,
}

/// A filter, and the subjects that come through it.
#[derive(Serialize)]
pub(super) struct Captured<'c> {
    filter: &'c str,
    subjects: Vec<Through<'c>>,
}

#[derive(Serialize)]
struct Through<'c> {
    link: Link,
    template: Vec<Part<'c>>,
    summary: &'c str,
}

#[derive(Serialize)]
struct ConsumerEntry<'c> {
    name: &'c str,
    link: Link,
    summary: &'c str,
    roles: Vec<Link>,
    captures: Vec<Captured<'c>>,
    on_invalid: &'static str,
    /// How its messages are worked on.
    work: String,
    settings: Vec<Row>,
    /// How the nats CLI reads from it.
    cli: String,
}

pub(super) fn page<'c>(site: &'c Site<'c>, stream: &'c Stream) -> StreamPage<'c> {
    let contract = site.contract;
    let provisioned: Vec<_> = profiles(contract)
        .iter()
        .map(|(_, profile)| contract.provisioned(*profile))
        .collect();
    let ours: Vec<_> = provisioned
        .iter()
        .filter_map(|streams| {
            let same = |name: &str| name == stream.name.value;
            streams.iter().find(|provisioned| same(&provisioned.stream.name))
        })
        .collect();
    let settings: Vec<&Settings> = ours.iter().map(|stream| &stream.settings).collect();
    let consumers = stream.consumers.values().map(|consumer| {
        let settings: Vec<&Settings> = ours
            .iter()
            .filter_map(|stream| {
                let same = |name: &str| name == consumer.name.value;
                stream.consumers.iter().find(|other| same(&other.consumer.name))
            })
            .map(|consumer| &consumer.settings)
            .collect();
        ConsumerEntry {
            name: &consumer.name,
            link: Link::consumer(&stream.name, &consumer.name),
            summary: consumer.summary.as_deref().map(str::trim).unwrap_or_default(),
            roles: consumer.consume.iter().map(|role| Link::role(role)).collect(),
            captures: captured(site, consumer.delivers(stream)),
            on_invalid: facts::after_invalid(consumer),
            work: facts::worked(consumer),
            settings: rows(&settings, CONSUMER),
            cli: format!(
                "nats consumer next {} {} --count 10",
                stream.name.value, consumer.name.value
            ),
        }
    });
    StreamPage {
        title: &stream.name,
        summary: stream.summary.as_deref().map(str::trim).unwrap_or_default(),
        captures: captured(site, &stream.subjects),
        profiles: columns(contract),
        settings: rows(&settings, STREAM),
        consumers: consumers.collect(),
        replay: stream.replay.iter().map(|role| Link::role(role)).collect(),
    }
}

fn captured<'c>(site: &'c Site<'c>, captures: &'c [Capture]) -> Vec<Captured<'c>> {
    let entries = captures.iter().map(|capture| {
        let named = capture
            .subject
            .as_ref()
            .and_then(|name| site.contract.subjects.get(name));
        let subjects: Vec<_> = match named {
            Some(subject) => vec![subject],
            None => site.contract.heard_by(&capture.filter).collect(),
        };
        Captured {
            filter: &capture.filter,
            subjects: subjects
                .into_iter()
                .map(|subject| Through {
                    link: Link::subject(&subject.name),
                    template: parts(&subject.template),
                    summary: subject.summary.as_deref().map(str::trim).unwrap_or_default(),
                })
                .collect(),
        }
    });
    entries.collect()
}
