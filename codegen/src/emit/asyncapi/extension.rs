//! `x-natsmith`: what AsyncAPI and its binding for NATS have no word for.

use serde_json::{Map, Value, json};

use super::{channels, object, set};
use crate::contract::settings::Settings;
use crate::contract::{
    Capture, Contract, GiveUp, Grant, OnInvalid, Profile, Service, Store, StoreKind, Stream, Subscription, Work,
};
use crate::source::Spanned;
use crate::words::duration;

/// What is said of the contract as a whole.
pub(super) fn contract(contract: &Contract) -> Value {
    let mut root = object(json!({ "contract": contract.name.value, "nats": format!(">={}", contract.nats) }));
    root.insert("maxPayload".to_owned(), contract.limits.max_payload().into());
    set(
        &mut root,
        "account",
        contract.account.as_ref().map(|account| account.as_str()),
    );
    root.insert("roles".to_owned(), roles(contract));
    let payloads = contract.payloads.iter().map(|payload| payload.name.as_str());
    root.insert("payloads".to_owned(), payloads.collect());
    let mut add = |key: &str, value: Map<String, Value>| {
        if !value.is_empty() {
            root.insert(key.to_owned(), Value::Object(value));
        }
    };
    let subscriptions = contract.subscriptions.iter();
    add(
        "subscriptions",
        subscriptions
            .map(|(name, declared)| (name.clone(), subscription(contract, declared)))
            .collect(),
    );
    let publications = contract.publications.iter().map(|(name, declared)| {
        let mut entry = object(json!({ "channels": names(&declared.subjects), "roles": names(&declared.publish) }));
        set(&mut entry, "summary", declared.summary.as_deref());
        set(
            &mut entry,
            "payload",
            declared.payload.as_ref().map(|payload| payload.as_str()),
        );
        (name.clone(), Value::Object(entry))
    });
    add("publications", publications.collect());
    let services = contract.services.iter();
    add(
        "services",
        services
            .map(|(name, declared)| (name.clone(), service(declared)))
            .collect(),
    );
    let presence = contract.presence.iter();
    add(
        "presence",
        presence
            .map(|(name, declared)| (name.clone(), self::presence(contract, declared)))
            .collect(),
    );
    let streams = contract.streams.iter();
    add(
        "streams",
        streams
            .map(|(name, declared)| (name.clone(), stream(declared)))
            .collect(),
    );
    let buckets = contract.kv.iter();
    add(
        "kv",
        buckets
            .map(|(name, declared)| (name.clone(), Value::Object(store(declared))))
            .collect(),
    );
    let objects = contract.object_stores.iter();
    add(
        "objectStores",
        objects
            .map(|(name, declared)| (name.clone(), objects_of(contract, declared)))
            .collect(),
    );
    let profiles = contract.profiles.iter();
    add(
        "profiles",
        profiles
            .map(|(name, declared)| (name.clone(), profile(declared)))
            .collect(),
    );
    let changes = contract.changes.iter();
    add(
        "changes",
        changes
            .map(|change| (change.version.clone(), change.text.trim().into()))
            .collect(),
    );
    Value::Object(root)
}

fn names(names: &[Spanned<String>]) -> Vec<&str> {
    names.iter().map(|name| name.as_str()).collect()
}

fn roles(contract: &Contract) -> Value {
    let roles = contract.roles.values().map(|role| {
        let permissions = contract.permissions(role);
        let mut entry = Map::new();
        set(&mut entry, "description", role.description.as_deref());
        if !role.own.is_empty() {
            entry.insert("self".to_owned(), names(&role.own).into());
        }
        let texts = |grants: &[Grant]| grants.iter().map(Grant::text).collect::<Vec<_>>();
        let mut allowed = object(json!({
            "publish": texts(&permissions.publish),
            "subscribe": texts(&permissions.subscribe),
            "allowResponses": permissions.responses.is_some(),
        }));
        for (name, denied) in [
            ("denyPublish", &permissions.deny_publish),
            ("denySubscribe", &permissions.deny_subscribe),
        ] {
            if !denied.is_empty() {
                allowed.insert(name.to_owned(), texts(denied).into());
            }
        }
        entry.insert("inboxPrefix".to_owned(), contract.inbox_prefix(role).into());
        entry.insert("permissions".to_owned(), Value::Object(allowed));
        (role.name.value.clone(), Value::Object(entry))
    });
    Value::Object(roles.collect())
}

fn subscription(contract: &Contract, subscription: &Subscription) -> Value {
    let heard = contract
        .heard_by(&subscription.filter)
        .map(|subject| subject.name.as_str());
    let mut entry = object(json!({
        "filter": subscription.filter.value,
        "roles": names(&subscription.subscribe),
        "channels": heard.collect::<Vec<_>>(),
    }));
    set(&mut entry, "summary", subscription.summary.as_deref());
    set(
        &mut entry,
        "queueGroup",
        subscription.queue_group.as_ref().map(|group| group.as_str()),
    );
    set(
        &mut entry,
        "payload",
        subscription.payload.as_ref().map(|payload| payload.as_str()),
    );
    Value::Object(entry)
}

fn service(service: &Service) -> Value {
    let mut entry = object(json!({
        "name": service.service,
        "version": service.version,
        "channels": names(&service.endpoints),
        "roles": names(&service.provide),
    }));
    set(&mut entry, "description", service.description.as_deref());
    if !service.metadata.is_empty() {
        let metadata = service.metadata.iter();
        let metadata: Map<String, Value> = metadata
            .map(|(key, text)| (key.clone(), text.as_str().into()))
            .collect();
        entry.insert("metadata".to_owned(), Value::Object(metadata));
    }
    Value::Object(entry)
}

