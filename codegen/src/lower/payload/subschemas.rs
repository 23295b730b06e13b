//! Where schemas stand within a schema.

use super::part::Part;
use crate::contract::payload::Shape;
use crate::source::{Node, Value};

/// Whether the schemas of a keyword are held against the same value as the schema that they stand in.
pub(super) fn is_in_place(key: &str) -> bool {
    const IN_PLACE: &[&str] = &[
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "dependentSchemas",
        "dependencies",
    ];
    IN_PLACE.contains(&key)
}

impl<'n> Part<'n> {
    /// The schemas that stand within this one, with their keywords.
    pub(super) fn subschemas(&self) -> Vec<(&'n str, Self)> {
        let mut found = Vec::new();
        for entry in self.node.as_mapping().into_iter().flatten() {
            let key = entry.key.as_str();
            match (Shape::of(key), &entry.value.value) {
                (Shape::Other, _) => {}
                (Shape::Named, _) => {
                    for named in entry.value.as_mapping().into_iter().flatten() {
                        found.extend(self.child(&[key, &named.key]).map(|part| (key, part)));
                    }
                }
                (Shape::Schemas, Value::Sequence(_)) => {
                    found.extend(self.children(key).into_iter().map(|part| (key, part)));
                }
                (Shape::Schemas, _) => found.extend(self.child(&[key]).map(|part| (key, part))),
            }
        }
        found.retain(|(_, part)| part.node.as_mapping().is_some() || matches!(part.node.value, Value::Bool(_)));
        found
    }

    /// Every text under a keyword such as `$ref`, in this schema and in those within it.
    pub(super) fn collect(&self, key: &str, found: &mut Vec<(Self, &'n Node)>) {
        if let Some(node) = self.get(key).filter(|node| node.as_str().is_some()) {
            found.push((self.clone(), node));
        }
        for (_, part) in self.subschemas() {
            part.collect(key, found);
        }
    }
}
