//! Programs that send and receive on a subject: what their templates are filled with.

mod answers;
mod notation;

use std::borrow::Cow;

use minijinja::Environment;
use serde::Serialize;
use serde_json::Value;

use super::site::Site;
use crate::casing;
use crate::contract::{Answers, Contract, Correlation, Discriminator, Messages, Pattern, Segment, Subject};
use crate::source::Spanned;
use answers::AnswerOn;
use notation::{python, raw, shell, steps};

/// What programs in any language need.
#[derive(Serialize)]
pub(super) struct Code {
    kind: &'static str,
    /// The filter that hears every subject.
    filter: String,
    queue_group: Option<String>,
    /// How long an asker waits, in milliseconds.
    timeout: u128,
    /// What is sent: one message, or one of each kind.
    sends: Vec<Sending>,
    /// What tells the kinds apart.
    told: Option<Told>,
    /// The headers that the contract types.
    typed_headers: Option<Typed>,
    /// What is answered.
    reply: Option<Text>,
    /// Where the answer travels, if that is a subject of the contract.
    answer_on: Option<AnswerOn>,
    /// The generated crate, as Rust names it.
    crate_name: String,
    /// The method of a role's client.
    method: String,
    reply_type: Option<String>,
    /// Whether a stream acknowledges what is published.
    persisted: bool,
    receive: Option<Client>,
}

/// One message as it is sent.
#[derive(Serialize)]
struct Sending {
    /// Its kind, where there are several.
    label: Option<String>,
    /// The variant of that kind.
    variant: Option<String>,
    subject: String,
    document: Text,
    /// The headers that a program sets itself: name and value.
    headers: Vec<(String, String)>,
    payload_type: String,
    client: Option<Client>,
}

/// What tells several messages apart.
#[derive(Serialize)]
struct Told {
    by: &'static str,
    name: String,
    /// The way to the field that says it.
    steps: String,
    /// The place of the token in the subject, from 0.
    place: Option<usize>,
    /// The type of all of them in Rust: the module, and its own name.
    module: String,
    ty: String,
}

/// A document in the notation of each language.
#[derive(Serialize)]
struct Text {
    json: String,
    python: String,
    /// In one line, as one word of a shell.
    shell: String,
    /// A byte string of Rust.
    rust: String,
}

/// A document of a type.
#[derive(Serialize)]
struct Typed {
    name: String,
    document: Text,
}

/// A role's client in Rust.
#[derive(Serialize)]
struct Client {
    role: String,
    variable: String,
    /// The values of the tokens that are its own.
    own: Vec<String>,
    /// The values of the tokens that its method asks for.
    arguments: Vec<String>,
}

/// Time enough where nothing is said.
const TIMEOUT: u128 = 5_000;

impl Code {
    pub(super) fn of(site: &Site<'_>, subject: &Subject) -> Self {
        let contract = site.contract;
        let (reply, timeout) = match &subject.pattern {
            Pattern::Event { .. } => (None, None),
            Pattern::Request { reply, answers, .. } => {
                let timeout = match answers {
                    Answers::One { timeout } => *timeout,
                    Answers::On(reply_on) => reply_on.timeout,
                    Answers::Many(replies) => Some(replies.deadline),
                    Answers::Streamed(streamed) => Some(streamed.silence),
                };
                (Some(reply), timeout)
            }
        };
        let sends = match &subject.messages {
            None => vec![sending(site, subject, None, subject.payload())],
            Some(messages) => {
                let of = messages.of.iter();
                of.map(|(kind, payload)| sending(site, subject, Some(kind), payload))
                    .collect()
            }
        };
        let first = values(site, subject, None, site.examples.short(subject.payload()));
        Self {
            kind: subject.kind(),
            filter: subject.template.wildcard(),
            queue_group: subject.queue_group.as_ref().map(|group| group.value.clone()),
            timeout: timeout
                .or(contract.connection.request_timeout)
                .map_or(TIMEOUT, |timeout| timeout.as_millis()),
            sends,
            told: subject.messages.as_ref().map(|messages| told(subject, messages)),
            typed_headers: subject.headers.as_ref().map(|name| Typed {
                name: name.value.clone(),
                document: text(site, name),
            }),
            reply: reply.map(|reply| text(site, reply)),
            answer_on: answers::on(site, subject),
            crate_name: contract.rust.crate_name.replace('-', "_"),
            method: identifier(&casing::snake(&subject.leaf)),
            reply_type: reply.map(|reply| reply.value.clone()),
            persisted: !subject.is_request() && !site.kept(subject).is_empty(),
            receive: client(contract, subject.receivers(), subject, &first),
        }
    }
}

