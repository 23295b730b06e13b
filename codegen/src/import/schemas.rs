//! The schemas of messages, as files of a contract.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::document::Document;
use super::names;
use crate::casing;
use crate::contract::payload::Shape;
use crate::to_yaml;

/// Where schemas that no message is made of stand.
const COMMON: &str = "common.schema.yaml";

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Keywords of AsyncAPI and OpenAPI that JSON Schema does not have.
const FOREIGN: [&str; 4] = ["discriminator", "externalDocs", "xml", "nullable"];

/// The payloads of a contract while it is made.
pub(super) struct Schemas<'d> {
    document: &'d Document<'d>,
    /// Each payload with its schema, and the place that it comes from.
    payloads: BTreeMap<String, (Value, String)>,
    /// Under which payload's name a schema under `components` is a file of its own.
    by_component: BTreeMap<String, String>,
    taken: Vec<String>,
    examples: BTreeMap<String, String>,
}

impl<'d> Schemas<'d> {
    pub(super) fn new(document: &'d Document<'d>) -> Self {
        Self {
            document,
            payloads: BTreeMap::new(),
            by_component: BTreeMap::new(),
            taken: vec!["Common".to_owned()],
            examples: BTreeMap::new(),
        }
    }

    /// The payload of a message, by the name that it gets.
    pub(super) fn of_message(
        &mut self,
        name: &str,
        place: &str,
        message: &Map<String, Value>,
        not_carried: &mut Vec<String>,
    ) -> String {
        if let Some(reference) = message.get("$ref").and_then(Value::as_str) {
            not_carried.push(format!(
                "{place}: `{reference}` leads out of the document, so nobody knows all that it says"
            ));
        }
        let mut schema = message.get("payload").cloned().unwrap_or_else(|| json!({}));
        let formats = [schema.get("schemaFormat"), message.get("schemaFormat")];
        let format = formats
            .into_iter()
            .flatten()
            .find_map(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        if let Some(inner) = schema.get("schema").filter(|_| schema.get("schemaFormat").is_some()) {
            schema = inner.clone();
        }
        let json = format.is_empty() || format.contains("aai.asyncapi") || format.contains("schema+");
        if !json {
            not_carried.push(format!(
                "{place}/payload: `{format}` is no JSON Schema, so any document will do"
            ));
            schema = json!({});
        }
        if let Some(kind) = message
            .get("contentType")
            .and_then(Value::as_str)
            .filter(|kind| !kind.contains("json"))
        {
            not_carried.push(format!("{place}/contentType: messages are JSON, and not `{kind}`"));
        }
        let payload = self.add(name, place, schema);
        let left_out = message.get("x-natsmith").and_then(|own| own.get("leftOut")?.as_array());
        for left_out in left_out.into_iter().flatten().filter_map(Value::as_str) {
            let line = format!(
                "components/schemas/{payload}: its JSON Schema also has `{left_out}`, which AsyncAPI cannot say"
            );
            if !not_carried.contains(&line) {
                not_carried.push(line);
            }
        }
        self.examples(&payload, message, "payload", usize::MAX);
        payload
    }

    /// The first documents of a payload among the examples of a message, of which they are the payload or the headers.
    pub(super) fn examples(&mut self, payload: &str, message: &Map<String, Value>, key: &str, first: usize) {
        let examples = message.get("examples").and_then(Value::as_array).into_iter().flatten();
        for (number, example) in examples.enumerate().take(first) {
            let Some(document) = example.get(key) else {
                continue;
            };
            let name = example.get("name").and_then(Value::as_str).map(names::file);
            let name = name.unwrap_or_else(|| format!("example-{}", number + 1));
            let path = format!("examples/{payload}/valid/{name}.json");
            self.examples.entry(path).or_insert_with(|| format!("{document:#}\n"));
        }
    }

    /// A schema under `components` as a payload of its own.
    pub(super) fn payload(&mut self, component: &str) {
        let schema = json!({ "$ref": format!("#/components/schemas/{component}") });
        self.add(component, "", schema);
    }

    /// A schema as a payload of its own; its name.
    pub(super) fn add(&mut self, name: &str, place: &str, schema: Value) -> String {
        let component = schema.get("$ref").and_then(Value::as_str);
        let component = component.and_then(|reference| reference.strip_prefix("#/components/schemas/"));
        let component = component
            .filter(|component| !component.contains('/'))
            .map(str::to_owned);
        if let Some(component) = component {
            if let Some(payload) = self.by_component.get(&component) {
                return payload.clone();
            }
            let payload = names::free(names::pascal(&component), &mut self.taken);
            self.by_component.insert(component.clone(), payload.clone());
            let schema = self.component(&component).cloned().unwrap_or_else(|| json!({}));
            self.payloads
                .insert(payload.clone(), (schema, format!("components/schemas/{component}")));
            return payload;
        }
        // The same schema of the same name is the same payload.
        let wanted = names::pascal(name);
        if self.payloads.get(&wanted).is_some_and(|(known, _)| *known == schema) {
            return wanted;
        }
        let payload = names::free(wanted, &mut self.taken);
        self.payloads.insert(payload.clone(), (schema, place.to_owned()));
        payload
    }

    /// Writes the files.
    pub(super) fn finish(mut self, files: &mut BTreeMap<String, String>, not_carried: &mut Vec<String>) {
        let mut waiting: Vec<String> = Vec::new();
        let mut common: BTreeMap<String, Value> = BTreeMap::new();
        for (payload, (schema, place)) in std::mem::take(&mut self.payloads) {
            let mut converter = Converter {
                schemas: &self,
                within: false,
                waiting: &mut waiting,
                not_carried,
            };
            let schema = converter.converted(&schema, &place);
            let file = names::snake(&payload);
            // A title in one word of letters would name the payload, and so does the file.
            let title = schema.get("title").and_then(Value::as_str);
            let title = title.filter(|title| !casing::is_pascal(title) && casing::pascal(&file) == payload);
            let mut titled = Map::from_iter([
                ("$schema".to_owned(), Value::from(DRAFT)),
                ("title".to_owned(), Value::from(title.unwrap_or(&payload))),
            ]);
            match schema {
                Value::Object(schema) => {
                    titled.extend(schema.into_iter().filter(|(key, _)| key != "title" && key != "$schema"));
                }
                Value::Bool(false) => _ = titled.insert("not".to_owned(), json!({})),
                _ => {}
            }
            files.insert(
                format!("payloads/{file}.schema.yaml"),
                to_yaml::document(&Value::Object(titled)),
            );
        }
        while let Some(component) = waiting.pop() {
            if common.contains_key(&component) {
                continue;
            }
            let Some(schema) = self.component(&component).cloned() else {
                continue;
            };
            let mut converter = Converter {
                schemas: &self,
                within: true,
                waiting: &mut waiting,
                not_carried,
            };
            let schema = converter.converted(&schema, &format!("components/schemas/{component}"));
            common.insert(component, schema);
        }
        if !common.is_empty() {
            let definitions: Map<String, Value> = common.into_iter().collect();
            let schema = json!({ "$schema": DRAFT, "title": "Common", "$defs": definitions });
            files.insert(format!("payloads/{COMMON}"), to_yaml::document(&schema));
        }
        files.append(&mut self.examples);
    }

    fn component(&self, name: &str) -> Option<&'d Value> {
        self.document.root.get("components")?.get("schemas")?.get(name)
    }
}

