//! Subjects and tokens.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::channels::{Channel, Operation};
use super::document::{Document, text};
use super::schemas::Schemas;
use super::{extension, names};

/// The subjects and tokens of a contract, as its files declare them.
#[derive(Default)]
pub(super) struct Subjects {
    pub declared: Map<String, Value>,
    pub tokens: Map<String, Value>,
    /// The last parts of names, which one role can have only once.
    leaves: Vec<String>,
    /// The template of each subject, with the channel that it was.
    templates: BTreeMap<String, String>,
    /// The name of each channel's subject.
    names: BTreeMap<String, String>,
}

pub(super) fn subjects(
    document: &Document<'_>,
    channels: &[Channel],
    schemas: &mut Schemas<'_>,
    not_carried: &mut Vec<String>,
) -> Subjects {
    let mut subjects = Subjects::default();
    let inbox = |channel: &Channel| {
        let replies = channels.iter().flat_map(|other| &other.operations);
        replies
            .filter_map(|operation| operation.reply.as_ref())
            .any(|reply| *reply == channel.id)
    };
    let kind = |channel: &Channel| {
        channel
            .object
            .get("x-natsmith")
            .and_then(|own| own.get("kind"))
            .cloned()
    };
    for channel in channels {
        if kind(channel) == Some(json!("kv")) {
            // The bucket is declared by itself; its channel says what its keys and values are.
            let parameters = channel.object.get("parameters").and_then(Value::as_object);
            for (name, parameter) in parameters.into_iter().flatten() {
                subjects.token(name, parameter);
            }
            let values: Vec<&String> = channel.messages.keys().collect();
            payload(&channel.id, channel, &values, schemas, not_carried);
            continue;
        }
        let Some(address) = &channel.address else {
            if !inbox(channel) {
                not_carried.push(format!(
                    "{}: it has no address, and no request is answered on it",
                    channel.place
                ));
            }
            continue;
        };
        let name = subjects.name(document, channel, address);
        subjects.names.insert(channel.id.clone(), name);
    }
    for (name, parameter) in extension::object_tokens(document) {
        subjects.token(&name, parameter);
    }
    for channel in channels {
        if !subjects.names.contains_key(&channel.id) {
            continue;
        }
        let address = channel.address.as_deref().unwrap_or_default();
        subjects.subject(channel, address, channels, schemas, not_carried);
    }
    subjects
}

impl Subjects {
    /// A name with two parts: that of the channel where it has two, else one made of the address.
    fn name(&mut self, document: &Document<'_>, channel: &Channel, address: &str) -> String {
        let own = |part: &&str| names::snake(part) == **part;
        let parts: Vec<&str> = channel.id.split('.').collect();
        if let [module, leaf] = parts.as_slice()
            && own(module)
            && own(leaf)
            && document.major == 3
        {
            self.leaves.push((*leaf).to_owned());
            return format!("{module}.{leaf}");
        }
        let words = address
            .split(['/', '.'])
            .filter(|word| !word.is_empty() && !word.contains(['{', '*', '>', '#', '+']));
        let words: Vec<String> = words.map(names::snake).collect();
        let module = words.first().cloned().unwrap_or_else(|| "subjects".to_owned());
        let leaf = match words.get(1..) {
            Some(rest) if !rest.is_empty() => rest.join("_"),
            _ => names::snake(&channel.id)
                .trim_start_matches(&format!("{module}_"))
                .to_owned(),
        };
        format!("{module}.{}", names::free(names::snake(&leaf), &mut self.leaves))
    }