/// One message of a subject, of a kind where there are several.
fn sending(site: &Site<'_>, subject: &Subject, kind: Option<&Spanned<String>>, payload: &Spanned<String>) -> Sending {
    let values = values(site, subject, kind, site.examples.short(payload));
    Sending {
        label: kind.map(|kind| kind.value.clone()),
        variant: kind.map(|kind| casing::pascal(kind)),
        subject: subject_of(subject, &values),
        document: text(site, payload),
        headers: headers(site, subject, kind, payload),
        payload_type: payload.value.clone(),
        client: client(site.contract, subject.senders(), subject, &values),
    }
}

fn told(subject: &Subject, messages: &Messages) -> Told {
    let (by, name) = match &messages.by {
        Discriminator::Field(pointer) => ("field", pointer),
        Discriminator::Header(name) => ("header", name),
        Discriminator::Token(name) => ("token", name),
    };
    let place = subject.template.segments.iter().position(|segment| match segment {
        Segment::Token(token) => by == "token" && *token == name.value,
        Segment::Literal(_) | Segment::Tail(_) => false,
    });
    Told {
        by,
        name: name.value.clone(),
        steps: steps(name),
        place,
        module: identifier(&casing::snake(&subject.module)),
        ty: format!("{}Message", casing::pascal(&subject.leaf)),
    }
}

/// The headers of a message: those that the contract types, and the one by which a stream knows it again.
fn headers(site: &Site<'_>, subject: &Subject, kind: Option<&Spanned<String>>, payload: &str) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    if let Some(Value::Object(members)) = subject.headers.as_ref().and_then(|name| short(site, name)) {
        headers.extend(members.into_iter().map(|(name, value)| (name, plain(&value))));
    }
    if let (Some(kind), Some(messages)) = (kind, &subject.messages)
        && let Discriminator::Header(name) = &messages.by
    {
        headers.push((name.value.clone(), kind.value.clone()));
    }
    let id = subject
        .message_id
        .as_ref()
        .and_then(|pointer| short(site, payload)?.pointer(&pointer.value).map(plain));
    headers.extend(id.map(|id| ("Nats-Msg-Id".to_owned(), id)));
    if let Some(Answers::On(reply_on)) = subject.answers()
        && matches!(reply_on.correlation, Correlation::Header)
    {
        headers.push(("Natsmith-Correlation-Id".to_owned(), "1".to_owned()));
    }
    headers
}

/// A short document of a payload.
fn short(site: &Site<'_>, payload: &str) -> Option<Value> {
    serde_json::from_str(site.examples.short(payload)?).ok()
}

/// A scalar as its text.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The subjects on which examples travel, one a line; `None` where that is the template itself.
pub(super) fn concrete(site: &Site<'_>, subject: &Subject) -> Option<String> {
    subject.template.tokens().next()?;
    let of = |kind: Option<&Spanned<String>>, payload: &str| {
        subject_of(subject, &values(site, subject, kind, site.examples.full(payload)))
    };
    let mut subjects: Vec<String> = match &subject.messages {
        None => vec![of(None, subject.payload())],
        Some(messages) => {
            let of_each = messages.of.iter();
            of_each.map(|(kind, payload)| of(Some(kind), payload)).collect()
        }
    };
    subjects.dedup();
    Some(subjects.join("\n"))
}

