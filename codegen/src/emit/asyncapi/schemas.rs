//! JSON Schemas as AsyncAPI has them: draft-07, and what several payloads share only once.
//!
//! What draft-07 cannot say is left out where that makes a schema accept more, and noted: the JSON Schema bundle of the
//! payload says all of it.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::{Map, Value};

use super::super::described::Described;
use super::draft7::{self, References};
use super::inline;
use crate::casing;
use crate::contract::payload::Draft;

/// The schemas under `components`, and how to name them from elsewhere.
#[derive(Default)]
pub(super) struct Schemas {
    /// The schemas by name: payloads, and what they are made of.
    pub components: Map<String, Value>,
    /// For each payload what its schema here does not say, as places in its JSON Schema.
    pub left_out: HashMap<String, Vec<String>>,
}

/// A schema with a name: a payload, or a definition of one.
struct Part<'c> {
    document: &'c Document<'c>,
    /// The definition's name; `None` for the payload itself.
    definition: Option<&'c str>,
    schema: &'c Value,
}

/// One payload's schema, with its definitions.
struct Document<'c> {
    described: &'c Described<'c>,
    draft: Draft,
    definitions: Vec<(&'c str, &'c Value)>,
    /// Under which name each definition stands under `components`.
    names: HashMap<&'c str, String>,
    /// The definitions of which something is left out, themselves or in what they refer to; the payload is the empty name.
    lossy: HashSet<&'c str>,
}

/// What cannot be said in draft-07, as it stands in the text of a schema.
const LOSSY: [&str; 7] = [
    "\"unevaluatedProperties\":",
    "\"unevaluatedItems\":",
    "\"minContains\":",
    "\"maxContains\":",
    "\"$dynamicRef\":",
    "\"$recursiveRef\":",
    "\"$id\":",
];

