//! Programs that send and receive on a subject: what their templates are filled with.

use std::borrow::Cow;
use std::fmt::Write as _;

use minijinja::Environment;
use serde::Serialize;
use serde_json::Value;

use super::site::Site;
use crate::casing;
use crate::contract::{Answers, Contract, Discriminator, Pattern, Role, Segment, Subject};
use crate::source::Spanned;

/// What programs in any language need.
#[derive(Serialize)]
pub(super) struct Code {
    kind: &'static str,
    /// A subject to send on.
    subject: String,
    /// The filter that hears every subject.
    filter: String,
    queue_group: Option<String>,
    /// How long an asker waits, in milliseconds.
    timeout: u128,
    /// What is sent.
    document: Text,
    /// The headers that a program sets itself: name and value.
    headers: Vec<(String, String)>,
    /// The headers that the contract types.
    typed_headers: Option<Typed>,
    /// What is answered.
    reply: Option<Text>,
    /// Where the answer travels, if that is a subject of the contract.
    answer_on: Option<Place>,
    /// The generated crate, as Rust names it.
    crate_name: String,
    /// The method of a role's client.
    method: String,
    payload_type: String,
    /// Where there are several messages: the type of all of them, from the crate's root, and the variant of this one.
    message: Option<Variant>,
    reply_type: Option<String>,
    /// Whether a stream acknowledges what is published.
    persisted: bool,
    send: Option<Client>,
    receive: Option<Client>,
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

/// A subject and the filter that hears all of its kind.
#[derive(Serialize)]
struct Place {
    subject: String,
    filter: String,
}

/// One of several messages.
#[derive(Serialize)]
struct Variant {
    ty: String,
    name: String,
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
        let values = values(site, subject, site.examples.short(subject.payload()));
        let client = |roles: &[Spanned<String>]| {
            let role = roles.first().and_then(|name| contract.roles.get(&name.value))?;
            Some(client(contract, role, subject, &values))
        };
        Self {
            kind: subject.kind(),
            subject: subject_of(subject, &values),
            filter: subject.template.wildcard(),
            queue_group: subject.queue_group.as_ref().map(|group| group.value.clone()),
            timeout: timeout
                .or(contract.connection.request_timeout)
                .map_or(TIMEOUT, |timeout| timeout.as_millis()),
            document: text(site, subject.payload()),
            headers: headers(site, subject),
            typed_headers: subject.headers.as_ref().map(|name| Typed {
                name: name.value.clone(),
                document: text(site, name),
            }),
            reply: reply.map(|reply| text(site, reply)),
            answer_on: answer_on(site, subject),
            crate_name: contract.rust.crate_name.replace('-', "_"),
            method: identifier(&casing::snake(&subject.leaf)),
            message: subject.messages.as_ref().and_then(|messages| {
                let (kind, _) = messages.of.first()?;
                let module = identifier(&casing::snake(&subject.module));
                Some(Variant {
                    ty: format!("subjects::{module}::{}Message", casing::pascal(&subject.leaf)),
                    name: casing::pascal(kind),
                })
            }),
            payload_type: subject.payload().value.clone(),
            reply_type: reply.map(|reply| reply.value.clone()),
            persisted: !subject.is_request() && !site.kept(subject).is_empty(),
            send: client(subject.senders()),
            receive: client(subject.receivers()),
        }
    }
}

/// Where the answer to a request travels.
fn answer_on(site: &Site<'_>, subject: &Subject) -> Option<Place> {
    let Some(Answers::On(reply_on)) = subject.answers() else {
        return None;
    };
    let event = site.contract.subjects.get(&reply_on.subject.value)?;
    let values = values(site, event, site.examples.short(event.payload()));
    Some(Place {
        subject: subject_of(event, &values),
        filter: event.template.wildcard(),
    })
}

