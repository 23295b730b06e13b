//! The page of a subject, and the pages about what subjects are made of.

use serde::Serialize;

use super::super::facts;
use super::super::fields::Table;
use super::code::{self, Code};
use super::site::{Link, Part, Site, parts};
use crate::contract::{Answers, Contract, Pattern, Role, Segment, Stream, Subject, Token};
use crate::source::Spanned;

/// The page of a subject.
#[derive(Serialize)]
pub(super) struct SubjectPage<'c> {
    title: &'c str,
    module: &'c str,
    leaf: &'c str,
    kind: &'static str,
    template: Vec<Part<'c>>,
    template_text: &'c str,
    /// A subject as it travels.
    concrete: Option<String>,
    summary: &'c str,
    description: &'c str,
    facts: Vec<String>,
    senders: Side<'c>,
    receivers: Side<'c>,
    streams: Vec<Kept<'c>>,
    tokens: Vec<TokenLine<'c>>,
    documents: Vec<Document<'c>>,
    permissions: Vec<Permission<'c>>,
    code: Code,
}

/// One side of a subject.
#[derive(Serialize)]
struct Side<'c> {
    verb: &'static str,
    roles: Vec<Party<'c>>,
}

/// A role on one side.
#[derive(Serialize)]
struct Party<'c> {
    link: Link,
    description: &'c str,
}

/// A stream that keeps the subject.
#[derive(Serialize)]
struct Kept<'c> {
    link: Link,
    summary: &'c str,
    consumers: Vec<Delivered>,
}

/// A consumer that delivers it.
#[derive(Serialize)]
struct Delivered {
    link: Link,
    roles: Vec<Link>,
}

/// A token of the subject.
#[derive(Serialize)]
struct TokenLine<'c> {
    link: Link,
    description: &'c str,
    values: String,
    /// The field that it repeats, as a JSON pointer.
    bound: Option<&'c str>,
}

/// A payload on the page of a subject.
#[derive(Serialize)]
struct Document<'c> {
    /// `Payload`, `Request`, `Reply`
    label: String,
    /// What the anchors of its fields begin with.
    prefix: String,
    link: Link,
    description: &'c str,
    table: Table,
    example: Option<&'c str>,
}

/// What a role may do, as the server's permissions say it.
#[derive(Serialize)]
struct Permission<'c> {
    role: Link,
    verb: &'static str,
    subject: Vec<Part<'c>>,
}

pub(super) fn page<'c>(site: &'c Site<'c>, subject: &'c Subject) -> SubjectPage<'c> {
    let contract = site.contract;
    let (sends, receives) = match &subject.pattern {
        Pattern::Event { .. } => ("publishes", "hears"),
        Pattern::Request { .. } => ("asks", "answers"),
    };
    SubjectPage {
        title: &subject.name,
        module: &subject.module,
        leaf: &subject.leaf,
        kind: subject.kind(),
        template: parts(&subject.template),
        template_text: &subject.template.text,
        concrete: code::concrete(site, subject),
        summary: trimmed(subject.summary.as_ref()),
        description: trimmed(subject.description.as_ref()),
        facts: told_apart(subject).chain(facts::behaviour(contract, subject)).collect(),
        senders: side(contract, sends, subject.senders()),
        receivers: side(contract, receives, subject.receivers()),
        streams: site.kept(subject).iter().map(|stream| kept(stream, subject)).collect(),
        tokens: subject
            .template
            .tokens()
            .filter_map(|name| contract.tokens.get(name))
            .map(|token| token_line(subject, token))
            .collect(),
        documents: documents(site, subject),
        permissions: permissions(contract, subject, [sends, receives]),
        code: Code::of(site, subject),
    }
}

/// What says which message it is, where there are several.
fn told_apart(subject: &Subject) -> impl Iterator<Item = String> {
    let kinds = subject.messages.iter().map(facts::kinds);
    kinds.map(|(by, kinds)| format!("{by} says what it is: {kinds}"))
}

fn trimmed(text: Option<&String>) -> &str {
    text.map_or("", |text| text.trim())
}

fn side<'c>(contract: &'c Contract, verb: &'static str, roles: &[Spanned<String>]) -> Side<'c> {
    let roles = roles.iter().map(|name| Party {
        link: Link::role(name),
        description: contract
            .roles
            .get(&name.value)
            .map(|role| trimmed(role.description.as_ref()))
            .unwrap_or_default(),
    });
    Side {
        verb,
        roles: roles.collect(),
    }
}

