//! What pages know of each other.

use std::collections::HashMap;

use indexmap::IndexMap;
use minijinja::{Value, context};
use serde::Serialize;

use super::address;
use crate::contract::{Contract, Pattern, Segment, Store, StoreKind, Stream, Subject, Template};
use crate::emit::examples::Examples;
use crate::emit::template::view_of;
use crate::emit::tree::MARKER;

/// Everything that is asked more than once while pages are made.
pub(super) struct Site<'c> {
    pub(super) contract: &'c Contract,
    pub(super) examples: &'c Examples,
    /// Where each payload is used.
    uses: HashMap<&'c str, Vec<Use<'c>>>,
    /// The streams that keep each subject, by the subject's name.
    kept: HashMap<&'c str, Vec<&'c Stream>>,
}

/// Another page.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Link {
    /// Its path, from the root of the pages.
    pub(super) href: String,
    /// What it is called.
    pub(super) text: String,
}

/// A place where a payload is used.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Use<'c> {
    /// As what: `carried by`, `asked with`.
    pub(super) as_what: &'static str,
    /// The subject or the bucket.
    pub(super) link: Link,
    /// What it looks like.
    pub(super) template: Vec<Part<'c>>,
}

/// A part of a template between two dots.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Part<'c> {
    text: &'c str,
    is_token: bool,
    /// Whether the token stands for all that follows.
    is_tail: bool,
}

impl<'c> Part<'c> {
    pub(super) fn literal(text: &'c str) -> Self {
        Self {
            text,
            is_token: false,
            is_tail: false,
        }
    }

    pub(super) fn token(text: &'c str) -> Self {
        Self {
            is_token: true,
            ..Self::literal(text)
        }
    }
}

impl Link {
    pub(super) fn to(href: String, text: &str) -> Self {
        Self {
            href,
            text: text.to_owned(),
        }
    }

    pub(super) fn subject(name: &str) -> Self {
        Self::to(address::subject(name), name)
    }

    pub(super) fn payload(name: &str) -> Self {
        Self::to(address::payload(name), name)
    }

    pub(super) fn stream(name: &str) -> Self {
        Self::to(address::stream(name), name)
    }

    pub(super) fn role(name: &str) -> Self {
        Self::to(format!("roles.html#{}", address::escaped(name)), name)
    }

    pub(super) fn token(name: &str) -> Self {
        Self::to(format!("tokens.html#{}", address::escaped(name)), name)
    }

    pub(super) fn consumer(stream: &str, consumer: &str) -> Self {
        let href = format!("{}#{}", address::stream(stream), address::escaped(consumer));
        Self::to(href, consumer)
    }

    pub(super) fn publication(name: &str) -> Self {
        Self::to(format!("publications.html#{}", address::escaped(name)), name)
    }

    pub(super) fn store(store: &Store) -> Self {
        Self::to(store_path(store), &store.name)
    }
}

/// The page of a bucket or an object store.
pub(super) fn store_path(store: &Store) -> String {
    match store.kind {
        StoreKind::KeyValue { .. } => address::bucket(&store.name),
        StoreKind::Object => address::objects(&store.name),
    }
}

/// The parts of a template.
pub(super) fn parts(template: &Template) -> Vec<Part<'_>> {
    let parts = template.segments.iter().map(|segment| match segment {
        Segment::Literal(text) => Part::literal(text),
        Segment::Token(text) => Part::token(text),
        Segment::Tail(text) => Part {
            is_tail: true,
            ..Part::token(text)
        },
    });
    parts.collect()
}

/// The longest text that stands for a description in lists and in the search, in characters.
const SUMMARY: usize = 160;

/// The first sentence of a description, without Markdown.
pub(super) fn summary(description: &str) -> String {
    let paragraph = description.split("\n\n").next().unwrap_or_default();
    let text: Vec<&str> = paragraph.split_whitespace().take(SUMMARY).collect();
    let text = text.join(" ");
    let sentence = text.split_inclusive(". ").next().unwrap_or_default().trim_end();
    if sentence.chars().count() <= SUMMARY {
        return sentence.to_owned();
    }
    let start: String = sentence.chars().take(SUMMARY).collect();
    format!("{start}\u{2026}")
}

