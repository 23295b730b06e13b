//! Ways to places in trees: the keys that lead there, and what keys lead to.

use super::edit::end_of_value;
use super::{FileId, Node, Span, Trees, Value};

impl Trees<'_> {
    /// The keys that lead to a place, from the outermost one on. None to what concerns a file as a whole.
    pub fn keys_to(&mut self, place: Span) -> Vec<String> {
        let mut keys = Vec::new();
        let mut node = self.get(place.file).filter(|_| place.end > 0);
        while let Some(around) = node {
            node = match &around.value {
                Value::Mapping(mapping) => {
                    let entries = mapping.iter().as_slice();
                    let after = entries.partition_point(|entry| entry.key_span.start <= place.start);
                    let entry = after.checked_sub(1).and_then(|index| entries.get(index));
                    keys.extend(entry.map(|entry| entry.key.clone()));
                    entry.map(|entry| &entry.value)
                }
                Value::Sequence(items) => {
                    let after = items.partition_point(|item| item.span.start <= place.start);
                    after.checked_sub(1).and_then(|index| items.get(index))
                }
                _ => None,
            };
        }
        keys
    }

    /// What keys with dots between them lead to in a file. A key may have dots itself, so there may be several.
    pub fn places(&mut self, file: FileId, keys: &str) -> Vec<Span> {
        let mut found = Vec::new();
        let text = self.text(file);
        if let Some(root) = self.get(file) {
            collect(root, keys, text, &mut found);
        }
        found
    }
}

fn collect(node: &Node, keys: &str, text: &str, found: &mut Vec<Span>) {
    let Some(mapping) = node.as_mapping() else { return };
    if let Some(entry) = mapping.entry(keys) {
        let end = end_of_value(entry.key_span, &entry.value, text);
        found.push(Span { end, ..entry.key_span });
    }
    for (dot, _) in keys.match_indices('.') {
        if let (Some(first), Some(rest)) = (keys.get(..dot), keys.get(dot + 1..))
            && let Some(value) = mapping.get(first)
        {
            collect(value, rest, text, found);
        }
    }
}
