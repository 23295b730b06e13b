//! From 2020-12 to draft-07, which is what an AsyncAPI schema is.

use serde_json::{Map, Value, json};

use crate::contract::payload::{Draft, Shape};

/// Where the references of a schema lead.
pub(super) trait References {
    /// The draft that the schema is written in.
    fn draft(&self) -> Draft;

    /// Where a reference leads under `components`; `None` where it leads out of the document.
    fn target(&self, reference: &str) -> Option<String>;

    /// Whether what a reference leads to is not all said.
    fn is_lossy(&self, reference: &str) -> bool;
}

/// Keywords that say nothing about documents. Beside a `$ref` they stay for readers.
const ANNOTATIONS: [&str; 9] = [
    "title",
    "description",
    "$comment",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentSchema",
];

/// Keywords under which a schema that accepts more would make the whole accept less.
const EXACT: [&str; 4] = ["not", "if", "oneOf", "contains"];

/// Whether a schema refers to nothing outside itself, and statically.
pub(super) fn stands_by_itself(schema: &Value) -> bool {
    fn inner(schema: &Value, outermost: bool) -> bool {
        match schema {
            Value::Object(object) => object.iter().all(|(key, value)| match (key.as_str(), value) {
                ("$ref", Value::String(reference)) => reference.starts_with('#'),
                ("$dynamicRef" | "$recursiveRef", Value::String(_)) => false,
                ("$id", Value::String(_)) => outermost,
                _ => inner(value, false),
            }),
            Value::Array(items) => items.iter().all(|item| inner(item, false)),
            _ => true,
        }
    }
    inner(schema, true)
}

/// A schema in draft-07, with references that lead into `components`.
///
/// `place` is the schema's, in the document it comes from; places that are left out are added to `left_out`.
pub(super) fn convert(schema: &Value, references: &dyn References, place: &str, left_out: &mut Vec<String>) -> Value {
    let Value::Object(object) = schema else {
        return schema.clone();
    };
    let old = references.draft() == Draft::Draft7;
    if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
        return reference_of(reference, object, references, place, left_out);
    }
    let mut made = Map::new();
    let tuple = !old && object.contains_key("prefixItems");
    let counted = object.get("minContains").and_then(Value::as_u64) == Some(0);
    for (key, value) in object {
        let place = format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"));
        match key.as_str() {
            // Naming has been taken care of; what follows from `if` comes with it, or not at all.
            "$schema" | "$id" | "$anchor" | "$dynamicAnchor" | "$vocabulary" | "then" | "else" => {}
            "prefixItems" if !old => {
                made.insert("items".to_owned(), schemas(value, references, &place, left_out));
            }
            "items" if tuple => {
                made.insert(
                    "additionalItems".to_owned(),
                    convert(value, references, &place, left_out),
                );
            }
            // Where none is needed, all that is left would ask for one.
            "contains" if !old && counted => left_out.push(place),
            "unevaluatedProperties" | "unevaluatedItems" | "minContains" | "maxContains" if !old => {
                left_out.push(place);
            }
            // Keywords of draft-07 say nothing in 2020-12.
            "dependencies" | "additionalItems" if !old => {}
            "dependentRequired" | "dependentSchemas" if !old => depend(&mut made, value, references, &place, left_out),
            // The same, and generators of code know enumerations better than constants.
            "const" => {
                made.insert("enum".to_owned(), json!([value]));
            }
            "enum" if object.contains_key("const") => {}
            "if" => decided(&mut made, object, references, &place, left_out),
            keyword if EXACT.contains(&keyword) => {
                let mut within = Vec::new();
                let converted = exact(value, references, &place, &mut within);
                if within.is_empty() {
                    made.insert(key.clone(), converted);
                } else {
                    left_out.push(place);
                }
            }
            keyword => {
                let converted = match Shape::of(keyword) {
                    Shape::Schemas => schemas(value, references, &place, left_out),
                    Shape::Named => named(value, references, &place, left_out),
                    Shape::Other => value.clone(),
                };
                let key = if keyword == "$defs" { "definitions" } else { keyword };
                made.insert(key.to_owned(), converted);
            }
        }
    }
    Value::Object(made)
}

