//! `docs/reference.md`: the contract for people, as a forge shows it.

use std::collections::HashMap;

use indexmap::IndexMap;
use minijinja::{Value, context};

use super::tree::{EmitError, MARKER, Tree};
use super::{template, threads};
use crate::contract::payload::Payload;
use crate::contract::settings::{CONSUMER, Kind, STREAM, Setting, Settings};
use crate::contract::{
    Answers, Capture, Contract, Correlation, OnInvalid, Pattern, Presence, Profile, Role, Service, Store, StoreKind,
    Stream, Subject, Token, Verdict,
};
use crate::sample::{self, Detail};
use crate::source::Spanned;
use crate::words::{in_units, size};

pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    let view = context! {
        marker => MARKER,
        contract => &contract.name.value,
        title => contract.title.as_ref().unwrap_or(&contract.name.value),
        description => trimmed(contract.description.as_ref()),
        version => &contract.version,
        nats => contract.nats.to_string(),
        roles => contract.roles.values().map(|role| self::role(contract, role)).collect::<Vec<_>>(),
        tokens => contract.tokens.values().map(token).collect::<Vec<_>>(),
        modules => modules(contract),
        subscriptions => subscriptions(contract),
        payloads => payloads(contract),
        streams => contract.streams.values().map(|stream| self::stream(contract, stream)).collect::<Vec<_>>(),
        services => contract.services.values().map(service).collect::<Vec<_>>(),
        presences => contract.presence.values().map(|presence| self::presence(contract, presence)).collect::<Vec<_>>(),
        buckets => contract.kv.values().map(|bucket| store(contract, bucket)).collect::<Vec<_>>(),
        object_stores => contract.object_stores.values().map(|objects| store(contract, objects)).collect::<Vec<_>>(),
        profiles => profiles(contract).iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>(),
    };
    tree.add("docs/reference.md", template::render("docs/reference.md.j2", view)?)
}

fn trimmed(text: Option<&String>) -> &str {
    text.map_or("", |text| text.trim())
}

/// Text for one cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

fn codes<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.map(code).collect();
    if texts.is_empty() {
        "nothing".to_owned()
    } else {
        texts.join(", ")
    }
}

fn named(roles: &[Spanned<String>], role: &Role) -> bool {
    roles.iter().any(|name| name.value == role.name.value)
}

fn role(contract: &Contract, role: &Role) -> Value {
    let all = || contract.subjects.values();
    let part = |verb: &str, subjects: Vec<&str>| {
        (!subjects.is_empty()).then(|| context! { verb => verb, subjects => codes(subjects.into_iter()) })
    };
    let names = |requests: bool, takes_part: &dyn Fn(&Subject) -> bool| -> Vec<&str> {
        all()
            .filter(|subject| subject.is_request() == requests && takes_part(subject))
            .map(|subject| subject.name.as_str())
            .collect()
    };
    let subscriptions = contract
        .subscriptions
        .values()
        .filter(|subscription| named(&subscription.subscribe, role));
    let consumers = contract.streams.values().flat_map(|stream| stream.consumers.values());
    let consumers = consumers.filter(|consumer| named(&consumer.consume, role));
    let stores = |takes_part: &dyn Fn(&Store) -> bool| -> Vec<&str> {
        let stores = contract.stores().filter(|store| takes_part(store));
        stores.map(|store| store.name.as_str()).collect()
    };
    let services = contract.services.values();
    let services = services.filter(|service| named(&service.provide, role));
    let parts = [
        part("Publishes", names(false, &|subject| named(subject.senders(), role))),
        part("Hears", names(false, &|subject| named(subject.receivers(), role))),
        part("Asks", names(true, &|subject| named(subject.senders(), role))),
        part("Answers", names(true, &|subject| named(subject.receivers(), role))),
        part(
            "Subscribes to",
            subscriptions.map(|subscription| subscription.name.as_str()).collect(),
        ),
        part("Works on", consumers.map(|consumer| consumer.name.as_str()).collect()),
        part("Reads", stores(&|store| named(&store.read, role))),
        part("Writes", stores(&|store| named(&store.write, role))),
        part("Provides", services.map(|service| service.service.as_str()).collect()),
    ];
    context! {
        name => &role.name.value,
        description => trimmed(role.description.as_ref()),
        own => (!role.own.is_empty()).then(|| codes(role.own.iter().map(|token| token.as_str()))),
        parts => parts.into_iter().flatten().collect::<Vec<_>>(),
    }
}

