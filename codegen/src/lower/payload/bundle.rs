//! One schema with all that it refers to, as one document.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::document::{Documents, Place};
use crate::casing;
use crate::contract::payload::{Draft, Shape};

/// The schema of a file; what it refers to in other files is taken over under `$defs` (`definitions` in draft-07).
pub(super) fn bundle(documents: &Documents<'_>, document: usize) -> Value {
    let Some(root) = documents.get(document) else {
        return Value::Bool(true);
    };
    let keyword = root.draft.definitions();
    let mut schema = root.root.to_json();
    let taken = schema.get(keyword).and_then(Value::as_object);
    let mut bundler = Bundler {
        documents,
        document,
        keyword,
        names: HashMap::new(),
        lean: false,
        taken: taken.map(|taken| taken.keys().cloned().collect()).unwrap_or_default(),
        waiting: Vec::new(),
    };
    let root = Place {
        document,
        pointer: String::new(),
    };
    bundler.rewrite(&mut schema, &root);
    let mut imported = Map::new();
    while let Some((name, place)) = bundler.waiting.pop() {
        let Some(node) = documents.node(&place) else { continue };
        let mut value = node.to_json();
        if let Some(object) = value.as_object_mut() {
            let of_a_file = place.pointer.is_empty();
            for key in ["$schema", "$id", "$anchor"] {
                object.shift_remove(key);
            }
            if of_a_file {
                // What is used of them is taken over by itself.
                object.shift_remove("$defs");
                object.shift_remove("definitions");
            }
        }
        bundler.rewrite(&mut value, &place);
        imported.insert(name, value);
    }
    if let Some(object) = schema.as_object_mut()
        && !imported.is_empty()
    {
        let mut definitions = match object.shift_remove(keyword) {
            Some(Value::Object(own)) => own,
            _ => Map::new(),
        };
        let mut imported: Vec<(String, Value)> = imported.into_iter().collect();
        imported.sort_by(|(left, _), (right, _)| left.cmp(right));
        definitions.extend(imported);
        object.insert(keyword.to_owned(), Value::Object(definitions));
    }
    schema
}

/// What is left out where a schema is only held against documents. What is referred to is taken over by itself.
const SAYS_NOTHING: &[&str] = &[
    "$schema",
    "$id",
    "$anchor",
    "$dynamicAnchor",
    "$comment",
    "$defs",
    "definitions",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
];

/// The rules of some schemas that hold together, with all that they refer to.
pub(super) fn excerpt(documents: &Documents<'_>, places: &[Place]) -> Value {
    let document = places.first().and_then(|place| documents.get(place.document));
    let draft = document.map_or(Draft::Draft202012, |document| document.draft);
    let mut bundler = Bundler {
        documents,
        document: 0,
        keyword: draft.definitions(),
        lean: true,
        names: HashMap::new(),
        taken: Vec::new(),
        waiting: Vec::new(),
    };
    let mut schemas = Vec::new();
    if let [only] = places {
        // A schema that refers to itself needs no second copy.
        bundler.names.insert(only.clone(), String::new());
    }
    for place in places {
        let Some(node) = documents.node(place) else { continue };
        let mut schema = node.to_json();
        bundler.rewrite(&mut schema, place);
        schemas.push(schema);
    }
    let mut definitions: Vec<(String, Value)> = Vec::new();
    while let Some((name, place)) = bundler.waiting.pop() {
        let Some(node) = documents.node(&place) else { continue };
        let mut schema = node.to_json();
        bundler.rewrite(&mut schema, &place);
        definitions.push((name, schema));
    }
    definitions.sort_by(|(left, _), (right, _)| left.cmp(right));
    all_of(draft, schemas, definitions.into_iter().collect())
}

/// The schema of a file, and as they are the files that it refers to, each under its `$id`.
pub(super) fn resources(documents: &Documents<'_>, document: usize) -> Value {
    let Some(root) = documents.get(document) else {
        return Value::Bool(true);
    };
    let mut reached = vec![document];
    let mut schema = resource(documents, document, &mut reached);
    let mut at = 1;
    while let Some(other) = reached.get(at).copied() {
        let resource = resource(documents, other, &mut reached);
        if let Some(object) = schema.as_object_mut() {
            let definitions = object
                .entry(root.draft.definitions())
                .or_insert_with(|| Value::Object(Map::new()));
            if let Some(definitions) = definitions.as_object_mut() {
                definitions.insert(uri(documents, other), resource);
            }
        }
        at += 1;
    }
    schema
}

/// A file under its `$id`, with references to other files by theirs.
fn resource(documents: &Documents<'_>, document: usize, reached: &mut Vec<usize>) -> Value {
    let Some(root) = documents.get(document) else {
        return Value::Bool(true);
    };
    let mut schema = root.root.to_json();
    refer_by_uri(documents, &mut schema, document, reached, true);
    if let Some(object) = schema.as_object_mut() {
        object.insert("$id".to_owned(), uri(documents, document).into());
    }
    schema
}

fn uri(documents: &Documents<'_>, document: usize) -> String {
    let Some(document) = documents.get(document) else {
        return String::new();
    };
    match document.root.get("$id").and_then(crate::source::Node::as_str) {
        Some(id) if id.contains("://") || id.starts_with("urn:") => id.trim_end_matches('#').to_owned(),
        _ => format!("natsmith:///{}", encode(document.path)),
    }
}