/// The schemas of all payloads.
pub(super) fn schemas(payloads: &[Described<'_>]) -> Schemas {
    let mut documents: Vec<Document<'_>> = payloads.iter().map(Document::of).collect();
    name(&mut documents);
    let mut schemas = Schemas::default();
    for document in &documents {
        let mut left_out = Vec::new();
        let parts = std::iter::once((None, &document.described.payload.schema));
        let definitions = document.definitions.iter().map(|(name, schema)| (Some(*name), *schema));
        for (definition, schema) in parts.chain(definitions) {
            let part = Part {
                document,
                definition,
                schema,
            };
            let key = part.name().to_owned();
            if schemas.components.contains_key(&key) && definition.is_some() {
                continue;
            }
            schemas.components.insert(key, part.converted(&mut left_out));
        }
        if !left_out.is_empty() {
            schemas
                .left_out
                .insert(document.described.payload.name.clone(), left_out);
        }
    }
    inline::name(&mut schemas.components);
    schemas
}

/// Gives each definition its name: the same one to what is the same in several payloads.
fn name(documents: &mut [Document<'_>]) {
    let mut taken: HashMap<String, String> = documents
        .iter()
        .map(|document| (document.described.payload.name.clone(), document.closure("")))
        .collect();
    for document in documents {
        let mut names = HashMap::new();
        for (definition, _) in &document.definitions {
            let closure = document.closure(definition);
            let payload = &document.described.payload.name;
            let plain = plain(definition);
            let longer = format!("{payload}{}", casing::pascal(&plain));
            let mut candidates = std::iter::once(plain)
                .chain(std::iter::once(longer.clone()))
                .chain((2..).map(|number| format!("{longer}{number}")));
            let free = |name: &String| taken.get(name).is_none_or(|other| *other == closure);
            if let Some(name) = candidates.find(free) {
                taken.insert(name.clone(), closure);
                names.insert(*definition, name);
            }
        }
        document.names = names;
    }
}

/// What a key under `components` may hold.
fn plain(name: &str) -> String {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || *c == '_' || *c == '-';
    let plain: String = name.chars().filter(allowed).collect();
    if plain.is_empty() { casing::pascal(name) } else { plain }
}

impl<'c> Document<'c> {
    fn of(described: &'c Described<'c>) -> Self {
        let schema = &described.payload.schema;
        let definitions = ["$defs", "definitions"]
            .iter()
            .filter_map(|keyword| schema.get(keyword)?.as_object());
        let definitions = definitions.flatten().map(|(name, schema)| (name.as_str(), schema));
        let mut document = Self {
            described,
            draft: described.payload.draft,
            definitions: definitions.collect(),
            names: HashMap::new(),
            lossy: HashSet::new(),
        };
        let all = document.definitions.iter().map(|(name, _)| *name).chain([""]);
        let lossy = all.filter(|name| {
            let closure = document.closure(name);
            LOSSY.iter().any(|keyword| closure.contains(keyword))
        });
        document.lossy = lossy.collect();
        document
    }

    fn definition(&self, name: &str) -> Option<(&'c str, &'c Value)> {
        self.definitions.iter().find(|(known, _)| *known == name).copied()
    }

    /// The text of a definition with all that it refers to: two with the same text are the same.
    fn closure(&self, name: &str) -> String {
        let mut waiting = VecDeque::from([name.to_owned()]);
        let mut seen = HashSet::from([name.to_owned()]);
        let mut text = String::from(self.draft.name());
        while let Some(name) = waiting.pop_front() {
            let schema = match name.as_str() {
                "" => Some(nameless(&self.described.payload.schema, true)),
                name => self.definition(name).map(|(_, schema)| nameless(schema, false)),
            };
            let Some(schema) = schema else { continue };
            // What it is called does not matter where it is the first.
            if seen.len() > 1 {
                text.push_str(&name);
            }
            text.push_str(&schema.to_string());
            references(&schema, &mut |reference| {
                let target = target(reference).map(|(name, _)| name).unwrap_or_default();
                if seen.insert(target.clone()) {
                    waiting.push_back(target);
                }
            });
        }
        text
    }
}

impl References for Document<'_> {
    fn draft(&self) -> Draft {
        self.draft
    }

    fn target(&self, reference: &str) -> Option<String> {
        let (definition, rest) = target(reference)?;
        let component = if definition.is_empty() {
            &self.described.payload.name
        } else {
            self.names.get(definition.as_str())?
        };
        Some(format!("#/components/schemas/{component}{}", draft7::pointer(&rest)))
    }

    fn is_lossy(&self, reference: &str) -> bool {
        target(reference).is_none_or(|(definition, _)| self.lossy.contains(definition.as_str()))
    }
}

impl Part<'_> {
    fn name(&self) -> &str {
        let payload = &self.document.described.payload.name;
        let name = self.definition.and_then(|name| self.document.names.get(name));
        name.unwrap_or(payload)
    }

    fn converted(&self, left_out: &mut Vec<String>) -> Value {
        let described = self.document.described;
        let place = match self.definition {
            Some(name) => format!("#/{}/{name}", self.document.draft.definitions()),
            None => "#".to_owned(),
        };
        let by_itself = draft7::stands_by_itself(&described.payload.schema);
        let schema = if by_itself {
            draft7::convert(
                &nameless(self.schema, self.definition.is_none()),
                self.document,
                &place,
                left_out,
            )
        } else {
            if self.definition.is_none() {
                left_out.push(place);
            }
            Value::Object(Map::new())
        };
        if self.definition.is_some() {
            return schema;
        }
        let mut titled = Map::new();
        titled.insert("title".to_owned(), described.title.into());
        titled.insert("description".to_owned(), described.description.trim().into());
        match schema {
            Value::Object(schema) => {
                let said = ["title", "description"];
                titled.extend(schema.into_iter().filter(|(key, _)| !said.contains(&key.as_str())));
            }
            Value::Bool(false) => _ = titled.insert("not".to_owned(), Value::Object(Map::new())),
            _ => {}
        }
        Value::Object(titled)
    }
}

/// The definition that a reference leads to, and the way from there; the empty name is the whole document.
fn target(reference: &str) -> Option<(String, String)> {
    let fragment = draft7::decoded(reference.strip_prefix('#')?);
    let within = ["/$defs/", "/definitions/"]
        .iter()
        .find_map(|prefix| fragment.strip_prefix(prefix));
    Some(match within {
        None => (String::new(), fragment),
        Some(within) => {
            let (name, rest) = within.split_once('/').unwrap_or((within, ""));
            let rest = if rest.is_empty() {
                String::new()
            } else {
                format!("/{rest}")
            };
            (name.replace("~1", "/").replace("~0", "~"), rest)
        }
    })
}

/// A schema without what names it; a whole document also without its definitions, which stand by themselves.
fn nameless(schema: &Value, whole: bool) -> Value {
    let Value::Object(object) = schema else {
        return schema.clone();
    };
    let naming = |key: &str| ["$schema", "$id", "$anchor"].contains(&key);
    let definitions = |key: &str| whole && ["$defs", "definitions"].contains(&key);
    let kept = object.iter().filter(|(key, _)| !naming(key) && !definitions(key));
    Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// Calls with every `$ref` of a schema.
fn references(schema: &Value, found: &mut dyn FnMut(&str)) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(reference) if key == "$ref" => found(reference),
                    _ => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