/// A schema that refers to another one.
fn reference_of(
    reference: &str,
    object: &Map<String, Value>,
    references: &dyn References,
    place: &str,
    left_out: &mut Vec<String>,
) -> Value {
    let Some(target) = references.target(reference) else {
        left_out.push(format!("{place}/$ref"));
        return json!({});
    };
    let annotation = |key: &str| ANNOTATIONS.contains(&key) || key.starts_with("x-");
    let others = object.iter().filter(|(key, _)| *key != "$ref");
    let rules: Map<String, Value> = others
        .clone()
        // In draft-07 nothing beside a reference counts.
        .filter(|(key, _)| references.draft() != Draft::Draft7 && !annotation(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let mut made = Map::new();
    if rules.is_empty() {
        made.insert("$ref".to_owned(), target.into());
    } else if let Value::Object(rules) = convert(&Value::Object(rules), references, place, left_out) {
        made.extend(rules);
        let mut all = vec![json!({ "$ref": target })];
        if let Some(Value::Array(own)) = made.shift_remove("allOf") {
            all.extend(own);
        }
        made.insert("allOf".to_owned(), all.into());
    }
    let said = others.filter(|(key, _)| annotation(key));
    made.extend(said.map(|(key, value)| (key.clone(), value.clone())));
    Value::Object(made)
}

/// Schemas of which nothing may be left out.
fn exact(value: &Value, references: &dyn References, place: &str, left_out: &mut Vec<String>) -> Value {
    refers_to_lossy(value, references, place, left_out);
    schemas(value, references, place, left_out)
}

fn refers_to_lossy(value: &Value, references: &dyn References, place: &str, left_out: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(reference) if key == "$ref" && references.is_lossy(reference) => {
                        left_out.push(place.to_owned());
                    }
                    _ => refers_to_lossy(value, references, place, left_out),
                }
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| refers_to_lossy(item, references, place, left_out)),
        _ => {}
    }
}

/// `if` with what follows from it, or none of it.
fn decided(
    made: &mut Map<String, Value>,
    object: &Map<String, Value>,
    references: &dyn References,
    place: &str,
    left_out: &mut Vec<String>,
) {
    let Some(condition) = object.get("if") else { return };
    let mut within = Vec::new();
    let condition = exact(condition, references, place, &mut within);
    if !within.is_empty() {
        left_out.push(place.to_owned());
        return;
    }
    made.insert("if".to_owned(), condition);
    let parent = place.strip_suffix("/if").unwrap_or(place);
    for key in ["then", "else"] {
        if let Some(schema) = object.get(key) {
            let converted = convert(schema, references, &format!("{parent}/{key}"), left_out);
            made.insert(key.to_owned(), converted);
        }
    }
}

/// `dependentRequired` and `dependentSchemas` are one keyword in draft-07.
fn depend(
    made: &mut Map<String, Value>,
    value: &Value,
    references: &dyn References,
    place: &str,
    left_out: &mut Vec<String>,
) {
    let Value::Object(named) = value else { return };
    let dependencies = made.entry("dependencies").or_insert_with(|| json!({}));
    for (name, value) in named {
        let place = format!("{place}/{name}");
        let value = if value.is_array() {
            value.clone()
        } else {
            convert(value, references, &place, left_out)
        };
        let schema = |value: Value| {
            if value.is_array() {
                json!({ "required": value })
            } else {
                value
            }
        };
        let Some(dependencies) = dependencies.as_object_mut() else {
            return;
        };
        let both = match dependencies.shift_remove(name) {
            Some(other) => json!({ "allOf": [schema(other), schema(value)] }),
            None => value,
        };
        dependencies.insert(name.clone(), both);
    }
}

fn schemas(value: &Value, references: &dyn References, place: &str, left_out: &mut Vec<String>) -> Value {
    match value {
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .map(|(index, item)| convert(item, references, &format!("{place}/{index}"), left_out))
                .collect()
        }
        schema => convert(schema, references, place, left_out),
    }
}

fn named(value: &Value, references: &dyn References, place: &str, left_out: &mut Vec<String>) -> Value {
    let Value::Object(named) = value else {
        return value.clone();
    };
    let converted = named.iter().map(|(name, value)| {
        // In draft-07 a dependency may be a list of names.
        let schema = if value.is_array() {
            value.clone()
        } else {
            let step = name.replace('~', "~0").replace('/', "~1");
            convert(value, references, &format!("{place}/{step}"), left_out)
        };
        (name.clone(), schema)
    });
    Value::Object(converted.collect())
}

/// A way within a schema as it is after the conversion.
pub(super) fn pointer(way: &str) -> String {
    let steps = way.split('/').map(|step| match step {
        "$defs" => "definitions",
        "prefixItems" => "items",
        "dependentSchemas" => "dependencies",
        other => other,
    });
    let steps: Vec<String> = steps.map(encoded).collect();
    steps.join("/")
}

/// A step of a pointer as it stands in a fragment.
fn encoded(step: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte);
    let bytes = step.bytes().map(|byte| {
        if plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    bytes.collect()
}

/// The fragment of a URI without its percent signs.
pub(super) fn decoded(fragment: &str) -> String {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let code = others.get(..2).filter(|_| *first == b'%');
        let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() {
            others.get(2..).unwrap_or_default()
        } else {
            others
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
