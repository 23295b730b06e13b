//! What natsmith wrote under `x-natsmith` at the top of a document, as the declarations that it was made of.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::document::Document;
use super::names;
use crate::contract::dead_letters;
use crate::contract::settings::{BUCKET, CONSUMER, Kind, OBJECT_STORE, STREAM, Setting};
use crate::words;

/// What a member is called in a contract; `None` for one that follows from others, or that is read by itself.
type Member = (&'static str, Option<&'static str>);

const SUBSCRIPTION: &[Member] = &[
    ("filter", Some("filter")),
    ("summary", Some("summary")),
    ("roles", Some("subscribe")),
    ("queueGroup", Some("queue_group")),
    ("payload", Some("payload")),
    ("channels", None),
];

const PUBLICATION: &[Member] = &[
    ("summary", Some("summary")),
    ("payload", Some("payload")),
    ("channels", Some("subjects")),
    ("roles", Some("publish")),
];

const SERVICE: &[Member] = &[
    ("name", Some("service")),
    ("version", Some("version")),
    ("description", Some("description")),
    ("metadata", Some("metadata")),
    ("channels", Some("endpoints")),
    ("roles", Some("provide")),
];

const PRESENCE: &[Member] = &[
    ("summary", Some("summary")),
    ("heartbeat", Some("heartbeat")),
    ("party", Some("party")),
    ("interval", Some("interval")),
    ("jitter", Some("jitter")),
    ("missed", Some("missed")),
    ("sequence", Some("sequence")),
    ("announce", None),
    ("offline", None),
];

const NOTICE: &[Member] = &[
    ("channel", Some("subject")),
    ("party", Some("party")),
    ("when", Some("when")),
];

const STREAM_MEMBERS: &[Member] = &[
    ("summary", Some("summary")),
    ("replay", Some("replay")),
    ("subjects", None),
    ("config", None),
    ("consumers", None),
];

const CONSUMER_MEMBERS: &[Member] = &[
    ("summary", Some("summary")),
    ("roles", Some("consume")),
    ("onInvalid", Some("on_invalid")),
    ("deadLetter", Some("dead_letter")),
    ("delivers", None),
    ("work", None),
    ("config", None),
];

const BUCKET_MEMBERS: &[Member] = &[
    ("summary", Some("summary")),
    ("key", Some("key")),
    ("payload", Some("value")),
    ("byContent", Some("by_content")),
    ("read", Some("read")),
    ("write", Some("write")),
    ("config", None),
];

const OBJECT_STORE_MEMBERS: &[Member] = &[
    ("summary", Some("summary")),
    ("key", Some("name")),
    ("read", Some("read")),
    ("write", Some("write")),
    ("parameters", None),
    ("config", None),
];

/// The assets that a profile has settings for: what they are called here and there, and their settings.
const OVERRIDES: [(&str, &str, &[Setting]); 4] = [
    ("streams", "streams", STREAM),
    ("consumers", "consumers", CONSUMER),
    ("kv", "kv", BUCKET),
    ("objectStores", "object_stores", OBJECT_STORE),
];

/// Reads the extension; what it has no declaration for is listed.
pub(super) struct Extension<'r> {
    pub document: &'r Document<'r>,
    pub not_carried: &'r mut Vec<String>,
}