impl<'c> Site<'c> {
    pub(super) fn new(contract: &'c Contract, examples: &'c Examples) -> Self {
        let mut uses: HashMap<&str, Vec<Use<'_>>> = HashMap::new();
        let mut add = |payload: &'c str, as_what, link, template| {
            uses.entry(payload).or_default().push(Use {
                as_what,
                link,
                template: parts(template),
            });
        };
        for subject in contract.subjects.values() {
            for (as_what, payload) in carried(subject) {
                add(payload, as_what, Link::subject(&subject.name), &subject.template);
            }
        }
        for store in contract.stores() {
            if let StoreKind::KeyValue { value, .. } = &store.kind {
                add(value, "kept in", Link::store(store), &store.key);
            }
        }
        let mut kept: HashMap<&str, Vec<&Stream>> = HashMap::new();
        for subject in contract.subjects.values() {
            let wildcard = subject.template.wildcard();
            let streams = contract.streams.values().filter(|stream| stream.captures(&wildcard));
            let streams: Vec<&Stream> = streams.collect();
            if !streams.is_empty() {
                kept.insert(&subject.name, streams);
            }
        }
        Self {
            contract,
            examples,
            uses,
            kept,
        }
    }

    /// Where a payload is used.
    pub(super) fn uses(&self, payload: &str) -> &[Use<'c>] {
        self.uses.get(payload).map(Vec::as_slice).unwrap_or_default()
    }

    /// The streams that keep a subject.
    pub(super) fn kept(&self, subject: &Subject) -> &[&'c Stream] {
        self.kept
            .get(subject.name.as_str())
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The contract's name for people.
    pub(super) fn title(&self) -> &'c str {
        self.contract.title.as_ref().unwrap_or(&self.contract.name.value)
    }

    /// What every page says.
    pub(super) fn shared(&self) -> Value {
        let contract = self.contract;
        let mut sections = vec![
            ("index.html", "Overview", 0),
            ("topology.html", "Topology", 0),
            ("roles.html", "Roles", contract.roles.len()),
            ("tokens.html", "Tokens", contract.tokens.len()),
            ("payloads.html", "Payloads", contract.payloads.iter().count()),
        ];
        if !contract.subscriptions.is_empty() {
            sections.push(("subscriptions.html", "Subscriptions", contract.subscriptions.len()));
        }
        if !contract.publications.is_empty() {
            sections.push(("publications.html", "Publications", contract.publications.len()));
        }
        if !contract.presence.is_empty() {
            sections.push(("presence.html", "Presence", contract.presence.len()));
        }
        if !contract.services.is_empty() {
            sections.push(("services.html", "Services", contract.services.len()));
        }
        if !contract.changes.is_empty() {
            sections.push(("changes.html", "Changes", 0));
        }
        let sections: Vec<Value> = sections
            .into_iter()
            .map(|(href, text, count)| context! { href => href, text => text, count => count })
            .collect();
        context! {
            marker => MARKER,
            contract => &contract.name.value,
            title => self.title(),
            version => &contract.version,
            theme => contract.look.theme.is_some(),
            sections => sections,
        }
    }

    /// The first page.
    pub(super) fn overview(&self) -> Value {
        let contract = self.contract;
        let description = contract.description.as_deref().map(str::trim).unwrap_or_default();
        let mut modules: IndexMap<&str, Vec<Value>> = IndexMap::new();
        for subject in contract.subjects.values() {
            modules.entry(&subject.module).or_default().push(context! {
                link => view_of(Link::subject(&subject.name)),
                leaf => &subject.leaf,
                kind => subject.kind(),
                template => view_of(parts(&subject.template)),
                summary => subject.summary.as_deref().map(str::trim).unwrap_or_default(),
            });
        }
        let modules: Vec<Value> = modules
            .into_iter()
            .map(|(name, subjects)| context! { name => name, subjects => subjects })
            .collect();
        let streams = contract.streams.values().map(|stream| {
            context! {
                link => view_of(Link::stream(&stream.name)),
                summary => stream.summary.as_deref().map(str::trim).unwrap_or_default(),
                filters => stream.subjects.iter().map(|capture| capture.filter.clone()).collect::<Vec<_>>(),
            }
        });
        let stores = contract.stores().map(|store| {
            context! {
                link => view_of(Link::store(store)),
                what => match store.kind {
                    StoreKind::KeyValue { .. } => "key-value bucket",
                    StoreKind::Object => "object store",
                },
                summary => store.summary.as_deref().map(str::trim).unwrap_or_default(),
            }
        });
        let roles = contract.roles.values().map(|role| {
            context! {
                link => view_of(Link::role(&role.name)),
                description => role.description.as_deref().map(str::trim).unwrap_or_default(),
            }
        });
        context! {
            title => self.title(),
            summary => summary(description),
            description => description,
            nats => contract.nats.to_string(),
            crate_name => &contract.rust.crate_name,
            modules => modules,
            streams => streams.collect::<Vec<_>>(),
            stores => stores.collect::<Vec<_>>(),
            roles => roles.collect::<Vec<_>>(),
            counts => self.counts(),
        }
    }

    /// How many there are of what there is, and where.
    fn counts(&self) -> Vec<Value> {
        let contract = self.contract;
        let counts = [
            (contract.subjects.len(), "subject", "#subjects"),
            (contract.payloads.iter().count(), "payload", "payloads.html"),
            (contract.roles.len(), "role", "roles.html"),
            (contract.streams.len(), "stream", "#streams"),
            (contract.kv.len(), "bucket", "#stores"),
            (contract.object_stores.len(), "object store", "#stores"),
            (contract.services.len(), "service", "services.html"),
        ];
        let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
        counts
            .map(|(count, what, href)| {
                let plural = if count == 1 { "" } else { "s" };
                context! { count => count, what => format!("{what}{plural}"), href => href }
            })
            .collect()
    }
}

/// What travels on a subject, and as what.
fn carried(subject: &Subject) -> Vec<(&'static str, &str)> {
    let mut carried: Vec<(&str, &str)> = match &subject.pattern {
        Pattern::Event { .. } => {
            let payloads = subject.payloads().into_iter();
            payloads.map(|payload| ("carried by", payload.as_str())).collect()
        }
        Pattern::Request {
            request, reply, error, ..
        } => {
            let error = error.iter().map(|error| ("carried by errors of", error.as_str()));
            [("asked with on", request.as_str()), ("answer on", reply.as_str())]
                .into_iter()
                .chain(error)
                .collect()
        }
    };
    carried.extend(subject.headers.as_ref().map(|headers| ("headers of", headers.as_str())));
    carried
}