fn kept<'c>(stream: &'c Stream, subject: &Subject) -> Kept<'c> {
    let wildcard = subject.template.wildcard();
    let consumers = stream.consumers.values().filter(|consumer| {
        let filters = consumer.delivers(stream);
        filters
            .iter()
            .any(|capture| crate::subject::overlap(&capture.filter, &wildcard))
    });
    Kept {
        link: Link::stream(&stream.name),
        summary: trimmed(stream.summary.as_ref()),
        consumers: consumers
            .map(|consumer| Delivered {
                link: Link::consumer(&stream.name, &consumer.name),
                roles: consumer.consume.iter().map(|role| Link::role(role)).collect(),
            })
            .collect(),
    }
}

fn token_line<'c>(subject: &'c Subject, token: &'c Token) -> TokenLine<'c> {
    TokenLine {
        link: Link::token(&token.name),
        description: trimmed(token.description.as_ref()),
        values: facts::values(token),
        bound: subject
            .bind
            .get(&token.name.value)
            .map(|binding| binding.pointer.as_str()),
    }
}

fn documents<'c>(site: &'c Site<'c>, subject: &'c Subject) -> Vec<Document<'c>> {
    let mut named: Vec<(String, String, &Spanned<String>)> = match (&subject.pattern, &subject.messages) {
        (Pattern::Event { .. }, Some(messages)) => {
            let messages = messages.of.iter().enumerate();
            let named = messages.map(|(index, (kind, payload))| {
                (
                    format!("Message {}", kind.value),
                    format!("message-{}", index + 1),
                    payload,
                )
            });
            named.collect()
        }
        (Pattern::Event { payload, .. }, None) => vec![("Payload".to_owned(), "payload".to_owned(), payload)],
        (
            Pattern::Request {
                request, reply, error, ..
            },
            _,
        ) => {
            let streamed = matches!(subject.answers(), Some(Answers::Streamed(_)));
            let label = if streamed { "Each chunk of the reply" } else { "Reply" };
            let mut named = vec![
                ("Request".to_owned(), "request".to_owned(), request),
                (label.to_owned(), "reply".to_owned(), reply),
            ];
            named.extend(
                error
                    .iter()
                    .map(|error| ("Error".to_owned(), "error".to_owned(), error)),
            );
            named
        }
    };
    let headers = subject.headers.as_ref();
    named.extend(headers.map(|headers| ("Headers".to_owned(), "headers".to_owned(), headers)));
    let payloads = named.into_iter().filter_map(|(label, prefix, name)| {
        let payload = site.contract.payloads.get(name)?;
        Some(Document {
            label,
            prefix,
            link: Link::payload(name),
            description: trimmed(payload.description.as_ref()),
            table: Table::of(&site.contract.payloads, payload),
            example: site.examples.full(name),
        })
    });
    payloads.collect()
}

fn permissions<'c>(contract: &'c Contract, subject: &'c Subject, verbs: [&'static str; 2]) -> Vec<Permission<'c>> {
    let sides = [
        (verbs[0], subject.senders(), subject.sender.as_ref()),
        (verbs[1], subject.receivers(), subject.receiver.as_ref()),
    ];
    let sides = sides.into_iter().flat_map(|(verb, roles, party)| {
        let roles = roles.iter().filter_map(|name| contract.roles.get(&name.value));
        roles.map(move |role| Permission {
            role: Link::role(&role.name),
            verb,
            subject: allowed(contract, role, subject, party),
        })
    });
    sides.collect()
}

/// The subjects that a role may use on one side: its own tokens are its own, all others are anything.
pub(super) fn allowed<'c>(
    contract: &'c Contract,
    role: &'c Role,
    subject: &'c Subject,
    party: Option<&Spanned<String>>,
) -> Vec<Part<'c>> {
    let own = contract.own_tokens(role, subject, party);
    let allowed = subject.template.segments.iter().map(|segment| match segment {
        Segment::Literal(text) => Part::literal(text),
        Segment::Token(name) => match own.iter().find(|(token, _)| token == name) {
            Some((_, own)) => Part::token(own),
            None => Part::literal("*"),
        },
        Segment::Tail(_) => Part::literal(">"),
    });
    allowed.collect()
}

/// The list of all tokens.
#[derive(Serialize)]
pub(super) struct TokensPage<'c> {
    title: &'static str,
    summary: &'static str,
    tokens: Vec<TokenEntry<'c>>,
}