fn token(token: &Token) -> Value {
    let values = match (&token.members, &token.pattern) {
        (Some(members), _) => codes(members.iter().map(|member| member.as_str())),
        (None, Some(pattern)) => code(pattern),
        (None, None) => "any single token".to_owned(),
    };
    context! {
        name => &token.name.value,
        description => cell(trimmed(token.description.as_ref())),
        values => values,
    }
}

fn modules(contract: &Contract) -> Vec<Value> {
    let mut modules: IndexMap<&str, Vec<Value>> = IndexMap::new();
    for subject in contract.subjects.values() {
        modules
            .entry(&subject.module)
            .or_default()
            .push(self::subject(contract, subject));
    }
    modules
        .into_iter()
        .map(|(name, subjects)| context! { name => name, subjects => subjects })
        .collect()
}

fn subject(contract: &Contract, subject: &Subject) -> Value {
    let mut facts = Vec::new();
    let link = |payload: &str| format!("[{payload}](#{})", payload.to_lowercase());
    let roles = |roles: &[Spanned<String>]| codes(roles.iter().map(|role| role.as_str()));
    match &subject.pattern {
        Pattern::Event {
            payload,
            publish,
            subscribe,
        } => {
            facts.push(format!("carries {}", link(payload)));
            facts.push(format!("published by {}", roles(publish)));
            facts.push(format!("heard by {}", roles(subscribe)));
        }
        Pattern::Request {
            request,
            reply,
            answers,
            ask,
            answer,
        } => {
            facts.push(format!("asks with {}, answered with {}", link(request), link(reply)));
            facts.push(format!("asked by {}", roles(ask)));
            facts.push(format!("answered by {}", roles(answer)));
            facts.extend(answered(answers));
        }
    }
    if let Some(headers) = &subject.headers {
        let members = contract.payloads.headers(headers).unwrap_or_default();
        let names = members.iter().map(|header| {
            let optional = if header.required { "" } else { " (may be missing)" };
            format!("`{}`{optional}", header.name)
        });
        let names: Vec<String> = names.collect();
        facts.push(format!("with the headers of {}: {}", link(headers), names.join(", ")));
    }
    for (token, binding) in &subject.bind {
        facts.push(format!("`{token}` repeats `{}` of the payload", binding.pointer.value));
    }
    for (party, what) in [(&subject.sender, "sends"), (&subject.receiver, "receives")] {
        facts.extend(party.iter().map(|token| format!("`{}` is who {what}", token.value)));
    }
    if let Some(group) = &subject.queue_group {
        facts.push(format!(
            "subscribers share the messages in the queue group `{}`",
            group.value
        ));
    }
    if let Some(pointer) = &subject.message_id {
        facts.push(format!("`{}` is the message's `Nats-Msg-Id`", pointer.value));
    }
    if let Some(pointer) = &subject.idempotency_key {
        facts.push(format!(
            "requests with the same `{}` are the same request",
            pointer.value
        ));
    }
    let wildcard = subject.template.wildcard();
    for stream in contract.streams.values().filter(|stream| stream.captures(&wildcard)) {
        facts.push(format!("kept by the stream `{}`", stream.name.value));
    }
    context! {
        name => &subject.name.value,
        template => &subject.template.text.value,
        summary => trimmed(subject.summary.as_ref()),
        description => subject.description.as_deref().map(str::trim),
        facts => facts,
    }
}

fn subscriptions(contract: &Contract) -> Vec<Value> {
    let views = contract.subscriptions.values().map(|subscription| {
        context! {
            name => &subscription.name.value,
            filter => &subscription.filter.value,
            summary => trimmed(subscription.summary.as_ref()),
            heard => codes(contract.heard_by(&subscription.filter).map(|subject| subject.name.as_str())),
        }
    });
    views.collect()
}

