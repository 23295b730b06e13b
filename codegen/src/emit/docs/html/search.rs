//! What the script of the pages knows: enough to draw the navigation and to search, in every page and from `file://`.

use serde_json::{Map, Value, json};

use super::site::{Link, Site, summary};
use super::{address, site};
use crate::contract::payload::DefinitionKind;
use crate::emit::tree::MARKER;

/// The longest list of members of a payload that can be searched for, in characters.
const MEMBERS: usize = 400;

/// A script that says it all in one assignment, with a line for each thing so that differences are small.
pub(super) fn index(site: &Site<'_>) -> String {
    let contract = site.contract;
    let mut tokens = Map::new();
    for token in contract.tokens.values() {
        let rule = match (&token.members, &token.pattern) {
            (Some(members), _) => json!(members.iter().map(|member| member.as_str()).collect::<Vec<_>>()),
            (None, Some(pattern)) => json!(pattern.value),
            (None, None) => json!(""),
        };
        tokens.insert(token.name.value.clone(), rule);
    }
    let subjects = contract.subjects.values().map(|subject| {
        let about = summary(subject.summary.as_deref().unwrap_or_default());
        json!([subject.name.value, subject.template.text.value, about, subject.kind()])
    });
    let payloads = contract.payloads.iter().map(|payload| {
        let about = summary(payload.description.as_deref().unwrap_or_default());
        let members = match &contract.payloads.definition(payload.root).kind {
            DefinitionKind::Struct(object) => {
                let names: Vec<&str> = object.fields.iter().map(|field| field.name.as_str()).collect();
                names.join(" ").chars().take(MEMBERS).collect()
            }
            _ => String::new(),
        };
        json!([payload.name, address::payload(&payload.name), about, members])
    });
    let mut others: Vec<Value> = Vec::new();
    let mut add = |what: &str, link: Link, about: Option<&String>| {
        let about = summary(about.map(String::as_str).unwrap_or_default());
        others.push(json!([what, link.text, link.href, about]));
    };
    for stream in contract.streams.values() {
        add("stream", Link::stream(&stream.name), stream.summary.as_ref());
        for consumer in stream.consumers.values() {
            add(
                "consumer",
                Link::consumer(&stream.name, &consumer.name),
                consumer.summary.as_ref(),
            );
        }
    }
    for bucket in contract.kv.values() {
        add(
            "bucket",
            Link::to(site::store_path(bucket), &bucket.name),
            bucket.summary.as_ref(),
        );
    }
    for objects in contract.object_stores.values() {
        add(
            "store",
            Link::to(site::store_path(objects), &objects.name),
            objects.summary.as_ref(),
        );
    }
    for service in contract.services.values() {
        let href = format!("services.html#{}", address::escaped(&service.service));
        add(
            "service",
            Link::to(href, &service.service),
            service.description.as_ref(),
        );
    }
    for publication in contract.publications.values() {
        add(
            "publication",
            Link::publication(&publication.name),
            publication.summary.as_ref(),
        );
    }
    for presence in contract.presence.values() {
        let href = format!("presence.html#{}", address::escaped(&presence.name));
        add("presence", Link::to(href, &presence.name), presence.summary.as_ref());
    }
    for role in contract.roles.values() {
        add("role", Link::role(&role.name), role.description.as_ref());
    }
    for token in contract.tokens.values() {
        add("token", Link::token(&token.name), token.description.as_ref());
    }
    for subscription in contract.subscriptions.values() {
        let href = format!("subscriptions.html#{}", address::escaped(&subscription.name));
        add(
            "subscription",
            Link::to(href, &subscription.name),
            subscription.summary.as_ref(),
        );
    }
    format!(
        "// {MARKER} from schema `{}`; run `cargo natsmith generate` to change it.\nglobalThis.natsmith = {{\ntokens: {},\nsubjects: {},\npayloads: {},\nothers: {}\n}};\n",
        contract.name.value,
        Value::Object(tokens),
        lines(subjects),
        lines(payloads),
        lines(others.into_iter()),
    )
}

fn lines(values: impl Iterator<Item = Value>) -> String {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    format!("[\n{}\n]", values.join(",\n"))
}
