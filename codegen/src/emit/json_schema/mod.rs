//! The schemas of payloads, each as one document for readers in any language, and what travels where.

mod index;

use serde_json::{Map, Value};

use super::described::{self, Described};
use super::examples::Examples;
use super::tree::{EmitError, Tree};
use crate::contract::Contract;

/// Adds one file a payload, and the index.
pub(super) fn emit(contract: &Contract, examples: &Examples, tree: &mut Tree) -> Result<(), EmitError> {
    for payload in described::payloads(contract, examples) {
        let path = format!("docs/json-schema/{}.json", payload.payload.name);
        let schema = documented(&payload, &contract.schema_id(payload.payload));
        tree.add(path, format!("{schema:#}\n"))?;
    }
    tree.add("docs/subjects.json", format!("{:#}\n", index::index(contract)))
}

/// The schema under its `$id`, with title, description and examples before all else.
fn documented(described: &Described<'_>, id: &str) -> Value {
    let payload = described.payload;
    let mut schema = payload.schema.clone();
    if let Some(old) = schema.get("$id").and_then(Value::as_str).map(str::to_owned) {
        refer_anew(&mut schema, &old, id);
    }
    let own = match schema {
        Value::Object(own) => own,
        // `true` accepts everything as `{}` does, and `false` nothing.
        Value::Bool(false) => Map::from_iter([("not".to_owned(), Value::Object(Map::new()))]),
        _ => Map::new(),
    };
    let mut documented = Map::new();
    documented.insert("$schema".to_owned(), payload.draft.uri().into());
    documented.insert("$id".to_owned(), id.into());
    documented.insert("title".to_owned(), described.title.into());
    documented.insert("description".to_owned(), described.description.trim().into());
    let mut examples = own
        .get("examples")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    for (_, example) in &described.examples {
        if !examples.contains(example) {
            examples.push((*example).clone());
        }
    }
    for (key, value) in own {
        if key == payload.draft.definitions() && !examples.is_empty() {
            documented.insert("examples".to_owned(), std::mem::take(&mut examples).into());
        }
        if !["$schema", "$id", "title", "description", "examples"].contains(&key.as_str()) {
            documented.insert(key, value);
        }
    }
    if !examples.is_empty() {
        documented.insert("examples".to_owned(), examples.into());
    }
    Value::Object(documented)
}

/// Makes references to the schema's own `$id` lead to its new one.
fn refer_anew(schema: &mut Value, old: &str, new: &str) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                if let Value::String(text) = value
                    && (key == "$ref" || key == "$dynamicRef")
                    && let Some(fragment) = text.strip_prefix(old)
                    && (fragment.is_empty() || fragment.starts_with('#'))
                {
                    *text = format!("{new}{fragment}");
                } else {
                    refer_anew(value, old, new);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| refer_anew(item, old, new)),
        _ => {}
    }
}
