//! Streams, consumers, and the profiles that change their settings.

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::settings::Settings;
use super::{Contract, Store, StoreKind};
use crate::source::{Span, Spanned};

/// One stream.
#[derive(Clone, Debug)]
pub struct Stream {
    /// Its name on the server.
    pub name: Spanned<String>,
    /// One sentence.
    pub summary: Option<String>,
    /// What it captures.
    pub subjects: Vec<Capture>,
    /// Whether a consumer's dead letters go to it; they are among what it captures.
    pub keeps_dead_letters: bool,
    /// Who reads its dead letters and sends them out once more.
    pub replay: Vec<Spanned<String>>,
    /// Its settings, without those of a profile.
    pub settings: Settings,
    /// Its consumers by durable name.
    pub consumers: IndexMap<String, Consumer>,
}

/// A filter that a stream captures or a consumer delivers.
#[derive(Clone, Debug)]
pub struct Capture {
    /// The filter in NATS's own notation.
    pub filter: String,
    /// The subject of the taxonomy it was named by, if it was.
    pub subject: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// One durable pull consumer.
#[derive(Clone, Debug)]
pub struct Consumer {
    /// Its durable name.
    pub name: Spanned<String>,
    /// One sentence.
    pub summary: Option<String>,
    /// What it delivers; empty means everything in the stream.
    pub filters: Vec<Capture>,
    /// Who works on what it delivers.
    pub consume: Vec<Spanned<String>>,
    /// What becomes of a delivery that does not decode.
    pub on_invalid: OnInvalid,
    /// How its messages are worked on.
    pub work: Work,
    /// The stream that what is given up goes to, which exists.
    pub dead_letter: Option<Spanned<String>>,
    /// Its settings, without those of a profile.
    pub settings: Settings,
}

/// What becomes of a delivery that does not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnInvalid {
    /// It is never delivered again.
    Term,
    /// It is delivered again, to somebody who may know it.
    Nak,
    /// It goes to the dead letters.
    DeadLetter,
}

/// How a consumer's messages are worked on.
#[derive(Clone, Debug)]
pub struct Work {
    /// How many of them one worker has in hand at a time.
    pub concurrency: Option<Spanned<u64>>,
    /// How often one is tried; without it, until the consumer's `max_deliver`.
    pub attempts: Option<Spanned<u64>>,
    /// The waits between attempts; the runtime's own where nothing is said.
    pub backoff: Option<Spanned<Vec<Duration>>>,
    /// What becomes of one that is given up.
    pub give_up: GiveUp,
}

/// What becomes of a message that is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveUp {
    /// It is never delivered again.
    Term,
    /// It goes to the dead letters.
    DeadLetter,
}

/// A named set of overrides.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its name.
    pub name: Spanned<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Settings by stream; `*` stands for every stream.
    pub streams: IndexMap<String, Settings>,
    /// Settings by consumer; `*` stands for every consumer.
    pub consumers: IndexMap<String, Settings>,
    /// Settings by key-value bucket; `*` stands for every bucket.
    pub kv: IndexMap<String, Settings>,
    /// Settings by object store; `*` stands for every store.
    pub object_stores: IndexMap<String, Settings>,
}

/// A stream with the settings that it gets from a profile.
#[derive(Clone, Debug)]
pub struct Provisioned<'c> {
    /// The stream.
    pub stream: &'c Stream,
    /// Its final settings.
    pub settings: Settings,
    /// Its consumers with their final settings.
    pub consumers: Vec<ProvisionedConsumer<'c>>,
}

/// A consumer with the settings that it gets from a profile.
#[derive(Clone, Debug)]
pub struct ProvisionedConsumer<'c> {
    /// The consumer.
    pub consumer: &'c Consumer,
    /// Its final settings.
    pub settings: Settings,
}

impl Contract {
    /// No profile, and then every one.
    pub(crate) fn every_profile(&self) -> impl Iterator<Item = Option<&Profile>> {
        std::iter::once(None).chain(self.profiles.values().map(Some))
    }

