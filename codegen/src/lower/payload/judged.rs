//! Schemas that a validator judges, because a type cannot say what they say.

use indexmap::IndexMap;

use super::bundle;
use super::document::{Documents, Place};
use super::part::{Part, circular};
use super::subschemas::is_in_place;
use super::{Context, Lowerer};
use crate::casing;
use crate::contract::payload::{DefinitionKind, Draft, Format, Type};
use crate::diagnostics::Diagnostic;
use crate::rules::payload as rules;
use crate::source::{Node, Span};
use crate::validator;

/// The schemas that hold together in one place of a document, by where they stand.
pub(super) type Key = Vec<Place>;

/// Why a schema has no type of its own.
#[derive(Clone, Debug)]
pub(super) struct Obstacle {
    pub span: Span,
    /// What stands in the way.
    pub reason: String,
    /// What to write for a type of its own.
    pub help: &'static str,
    /// What is surprising about it as well.
    pub warning: Option<Diagnostic>,
}

impl Obstacle {
    pub(super) fn new(span: Span, reason: impl Into<String>) -> Self {
        Self {
            span,
            reason: reason.into(),
            help: "a type of its own needs rules that can be said with other keywords",
            warning: None,
        }
    }
}

impl Documents<'_> {
    /// The documents that only as a whole mean what they say, and what in them makes it so: where `$dynamicRef` leads
    /// depends on the schemas around it.
    pub(super) fn whole(&self) -> IndexMap<Key, Obstacle> {
        let mut causes: Vec<Option<Obstacle>> = Vec::new();
        let mut refers: Vec<Vec<usize>> = Vec::new();
        for index in 0..self.list.len() {
            let (mut dynamic, mut references) = (Vec::new(), Vec::new());
            if let Some(root) = self.part(root(index)) {
                root.collect("$ref", &mut references);
                if self.draft_of(&root) == Draft::Draft202012 {
                    root.collect("$dynamicRef", &mut dynamic);
                }
            }
            causes.push(
                dynamic.first().map(|(_, node)| {
                    Obstacle::new(node.span, "where `$dynamicRef` leads depends on what is around it")
                }),
            );
            refers.push(
                references
                    .iter()
                    .filter_map(|(part, node)| Some(self.follow(node.as_str()?, &part.place)?.document))
                    .collect(),
            );
        }
        // What refers to such a document is one itself.
        let mut changed = causes.iter().any(Option::is_some);
        while changed {
            changed = false;
            for (index, targets) in refers.iter().enumerate() {
                if causes.get(index).is_some_and(Option::is_some) {
                    continue;
                }
                let cause = targets.iter().find_map(|target| causes.get(*target)?.clone());
                if let (Some(cause), Some(slot)) = (cause, causes.get_mut(index)) {
                    *slot = Some(cause);
                    changed = true;
                }
            }
        }
        causes
            .into_iter()
            .enumerate()
            .filter_map(|(index, cause)| Some((vec![root(index)], cause?)))
            .collect()
    }
}

fn root(document: usize) -> Place {
    Place {
        document,
        pointer: String::new(),
    }
}

