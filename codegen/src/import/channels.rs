//! Channels and operations of both versions as one thing: who sends what where, and what comes back.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::document::{Document, text};

/// A channel with all that is done on it.
pub(super) struct Channel {
    /// Where it stands in the document.
    pub place: String,
    /// Its name there.
    pub id: String,
    /// Its address; `None` for one that is known only when messages travel.
    pub address: Option<String>,
    /// The channel itself.
    pub object: Map<String, Value>,
    /// Its messages by the name that the channel gives them.
    pub messages: IndexMap<String, Map<String, Value>>,
    /// The operations on it.
    pub operations: Vec<Operation>,
}

/// What one side does on a channel.
pub(super) struct Operation {
    /// Where it stands in the document.
    pub place: String,
    /// Whether the side sends, or receives.
    pub sends: bool,
    /// The operation itself.
    pub object: Map<String, Value>,
    /// The messages it is about; none for all of the channel.
    pub messages: Vec<String>,
    /// The place of the channel on which it is answered, if it is.
    pub reply: Option<String>,
}

/// All channels, with what no contract has a place for among the rest.
pub(super) fn channels(document: &Document<'_>, not_carried: &mut Vec<String>) -> Vec<Channel> {
    let mut channels: Vec<Channel> = document
        .named("channels")
        .map(|(id, channel)| self::channel(document, id, channel))
        .collect();
    if document.major == 3 {
        for (id, operation) in document.named("operations") {
            self::operation(document, id, operation, &mut channels, not_carried);
        }
    }
    for channel in &channels {
        let operations = channel
            .operations
            .iter()
            .map(|operation| (&operation.place, &operation.object));
        for (place, object) in operations.chain([(&channel.place, &channel.object)]) {
            if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                not_carried.push(format!(
                    "{place}: `{reference}` leads out of the document, so nobody knows all that it says"
                ));
            }
            let bindings = object.get("bindings").and_then(Value::as_object).into_iter().flatten();
            let others = bindings.filter(|(protocol, _)| *protocol != "nats");
            not_carried.extend(others.map(|(protocol, _)| format!("{place}/bindings/{protocol}: it is not of NATS")));
            let known = ["externalDocs", "security"];
            let known = known.iter().filter(|key| object.contains_key(**key));
            not_carried.extend(known.map(|key| format!("{place}/{key}: a contract has no place for it")));
        }
    }
    channels
}

fn channel(document: &Document<'_>, id: &str, value: &Value) -> Channel {
    let value = document
        .root
        .pointer(&format!("/channels/{}", step(id)))
        .map_or(value, |own| document.resolved(own));
    let mut object = value.as_object().cloned().unwrap_or_default();
    if let Some(Value::Object(parameters)) = object.get_mut("parameters") {
        for parameter in parameters.values_mut() {
            *parameter = Value::Object(document.with_traits_of(parameter));
        }
    }
    let mut channel = Channel {
        place: format!("channels/{id}"),
        id: id.to_owned(),
        address: match document.major {
            2 => Some(id.to_owned()),
            _ => text(&object, "address").map(str::to_owned),
        },
        messages: IndexMap::new(),
        operations: Vec::new(),
        object,
    };
    if document.major == 3 {
        let messages = value.get("messages").and_then(Value::as_object).into_iter().flatten();
        let messages = messages.map(|(name, message)| (name.clone(), document.with_traits_of(message)));
        channel.messages = messages.collect();
        return channel;
    }
    // Who publishes to an application of version 2 sends what the application receives.
    for (key, sends) in [("publish", false), ("subscribe", true)] {
        let Some(operation) = channel
            .object
            .get(key)
            .map(|operation| document.with_traits_of(operation))
        else {
            continue;
        };
        let place = format!("{}/{key}", channel.place);
        let message = operation.get("message").cloned().unwrap_or_default();
        let several = message.get("oneOf").and_then(Value::as_array).cloned();
        let mut names = Vec::new();
        for (number, message) in several.unwrap_or_else(|| vec![message]).iter().enumerate() {
            let reference = message.get("$ref").and_then(Value::as_str);
            let message = document.with_traits_of(message);
            let last = reference.and_then(|reference| reference.rsplit('/').next());
            let name = last
                .or_else(|| text(&message, "name"))
                .or_else(|| text(&message, "messageId"));
            let name = name.map_or_else(|| format!("{key}{number}"), str::to_owned);
            channel.messages.insert(name.clone(), message);
            names.push(name);
        }
        channel.operations.push(Operation {
            place,
            sends,
            object: operation,
            messages: names,
            reply: None,
        });
    }
    channel
}

fn operation(
    document: &Document<'_>,
    id: &str,
    value: &Value,
    channels: &mut [Channel],
    not_carried: &mut Vec<String>,
) {
    let object = document.with_traits_of(value);
    let place = format!("operations/{id}");
    let last = |value: &Value| {
        let reference = value.get("$ref").and_then(Value::as_str)?;
        Some(reference.rsplit('/').next()?.replace("~1", "/").replace("~0", "~"))
    };
    let target = object.get("channel").and_then(last);
    let Some(channel) = channels.iter_mut().find(|channel| Some(&channel.id) == target.as_ref()) else {
        not_carried.push(format!("{place}: its channel is not in the document"));
        return;
    };
    let messages = object.get("messages").and_then(Value::as_array).into_iter().flatten();
    let messages = messages.filter_map(last).collect();
    let reply = object.get("reply").map(|reply| document.with_traits_of(reply));
    let reply = reply.and_then(|reply| {
        if reply.contains_key("address") {
            not_carried.push(format!(
                "{place}/reply/address: who answers on NATS does so on the reply subject of the message"
            ));
        }
        let channel = reply.get("channel").and_then(last);
        if channel.is_none() {
            not_carried.push(format!(
                "{place}/reply: it names no channel, so nobody knows what is answered"
            ));
        }
        channel
    });
    channel.operations.push(Operation {
        sends: text(&object, "action") == Some("send"),
        place,
        messages,
        reply,
        object,
    });
}

/// A name as a step of a JSON pointer.
fn step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

impl Document<'_> {
    /// As [`Document::with_traits`], of a value that need not stand in the document.
    fn with_traits_of(&self, value: &Value) -> Map<String, Value> {
        let own = value
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| self.root.pointer(reference.strip_prefix('#')?));
        if let Some(own) = own {
            return self.with_traits(own);
        }
        let mut object = value.as_object().cloned().unwrap_or_default();
        let traits = object.shift_remove("traits");
        for more in traits.as_ref().and_then(Value::as_array).into_iter().flatten() {
            for (key, said) in self.with_traits_of(more) {
                object.entry(key).or_insert(said);
            }
        }
        object
    }
}