/// The headers of a message: those that the contract types, and the one by which a stream knows it again.
fn headers(site: &Site<'_>, subject: &Subject) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    if let Some(Value::Object(members)) = subject.headers.as_ref().and_then(|name| short(site, name)) {
        headers.extend(members.into_iter().map(|(name, value)| (name, plain(&value))));
    }
    if let Some(messages) = &subject.messages
        && let (Discriminator::Header(name), Some((kind, _))) = (&messages.by, messages.of.first())
    {
        headers.push((name.value.clone(), kind.value.clone()));
    }
    let id = subject.message_id.as_ref().and_then(|pointer| {
        let document = short(site, subject.payload())?;
        document.pointer(&pointer.value).map(plain)
    });
    headers.extend(id.map(|id| ("Nats-Msg-Id".to_owned(), id)));
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

/// The subject on which the example travels; `None` where that is the template itself.
pub(super) fn concrete(site: &Site<'_>, subject: &Subject) -> Option<String> {
    subject.template.tokens().next()?;
    let values = values(site, subject, site.examples.full(subject.payload()));
    Some(subject_of(subject, &values))
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
fn values<'s>(site: &Site<'_>, subject: &'s Subject, document: Option<&str>) -> Vec<(&'s str, String)> {
    let document: Option<Value> = document.and_then(|text| serde_json::from_str(text).ok());
    let tokens = subject.template.tokens().map(|token| {
        let kind = subject.messages.as_ref().filter(|messages| messages.are_told_by(token));
        let kind = kind.and_then(|messages| messages.of.first());
        let said = subject
            .bind
            .get(token)
            .and_then(|binding| document.as_ref()?.pointer(&binding.pointer.value).map(plain));
        let said = kind.map(|(kind, _)| kind.value.clone()).or(said);
        (token, said.unwrap_or_else(|| sample(site.contract, token)))
    });
    tokens.collect()
}

/// A value of a token; its name where nobody has said one.
fn sample(contract: &Contract, token: &str) -> String {
    let declared = contract.tokens.get(token);
    declared.and_then(|token| token.sample()).unwrap_or(token).to_owned()
}

fn client(contract: &Contract, role: &Role, subject: &Subject, values: &[(&str, String)]) -> Client {
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
    Client {
        role: casing::pascal(&role.name),
        variable: identifier(&casing::snake(&role.name)),
        own: own.collect(),
        arguments: arguments.collect(),
    }
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

/// One word of a shell.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A value in Python's notation.
fn python(value: &Value, depth: usize) -> String {
    let indent = "    ".repeat(depth + 1);
    let close = "    ".repeat(depth);
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Array(items) if !items.is_empty() => {
            let items = items
                .iter()
                .map(|item| format!("{indent}{},\n", python(item, depth + 1)));
            format!("[\n{}{close}]", items.collect::<String>())
        }
        Value::Object(members) if !members.is_empty() => {
            let members = members.iter().map(|(name, value)| {
                format!(
                    "{indent}{}: {},\n",
                    Value::from(name.as_str()),
                    python(value, depth + 1)
                )
            });
            format!("{{\n{}{close}}}", members.collect::<String>())
        }
        scalar => scalar.to_string(),
    }
}

/// A raw byte string of Rust, which holds nothing but ASCII.
fn raw(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            ascii.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _ = write!(ascii, "\\u{unit:04x}");
        }
    }
    let mut hashes = "#".to_owned();
    while ascii.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("br{hashes}\"{ascii}\"{hashes}")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_in_other_notations() {
        let document = serde_json::json!({ "a": [true, null, 1.5], "b": {}, "c": "it's" });
        let expected = "{\n    \"a\": [\n        True,\n        None,\n        1.5,\n    ],\n    \"b\": {},\n    \"c\": \"it's\",\n}";
        assert_eq!(python(&document, 0), expected);
        assert_eq!(raw("\"gr\u{fc}n\""), "br#\"\"gr\\u00fcn\"\"#");
        assert_eq!(raw("\"#\""), "br##\"\"#\"\"##");
        assert_eq!(raw("\"\u{1f600}\""), "br#\"\"\\ud83d\\ude00\"\"#");
    }
}