    fn subject(
        &mut self,
        channel: &Channel,
        address: &str,
        channels: &[Channel],
        schemas: &mut Schemas<'_>,
        not_carried: &mut Vec<String>,
    ) {
        let Some(template) = self.template(channel, address, not_carried) else {
            return;
        };
        if let Some(other) = self.templates.get(&template) {
            not_carried.push(format!("{}: its subject is that of {other}", channel.place));
            return;
        }
        let asked = channel
            .operations
            .iter()
            .find_map(|operation| operation.reply.as_ref().map(|reply| (operation, reply)));
        let sent = channel.operations.iter().flat_map(|operation| &operation.messages);
        let mut sent: Vec<&String> = sent.filter(|name| channel.messages.contains_key(*name)).collect();
        sent.dedup();
        if sent.is_empty() {
            sent = channel.messages.keys().collect();
        }
        let name = self.names.get(&channel.id).cloned().unwrap_or_default();
        let extension = channel.object.get("x-natsmith").cloned().unwrap_or_default();
        let told_apart = extension.get("messages");
        let payload = match told_apart {
            Some(_) => payloads(channel, &sent, schemas, not_carried).and_then(|all| all.into_iter().next()),
            None => payload(&name, channel, &sent, schemas, not_carried),
        };
        let Some(payload) = payload else {
            not_carried.push(format!("{}: it has no message", channel.place));
            return;
        };
        self.templates.insert(template.clone(), channel.place.clone());
        let mut subject = Map::from_iter([("subject".to_owned(), Value::from(template))]);
        for key in ["summary", "description"] {
            let operations = channel.operations.iter();
            let mut said = operations.filter_map(|operation| text(&operation.object, key));
            if let Some(text) = text(&channel.object, key).or_else(|| said.next()) {
                subject.insert(key.to_owned(), text.into());
            }
        }
        let sides = sides(channel, asked.is_some());
        match asked {
            None => match told_apart {
                Some(messages) => _ = subject.insert("messages".to_owned(), messages.clone()),
                None => _ = subject.insert("payload".to_owned(), payload.into()),
            },
            Some((operation, reply)) => {
                subject.insert("request".to_owned(), payload.into());
                self.answered(
                    &mut subject,
                    operation,
                    reply,
                    &extension,
                    channels,
                    schemas,
                    not_carried,
                );
            }
        }
        for (key, roles) in sides {
            if !roles.is_empty() {
                subject.insert(key.to_owned(), roles.into());
            }
        }
        let carried = [
            ("sender", "sender"),
            ("receiver", "receiver"),
            ("queueGroup", "queue_group"),
            ("timeout", "timeout"),
            ("replies", "replies"),
            ("streamed", "streamed"),
        ];
        for (theirs, ours) in carried {
            if let Some(value) = extension.get(theirs) {
                subject.insert(ours.to_owned(), value.clone());
            }
        }
        let group = channel
            .operations
            .iter()
            .find_map(|operation| operation.object.get("bindings")?.get("nats")?.get("queue"));
        if let Some(group) = group {
            subject.insert("queue_group".to_owned(), group.clone());
        }
        bind(channel, &mut subject);
        said_of_messages(channel, &sent, &mut subject, &extension, schemas, not_carried);
        self.declared.insert(name, Value::Object(subject));
    }

    #[allow(clippy::too_many_arguments, reason = "all that is known of a request")]
    fn answered(
        &self,
        subject: &mut Map<String, Value>,
        operation: &Operation,
        reply: &str,
        extension: &Value,
        channels: &[Channel],
        schemas: &mut Schemas<'_>,
        not_carried: &mut Vec<String>,
    ) {
        let answers = channels.iter().find(|channel| channel.id == reply);
        if let (Some(name), Some(answers)) = (self.names.get(reply), answers) {
            let mut on = Map::from_iter([("subject".to_owned(), Value::from(name.as_str()))]);
            for key in ["tokens", "correlate"] {
                on.extend(
                    extension
                        .get("replyOn")
                        .and_then(|on| on.get(key))
                        .map(|value| (key.to_owned(), value.clone())),
                );
            }
            if on.len() == 1
                && extension.get("replyOn").is_none()
                && answers
                    .messages
                    .values()
                    .any(|message| message.contains_key("correlationId"))
            {
                not_carried.push(format!("{}/reply: answers are told apart by the header `Natsmith-Correlation-Id`, until `correlate` says otherwise", operation.place));
            }
            subject.insert("reply_on".to_owned(), Value::Object(on));
            return;
        }
        let error = extension.get("error").and_then(Value::as_str);
        let names = answers.map(|answers| answers.messages.keys()).into_iter().flatten();
        let names: Vec<&String> = names.filter(|name| Some(name.as_str()) != error).collect();
        if let (Some(error), Some(answers)) = (error.map(str::to_owned), answers) {
            let error = payload(&error, answers, &[&error], schemas, not_carried);
            subject.extend(error.map(|error| ("error".to_owned(), error.into())));
        }
        let payload =
            answers.and_then(|answers| payload(&format!("{reply}.reply"), answers, &names, schemas, not_carried));
        let payload = payload.unwrap_or_else(|| {
            not_carried.push(format!(
                "{}/reply: it has no message, so any document will do",
                operation.place
            ));
            schemas.add("AnyReply", &operation.place, json!({}))
        });
        subject.insert("reply".to_owned(), payload.into());
    }