fn refer_by_uri(documents: &Documents<'_>, schema: &mut Value, from: usize, reached: &mut Vec<usize>, outermost: bool) {
    let Value::Object(object) = schema else { return };
    let inner = object
        .get("$id")
        .and_then(Value::as_str)
        .is_some_and(|id| !id.starts_with('#'));
    if inner && !outermost {
        // From here on references are relative to that.
        return;
    }
    for (key, value) in object {
        match (Shape::of(key), value) {
            (Shape::Other, Value::String(reference)) if key == "$ref" || key == "$dynamicRef" => {
                let start = Place {
                    document: from,
                    pointer: String::new(),
                };
                let Some(place) = documents.follow(reference, &start) else {
                    continue;
                };
                if !reached.contains(&place.document) {
                    reached.push(place.document);
                }
                if place.document != from {
                    let fragment = reference.split_once('#').map(|(_, fragment)| fragment);
                    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
                    *reference = format!("{}{fragment}", uri(documents, place.document));
                }
            }
            (Shape::Schemas, Value::Array(schemas)) => {
                for schema in schemas {
                    refer_by_uri(documents, schema, from, reached, false);
                }
            }
            (Shape::Schemas, schema) => refer_by_uri(documents, schema, from, reached, false),
            (Shape::Named, Value::Object(schemas)) => {
                for schema in schemas.values_mut() {
                    refer_by_uri(documents, schema, from, reached, false);
                }
            }
            _ => {}
        }
    }
}

struct Bundler<'d, 'n> {
    documents: &'d Documents<'n>,
    /// The document whose places are referred to as they are.
    document: usize,
    keyword: &'static str,
    /// Whether to keep only what restricts documents.
    lean: bool,
    /// Under which name a schema of another file is taken over.
    names: HashMap<Place, String>,
    taken: Vec<String>,
    waiting: Vec<(String, Place)>,
}

impl Bundler<'_, '_> {
    /// Makes every `$ref` of a schema at a place lead to a place in the bundle, without names that could lead elsewhere.
    fn rewrite(&mut self, schema: &mut Value, from: &Place) {
        let Value::Object(object) = schema else { return };
        if self.lean {
            if self.keyword == Draft::Draft7.definitions() && object.contains_key("$ref") {
                object.retain(|key, _| key == "$ref");
            }
            object.retain(|key, _| !SAYS_NOTHING.contains(&key.as_str()) && !key.starts_with("x-"));
        }
        if !from.pointer.is_empty() {
            object.shift_remove("$id");
            object.shift_remove("$anchor");
            object.shift_remove("$dynamicAnchor");
        }
        for (key, value) in object {
            match (Shape::of(key), value) {
                (Shape::Other, Value::String(reference)) if key == "$ref" => {
                    if let Some(place) = self.documents.follow(reference, from) {
                        *reference = self.local(place);
                    }
                }
                (Shape::Schemas, Value::Array(schemas)) => {
                    let list = from.child(key);
                    for (index, schema) in schemas.iter_mut().enumerate() {
                        self.rewrite(schema, &list.child(&index.to_string()));
                    }
                }
                (Shape::Schemas, schema) => self.rewrite(schema, &from.child(key)),
                (Shape::Named, Value::Object(schemas)) => {
                    let named = from.child(key);
                    for (name, schema) in schemas {
                        self.rewrite(schema, &named.child(name));
                    }
                }
                _ => {}
            }
        }
    }

    fn local(&mut self, place: Place) -> String {
        if !self.lean && place.document == self.document {
            return format!("#{}", encode(&place.pointer));
        }
        let name = match self.names.get(&place) {
            Some(name) => name.clone(),
            None => self.take_over(place),
        };
        if name.is_empty() {
            return "#".to_owned();
        }
        format!("#/{}/{name}", self.keyword)
    }

    fn take_over(&mut self, place: Place) -> String {
        let document = self.documents.get(place.document);
        let file = document.map_or_else(String::new, |document| casing::pascal(&document.stem));
        let last = place.pointer.rsplit('/').next().unwrap_or_default();
        let mut name = if last.is_empty() {
            document.map_or_else(String::new, super::Document::payload_name)
        } else {
            last.chars()
                .filter(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-')
                .collect()
        };
        if name.is_empty() || self.taken.contains(&name) {
            name = format!("{file}{}", casing::pascal(&place.pointer));
        }
        while self.taken.contains(&name) {
            name.push('_');
        }
        self.taken.push(name.clone());
        self.names.insert(place.clone(), name.clone());
        self.waiting.push((name.clone(), place));
        name
    }
}

/// A JSON pointer as the fragment of a URI.
fn encode(pointer: &str) -> String {
    let mut fragment = String::with_capacity(pointer.len());
    for byte in pointer.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte) {
            fragment.push(char::from(byte));
        } else {
            let _ = write!(fragment, "%{byte:02X}");
        }
    }
    fragment
}

/// A schema under which all of the schemas hold.
fn all_of(draft: Draft, schemas: Vec<Value>, definitions: Map<String, Value>) -> Value {
    let mut whole = Map::new();
    whole.insert("$schema".to_owned(), draft.uri().into());
    let mut schemas = schemas;
    match (schemas.pop(), schemas.is_empty()) {
        (Some(Value::Object(only)), true) => whole.extend(only),
        (Some(last), _) => {
            schemas.push(last);
            whole.insert("allOf".to_owned(), Value::Array(schemas));
        }
        (None, _) => {}
    }
    if !definitions.is_empty() {
        whole.insert(draft.definitions().to_owned(), Value::Object(definitions));
    }
    Value::Object(whole)
}