/// Makes a schema of a file of it.
struct Converter<'s, 'd> {
    schemas: &'s Schemas<'d>,
    /// Whether the file is the one of what is common.
    within: bool,
    /// What is referred to and no payload.
    waiting: &'s mut Vec<String>,
    not_carried: &'s mut Vec<String>,
}

impl<'d> Converter<'_, 'd> {
    fn converted(&mut self, schema: &Value, place: &str) -> Value {
        let Value::Object(object) = schema else {
            return schema.clone();
        };
        let mut made = Map::new();
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            if let Some(constant) = self.constant(reference) {
                return self.converted(constant, place);
            }
            match self.reference(reference) {
                Some(reference) => _ = made.insert("$ref".to_owned(), reference.into()),
                None => self.not_carried.push(format!(
                    "{place}: `{reference}` leads out of the document, so any value will do"
                )),
            }
            // In draft-07 nothing else counts beside it; what it says to people may stay.
            let said = ["title", "description", "deprecated", "examples", "default"];
            let said = said
                .iter()
                .filter_map(|key| Some(((*key).to_owned(), object.get(*key)?.clone())));
            made.extend(said);
            return Value::Object(made);
        }
        let tuple = object.get("items").is_some_and(Value::is_array);
        for (key, value) in object {
            let place = format!("{place}/{key}");
            match key.as_str() {
                "$schema" | "$id" => {}
                key if FOREIGN.contains(&key) => {
                    self.not_carried
                        .push(format!("{place}: it is no keyword of JSON Schema"));
                }
                key if key.starts_with("x-") => {
                    if !key.starts_with("x-parser-") {
                        self.not_carried.push(format!("{place}: nobody here knows it"));
                    }
                }
                "definitions" => _ = made.insert("$defs".to_owned(), self.named(value, &place)),
                "items" if tuple => _ = made.insert("prefixItems".to_owned(), self.schemas(value, &place)),
                "additionalItems" if tuple => _ = made.insert("items".to_owned(), self.schemas(value, &place)),
                "additionalItems" => {}
                // What names a kind of message is a constant in contracts.
                "enum" if value.as_array().is_some_and(|listed| listed.len() == 1) => {
                    made.extend(value.get(0).map(|only| ("const".to_owned(), only.clone())));
                }
                "dependencies" => self.dependencies(value, &place, &mut made),
                keyword => {
                    let converted = match Shape::of(keyword) {
                        Shape::Schemas => self.schemas(value, &place),
                        Shape::Named => self.named(value, &place),
                        Shape::Other => value.clone(),
                    };
                    made.insert(key.clone(), converted);
                }
            }
        }
        Value::Object(made)
    }

    /// The schema that a reference leads to, where it is nothing but one value: what is told apart by it has to say it itself.
    fn constant(&self, reference: &str) -> Option<&'d Value> {
        let schema = self
            .schemas
            .component(reference.strip_prefix("#/components/schemas/")?)?;
        let says_more = |key: &&String| !["type", "title", "description"].contains(&key.as_str());
        let mut rules = schema.as_object()?.keys().filter(says_more);
        let constant = match rules.next()?.as_str() {
            "const" => true,
            "enum" => schema.get("enum")?.as_array()?.len() == 1,
            _ => false,
        };
        (constant && rules.next().is_none()).then_some(schema)
    }

    fn schemas(&mut self, value: &Value, place: &str) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.converted(item, place)).collect(),
            schema => self.converted(schema, place),
        }
    }

    fn named(&mut self, value: &Value, place: &str) -> Value {
        let named = value.as_object().into_iter().flatten();
        let named = named.map(|(name, schema)| (name.clone(), self.converted(schema, &format!("{place}/{name}"))));
        Value::Object(named.collect())
    }

    fn dependencies(&mut self, value: &Value, place: &str, made: &mut Map<String, Value>) {
        for (name, dependency) in value.as_object().into_iter().flatten() {
            let (keyword, value) = if dependency.is_array() {
                ("dependentRequired", dependency.clone())
            } else {
                (
                    "dependentSchemas",
                    self.converted(dependency, &format!("{place}/{name}")),
                )
            };
            if let Value::Object(named) = made.entry(keyword).or_insert_with(|| json!({})) {
                named.insert(name.clone(), value);
            }
        }
    }

    /// Where a reference leads from this file.
    fn reference(&mut self, reference: &str) -> Option<String> {
        if let Some(payload) = reference.strip_prefix("#/payloads/") {
            return Some(format!("{}.schema.yaml", names::snake(payload)));
        }
        let way = reference.strip_prefix("#/components/schemas/")?;
        let (component, rest) = way.split_once('/').map_or((way, String::new()), |(component, rest)| {
            (component, format!("/{rest}"))
        });
        self.schemas.component(component)?;
        let rest = rest.replace("/definitions/", "/$defs/");
        if let Some(payload) = self.schemas.by_component.get(component) {
            let file = format!("{}.schema.yaml", names::snake(payload));
            return Some(if rest.is_empty() {
                file
            } else {
                format!("{file}#{rest}")
            });
        }
        self.waiting.push(component.to_owned());
        let file = if self.within { "" } else { COMMON };
        Some(format!("{file}#/$defs/{component}{rest}"))
    }
}
