//! An AsyncAPI document and the ways through it.

use serde_json::{Map, Value};

/// A document of version 2 or 3.
pub(super) struct Document<'d> {
    pub root: &'d Value,
    /// 2 or 3.
    pub major: u8,
}

impl<'d> Document<'d> {
    pub(super) fn new(root: &'d Value) -> Result<Self, String> {
        let version = root.get("asyncapi").and_then(Value::as_str).unwrap_or_default();
        let major = match version.split('.').next() {
            Some("2") => 2,
            Some("3") => 3,
            _ if version.is_empty() => {
                return Err("it has no `asyncapi: 3.0.0` or another version at its top".to_owned());
            }
            _ => return Err(format!("it is of AsyncAPI {version}; 2 and 3 can be read")),
        };
        Ok(Self { root, major })
    }

    /// What the contract is called.
    pub(super) fn contract(&self) -> &str {
        let own = self.root.pointer("/x-natsmith/contract");
        let name = own.or_else(|| self.root.pointer("/info/title")).and_then(Value::as_str);
        name.unwrap_or("imported")
    }

    /// What natsmith wrote under a key at the top of a document.
    pub(super) fn extension(&self, key: &str) -> Option<&'d Value> {
        self.root.get("x-natsmith")?.get(key)
    }

    /// The objects of a member of the document.
    pub(super) fn named(&self, key: &str) -> impl Iterator<Item = (&'d String, &'d Value)> {
        self.root.get(key).and_then(Value::as_object).into_iter().flatten()
    }

    /// What a reference leads to within the document, or the value itself.
    pub(super) fn resolved(&self, value: &'d Value) -> &'d Value {
        let mut value = value;
        // A chain of references is short, and one that leads to itself would have no end.
        for _ in 0..16 {
            let Some(target) = value
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| self.target(reference))
            else {
                break;
            };
            value = target;
        }
        value
    }

    fn target(&self, reference: &str) -> Option<&'d Value> {
        self.root.pointer(reference.strip_prefix('#')?)
    }

    /// A message or an operation with what its traits say, where it does not say it itself.
    pub(super) fn with_traits(&self, value: &'d Value) -> Map<String, Value> {
        let value = self.resolved(value);
        let mut object = value.as_object().cloned().unwrap_or_default();
        let traits = value.get("traits").and_then(Value::as_array).into_iter().flatten();
        for more in traits {
            for (key, said) in self.resolved(more).as_object().into_iter().flatten() {
                object.entry(key.clone()).or_insert_with(|| said.clone());
            }
        }
        object.shift_remove("traits");
        object
    }
}

/// Text under a key; nothing where there is none.
pub(super) fn text<'v>(object: &'v Map<String, Value>, key: &str) -> Option<&'v str> {
    object
        .get(key)
        .and_then(Value::as_str)
        .map(str::trim)
        .filter(|text| !text.is_empty())
}