#[derive(Serialize)]
struct TokenEntry<'c> {
    name: &'c str,
    link: Link,
    description: &'c str,
    pattern: Option<&'c str>,
    /// Whether it stands for one or more tokens at the end of a subject.
    is_tail: bool,
    members: Vec<&'c str>,
    example: Option<&'c str>,
    same_as: Option<Link>,
    /// Roles that it stands for.
    own: Vec<Link>,
}

pub(super) fn tokens<'c>(site: &'c Site<'c>) -> TokensPage<'c> {
    let tokens = site.contract.tokens.values().map(|token| TokenEntry {
        name: &token.name,
        link: Link::token(&token.name),
        description: trimmed(token.description.as_ref()),
        is_tail: token.tail,
        pattern: token.pattern.as_ref().map(|pattern| pattern.as_str()),
        members: token
            .members
            .iter()
            .flat_map(|members| members.iter())
            .map(|member| member.as_str())
            .collect(),
        example: token.example.as_ref().map(|example| example.as_str()),
        same_as: token.same_as.as_ref().map(|other| Link::token(other)),
        own: site
            .contract
            .roles
            .values()
            .filter(|role| role.own.iter().any(|own| own.value == token.name.value))
            .map(|role| Link::role(&role.name))
            .collect(),
    });
    TokensPage {
        title: "Tokens",
        summary: "The places in subjects that vary.",
        tokens: tokens.collect(),
    }
}

/// The list of publications.
#[derive(Serialize)]
pub(super) struct PublicationsPage<'c> {
    title: &'static str,
    summary: &'static str,
    publications: Vec<PublicationEntry<'c>>,
}

#[derive(Serialize)]
struct PublicationEntry<'c> {
    name: &'c str,
    link: Link,
    summary: &'c str,
    payload: Option<Link>,
    example: Option<&'c str>,
    roles: Vec<Link>,
    subjects: Vec<Heard<'c>>,
}

pub(super) fn publications<'c>(site: &'c Site<'c>) -> PublicationsPage<'c> {
    let entries = site.contract.publications.values().map(|publication| {
        let subjects = publication.subjects.iter();
        let subjects = subjects.filter_map(|name| site.contract.subjects.get(&name.value));
        let subjects: Vec<&Subject> = subjects.collect();
        // What all of them carry, where it does not say otherwise.
        let carried = subjects.first().map(|subject| subject.payload());
        let payload = publication.payload.as_ref().or(carried);
        PublicationEntry {
            name: &publication.name,
            link: Link::publication(&publication.name),
            summary: trimmed(publication.summary.as_ref()),
            payload: payload.map(|payload| Link::payload(payload)),
            example: payload.and_then(|payload| site.examples.full(payload)),
            roles: publication.publish.iter().map(|role| Link::role(role)).collect(),
            subjects: subjects.into_iter().map(heard).collect(),
        }
    });
    PublicationsPage {
        title: "Publications",
        summary: "What is published on several subjects at once.",
        publications: entries.collect(),
    }
}

fn heard(subject: &Subject) -> Heard<'_> {
    Heard {
        link: Link::subject(&subject.name),
        template: parts(&subject.template),
    }
}

/// The list of named subscriptions.
#[derive(Serialize)]
pub(super) struct SubscriptionsPage<'c> {
    title: &'static str,
    summary: &'static str,
    subscriptions: Vec<SubscriptionEntry<'c>>,
}

#[derive(Serialize)]
struct SubscriptionEntry<'c> {
    name: &'c str,
    link: Link,
    filter: &'c str,
    summary: &'c str,
    queue_group: Option<&'c str>,
    roles: Vec<Link>,
    heard: Vec<Heard<'c>>,
}

#[derive(Serialize)]
struct Heard<'c> {
    link: Link,
    template: Vec<Part<'c>>,
}

pub(super) fn subscriptions<'c>(site: &'c Site<'c>) -> SubscriptionsPage<'c> {
    let entries = site
        .contract
        .subscriptions
        .values()
        .map(|subscription| SubscriptionEntry {
            name: &subscription.name,
            link: Link::to(
                format!("subscriptions.html#{}", super::address::escaped(&subscription.name)),
                &subscription.name,
            ),
            filter: &subscription.filter,
            summary: trimmed(subscription.summary.as_ref()),
            queue_group: subscription.queue_group.as_ref().map(|group| group.as_str()),
            roles: subscription.subscribe.iter().map(|role| Link::role(role)).collect(),
            heard: site.contract.heard_by(&subscription.filter).map(heard).collect(),
        });
    SubscriptionsPage {
        title: "Subscriptions",
        summary: "Names for filters that hear several subjects.",
        subscriptions: entries.collect(),
    }
}