impl Extension<'_> {
    /// Each kind of declaration that the document says anything of, by its key in a contract.
    pub(super) fn declared(&mut self) -> Vec<(&'static str, Map<String, Value>)> {
        let mut declared = Vec::new();
        let tables = [
            ("subscriptions", "subscriptions", SUBSCRIPTION),
            ("publications", "publications", PUBLICATION),
            ("services", "services", SERVICE),
        ];
        for (theirs, ours, members) in tables {
            declared.push((
                ours,
                self.each(theirs, |this, place, value| this.renamed(place, value, members)),
            ));
        }
        declared.push(("presence", self.each("presence", Self::presence)));
        declared.push(("streams", self.each("streams", Self::stream)));
        declared.push((
            "kv",
            self.each("kv", |this, place, value| {
                this.store(place, value, BUCKET_MEMBERS, BUCKET)
            }),
        ));
        let objects = self.each("objectStores", |this, place, value| {
            this.store(place, value, OBJECT_STORE_MEMBERS, OBJECT_STORE)
        });
        declared.push(("object_stores", objects));
        declared.push(("profiles", self.each("profiles", Self::profile)));
        declared.retain(|(_, declared)| !declared.is_empty());
        declared
    }

    /// The declarations of a kind.
    fn each(
        &mut self,
        key: &str,
        mut read: impl FnMut(&mut Self, &str, &Value) -> Map<String, Value>,
    ) -> Map<String, Value> {
        let named = self.document.extension(key).and_then(Value::as_object);
        let named = named.into_iter().flatten();
        let read = named.map(|(name, value)| {
            let place = format!("x-natsmith/{key}/{name}");
            (name.clone(), Value::Object(read(self, &place, value)))
        });
        read.collect()
    }

    /// An object with other names for its members.
    fn renamed(&mut self, place: &str, value: &Value, members: &[Member]) -> Map<String, Value> {
        let mut renamed = Map::new();
        for (theirs, value) in value.as_object().into_iter().flatten() {
            match members.iter().find(|(known, _)| known == theirs) {
                Some((_, Some(ours))) => _ = renamed.insert((*ours).to_owned(), value.clone()),
                Some((_, None)) => {}
                None => self.not_carried.push(format!("{place}/{theirs}: nobody here knows it")),
            }
        }
        renamed
    }

    fn presence(&mut self, place: &str, value: &Value) -> Map<String, Value> {
        let mut presence = self.renamed(place, value, PRESENCE);
        for key in ["announce", "offline"] {
            if let Some(notice) = value.get(key) {
                let notice = self.renamed(&format!("{place}/{key}"), notice, NOTICE);
                presence.insert(key.to_owned(), Value::Object(notice));
            }
        }
        presence
    }

    fn stream(&mut self, place: &str, value: &Value) -> Map<String, Value> {
        let mut stream = self.renamed(place, value, STREAM_MEMBERS);
        let captured = value.get("subjects").unwrap_or(&Value::Null);
        // Dead letters are captured where a consumer names the stream.
        let name = place.rsplit('/').next().unwrap_or_default();
        let letters = json!({ "filter": dead_letters(name) });
        let subjects = captures(captured, &letters);
        if !subjects.is_empty() {
            stream.insert("subjects".to_owned(), subjects.into());
        }
        self.settings(place, value, STREAM, &mut stream);
        let consumers = value.get("consumers").and_then(Value::as_object).into_iter().flatten();
        let consumers = consumers.map(|(name, value)| {
            let consumer = self.consumer(&format!("{place}/consumers/{name}"), value, captured, &letters);
            (name.clone(), Value::Object(consumer))
        });
        let consumers: Map<String, Value> = consumers.collect();
        if !consumers.is_empty() {
            stream.insert("consumers".to_owned(), Value::Object(consumers));
        }
        stream
    }

    fn consumer(&mut self, place: &str, value: &Value, captured: &Value, letters: &Value) -> Map<String, Value> {
        let mut consumer = self.renamed(place, value, CONSUMER_MEMBERS);
        // A consumer without filters delivers all that its stream captures.
        if let Some(delivers) = value.get("delivers").filter(|delivers| *delivers != captured) {
            consumer.insert("filter".to_owned(), captures(delivers, letters).into());
        }
        let work = value.get("work").unwrap_or(&Value::Null);
        if let Some(concurrency) = work.get("concurrency") {
            consumer.insert("concurrency".to_owned(), concurrency.clone());
        }
        if let Some(attempts) = work.get("attempts") {
            let mut failure = Map::from_iter([("attempts".to_owned(), attempts.clone())]);
            for (theirs, ours) in [("backoff", "backoff"), ("giveUp", "then")] {
                failure.extend(work.get(theirs).map(|value| (ours.to_owned(), value.clone())));
            }
            consumer.insert("on_failure".to_owned(), Value::Object(failure));
        }
        self.settings(place, value, CONSUMER, &mut consumer);
        consumer
    }

    fn store(&mut self, place: &str, value: &Value, members: &[Member], table: &[Setting]) -> Map<String, Value> {
        let mut store = self.renamed(place, value, members);
        self.settings(place, value, table, &mut store);
        store
    }

    fn profile(&mut self, place: &str, value: &Value) -> Map<String, Value> {
        let mut known: Vec<Member> = OVERRIDES.iter().map(|(theirs, ..)| (*theirs, None)).collect();
        known.push(("description", Some("description")));
        let mut profile = self.renamed(place, value, &known);
        for (theirs, ours, table) in OVERRIDES {
            let assets = value.get(theirs).and_then(Value::as_object).into_iter().flatten();
            let assets = assets.map(|(name, settings)| {
                let written = self.written(&format!("{place}/{theirs}/{name}"), settings, table);
                (name.clone(), Value::Object(written))
            });
            let assets: Map<String, Value> = assets.collect();
            if !assets.is_empty() {
                profile.insert(ours.to_owned(), Value::Object(assets));
            }
        }
        profile
    }

    /// Adds the settings of an asset, which stand among its other keys in a contract.
    fn settings(&mut self, place: &str, value: &Value, table: &[Setting], declared: &mut Map<String, Value>) {
        if let Some(config) = value.get("config") {
            declared.extend(self.written(&format!("{place}/config"), config, table));
        }
    }

    /// Settings of the API as they are written in a contract.
    fn written(&mut self, place: &str, config: &Value, table: &[Setting]) -> Map<String, Value> {
        let mut written = Map::new();
        for (name, wire) in config.as_object().into_iter().flatten() {
            let setting = table.iter().find(|setting| setting.name == name);
            let Some(setting) = setting else {
                self.not_carried
                    .push(format!("{place}/{name}: no setting has this name"));
                continue;
            };
            match self.with_units(&format!("{place}/{name}"), wire, &setting.kind) {
                Some(value) => _ = written.insert(name.clone(), value),
                None => self
                    .not_carried
                    .push(format!("{place}/{name}: `{wire}` is not what it can be")),
            }
        }
        written
    }

    fn with_units(&mut self, place: &str, wire: &Value, kind: &Kind) -> Option<Value> {
        let duration = |wire: &Value| Some(Value::from(words::duration(Duration::from_nanos(wire.as_u64()?))));
        Some(match kind {
            Kind::Duration => duration(wire)?,
            Kind::Durations => wire.as_array()?.iter().map(duration).collect::<Option<_>>()?,
            Kind::Size => words::size(wire.as_u64()?).into(),
            Kind::Object(table) => Value::Object(self.written(place, wire, table)),
            Kind::Objects(table) => {
                let objects = wire.as_array()?.iter();
                objects
                    .map(|object| Value::Object(self.written(place, object, table)))
                    .collect()
            }
            Kind::Bool | Kind::Count | Kind::Text | Kind::OneOf(_) | Kind::Texts | Kind::TextMap => wire.clone(),
        })
    }
}