    /// The template of an address, and its tokens.
    fn template(&mut self, channel: &Channel, address: &str, not_carried: &mut Vec<String>) -> Option<String> {
        let separator = if address.contains('/') { '/' } else { '.' };
        if separator == '/' {
            let subject = address.trim_matches('/').replace('/', ".");
            not_carried.push(format!(
                "{}: NATS has dots between tokens, so it is `{subject}` there",
                channel.place
            ));
        }
        let parameters = channel.object.get("parameters").and_then(Value::as_object);
        let words: Vec<&str> = address.trim_matches('/').split(separator).collect();
        let mut segments = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let last = at + 1 == words.len();
            let whole = word
                .strip_prefix('{')
                .and_then(|word| word.strip_suffix('}'))
                .filter(|name| !name.contains(['{', '}']));
            let segment = match (*word, whole) {
                (_, Some(name)) => {
                    let parameter = parameters.and_then(|all| all.get(name)).cloned().unwrap_or_default();
                    let (token, tail) = self.token(name, &parameter);
                    if tail {
                        format!("{{{token}>}}")
                    } else {
                        format!("{{{token}}}")
                    }
                }
                ("*" | "+", _) => format!("{{{}}}", self.token(&format!("part{}", at + 1), &json!({})).0),
                (">" | "#", _) if last => format!(
                    "{{{}>}}",
                    self.token("rest", &json!({ "x-natsmith": { "tail": true } })).0
                ),
                (word, None) if word.contains(['{', '}']) => {
                    not_carried.push(format!(
                        "{}: a token is all between two dots, and `{word}` is only a part of it",
                        channel.place
                    ));
                    let pattern = format!("^{}$", parts_of(word));
                    format!(
                        "{{{}}}",
                        self.token(&names::snake(word), &json!({ "x-natsmith": { "pattern": pattern } }))
                            .0
                    )
                }
                (word, None)
                    if word.is_empty()
                        || word.contains(|c: char| c.is_whitespace() || c.is_control() || "*>#+".contains(c)) =>
                {
                    not_carried.push(format!("{}: `{word}` cannot be a part of a subject", channel.place));
                    return None;
                }
                (word, None) => word.to_owned(),
            };
            segments.push(segment);
        }
        Some(segments.join("."))
    }

    /// The token of a parameter: the one of its name, or another one where that accepts something else.
    fn token(&mut self, name: &str, parameter: &Value) -> (String, bool) {
        let schema = parameter.get("schema").unwrap_or(parameter);
        let own = parameter.get("x-natsmith").cloned().unwrap_or_default();
        let mut token = Map::new();
        if let Some(same_as) = own.get("sameAs").and_then(Value::as_str) {
            token.insert("same_as".to_owned(), names::snake(same_as).into());
        } else if let Some(listed) = schema.get("enum").and_then(Value::as_array) {
            let texts = listed
                .iter()
                .map(|text| text.as_str().map_or_else(|| text.to_string(), str::to_owned));
            token.insert("enum".to_owned(), texts.collect());
        } else if let Some(pattern) = own.get("pattern").or_else(|| schema.get("pattern")) {
            token.insert("pattern".to_owned(), pattern.clone());
        } else if schema.get("format").and_then(Value::as_str) == Some("uuid") {
            let pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";
            token.insert("pattern".to_owned(), pattern.into());
        }
        let description = parameter.get("description").and_then(Value::as_str);
        token.extend(description.map(|text| ("description".to_owned(), text.into())));
        let examples = [parameter.get("examples"), schema.get("examples")]
            .into_iter()
            .flatten();
        let example = examples
            .filter_map(Value::as_array)
            .flatten()
            .next()
            .and_then(Value::as_str);
        token.extend(example.map(|text| ("example".to_owned(), text.into())));
        let tail = own.get("tail") == Some(&json!(true));
        let accepts = |token: &Map<String, Value>| ["enum", "pattern", "same_as"].map(|key| token.get(key).cloned());
        let name = names::snake(name);
        let mut names = std::iter::once(name.clone()).chain((2..).map(|number| format!("{name}_{number}")));
        let fits = |name: &String| {
            let known = self.tokens.get(name).and_then(Value::as_object);
            known.is_none_or(|known| accepts(known) == accepts(&token))
        };
        let name = names.find(fits).unwrap_or(name);
        self.tokens.entry(name.clone()).or_insert(Value::Object(token));
        (name, tail)
    }
}

