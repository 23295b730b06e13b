//! Channels and what both sides do with them.

use serde_json::{Map, Value, json};

use super::messages::Messages;
use super::{Reference, object, set};
use crate::contract::{Answers, Contract, Discriminator, Part, Store, StoreKind, Subject, Template, Token};
use crate::source::Spanned;
use crate::words::duration;

/// The channels and the operations of a contract.
pub(super) struct Channels<'a, 'c> {
    pub contract: &'c Contract,
    pub messages: &'a mut Messages<'c>,
    pub by_name: Map<String, Value>,
    pub operations: Map<String, Value>,
}

/// The side of an operation: what it is called, what it does, and which roles do it.
struct Side<'s> {
    name: &'static str,
    action: &'static str,
    roles: &'s [Spanned<String>],
}

impl Channels<'_, '_> {
    /// A subject: its channel, for a request that of its answers, and an operation for each side.
    pub(super) fn subject(&mut self, subject: &Subject) {
        let id = subject.name.value.clone();
        let messages = self.messages.sent(subject);
        let keys: Vec<String> = messages.keys().cloned().collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let mut channel = self.channel(&subject.template, &subject.template.address(), Some(subject));
        channel.insert("messages".to_owned(), Value::Object(messages));
        channel.insert("tags".to_owned(), json!([{ "name": subject.module }]));
        set(&mut channel, "summary", subject.summary.as_deref());
        set(&mut channel, "description", subject.description.as_deref());
        channel.insert("x-natsmith".to_owned(), self.facts(subject));
        self.by_name.insert(id.clone(), Value::Object(channel));
        let reply = self.reply(subject);
        let (sends, receives) = if subject.is_request() {
            (("ask", subject.senders()), ("answer", subject.receivers()))
        } else {
            (("publish", subject.senders()), ("subscribe", subject.receivers()))
        };
        for (side, action) in [(sends, "send"), (receives, "receive")] {
            let (name, roles) = side;
            let mut operation = operation(&id, &keys, &Side { name, action, roles });
            set(&mut operation, "summary", subject.summary.as_deref());
            if let Some(group) = subject.queue_group.as_ref().filter(|_| action == "receive") {
                let binding = json!({ "nats": { "queue": group.value, "bindingVersion": "0.1.0" } });
                operation.insert("bindings".to_owned(), binding);
            }
            if let Some(reply) = &reply {
                operation.insert("reply".to_owned(), reply.clone());
            }
            self.operations.insert(format!("{id}.{name}"), Value::Object(operation));
        }
    }

    /// A bucket: the subjects of its keys, and who reads and writes them.
    pub(super) fn bucket(&mut self, bucket: &Store) {
        let StoreKind::KeyValue { value, .. } = &bucket.kind else {
            return;
        };
        let Some((key, message)) = self.messages.value(value) else {
            return;
        };
        let name = &bucket.name.value;
        let id = format!("kv.{name}.value");
        let address = format!("$KV.{name}.{}", bucket.key.address());
        let mut channel = self.channel(&bucket.key, &address, None);
        channel.insert("messages".to_owned(), json!({ key.as_str(): message }));
        channel.insert("tags".to_owned(), json!([{ "name": "kv" }]));
        set(&mut channel, "summary", bucket.summary.as_deref());
        channel.insert("x-natsmith".to_owned(), json!({ "kind": "kv", "bucket": name }));
        self.by_name.insert(id.clone(), Value::Object(channel));
        let sides = [
            Side {
                name: "write",
                action: "send",
                roles: &bucket.write,
            },
            Side {
                name: "read",
                action: "receive",
                roles: &bucket.read,
            },
        ];
        for side in sides {
            let operation = operation(&id, &[&key], &side);
            self.operations
                .insert(format!("kv.{name}.{}", side.name), Value::Object(operation));
        }
    }

    fn channel(&self, template: &Template, address: &str, subject: Option<&Subject>) -> Map<String, Value> {
        let mut channel = object(json!({ "address": address }));
        let parameters = parameters(self.contract, template, subject);
        if !parameters.is_empty() {
            channel.insert("parameters".to_owned(), Value::Object(parameters));
        }
        channel
    }

    /// What AsyncAPI has no word for.
    fn facts(&self, subject: &Subject) -> Value {
        let mut facts = object(json!({ "kind": if subject.is_request() { "request" } else { "event" } }));
        for (key, token) in [("sender", &subject.sender), ("receiver", &subject.receiver)] {
            set(&mut facts, key, token.as_ref().map(|token| token.as_str()));
        }
        if let Some(group) = &subject.queue_group {
            facts.insert("queueGroup".to_owned(), group.as_str().into());
        }
        if let Some(headers) = &subject.headers {
            facts.insert("headers".to_owned(), headers.as_str().into());
        }
        set(&mut facts, "error", subject.part(Part::Error));
        if let Some(answers) = subject.answers() {
            facts.extend(answered(answers));
        }
        if let Some(messages) = &subject.messages {
            let (by, what) = match &messages.by {
                Discriminator::Field(pointer) => ("field", pointer),
                Discriminator::Header(name) => ("header", name),
                Discriminator::Token(name) => ("token", name),
            };
            let of = messages.of.iter();
            let of: Map<String, Value> = of
                .map(|(kind, payload)| (kind.value.clone(), payload.as_str().into()))
                .collect();
            facts.insert("messages".to_owned(), json!({ "by": { by: what.value }, "of": of }));
        }
        let wildcard = subject.template.wildcard();
        let streams = self
            .contract
            .streams
            .values()
            .filter(|stream| stream.captures(&wildcard));
        let streams: Vec<&str> = streams.map(|stream| stream.name.as_str()).collect();
        if !streams.is_empty() {
            facts.insert("streams".to_owned(), streams.into());
        }
        Value::Object(facts)
    }