fn presence(contract: &Contract, presence: &crate::contract::Presence) -> Value {
    let mut entry = object(json!({
        "heartbeat": presence.heartbeat.value,
        "interval": duration(presence.interval.value),
        "jitter": duration(presence.jitter.value),
        "missed": presence.missed.value,
    }));
    set(&mut entry, "summary", presence.summary.as_deref());
    set(&mut entry, "party", presence.party_token(contract));
    set(
        &mut entry,
        "sequence",
        presence.sequence.as_ref().map(|pointer| pointer.as_str()),
    );
    for (key, notice) in [("announce", &presence.announce), ("offline", &presence.offline)] {
        let Some(notice) = notice else { continue };
        let mut told = object(json!({ "channel": notice.subject.value }));
        set(
            &mut told,
            "party",
            notice.party.as_ref().map(|pointer| pointer.as_str()),
        );
        let when = notice.when.iter();
        let when: Map<String, Value> = when
            .map(|(pointer, text)| (pointer.value.clone(), text.as_str().into()))
            .collect();
        if !when.is_empty() {
            told.insert("when".to_owned(), Value::Object(when));
        }
        entry.insert(key.to_owned(), Value::Object(told));
    }
    Value::Object(entry)
}

fn captures(captures: &[Capture]) -> Vec<Value> {
    let captures = captures.iter().map(|capture| {
        let mut entry = object(json!({ "filter": capture.filter }));
        set(&mut entry, "channel", capture.subject.as_deref());
        Value::Object(entry)
    });
    captures.collect()
}

fn stream(stream: &Stream) -> Value {
    let consumers = stream.consumers.values().map(|consumer| {
        let mut entry = object(json!({
            "delivers": captures(consumer.delivers(stream)),
            "roles": names(&consumer.consume),
            "onInvalid": match consumer.on_invalid {
                OnInvalid::Term => "term",
                OnInvalid::Nak => "nak",
                OnInvalid::DeadLetter => "dead_letter",
            },
            "work": work(&consumer.work),
            "config": config(&consumer.settings),
        }));
        set(&mut entry, "summary", consumer.summary.as_deref());
        set(
            &mut entry,
            "deadLetter",
            consumer.dead_letter.as_ref().map(|stream| stream.as_str()),
        );
        (consumer.name.value.clone(), Value::Object(entry))
    });
    let consumers: Map<String, Value> = consumers.collect();
    let mut entry = object(json!({ "subjects": captures(&stream.subjects), "config": config(&stream.settings) }));
    set(&mut entry, "summary", stream.summary.as_deref());
    if !stream.replay.is_empty() {
        entry.insert("replay".to_owned(), names(&stream.replay).into());
    }
    if !consumers.is_empty() {
        entry.insert("consumers".to_owned(), Value::Object(consumers));
    }
    Value::Object(entry)
}

/// An object store, with the tokens of its objects' names: no channel has them.
fn objects_of(contract: &Contract, declared: &Store) -> Value {
    let mut entry = store(declared);
    let parameters = channels::parameters(contract, &declared.key, None);
    if !parameters.is_empty() {
        entry.insert("parameters".to_owned(), Value::Object(parameters));
    }
    Value::Object(entry)
}

fn store(store: &Store) -> Map<String, Value> {
    let mut entry = object(json!({
        "key": store.key.text.value,
        "read": names(&store.read),
        "write": names(&store.write),
        "config": config(&store.settings),
    }));
    if let StoreKind::KeyValue { value, by_content } = &store.kind {
        entry.insert("payload".to_owned(), value.as_str().into());
        if let Some(by_content) = by_content {
            let mut content = object(json!({ "of": by_content.of.value, "token": by_content.token.value }));
            set(&mut content, "part", by_content.part.as_ref().map(|part| part.as_str()));
            entry.insert("byContent".to_owned(), Value::Object(content));
        }
    }
    set(&mut entry, "summary", store.summary.as_deref());
    entry
}

/// How messages are worked on.
fn work(work: &Work) -> Value {
    let mut entry = Map::new();
    let numbers = [("concurrency", &work.concurrency), ("attempts", &work.attempts)];
    for (key, number) in numbers {
        entry.extend(number.iter().map(|number| (key.to_owned(), number.value.into())));
    }
    if let Some(backoff) = &work.backoff {
        let waits: Vec<String> = backoff.value.iter().map(|wait| duration(*wait)).collect();
        entry.insert("backoff".to_owned(), waits.into());
    }
    let give_up = match work.give_up {
        GiveUp::Term => "term",
        GiveUp::DeadLetter => "dead_letter",
    };
    entry.insert("giveUp".to_owned(), give_up.into());
    Value::Object(entry)
}

/// Settings as the JetStream API writes them: nanoseconds, bytes, words.
fn config(settings: &Settings) -> Value {
    let settings = settings
        .iter()
        .map(|(name, value)| (name.to_owned(), value.wire.clone()));
    Value::Object(settings.collect())
}

fn profile(profile: &Profile) -> Value {
    let mut entry = Map::new();
    set(&mut entry, "description", profile.description.as_deref());
    let parts = [
        ("streams", &profile.streams),
        ("consumers", &profile.consumers),
        ("kv", &profile.kv),
        ("objectStores", &profile.object_stores),
    ];
    for (key, overrides) in parts {
        let overrides: Map<String, Value> = overrides
            .iter()
            .map(|(name, settings)| (name.clone(), config(settings)))
            .collect();
        if !overrides.is_empty() {
            entry.insert(key.to_owned(), Value::Object(overrides));
        }
    }
    Value::Object(entry)
}