fn subject_of(subject: &Subject, values: &[(&str, String)]) -> String {
    let mut values = values.iter();
    let parts = subject.template.segments.iter().map(|segment| match segment {
        Segment::Literal(text) => text.as_str(),
        Segment::Token(name) | Segment::Tail(name) => values.next().map_or(name.as_str(), |(_, value)| value.as_str()),
    });
    parts.collect::<Vec<_>>().join(".")
}

/// A value for each token of a template, from left to right: what the document says, else one that the token accepts.
fn values<'s>(
    site: &Site<'_>,
    subject: &'s Subject,
    kind: Option<&Spanned<String>>,
    document: Option<&str>,
) -> Vec<(&'s str, String)> {
    let document: Option<Value> = document.and_then(|text| serde_json::from_str(text).ok());
    let tokens = subject.template.tokens().map(|token| {
        let tells = subject
            .messages
            .as_ref()
            .is_some_and(|messages| messages.are_told_by(token));
        let kind = kind.filter(|_| tells).map(|kind| kind.value.clone());
        let said = subject
            .bind
            .get(token)
            .and_then(|binding| document.as_ref()?.pointer(&binding.pointer.value).map(plain));
        let said = kind.or(said);
        (token, said.unwrap_or_else(|| sample(site.contract, token)))
    });
    tokens.collect()
}

/// A value of a token; its name where nobody has said one.
fn sample(contract: &Contract, token: &str) -> String {
    let declared = contract.tokens.get(token);
    declared.and_then(|token| token.sample()).unwrap_or(token).to_owned()
}

/// The client of the first of some roles.
fn client(
    contract: &Contract,
    roles: &[Spanned<String>],
    subject: &Subject,
    values: &[(&str, String)],
) -> Option<Client> {
    let role = contract.roles.get(&roles.first()?.value)?;
    let own_here = contract.own_tokens(role, subject, subject.sender.as_ref());
    let value = |token: &str| {
        let said = values.iter().find(|(name, _)| *name == token);
        let text = said.map_or_else(|| sample(contract, token), |(_, value)| value.clone());
        Value::from(text).to_string()
    };
    let own = role.own.iter().map(|own| {
        let here = own_here.iter().find(|(_, filled)| *filled == own.value);
        value(here.map_or(own.as_str(), |(token, _)| token))
    });
    let sends = subject.senders().iter().any(|name| name.value == role.name.value);
    let asked = subject
        .template
        .tokens()
        .filter(|token| sends && !subject.fills(token) && !own_here.iter().any(|(own, _)| own == token));
    let arguments = asked.map(|token| {
        let declared = contract.tokens.get(token);
        // An enum is copied, all else is lent.
        let lent = declared.is_none_or(|token| token.members.is_none());
        format!("{}{}.parse()?", if lent { "&" } else { "" }, value(token))
    });
    Some(Client {
        role: casing::pascal(&role.name),
        variable: identifier(&casing::snake(&role.name)),
        own: own.collect(),
        arguments: arguments.collect(),
    })
}

fn text(site: &Site<'_>, payload: &str) -> Text {
    let example = site.examples.short(payload).unwrap_or("{}");
    let document: Value = serde_json::from_str(example).unwrap_or_default();
    let json = serde_json::to_string_pretty(&document).unwrap_or_default();
    Text {
        python: python(&document, 0),
        shell: shell(&document.to_string()),
        rust: raw(&json),
        json,
    }
}

/// Adds `quoted`, for text in a program, and `shell`, for a word of a shell.
pub(super) fn add_filters(environment: &mut Environment<'static>) {
    environment.add_filter("quoted", |text: Cow<'_, str>| Value::from(text.as_ref()).to_string());
    environment.add_filter("shell", |text: Cow<'_, str>| shell(&text));
}

fn identifier(name: &str) -> String {
    if casing::is_never_raw(name) {
        format!("{name}_")
    } else if casing::is_keyword(name) {
        format!("r#{name}")
    } else {
        name.to_owned()
    }
}