fn payloads(contract: &Contract) -> Vec<Value> {
    let mut examples: HashMap<&str, &str> = HashMap::new();
    for example in contract
        .examples
        .iter()
        .filter(|example| example.verdict == Verdict::Valid)
    {
        let longest = examples.entry(&example.payload).or_default();
        // The longest example says the most.
        if example.text.len() >= longest.len() {
            *longest = &example.text;
        }
    }
    let payloads: Vec<&Payload> = contract.payloads.iter().collect();
    let documents = threads::map(&payloads, |payload| {
        if let Some(example) = examples.get(payload.name.as_str()) {
            return Some(example.trim().to_owned());
        }
        let document = sample::valid(&contract.payloads, payload, Detail::Full)?;
        serde_json::to_string_pretty(&document).ok()
    });
    let views = payloads.iter().zip(documents).map(|(payload, example)| {
        context! {
            name => &payload.name,
            description => trimmed(payload.description.as_ref()),
            file => format!("json-schema/{}.json", payload.name),
            example => example,
        }
    });
    views.collect()
}

/// The columns of a table of settings: without a profile, then each profile.
fn profiles(contract: &Contract) -> Vec<(&str, Option<&Profile>)> {
    let named = contract
        .profiles
        .values()
        .map(|profile| (profile.name.as_str(), Some(profile)));
    std::iter::once(("default", None)).chain(named).collect()
}

fn stream(contract: &Contract, stream: &Stream) -> Value {
    let provisioned: Vec<_> = profiles(contract)
        .iter()
        .map(|(_, profile)| contract.provisioned(*profile))
        .collect();
    let ours = provisioned.iter().filter_map(|streams| {
        streams
            .iter()
            .find(|provisioned| provisioned.stream.name.value == stream.name.value)
    });
    let ours: Vec<_> = ours.collect();
    let consumers = stream.consumers.values().map(|consumer| {
        let settings: Vec<&Settings> = ours
            .iter()
            .filter_map(|stream| {
                stream
                    .consumers
                    .iter()
                    .find(|provisioned| provisioned.consumer.name.value == consumer.name.value)
            })
            .map(|provisioned| &provisioned.settings)
            .collect();
        context! {
            name => &consumer.name.value,
            summary => trimmed(consumer.summary.as_ref()),
            filters => captures(consumer.delivers(stream)),
            on_invalid => match consumer.on_invalid {
                OnInvalid::Term => "never delivered again",
                OnInvalid::Nak => "delivered again",
            },
            settings => rows(&settings, CONSUMER),
        }
    });
    context! {
        name => &stream.name.value,
        summary => trimmed(stream.summary.as_ref()),
        captures => captures(&stream.subjects),
        consumers => consumers.collect::<Vec<_>>(),
        settings => rows(&ours.iter().map(|provisioned| &provisioned.settings).collect::<Vec<_>>(), STREAM),
    }
}

/// How a request is answered, in words.
fn answered(answers: &Answers) -> Option<String> {
    let length = |value: std::time::Duration| duration(u64::try_from(value.as_nanos()).unwrap_or(u64::MAX));
    Some(match answers {
        Answers::One { timeout } => format!("an asker waits {}", length((*timeout)?)),
        Answers::On(reply_on) => {
            let found = match &reply_on.correlation {
                Correlation::Header => "the header `Natsmith-Correlation-Id` is repeated".to_owned(),
                Correlation::Field { request, reply } => {
                    format!("`{}` of the answer repeats `{}`", reply.value, request.value)
                }
                Correlation::Token { request, token } => {
                    format!("`{}` of its subject repeats `{}`", token.value, request.value)
                }
            };
            let waits = reply_on
                .timeout
                .map(|timeout| format!("; an asker waits {}", length(timeout)));
            let waits = waits.unwrap_or_default();
            format!(
                "the answer travels on `{}`, where {found}{waits}",
                reply_on.subject.value
            )
        }
        Answers::Many(replies) => {
            let several = match replies.expected {
                Some(expected) => format!("{expected} answer"),
                None => "several answer".to_owned(),
            };
            let silence = match replies.silence {
                Some(silence) => format!(", and at most {} after each answer", length(silence)),
                None => String::new(),
            };
            format!("{several}; an asker waits {}{silence}", length(replies.deadline))
        }
        Answers::Streamed(streamed) => format!(
            "the answer comes in chunks, at most {} under way; a side that is silent for {} is lost",
            streamed.window,
            length(streamed.silence)
        ),
    })
}

