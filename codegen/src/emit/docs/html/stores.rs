//! The pages of buckets, object stores and services.

use serde::Serialize;

use super::super::facts;
use super::super::settings::{Row, profiles, rows};
use super::site::{Link, Part, Site, parts, summary};
use super::{address, columns};
use crate::contract::settings::Settings;
use crate::contract::{Store, StoreKind};

/// The page of a bucket or an object store.
#[derive(Serialize)]
pub(super) struct StorePage<'c> {
    title: &'c str,
    summary: &'c str,
    /// `key-value bucket`, `object store`
    what: &'static str,
    /// What its entries are found by: `keys`, `names`
    found_by: &'static str,
    template: Vec<Part<'c>>,
    value: Option<Link>,
    facts: Vec<String>,
    read: Vec<Link>,
    write: Vec<Link>,
    profiles: Vec<&'c str>,
    settings: Vec<Row>,
    /// How the nats CLI reads it.
    cli: String,
}

pub(super) fn page<'c>(site: &'c Site<'c>, store: &'c Store) -> StorePage<'c> {
    let contract = site.contract;
    let settings: Vec<Settings> = profiles(contract)
        .iter()
        .map(|(_, profile)| contract.store_settings(store, *profile))
        .collect();
    let name = &store.name.value;
    let (what, found_by, value, cli) = match &store.kind {
        StoreKind::KeyValue { value, .. } => (
            "key-value bucket",
            "Keys",
            Some(Link::payload(value)),
            format!("nats kv watch {name}"),
        ),
        StoreKind::Object => ("object store", "Names", None, format!("nats object ls {name}")),
    };
    StorePage {
        title: name,
        summary: store.summary.as_deref().map(str::trim).unwrap_or_default(),
        what,
        found_by,
        template: parts(&store.key),
        value,
        facts: facts::store(store),
        read: store.read.iter().map(|role| Link::role(role)).collect(),
        write: store.write.iter().map(|role| Link::role(role)).collect(),
        profiles: columns(contract),
        settings: rows(&settings.iter().collect::<Vec<_>>(), store.kind.table()),
        cli,
    }
}

/// The list of those who tell that they are there.
#[derive(Serialize)]
pub(super) struct PresencePage<'c> {
    title: &'static str,
    summary: &'static str,
    presences: Vec<PresenceEntry<'c>>,
}

#[derive(Serialize)]
struct PresenceEntry<'c> {
    name: &'c str,
    link: Link,
    summary: &'c str,
    heartbeat: Link,
    facts: Vec<String>,
}

pub(super) fn presence<'c>(site: &'c Site<'c>) -> PresencePage<'c> {
    let presences = site.contract.presence.values().map(|presence| PresenceEntry {
        name: &presence.name,
        link: Link::to(
            format!("presence.html#{}", address::escaped(&presence.name)),
            &presence.name,
        ),
        summary: presence.summary.as_deref().map(str::trim).unwrap_or_default(),
        heartbeat: Link::subject(&presence.heartbeat),
        facts: facts::presence(site.contract, presence),
    });
    PresencePage {
        title: "Presence",
        summary: "Who is there sends heartbeats, and who watches knows from them who is online, late or offline.",
        presences: presences.collect(),
    }
}

/// The list of services.
#[derive(Serialize)]
pub(super) struct ServicesPage<'c> {
    title: &'static str,
    summary: &'static str,
    services: Vec<ServiceEntry<'c>>,
}

#[derive(Serialize)]
struct ServiceEntry<'c> {
    name: &'c str,
    link: Link,
    version: &'c str,
    description: &'c str,
    metadata: Vec<(&'c str, &'c str)>,
    provide: Vec<Link>,
    endpoints: Vec<Endpoint<'c>>,
}

#[derive(Serialize)]
struct Endpoint<'c> {
    link: Link,
    template: Vec<Part<'c>>,
    summary: String,
}

pub(super) fn services<'c>(site: &'c Site<'c>) -> ServicesPage<'c> {
    let services = site.contract.services.values().map(|service| ServiceEntry {
        name: &service.service,
        link: Link::to(
            format!("services.html#{}", address::escaped(&service.service)),
            &service.service,
        ),
        version: &service.version,
        description: service.description.as_deref().map(str::trim).unwrap_or_default(),
        metadata: service
            .metadata
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect(),
        provide: service.provide.iter().map(|role| Link::role(role)).collect(),
        endpoints: service
            .endpoints
            .iter()
            .filter_map(|name| site.contract.subjects.get(&name.value))
            .map(|subject| Endpoint {
                link: Link::subject(&subject.name),
                template: parts(&subject.template),
                summary: summary(subject.summary.as_deref().unwrap_or_default()),
            })
            .collect(),
    });
    ServicesPage {
        title: "Services",
        summary: "Requests that are found by the name of a service (ADR-32).",
        services: services.collect(),
    }
}