/// Headers, ids and keys.
fn said_of_messages(
    channel: &Channel,
    sent: &[&String],
    subject: &mut Map<String, Value>,
    extension: &Value,
    schemas: &mut Schemas<'_>,
    not_carried: &mut Vec<String>,
) {
    for name in sent {
        let Some(message) = channel.messages.get(*name) else {
            continue;
        };
        let place = format!("{}/messages/{name}", channel.place);
        let own = message.get("x-natsmith").cloned().unwrap_or_default();
        for (theirs, ours) in [("messageId", "message_id"), ("idempotencyKey", "idempotency_key")] {
            subject.extend(own.get(theirs).map(|pointer| (ours.to_owned(), pointer.clone())));
        }
        let known = extension.get("kind").is_some();
        if message.contains_key("correlationId") && !known {
            not_carried.push(format!(
                "{place}/correlationId: say it with `idempotency_key` or `reply_on`"
            ));
        }
        let Some(headers) = message.get("headers") else {
            continue;
        };
        if let Some(payload) = extension.get("headers").and_then(Value::as_str) {
            let schema = json!({ "$ref": format!("#/components/schemas/{payload}") });
            let payload = schemas.add(payload, &place, schema);
            // Those that natsmith writes are the same in every example.
            schemas.examples(&payload, message, "headers", 1);
            subject.insert("headers".to_owned(), payload.into());
        } else if !known {
            if sent.len() > 1 {
                not_carried.push(format!(
                    "{place}/headers: several messages of one subject have their own"
                ));
            } else {
                let payload = schemas.add(&format!("{}Headers", names::pascal(name)), &place, headers.clone());
                schemas.examples(&payload, message, "headers", usize::MAX);
                subject.insert("headers".to_owned(), payload.into());
            }
        }
    }
}

/// The payload of all messages of a channel: that of the one, or any of several.
fn payload(
    name: &str,
    channel: &Channel,
    messages: &[&String],
    schemas: &mut Schemas<'_>,
    not_carried: &mut Vec<String>,
) -> Option<String> {
    let payloads = payloads(channel, messages, schemas, not_carried)?;
    if let [_, _, ..] = payloads.as_slice() {
        let files = payloads
            .iter()
            .map(|payload| json!({ "$ref": format!("#/payloads/{payload}") }));
        let any = json!({ "anyOf": files.collect::<Vec<_>>() });
        return Some(schemas.add(&format!("{}Message", names::pascal(name)), &channel.place, any));
    }
    payloads.into_iter().next()
}

/// The payload of each message of a channel, those that are the same once.
fn payloads(
    channel: &Channel,
    messages: &[&String],
    schemas: &mut Schemas<'_>,
    not_carried: &mut Vec<String>,
) -> Option<Vec<String>> {
    let mut payloads = Vec::new();
    for key in messages {
        let message = channel.messages.get(*key)?;
        let wanted = text(message, "name").unwrap_or(key);
        let place = format!("{}/messages/{key}", channel.place);
        let payload = schemas.of_message(wanted, &place, message, not_carried);
        if !payloads.contains(&payload) {
            payloads.push(payload);
        }
    }
    Some(payloads)
}

/// The keys of both sides, with their roles.
fn sides(channel: &Channel, asked: bool) -> [(&'static str, Vec<Value>); 2] {
    let (sends, receives) = if asked {
        ("ask", "answer")
    } else {
        ("publish", "subscribe")
    };
    let mut sides = [(sends, Vec::new()), (receives, Vec::new())];
    for operation in &channel.operations {
        let own = operation
            .object
            .get("x-natsmith")
            .and_then(|own| own.get("roles"))
            .and_then(Value::as_array);
        let (here, there) = if operation.sends { (0, 1) } else { (1, 0) };
        let mut add = |side: usize, role: &Value| {
            if let Some((_, roles)) = sides.get_mut(side)
                && !roles.contains(role)
            {
                roles.push(role.clone());
            }
        };
        if let Some(roles) = own {
            for role in roles {
                add(here, role);
            }
        } else {
            add(here, &json!("application"));
            add(there, &json!("peer"));
        }
    }
    sides
}

/// Tokens that repeat a field of the payload.
fn bind(channel: &Channel, subject: &mut Map<String, Value>) {
    let parameters = channel
        .object
        .get("parameters")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let bound = parameters.filter_map(|(name, parameter)| {
        let pointer = parameter.get("location")?.as_str()?.strip_prefix("$message.payload#")?;
        Some((names::snake(name), Value::from(pointer)))
    });
    let bound: Map<String, Value> = bound.collect();
    if !bound.is_empty() {
        subject.insert("bind".to_owned(), Value::Object(bound));
    }
}

/// A regular expression for text with parameters in it.
fn parts_of(word: &str) -> String {
    let mut pattern = String::new();
    for (at, part) in word.split(['{', '}']).enumerate() {
        // Every second part stood in braces.
        pattern.push_str(&if at % 2 == 0 {
            regex::escape(part)
        } else {
            "[^.]+".to_owned()
        });
    }
    pattern
}
