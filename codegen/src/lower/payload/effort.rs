//! Schemas that are small to write and too large to use: where `$ref`s unfold to more than anybody can hold a value against.

use std::collections::HashMap;

use super::document::{Documents, Place};
use super::part::Part;
use super::subschemas::is_in_place;
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::payload as rules;
use crate::source::{Mapping, Node, Value};

/// So many schemas are held against one value at most. Those that people write take some hundreds.
const MOST: u64 = 100_000;

/// So deeply do schemas lead into each other before one of them is known already.
const DEEPEST: usize = 500;

/// Looks at every schema that a payload leads to; `false` where one of them is too much.
pub(super) fn check(documents: &Documents<'_>, report: &mut Report) -> bool {
    let mut walk = Walk {
        documents,
        report,
        steps: HashMap::new(),
        sound: true,
    };
    for document in 0..documents.list.len() {
        let root = Place {
            document,
            pointer: String::new(),
        };
        if let Some(part) = documents.part(root) {
            walk.steps(&part, 0);
        }
    }
    walk.sound
}

/// What is left of a file where nothing within can be looked at: its name, and any document.
pub(super) fn without_rules(root: &Node) -> Node {
    let mut mapping = Mapping::default();
    let entries = root.as_mapping().into_iter().flatten();
    for entry in entries.filter(|entry| ["$schema", "title"].contains(&entry.key.as_str())) {
        // The keys of a mapping are different already.
        let _ = mapping.insert(entry.clone());
    }
    Node {
        span: root.span,
        value: Value::Mapping(mapping),
    }
}

struct Walk<'d, 'n, 'r> {
    documents: &'d Documents<'n>,
    report: &'r mut Report,
    /// How many schemas are held against a value together with the one at a place; `None` while that is being counted.
    steps: HashMap<Place, Option<u64>>,
    sound: bool,
}

impl<'n> Walk<'_, 'n, '_> {
    fn steps(&mut self, part: &Part<'n>, depth: usize) -> u64 {
        if let Some(known) = self.steps.get(&part.place) {
            return known.unwrap_or(1);
        }
        if depth > DEEPEST {
            let message = format!("schemas lead into each other more than {DEEPEST} deep");
            self.refuse(part, message, "put an end to the chain of schemas");
            return 1;
        }
        self.steps.insert(part.place.clone(), None);
        let mut steps: u64 = 1;
        let reference = part.get("$ref").and_then(Node::as_str);
        let target = reference.and_then(|reference| self.documents.follow(reference, &part.place));
        if let Some(target) = target.and_then(|place| self.documents.part(place)) {
            steps = steps.saturating_add(self.steps(&target, depth + 1));
        }
        let mut apart = Vec::new();
        for (key, child) in part.subschemas() {
            if is_in_place(key) {
                steps = steps.saturating_add(self.steps(&child, depth + 1));
            } else {
                apart.push((key, child));
            }
        }
        // What is only there to be referred to comes last, when its users have come that way.
        apart.sort_by_key(|(key, _)| ["$defs", "definitions"].contains(key));
        for (_, child) in apart {
            self.steps(&child, depth + 1);
        }
        if steps > MOST {
            let message = format!("a value is held against more than {MOST} schemas here, most of them more than once");
            self.refuse(part, message, "refer to each schema once");
            steps = 1;
        }
        self.steps.insert(part.place.clone(), Some(steps));
        steps
    }

    /// Reports the first fault; the others are the same one from further away.
    fn refuse(&mut self, part: &Part<'n>, message: String, help: &str) {
        if std::mem::replace(&mut self.sound, false) {
            let diagnostic = Diagnostic::new(&rules::TOO_MUCH, part.node.span, message, "");
            self.report.push(diagnostic.with_help(help));
        }
    }
}