/// What is captured or delivered, without the dead letters of the stream: subjects by their names, and filters.
fn captures(captured: &Value, letters: &Value) -> Vec<Value> {
    let captured = captured
        .as_array()
        .into_iter()
        .flatten()
        .filter(|capture| *capture != letters);
    let named = captured.map(|capture| match capture.get("channel") {
        Some(channel) => channel.clone(),
        None => json!({ "filter": capture.get("filter") }),
    });
    named.collect()
}

/// The roles of a document that natsmith made, or the two sides of any other.
pub(super) fn roles(document: &Document<'_>) -> Value {
    let Some(declared) = document.extension("roles").and_then(Value::as_object) else {
        return json!({
            "application": { "description": "What the AsyncAPI document describes." },
            "peer": { "description": "Whoever it talks to." },
        });
    };
    let roles = declared.iter().map(|(name, role)| {
        let kept = ["description", "self"];
        let kept = kept
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), role.get(*key)?.clone())));
        (name.clone(), Value::Object(kept.collect()))
    });
    Value::Object(roles.collect())
}

/// The payloads of a contract that natsmith wrote down; other schemas are parts of them.
pub(super) fn payloads<'d>(document: &Document<'d>) -> impl Iterator<Item = &'d str> + use<'d> {
    let named = document.extension("payloads").and_then(Value::as_array);
    named.into_iter().flatten().filter_map(Value::as_str)
}

/// The tokens in the names of objects, which no channel has.
pub(super) fn object_tokens<'d>(document: &Document<'d>) -> impl Iterator<Item = (String, &'d Value)> + use<'d> {
    let stores = document
        .extension("objectStores")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let parameters = stores.filter_map(|(_, store)| store.get("parameters")?.as_object());
    parameters
        .flatten()
        .map(|(name, parameter)| (names::snake(name), parameter))
}
