//! `docs/reference.md`: the contract for people, as a forge shows it.

use indexmap::IndexMap;
use minijinja::{Value, context};

use super::facts::{self, cell, code, codes};
use super::settings::{profiles, rows};
use crate::contract::settings::{CONSUMER, STREAM, Settings};
use crate::contract::{
    Capture, Contract, Presence, Publication, Role, Service, Store, StoreKind, Stream, Subject, Token,
};
use crate::emit::examples::Examples;
use crate::emit::template::{Templates, view_of};
use crate::emit::tree::{EmitError, MARKER, Tree};
use crate::source::Spanned;

pub(super) fn emit(
    contract: &Contract,
    examples: &Examples,
    templates: &Templates,
    tree: &mut Tree,
) -> Result<(), EmitError> {
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
        payloads => payloads(contract, examples),
        streams => contract.streams.values().map(|stream| self::stream(contract, stream)).collect::<Vec<_>>(),
        publications => contract.publications.values().map(publication).collect::<Vec<_>>(),
        services => contract.services.values().map(service).collect::<Vec<_>>(),
        presences => contract.presence.values().map(|presence| self::presence(contract, presence)).collect::<Vec<_>>(),
        buckets => contract.kv.values().map(|bucket| store(contract, bucket)).collect::<Vec<_>>(),
        object_stores => contract.object_stores.values().map(|objects| store(contract, objects)).collect::<Vec<_>>(),
        changes => contract.changes.iter().map(|change| context! {
            version => &change.version,
            text => change.text.trim(),
        }).collect::<Vec<_>>(),
        profiles => profiles(contract).iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>(),
    };
    tree.add("docs/reference.md", templates.render("docs/reference.md.j2", view)?)
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
    let replayed = contract.streams.values().filter(|stream| named(&stream.replay, role));
    let stores = |takes_part: &dyn Fn(&Store) -> bool| -> Vec<&str> {
        let stores = contract.stores().filter(|store| takes_part(store));
        stores.map(|store| store.name.as_str()).collect()
    };
    let publications = contract.publications.values();
    let publications = publications.filter(|publication| named(&publication.publish, role));
    let services = contract.services.values();
    let services = services.filter(|service| named(&service.provide, role));
    let parts = [
        part("Publishes", names(false, &|subject| named(subject.senders(), role))),
        part(
            "Publishes at once",
            publications.map(|publication| publication.name.as_str()).collect(),
        ),
        part("Hears", names(false, &|subject| named(subject.receivers(), role))),
        part("Asks", names(true, &|subject| named(subject.senders(), role))),
        part("Answers", names(true, &|subject| named(subject.receivers(), role))),
        part(
            "Subscribes to",
            subscriptions.map(|subscription| subscription.name.as_str()).collect(),
        ),
        part("Works on", consumers.map(|consumer| consumer.name.as_str()).collect()),
        part("Replays", replayed.map(|stream| stream.name.as_str()).collect()),
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
    context! {
        name => &token.name.value,
        description => cell(trimmed(token.description.as_ref())),
        values => facts::values(token),
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
    let mut facts = facts::parties(subject);
    facts.extend(facts::repeated(subject));
    facts.extend(facts::behaviour(contract, subject));
    facts.extend(facts::kept(contract, subject));
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

fn payloads(contract: &Contract, examples: &Examples) -> Vec<Value> {
    let views = contract.payloads.iter().map(|payload| {
        context! {
            name => &payload.name,
            description => trimmed(payload.description.as_ref()),
            file => format!("json-schema/{}.json", payload.name),
            example => examples.full(&payload.name),
        }
    });
    views.collect()
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
            on_invalid => facts::after_invalid(consumer),
            work => facts::worked(consumer),
            settings => view_of(rows(&settings, CONSUMER)),
        }
    });
    context! {
        name => &stream.name.value,
        summary => trimmed(stream.summary.as_ref()),
        captures => captures(&stream.subjects),
        consumers => consumers.collect::<Vec<_>>(),
        settings => view_of(rows(&ours.iter().map(|provisioned| &provisioned.settings).collect::<Vec<_>>(), STREAM)),
    }
}

fn publication(publication: &Publication) -> Value {
    context! {
        name => &publication.name.value,
        summary => trimmed(publication.summary.as_ref()),
        payload => publication.payload.as_ref().map(|payload| payload.value.as_str()),
        subjects => codes(publication.subjects.iter().map(|subject| subject.as_str())),
        publish => codes(publication.publish.iter().map(|role| role.as_str())),
    }
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
    context! {
        name => &presence.name.value,
        summary => trimmed(presence.summary.as_ref()),
        facts => facts::presence(contract, presence),
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
            StoreKind::KeyValue { value, .. } => Some(&value.value),
            StoreKind::Object => None,
        },
        facts => facts::store(store),
        read => codes(store.read.iter().map(|role| role.as_str())),
        write => codes(store.write.iter().map(|role| role.as_str())),
        settings => view_of(rows(&columns.iter().collect::<Vec<_>>(), store.kind.table())),
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

fn trimmed(text: Option<&String>) -> &str {
    text.map_or("", |text| text.trim())
}