impl<'n> Lowerer<'n, '_> {
    /// Notes what a type cannot say.
    pub(super) fn obstacle(&mut self, span: Span, reason: impl Into<String>) {
        self.obstacles.push(Obstacle::new(span, reason));
    }

    /// Whether a document is only judged as a whole.
    pub(super) fn is_whole(&self, document: usize) -> bool {
        self.whole.contains(&document)
    }

    /// The type of schemas that hold together, or a judged one where something was found to be in the way.
    pub(super) fn or_judged(
        &mut self,
        schemas: &[Part<'n>],
        context: &Context,
        native: impl FnOnce(&mut Self) -> Type,
    ) -> Type {
        let key: Key = schemas.iter().map(|part| part.place.clone()).collect();
        if let Some(obstacle) = self.known.get(&key) {
            let obstacle = obstacle.clone();
            return self.judge(&key, schemas, context, &obstacle);
        }
        // What is merged of several schemas, or of a `$ref` and what is beside it, has no name to refer to itself by.
        if !self.open.insert(key.clone()) {
            let span = schemas.first().map_or(context.origin, |part| part.node.span);
            let obstacle = Obstacle::new(span, "schemas that hold together hold each other within");
            self.found.insert(key, obstacle);
            return Type::Any;
        }
        let around = std::mem::take(&mut self.obstacles);
        let ty = native(self);
        let own = std::mem::replace(&mut self.obstacles, around);
        self.open.remove(&key);
        if let Some(first) = own.into_iter().next() {
            self.found.insert(key, first);
        }
        ty
    }

    fn judge(&mut self, key: &Key, schemas: &[Part<'n>], context: &Context, obstacle: &Obstacle) -> Type {
        let mut context = context.clone();
        if context.target.is_none()
            && let [only] = schemas
            && let Some(title) = only.text("title")
            && casing::is_pascal(title)
        {
            title.clone_into(&mut context.name);
        }
        let id = self.reserve(&context, schemas);
        let message = format!("`{}` is judged by a validator: {}", context.name, obstacle.reason);
        self.report
            .push(Diagnostic::new(&rules::JUDGED, obstacle.span, message, "").with_help(obstacle.help));
        if let Some(warning) = &obstacle.warning {
            self.report.push(warning.clone());
        }
        for schema in schemas {
            self.inspect(schema);
        }
        let schema = match key.as_slice() {
            [only] if self.is_whole(only.document) => bundle::resources(self.documents, only.document),
            _ => bundle::excerpt(self.documents, key),
        };
        if !self.report.has_errors()
            && let Err(error) = validator::options().build(&schema)
        {
            let message: String = format!("no validator can be made of this schema: {error}")
                .chars()
                .take(300)
                .collect();
            let help = "let every `$ref` lead to a schema of this contract";
            self.report
                .push(Diagnostic::new(&rules::NOT_JUDGED, obstacle.span, message, "").with_help(help));
        }
        self.define(id, DefinitionKind::Judged(schema));
        Type::Named(id)
    }

    /// Looks for faults in a judged schema and in all that it leads to.
    pub(super) fn inspect(&mut self, start: &Part<'n>) {
        let mut waiting = vec![start.clone()];
        while let Some(part) = waiting.pop() {
            if !self.inspected.insert(part.place.clone()) {
                continue;
            }
            self.check_words(&part);
            self.check_texts(&part);
            waiting.extend(self.edges(&part, false));
        }
        self.follow_in_place(start);
    }

    /// The schemas that a schema leads to.
    fn edges(&mut self, part: &Part<'n>, in_place: bool) -> Vec<Part<'n>> {
        let mut edges = Vec::new();
        // Within a schema with an `$id` of its own a `$ref` is relative to that; the validator finds what is missing.
        let whole = self.is_whole(part.place.document);
        if let Some(reference) = part.get("$ref").filter(|node| node.as_str().is_some()) {
            let target = if whole {
                let place = self
                    .documents
                    .follow(reference.as_str().unwrap_or_default(), &part.place);
                place.and_then(|place| self.documents.part(place))
            } else {
                self.documents.referred(part, reference, self.report)
            };
            edges.extend(target);
            if self.documents.draft_of(part) == Draft::Draft7 {
                return edges;
            }
        }
        if let Some(reference) = part.text("$dynamicRef") {
            let place = self.documents.follow(reference, &part.place);
            edges.extend(place.and_then(|place| self.documents.part(place)));
        }
        let within = part.subschemas();
        edges.extend(
            within
                .into_iter()
                .filter(|(key, _)| {
                    if in_place {
                        is_in_place(key)
                    } else {
                        !["$defs", "definitions"].contains(key)
                    }
                })
                .map(|(_, part)| part),
        );
        edges
    }

    /// Reports schemas that lead to themselves without going deeper into the document, which no validator survives.
    fn follow_in_place(&mut self, start: &Part<'n>) {
        let mut reached: Vec<Part<'n>> = vec![start.clone()];
        let mut seen = std::collections::HashSet::new();
        while let Some(part) = reached.pop() {
            if !seen.insert(part.place.clone()) || self.circles.contains_key(&part.place) {
                continue;
            }
            self.circle(&part);
            reached.extend(self.edges(&part, false));
        }
    }

    /// A walk with its own stack: a chain of references may be as long as the contract.
    fn circle(&mut self, start: &Part<'n>) {
        let first = self.edges(start, true);
        self.circles.insert(start.place.clone(), true);
        let mut stack = vec![(start.clone(), first)];
        while let Some((part, edges)) = stack.last_mut() {
            let Some(next) = edges.pop() else {
                let place = part.place.clone();
                self.circles.insert(place, false);
                stack.pop();
                continue;
            };
            match self.circles.get(&next.place) {
                Some(true) => {
                    let span = part.get("$ref").or(part.get("$dynamicRef")).unwrap_or(next.node).span;
                    self.report.push(circular(span));
                }
                Some(false) => {}
                None => {
                    self.circles.insert(next.place.clone(), true);
                    let edges = self.edges(&next, true);
                    stack.push((next, edges));
                }
            }
        }
    }

    /// Reports patterns and formats that are none.
    fn check_texts(&mut self, part: &Part<'n>) {
        if self.documents.draft_of(part) == Draft::Draft7 && part.get("$ref").is_some() {
            return;
        }
        let mut patterns: Vec<(&str, Span)> = Vec::new();
        if let Some(node) = part.get("pattern")
            && let Some(text) = node.as_str()
        {
            patterns.push((text, node.span));
        }
        for entry in part
            .get("patternProperties")
            .and_then(Node::as_mapping)
            .into_iter()
            .flatten()
        {
            patterns.push((&entry.key, entry.key_span));
        }
        for (pattern, span) in patterns {
            self.judgeable_pattern(pattern, span, "it is not of the syntax that ECMA-262 defines");
        }
        if let Some(entry) = part.entry("format")
            && let Some(name) = entry.value.as_str()
            && !["idn-email", "idn-hostname"].contains(&name)
            && Format::ALL.iter().all(|format| format.as_str() != name)
        {
            self.unknown_format(entry);
        }
    }
}
