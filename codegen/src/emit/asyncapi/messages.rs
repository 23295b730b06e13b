//! Messages: payload, headers, how answers find their questions, examples.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::super::described::Described;
use super::schemas::Schemas;
use super::{Reference, object};
use crate::contract::{Answers, Contract, Correlation, Part, Subject};

/// All messages, those that are the same once.
pub(super) struct Messages<'c> {
    contract: &'c Contract,
    payloads: IndexMap<&'c str, &'c Described<'c>>,
    schemas: &'c Schemas,
    /// The messages under `components`.
    pub components: Map<String, Value>,
}

impl<'c> Messages<'c> {
    pub(super) fn new(contract: &'c Contract, payloads: &'c [Described<'c>], schemas: &'c Schemas) -> Self {
        let payloads = payloads
            .iter()
            .map(|described| (described.payload.name.as_str(), described));
        Self {
            contract,
            payloads: payloads.collect(),
            schemas,
            components: Map::new(),
        }
    }

    /// The messages that a subject carries: their keys in the channel, and the references to them.
    pub(super) fn sent(&mut self, subject: &Subject) -> Map<String, Value> {
        let payloads = subject.payloads();
        let messages = payloads
            .iter()
            .filter_map(|payload| self.with(subject, Part::Payload, payload));
        messages.collect()
    }

    /// The message of a part of a subject: its key in the channel, and the reference to it.
    pub(super) fn of(&mut self, subject: &Subject, part: Part) -> Option<(String, Value)> {
        self.with(subject, part, subject.part(part)?)
    }

    fn with(&mut self, subject: &Subject, part: Part, payload: &str) -> Option<(String, Value)> {
        let mut message = self.plain(payload)?;
        let mut extension = Map::new();
        let headers = headers(subject, part, &mut message);
        if let Some(correlation) = self.correlation(subject, part) {
            message.insert("correlationId".to_owned(), correlation);
        }
        if part == Part::Payload {
            let pointers = [
                ("messageId", &subject.message_id),
                ("idempotencyKey", &subject.idempotency_key),
            ];
            for (key, pointer) in pointers {
                extension.extend(pointer.iter().map(|pointer| (key.to_owned(), pointer.as_str().into())));
            }
        }
        if !headers && extension.is_empty() && !message.contains_key("correlationId") {
            return Some((payload.to_owned(), self.component(payload.to_owned(), message)));
        }
        if let Some(Value::Object(own)) = message.get_mut("x-natsmith") {
            own.extend(extension);
        }
        if let Some(headers) = &subject.headers
            && part == Part::Payload
            && let Some(described) = self.payloads.get(headers.as_str())
            && let Some((_, document)) = described.examples.first()
            && let Some(Value::Array(examples)) = message.get_mut("examples")
        {
            for example in examples.iter_mut().filter_map(Value::as_object_mut) {
                example.insert("headers".to_owned(), (*document).clone());
            }
        }
        let part = if subject.messages.is_some() {
            payload
        } else {
            part.as_str()
        };
        let key = format!("{}.{part}", subject.name.value);
        Some((payload.to_owned(), self.component(key, message)))
    }

    /// A message that is nothing but its payload.
    pub(super) fn value(&mut self, payload: &str) -> Option<(String, Value)> {
        let message = self.plain(payload)?;
        Some((payload.to_owned(), self.component(payload.to_owned(), message)))
    }

    fn component(&mut self, key: String, message: Map<String, Value>) -> Value {
        let reference = Reference::component("messages", &key);
        self.components.entry(key).or_insert(Value::Object(message));
        reference
    }

    fn plain(&self, payload: &str) -> Option<Map<String, Value>> {
        let described = self.payloads.get(payload)?;
        let examples = described.examples.iter().map(|(name, document)| {
            let mut example = Map::new();
            example.insert("name".to_owned(), (*name).into());
            example.insert("payload".to_owned(), (*document).clone());
            Value::Object(example)
        });
        let examples: Vec<Value> = examples.collect();
        let mut message = object(json!({
            "name": payload,
            "title": described.title,
            "summary": described.description.lines().next().unwrap_or_default(),
            "contentType": "application/json",
            "payload": Reference::component("schemas", payload),
        }));
        if !examples.is_empty() {
            message.insert("examples".to_owned(), examples.into());
        }
        let mut extension = object(json!({ "schema": self.contract.schema_id(described.payload) }));
        if let Some(left_out) = self.schemas.left_out.get(payload) {
            extension.insert("leftOut".to_owned(), json!(left_out));
        }
        message.insert("x-natsmith".to_owned(), Value::Object(extension));
        Some(message)
    }

    /// Where a message says to which question it belongs.
    fn correlation(&self, subject: &Subject, part: Part) -> Option<Value> {
        if part == Part::Headers {
            return None;
        }
        let said =
            |location: String, description: &str| Some(json!({ "description": description, "location": location }));
        if let Some(Answers::On(reply_on)) = subject.answers().filter(|_| part == Part::Payload) {
            let description = "What the answer repeats.";
            return match &reply_on.correlation {
                Correlation::Header => said("$message.header#/Natsmith-Correlation-Id".to_owned(), description),
                Correlation::Field { request, .. } | Correlation::Token { request, .. } => {
                    said(format!("$message.payload#{}", request.value), description)
                }
            };
        }
        let asked = self
            .contract
            .subjects
            .values()
            .find_map(|question| match question.answers() {
                Some(Answers::On(reply_on)) if reply_on.subject.value == subject.name.value => Some(reply_on),
                _ => None,
            });
        match asked.map(|reply_on| &reply_on.correlation) {
            Some(Correlation::Header) => said(
                "$message.header#/Natsmith-Correlation-Id".to_owned(),
                "The id of the question that is answered.",
            ),
            Some(Correlation::Field { reply, .. }) => said(
                format!("$message.payload#{}", reply.value),
                "The id of the question that is answered.",
            ),
            Some(Correlation::Token { .. }) | None => {
                let pointer = subject.idempotency_key.as_ref().filter(|_| part == Part::Payload)?;
                said(
                    format!("$message.payload#{}", pointer.value),
                    "Two requests that say the same are the same request.",
                )
            }
        }
    }
}

/// Adds the headers of a message; says whether there are any.
fn headers(subject: &Subject, part: Part, message: &mut Map<String, Value>) -> bool {
    let mut properties = Map::new();
    let mut required = Vec::new();
    let mut add = |name: &str, needed: bool, schema: Value| {
        properties.insert(name.to_owned(), schema);
        if needed {
            required.push(name.to_owned());
        }
    };
    if let Some(pointer) = subject.message_id.as_ref().filter(|_| part == Part::Payload) {
        let description = format!(
            "`{}` of the payload, by which a stream knows a message that comes twice.",
            pointer.value
        );
        add(
            "Nats-Msg-Id",
            true,
            json!({ "type": "string", "description": description }),
        );
    }
    match subject.answers() {
        Some(Answers::Streamed(_)) if part == Part::Payload => {
            let description = "The number of the last chunk that may be sent before more is allowed.";
            add(
                "Natsmith-Credit",
                true,
                json!({ "type": "string", "pattern": "^[0-9]+$", "description": description }),
            );
        }
        Some(Answers::Streamed(_)) if part == Part::Reply => {
            let description = "The number of this chunk, from 1; at the end, one more than that of the last chunk.";
            add(
                "Natsmith-Sequence",
                true,
                json!({ "type": "string", "pattern": "^[0-9]+$", "description": description }),
            );
            let description = "Marks the end, which carries no payload.";
            add(
                "Natsmith-End",
                false,
                json!({ "type": "string", "enum": ["complete"], "description": description }),
            );
        }
        Some(Answers::On(reply_on)) if part == Part::Payload && matches!(reply_on.correlation, Correlation::Header) => {
            let description = "An id of this question, which its answer repeats.";
            add(
                "Natsmith-Correlation-Id",
                true,
                json!({ "type": "string", "description": description }),
            );
        }
        _ => {}
    }
    let typed = subject.headers.as_ref().filter(|_| part == Part::Payload);
    if properties.is_empty() && typed.is_none() {
        return false;
    }
    let mut schema = object(json!({ "type": "object" }));
    if let Some(payload) = typed {
        schema.insert("allOf".to_owned(), json!([Reference::component("schemas", payload)]));
    }
    if !properties.is_empty() {
        schema.insert("properties".to_owned(), Value::Object(properties));
    }
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    let schema = match typed {
        Some(payload) if schema.len() == 2 => Reference::component("schemas", payload),
        _ => Value::Object(schema),
    };
    message.insert("headers".to_owned(), schema);
    true
}
