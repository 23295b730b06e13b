//! One schema with all that it refers to, as one document.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::document::{Documents, Place};
use super::keywords::HOLDS_DATA;
use crate::casing;

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
        taken: taken.map(|taken| taken.keys().cloned().collect()).unwrap_or_default(),
        waiting: Vec::new(),
    };
    bundler.rewrite(&mut schema, document);
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
        bundler.rewrite(&mut value, place.document);
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

struct Bundler<'d, 'n> {
    documents: &'d Documents<'n>,
    document: usize,
    keyword: &'static str,
    /// Under which name a schema of another file is taken over.
    names: HashMap<Place, String>,
    taken: Vec<String>,
    waiting: Vec<(String, Place)>,
}

impl Bundler<'_, '_> {
    /// Makes every `$ref` lead to a place in the bundle.
    fn rewrite(&mut self, value: &mut Value, from: usize) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.rewrite(item, from)),
            Value::Object(object) => {
                for (key, value) in object {
                    match value {
                        Value::String(reference) if key == "$ref" => {
                            if let Some(place) = self.documents.follow(reference, from) {
                                *reference = self.local(place);
                            }
                        }
                        value if !HOLDS_DATA.contains(&key.as_str()) => self.rewrite(value, from),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn local(&mut self, place: Place) -> String {
        if place.document == self.document {
            return format!("#{}", encode(&place.pointer));
        }
        let name = match self.names.get(&place) {
            Some(name) => name.clone(),
            None => self.take_over(place),
        };
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