    /// Every stream with its final settings, under a profile or without one, and the streams behind buckets and stores.
    #[must_use]
    pub fn provisioned(&self, profile: Option<&Profile>) -> Vec<Provisioned<'_>> {
        let streams = self.streams.values().map(|stream| Provisioned {
            stream,
            settings: self.stream_settings(stream, profile),
            consumers: stream
                .consumers
                .values()
                .map(|consumer| ProvisionedConsumer {
                    consumer,
                    settings: overridden(
                        &consumer.settings,
                        &consumer.name,
                        profile.map(|profile| &profile.consumers),
                    ),
                })
                .collect(),
        });
        let stores = self.stores().map(|store| Provisioned {
            stream: &store.backing,
            settings: store.stream_settings(&self.store_settings(store, profile)),
            consumers: Vec::new(),
        });
        streams.chain(stores).collect()
    }

    /// A stream's own settings, under a profile or without one.
    #[must_use]
    pub fn stream_settings(&self, stream: &Stream, profile: Option<&Profile>) -> Settings {
        overridden(&stream.settings, &stream.name, profile.map(|profile| &profile.streams))
    }

    /// A store's own settings, under a profile or without one.
    #[must_use]
    pub fn store_settings(&self, store: &Store, profile: Option<&Profile>) -> Settings {
        let overrides = profile.map(|profile| match store.kind {
            StoreKind::KeyValue { .. } => &profile.kv,
            StoreKind::Object => &profile.object_stores,
        });
        overridden(&store.settings, &store.name, overrides)
    }
}

impl Provisioned<'_> {
    /// The stream as the JetStream API wants it.
    #[must_use]
    pub fn config(&self) -> Map<String, Value> {
        let mut config = Map::new();
        config.insert("name".to_owned(), self.stream.name.as_str().into());
        let subjects = self.stream.subjects.iter().map(|capture| capture.filter.as_str());
        let subjects: Vec<Value> = subjects.map(Value::from).collect();
        if !subjects.is_empty() {
            config.insert("subjects".to_owned(), subjects.into());
        }
        config.extend(said(&self.settings));
        config
    }
}

impl ProvisionedConsumer<'_> {
    /// The consumer as the JetStream API wants it.
    #[must_use]
    pub fn config(&self) -> Map<String, Value> {
        let mut config = Map::new();
        config.insert("durable_name".to_owned(), self.consumer.name.as_str().into());
        let filters: Vec<&str> = self
            .consumer
            .filters
            .iter()
            .map(|capture| capture.filter.as_str())
            .collect();
        match filters.as_slice() {
            [] => {}
            [filter] => _ = config.insert("filter_subject".to_owned(), (*filter).into()),
            filters => _ = config.insert("filter_subjects".to_owned(), filters.into()),
        }
        // The server would otherwise take a consumer that needs no acknowledgement.
        config.insert("ack_policy".to_owned(), "explicit".into());
        config.extend(said(&self.settings));
        config
    }
}

fn said(settings: &Settings) -> impl Iterator<Item = (String, Value)> {
    settings
        .iter()
        .map(|(name, value)| (name.to_owned(), value.wire.clone()))
}

/// First what stands under `*`, then what stands under the name.
fn overridden(base: &Settings, name: &str, overrides: Option<&IndexMap<String, Settings>>) -> Settings {
    let applicable = ["*", name].into_iter().filter_map(|key| overrides?.get(key));
    applicable.fold(base.clone(), |settings, others| settings.overridden_by(others))
}

/// The filter of the dead letters in a stream of this name.
pub(crate) fn dead_letters(stream: &str) -> String {
    format!("dead_letters.{stream}.>")
}

impl Stream {
    /// Whether it takes batches that are stored as a whole (ADR-50).
    #[must_use]
    pub fn is_atomic(&self) -> bool {
        self.settings
            .get("allow_atomic")
            .is_some_and(|setting| setting.wire == true)
    }

    /// Whether a capture is that of the stream's own dead letters.
    #[must_use]
    pub fn is_of_dead_letters(&self, capture: &Capture) -> bool {
        self.keeps_dead_letters && capture.subject.is_none() && capture.filter == dead_letters(&self.name)
    }

    /// Whether the stream captures every subject of a filter.
    #[must_use]
    pub fn captures(&self, filter: &str) -> bool {
        self.subjects
            .iter()
            .any(|capture| crate::subject::contains(&capture.filter, filter))
    }
}

impl Consumer {
    /// The filters it delivers, or the whole stream's.
    #[must_use]
    pub fn delivers<'a>(&'a self, stream: &'a Stream) -> &'a [Capture] {
        if self.filters.is_empty() {
            &stream.subjects
        } else {
            &self.filters
        }
    }
}
