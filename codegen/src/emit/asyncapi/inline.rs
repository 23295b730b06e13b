//! Gives a name to each object and each enumeration that stands within another schema, for generators of code name their
//! types after the keys under `components`, and number all others.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::casing;

/// Moves them to the other schemas, where nothing refers into the middle of a schema.
pub(super) fn name(components: &mut Map<String, Value>) {
    let text = Value::Object(components.clone()).to_string();
    let keys: Vec<String> = components.keys().cloned().collect();
    let mut taken: HashSet<String> = keys.iter().cloned().collect();
    for key in keys {
        // `"#/components/schemas/Order/properties/state"`
        if text.contains(&format!("\"#/components/schemas/{key}/")) {
            continue;
        }
        let Some(mut schema) = components.shift_remove(&key) else {
            continue;
        };
        let mut mover = Mover {
            taken: &mut taken,
            waiting: Vec::new(),
        };
        mover.within(&mut schema, &key);
        let mut named = vec![(key, schema)];
        while let Some((name, mut schema)) = mover.waiting.pop() {
            mover.within(&mut schema, &name);
            named.push((name, schema));
        }
        components.extend(named);
    }
}

struct Mover<'t> {
    taken: &'t mut HashSet<String>,
    /// What was moved and may hold more.
    waiting: Vec<(String, Value)>,
}

impl Mover<'_> {
    /// Moves what stands within a schema of a name.
    fn within(&mut self, schema: &mut Value, name: &str) {
        let Value::Object(object) = schema else { return };
        if let Some(Value::Object(properties)) = object.get_mut("properties") {
            for (property, schema) in properties {
                self.place(schema, &format!("{name}{}", casing::pascal(property)));
            }
        }
        for (keyword, ending) in [("items", "Item"), ("additionalProperties", "Value")] {
            match object.get_mut(keyword) {
                Some(Value::Array(schemas)) => {
                    for (index, schema) in schemas.iter_mut().enumerate() {
                        self.place(schema, &format!("{name}{ending}{}", index + 1));
                    }
                }
                Some(schema) => self.place(schema, &format!("{name}{ending}")),
                None => {}
            }
        }
        for keyword in ["oneOf", "anyOf"] {
            let Some(Value::Array(schemas)) = object.get_mut(keyword) else {
                continue;
            };
            for (index, schema) in schemas.iter_mut().enumerate() {
                let title = schema.get("title").and_then(Value::as_str).map(casing::pascal);
                let name = title.unwrap_or_else(|| format!("{name}Option{}", index + 1));
                self.place(schema, &name);
            }
        }
        if let Some(Value::Array(schemas)) = object.get_mut("allOf") {
            // They are one type together.
            for schema in schemas {
                self.within(schema, name);
            }
        }
    }

    /// Moves a schema, or what stands within it.
    fn place(&mut self, schema: &mut Value, name: &str) {
        if !is_type(schema) {
            self.within(schema, name);
            return;
        }
        let mut names = std::iter::once(name.to_owned()).chain((2..).map(|number| format!("{name}{number}")));
        let Some(name) = names.find(|name| self.taken.insert(name.clone())) else {
            return;
        };
        let mut reference = json!({ "$ref": format!("#/components/schemas/{name}") });
        if let (Some(description), Some(reference)) = (schema.get("description"), reference.as_object_mut()) {
            reference.insert("description".to_owned(), description.clone());
        }
        let moved = std::mem::replace(schema, reference);
        self.waiting.push((name, moved));
    }
}

/// Whether code has a type of its own for a schema.
fn is_type(schema: &Value) -> bool {
    let members = schema
        .get("properties")
        .and_then(Value::as_object)
        .is_some_and(|members| !members.is_empty());
    let listed = schema
        .get("enum")
        .and_then(Value::as_array)
        .is_some_and(|listed| !listed.is_empty());
    members || listed
}
