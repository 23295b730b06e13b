//! Who may do what: a matrix of roles and subjects, and each role by itself.

use indexmap::IndexMap;
use serde::Serialize;

use super::site::{Link, Part, Site};
use super::subjects::allowed;
use crate::contract::{Role, Subject};
use crate::source::Spanned;

/// The page of all roles.
#[derive(Serialize)]
pub(super) struct RolesPage<'c> {
    title: &'static str,
    summary: &'static str,
    roles: Vec<RoleEntry<'c>>,
    /// The columns of the matrix.
    names: Vec<Link>,
    modules: Vec<Module<'c>>,
}

/// A role by itself.
#[derive(Serialize)]
struct RoleEntry<'c> {
    name: &'c str,
    link: Link,
    description: &'c str,
    own: Vec<Link>,
    parts: Vec<Does<'c>>,
}

/// What a role does with some subjects.
#[derive(Serialize)]
struct Does<'c> {
    verb: &'static str,
    items: Vec<Item<'c>>,
}

#[derive(Serialize)]
struct Item<'c> {
    link: Link,
    /// What the role may use of it; empty where it is no subject.
    subject: Vec<Part<'c>>,
}

/// The rows of the matrix that belong together.
#[derive(Serialize)]
struct Module<'c> {
    name: &'c str,
    rows: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    link: Link,
    /// For each role: `publishes`, `publishes, hears`, or nothing.
    cells: Vec<&'static str>,
}

pub(super) fn page<'c>(site: &'c Site<'c>) -> RolesPage<'c> {
    let contract = site.contract;
    let mut modules: IndexMap<&str, Vec<Line>> = IndexMap::new();
    for subject in contract.subjects.values() {
        let cells = contract.roles.values().map(|role| verbs(role, subject));
        modules.entry(&subject.module).or_default().push(Line {
            link: Link::subject(&subject.name),
            cells: cells.collect(),
        });
    }
    RolesPage {
        title: "Roles",
        summary: "Who takes part, and what each may do.",
        roles: contract.roles.values().map(|role| entry(site, role)).collect(),
        names: contract.roles.keys().map(|name| Link::role(name)).collect(),
        modules: modules.into_iter().map(|(name, rows)| Module { name, rows }).collect(),
    }
}

fn named(roles: &[Spanned<String>], role: &Role) -> bool {
    roles.iter().any(|name| name.value == role.name.value)
}

fn verbs(role: &Role, subject: &Subject) -> &'static str {
    let sides = (named(subject.senders(), role), named(subject.receivers(), role));
    match (subject.is_request(), sides) {
        (_, (false, false)) => "",
        (false, (true, true)) => "publishes and hears",
        (false, (true, false)) => "publishes",
        (false, (false, true)) => "hears",
        (true, (true, true)) => "asks and answers",
        (true, (true, false)) => "asks",
        (true, (false, true)) => "answers",
    }
}

fn entry<'c>(site: &'c Site<'c>, role: &'c Role) -> RoleEntry<'c> {
    let contract = site.contract;
    let subjects = |requests: bool, sends: bool| -> Vec<Item<'c>> {
        let takes_part = move |subject: &&Subject| {
            let roles = if sends { subject.senders() } else { subject.receivers() };
            subject.is_request() == requests && named(roles, role)
        };
        let subjects = contract.subjects.values().filter(takes_part);
        let items = subjects.map(|subject| {
            let party = if sends { &subject.sender } else { &subject.receiver };
            Item {
                link: Link::subject(&subject.name),
                subject: allowed(contract, role, subject, party.as_ref()),
            }
        });
        items.collect()
    };
    let other = |link: Link| Item {
        link,
        subject: Vec::new(),
    };
    let publications = contract.publications.values();
    let publications = publications.filter(|publication| named(&publication.publish, role));
    let subscriptions = contract.subscriptions.values();
    let subscriptions = subscriptions.filter(|subscription| named(&subscription.subscribe, role));
    let consumers = contract.streams.values().flat_map(|stream| {
        let consumers = stream
            .consumers
            .values()
            .filter(|consumer| named(&consumer.consume, role));
        consumers.map(|consumer| Link::consumer(&stream.name, &consumer.name))
    });
    let read = contract
        .stores()
        .filter(|store| named(&store.read, role))
        .map(Link::store);
    let write = contract
        .stores()
        .filter(|store| named(&store.write, role))
        .map(Link::store);
    let services = contract
        .services
        .values()
        .filter(|service| named(&service.provide, role));
    let anchor = |page: &str, name: &str| Link::to(format!("{page}#{}", super::address::escaped(name)), name);
    let parts = [
        ("publishes", subjects(false, true)),
        ("hears", subjects(false, false)),
        ("asks", subjects(true, true)),
        ("answers", subjects(true, false)),
        (
            "publishes at once",
            publications
                .map(|publication| other(Link::publication(&publication.name)))
                .collect(),
        ),
        (
            "subscribes to",
            subscriptions
                .map(|subscription| other(anchor("subscriptions.html", &subscription.name)))
                .collect(),
        ),
        ("works on", consumers.map(other).collect()),
        ("reads", read.map(other).collect()),
        ("writes", write.map(other).collect()),
        (
            "provides",
            services
                .map(|service| other(anchor("services.html", &service.service)))
                .collect(),
        ),
    ];
    RoleEntry {
        name: &role.name,
        link: Link::role(&role.name),
        description: role.description.as_deref().map(str::trim).unwrap_or_default(),
        own: role.own.iter().map(|token| Link::token(token)).collect(),
        parts: parts
            .into_iter()
            .filter(|(_, items)| !items.is_empty())
            .map(|(verb, items)| Does { verb, items })
            .collect(),
    }
}