fn service(service: &Service) -> Value {
    context! {
        name => &service.service,
        version => &service.version,
        description => trimmed(service.description.as_ref()),
        endpoints => codes(service.endpoints.iter().map(|endpoint| endpoint.as_str())),
        provide => codes(service.provide.iter().map(|role| role.as_str())),
        metadata => service.metadata.iter().map(|(key, value)| format!("`{key}`: {value}")).collect::<Vec<_>>(),
    }
}

fn presence(contract: &Contract, presence: &Presence) -> Value {
    let length = |value: std::time::Duration| duration(u64::try_from(value.as_nanos()).unwrap_or(u64::MAX));
    let notices = presence.notices().map(|(sign, notice)| {
        let mut says: Vec<String> = notice
            .when
            .iter()
            .map(|(pointer, text)| format!("`{}` is `{}`", pointer.value, text.value))
            .collect();
        says.extend(notice.party.iter().map(|pointer| format!("`{}` is who", pointer.value)));
        let when = if says.is_empty() {
            String::new()
        } else {
            format!(", where {}", says.join(" and "))
        };
        let what = if sign == "Here" { "comes" } else { "leaves" };
        format!("who {what} says so on `{}`{when}", notice.subject.value)
    });
    context! {
        name => &presence.name.value,
        summary => trimmed(presence.summary.as_ref()),
        heartbeat => &presence.heartbeat.value,
        party => presence.party_token(contract),
        interval => length(presence.interval.value),
        jitter => length(presence.jitter.value),
        missed => presence.missed.value,
        sequence => presence.sequence.as_ref().map(|pointer| &pointer.value),
        notices => notices.collect::<Vec<_>>(),
    }
}

fn store(contract: &Contract, store: &Store) -> Value {
    let columns: Vec<Settings> = profiles(contract)
        .iter()
        .map(|(_, profile)| contract.store_settings(store, *profile))
        .collect();
    context! {
        name => &store.name.value,
        summary => trimmed(store.summary.as_ref()),
        key => &store.key.text.value,
        value => match &store.kind {
            StoreKind::KeyValue { value } => Some(&value.value),
            StoreKind::Object => None,
        },
        read => codes(store.read.iter().map(|role| role.as_str())),
        write => codes(store.write.iter().map(|role| role.as_str())),
        settings => rows(&columns.iter().collect::<Vec<_>>(), store.kind.table()),
    }
}

fn captures(captures: &[Capture]) -> String {
    let texts = captures.iter().map(|capture| match &capture.subject {
        Some(subject) => format!("`{}` (`{subject}`)", capture.filter),
        None => code(&capture.filter),
    });
    let texts: Vec<String> = texts.collect();
    if texts.is_empty() {
        "nothing of its own".to_owned()
    } else {
        texts.join(", ")
    }
}

/// A row for each setting that any profile says.
fn rows(columns: &[&Settings], table: &[Setting]) -> Vec<Value> {
    let said = table
        .iter()
        .filter(|setting| columns.iter().any(|column| column.get(setting.name).is_some()));
    let rows = said.map(|setting| {
        let values = columns.iter().map(|column| match column.get(setting.name) {
            Some(value) => cell(&shown(&value.wire, &setting.kind)),
            None => "-".to_owned(),
        });
        context! { name => setting.name, values => values.collect::<Vec<_>>() }
    });
    rows.collect()
}

/// A value in the units that people write.
fn shown(wire: &serde_json::Value, kind: &Kind) -> String {
    match (kind, wire.as_u64()) {
        (Kind::Duration, Some(nanoseconds)) => duration(nanoseconds),
        (Kind::Size, Some(bytes)) => size(bytes),
        (Kind::Durations, _) => {
            let durations = wire
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(serde_json::Value::as_u64)
                .map(duration);
            durations.collect::<Vec<_>>().join(", ")
        }
        _ => wire.as_str().map_or_else(|| wire.to_string(), str::to_owned),
    }
}

fn duration(nanoseconds: u64) -> String {
    let units = [
        ("d", 86_400_000_000_000),
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
    ];
    in_units(nanoseconds, &units, "ns")
}