    /// The reply of a request; its answers come to an inbox, which has a channel without an address, or to a declared subject.
    fn reply(&mut self, subject: &Subject) -> Option<Value> {
        if let Answers::On(reply_on) = subject.answers()? {
            let channel = &reply_on.subject.value;
            let answer = self.contract.subjects.get(channel)?;
            let key = answer.part(Part::Payload)?;
            return Some(json!({
                "channel": Reference::channel(channel),
                "messages": [Reference::channel_message(channel, key)],
            }));
        }
        let parts = [Part::Reply, Part::Error].into_iter();
        let messages: Map<String, Value> = parts.filter_map(|part| self.messages.of(subject, part)).collect();
        let keys: Vec<String> = messages.keys().cloned().collect();
        let id = format!("{}.reply", subject.name.value);
        let channel = json!({
            "address": null,
            "summary": format!("The inbox to which `{}` is answered.", subject.name.value),
            "description": "Its subject is the reply subject of the request, which NATS carries beside subject, headers and payload.",
            "messages": messages,
            "tags": [{ "name": subject.module }],
            "x-natsmith": { "kind": "inbox", "request": subject.name.value },
        });
        self.by_name.insert(id.clone(), channel);
        Some(json!({
            "channel": Reference::channel(&id),
            "messages": keys.iter().map(|key| Reference::channel_message(&id, key)).collect::<Vec<_>>(),
        }))
    }
}

fn operation(channel: &str, messages: &[&str], side: &Side<'_>) -> Map<String, Value> {
    let references = messages.iter().map(|key| Reference::channel_message(channel, key));
    let tags = side.roles.iter().map(|role| json!({ "name": role.value }));
    object(json!({
        "action": side.action,
        "channel": Reference::channel(channel),
        "messages": references.collect::<Vec<_>>(),
        "tags": tags.collect::<Vec<_>>(),
        "x-natsmith": { "roles": side.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>() },
    }))
}

/// The tokens of a template.
pub(super) fn parameters(contract: &Contract, template: &Template, subject: Option<&Subject>) -> Map<String, Value> {
    let tokens = template
        .tokens()
        .filter_map(|name| Some((name, contract.tokens.get(name)?)));
    let parameters = tokens.map(|(name, token)| {
        let bound = subject.and_then(|subject| subject.bind.get(name));
        (
            name.to_owned(),
            parameter(token, bound.map(|binding| binding.pointer.as_str())),
        )
    });
    parameters.collect()
}

fn parameter(token: &Token, bound: Option<&str>) -> Value {
    let mut parameter = Map::new();
    set(&mut parameter, "description", token.description.as_deref());
    if let Some(members) = &token.members {
        let members: Vec<&str> = members.iter().map(|member| member.as_str()).collect();
        parameter.insert("enum".to_owned(), members.into());
    }
    if let Some(sample) = token.sample() {
        parameter.insert("examples".to_owned(), json!([sample]));
    }
    if let Some(pointer) = bound {
        parameter.insert("location".to_owned(), format!("$message.payload#{pointer}").into());
    }
    let mut extension = Map::new();
    set(
        &mut extension,
        "pattern",
        token.pattern.as_ref().map(|pattern| pattern.as_str()),
    );
    set(
        &mut extension,
        "sameAs",
        token.same_as.as_ref().map(|other| other.as_str()),
    );
    if token.tail {
        extension.insert("tail".to_owned(), true.into());
    }
    if !extension.is_empty() {
        parameter.insert("x-natsmith".to_owned(), Value::Object(extension));
    }
    Value::Object(parameter)
}

/// How a request is answered.
fn answered(answers: &Answers) -> Map<String, Value> {
    match answers {
        Answers::One { timeout } => timeout
            .iter()
            .map(|timeout| ("timeout".to_owned(), duration(*timeout).into()))
            .collect(),
        Answers::Many(replies) => {
            let mut many = Map::new();
            many.extend(
                replies
                    .expected
                    .map(|expected| ("expected".to_owned(), expected.into())),
            );
            many.insert("deadline".to_owned(), duration(replies.deadline).into());
            many.extend(
                replies
                    .silence
                    .map(|silence| ("silence".to_owned(), duration(silence).into())),
            );
            object(json!({ "replies": many }))
        }
        Answers::Streamed(streamed) => object(json!({
            "streamed": { "window": streamed.window, "silence": duration(streamed.silence) },
        })),
        Answers::On(reply_on) => {
            let mut on = object(json!({ "subject": reply_on.subject.value }));
            let tokens = reply_on.tokens.iter();
            let tokens: Map<String, Value> = tokens
                .map(|(token, binding)| (token.clone(), binding.pointer.as_str().into()))
                .collect();
            if !tokens.is_empty() {
                on.insert("tokens".to_owned(), Value::Object(tokens));
            }
            on.extend(correlated(reply_on).map(|correlate| ("correlate".to_owned(), correlate)));
            let mut facts = object(json!({ "replyOn": on }));
            facts.extend(
                reply_on
                    .timeout
                    .map(|timeout| ("timeout".to_owned(), duration(timeout).into())),
            );
            facts
        }
    }
}

fn correlated(reply_on: &crate::contract::ReplyOn) -> Option<Value> {
    use crate::contract::Correlation;
    match &reply_on.correlation {
        Correlation::Header => None,
        Correlation::Field { request, reply } => Some(json!({ "request": request.value, "reply": reply.value })),
        Correlation::Token { request, token } => Some(json!({ "request": request.value, "token": token.value })),
    }
}
