//! Schemas that hold together: a schema with its `$ref` and its `allOf` is one list of parts, each with keywords.

use std::collections::HashSet;

use super::document::{Documents, Place};
use super::keywords;
use crate::contract::payload::{Draft, JsonType};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::payload as rules;
use crate::source::{Entry, Node, Span, Value};

/// A schema and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Part<'n> {
    pub place: Place,
    pub node: &'n Node,
}

impl<'n> Part<'n> {
    pub(super) fn entry(&self, key: &str) -> Option<&'n Entry> {
        self.node.as_mapping()?.entry(key)
    }

    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.node.get(key)
    }

    pub(super) fn text(&self, key: &str) -> Option<&'n str> {
        self.get(key)?.as_str()
    }

    /// A schema inside this one.
    pub(super) fn child(&self, steps: &[&str]) -> Option<Self> {
        let mut part = self.clone();
        for step in steps {
            part.place = part.place.child(step);
            part.node = match &part.node.value {
                Value::Mapping(mapping) => mapping.get(step)?,
                Value::Sequence(items) => items.get(step.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(part)
    }

    /// The schemas in a list inside this one.
    pub(super) fn children(&self, key: &str) -> Vec<Self> {
        let items = self.get(key).and_then(Node::as_sequence).unwrap_or_default();
        (0..items.len())
            .filter_map(|index| self.child(&[key, &index.to_string()]))
            .collect()
    }

    /// The keywords that restrict documents. Beside `$ref` draft-07 has none.
    pub(super) fn assertions(&self, draft: Draft) -> Vec<&'n Entry> {
        let entries = self.node.as_mapping().into_iter().flatten();
        let hidden = draft == Draft::Draft7 && self.get("$ref").is_some();
        entries
            .filter(|entry| keywords::is_assertion(&entry.key, draft) && (!hidden || entry.key == "$ref"))
            .collect()
    }
}

/// What was met on the way through the parts of a schema.
#[derive(Default)]
struct Way {
    /// What leads to the part that is looked at.
    open: HashSet<Place>,
    /// The parts that are among those found.
    known: HashSet<Place>,
}

/// What a schema without rules of its own stands for.
pub(super) enum Alias<'n> {
    /// Another schema, and nothing more.
    To(Part<'n>),
    /// Itself.
    Own,
    /// Nothing; reported.
    Broken,
}

impl<'n> Documents<'n> {
    pub(super) fn part(&self, place: Place) -> Option<Part<'n>> {
        let node = self.node(&place)?;
        Some(Part { place, node })
    }

    pub(super) fn draft_of(&self, part: &Part<'_>) -> Draft {
        self.get(part.place.document)
            .map_or(Draft::Draft202012, |document| document.draft)
    }

    /// Follows a `$ref`, or an `allOf` of one schema, beside which there are no rules.
    pub(super) fn alias(&self, part: &Part<'n>, report: &mut Report) -> Alias<'n> {
        let draft = self.draft_of(part);
        match part.assertions(draft).as_slice() {
            [only] if only.key == "$ref" => match self.referred(part, &only.value, report) {
                Some(target) => Alias::To(target),
                None => Alias::Broken,
            },
            [only] if only.key == "allOf" => match part.children("allOf").as_slice() {
                [child] => Alias::To(child.clone()),
                _ => Alias::Own,
            },
            _ => Alias::Own,
        }
    }

    /// Where a schema's `$ref` leads.
    pub(super) fn referred(&self, part: &Part<'n>, reference: &'n Node, report: &mut Report) -> Option<Part<'n>> {
        let place = self.resolve(reference, &part.place, report)?;
        let target = self.part(place)?;
        if self.draft_of(&target) != self.draft_of(part) {
            let message = "the schema that this leads to follows another draft";
            let help = "give both files the same `$schema`";
            report.push(Diagnostic::new(&rules::MIXED_DRAFTS, reference.span, message, "").with_help(help));
            return None;
        }
        Some(target)
    }

    /// The parts of a schema: itself, and what its `$ref` and `allOf` add to it. `None` where a reference is broken.
    pub(super) fn flatten(&self, part: &Part<'n>, report: &mut Report) -> Option<Vec<Part<'n>>> {
        let mut parts = Vec::new();
        let mut way = Way::default();
        self.flatten_into(part, part.node.span, &mut parts, &mut way, report)
            .then_some(parts)
    }

    fn flatten_into(
        &self,
        part: &Part<'n>,
        from: Span,
        parts: &mut Vec<Part<'n>>,
        way: &mut Way,
        report: &mut Report,
    ) -> bool {
        if way.open.contains(&part.place) {
            report.push(circular(from));
            return false;
        }
        if way.known.contains(&part.place) {
            // Said twice, it holds once.
            return true;
        }
        way.open.insert(part.place.clone());
        // Beside `$ref` draft-07 has no rules.
        let hidden = self.draft_of(part) == Draft::Draft7 && part.get("$ref").is_some();
        if hidden {
            keywords::check_beside_ref(part.node, report);
        } else {
            way.known.insert(part.place.clone());
            parts.push(part.clone());
        }
        let mut sound = true;
        if let Some(reference) = part.get("$ref") {
            sound &= match self.referred(part, reference, report) {
                Some(target) => self.flatten_into(&target, reference.span, parts, way, report),
                None => false,
            };
        }
        if !hidden {
            for child in part.children("allOf") {
                sound &= self.flatten_into(&child, child.node.span, parts, way, report);
            }
        }
        way.open.remove(&part.place);
        sound
    }

    /// The types that a schema leaves open, as far as its `type`, `enum`, `const` and unions say. `None` where a union
    /// is a branch of itself.
    pub(super) fn types(&self, parts: &[Part<'n>]) -> Option<Types> {
        self.types_within(parts, &mut Vec::new())
    }

    fn types_within(&self, parts: &[Part<'n>], open: &mut Vec<Place>) -> Option<Types> {
        let mut types = Types::all();
        for part in parts {
            if self.draft_of(part) == Draft::Draft7 && part.get("$ref").is_some() {
                continue;
            }
            if part.node.value == Value::Bool(false) {
                return Some(Types::none());
            }
            if let Some(named) = part.get("type") {
                types = types.and(Types::named(named));
            }
            if let Some(value) = part.get("const") {
                types = types.and(Types::of_value(value));
            }
            if let Some(values) = part.get("enum").and_then(Node::as_sequence) {
                let any = values
                    .iter()
                    .fold(Types::none(), |types, value| types.or(Types::of_value(value)));
                types = types.and(any);
            }
            for key in ["oneOf", "anyOf"] {
                let children = part.children(key);
                if !children.is_empty() {
                    if open.contains(&part.place) {
                        return None;
                    }
                    open.push(part.place.clone());
                    types = types.and(self.branch_types(&children, open)?);
                    open.pop();
                }
            }
        }
        Some(types)
    }

    fn branch_types(&self, branches: &[Part<'n>], open: &mut Vec<Place>) -> Option<Types> {
        // Faults of the branches are reported where they are lowered.
        let mut silent = Report::default();
        branches.iter().try_fold(Types::none(), |types, branch| {
            let branch = match self.flatten(branch, &mut silent) {
                Some(parts) => self.types_within(&parts, open)?,
                None => Types::all(),
            };
            Some(types.or(branch))
        })
    }
}

pub(super) fn circular(span: Span) -> Diagnostic {
    Diagnostic::new(
        &rules::CIRCULAR_REF,
        span,
        "the `$ref` leads to itself and to no schema",
        "",
    )
    .with_help("let one of the schemas on the way say what a value looks like, for example by `type`")
}

/// A set of JSON types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    pub(super) const fn none() -> Self {
        Self(0)
    }

    pub(super) fn all() -> Self {
        JsonType::ALL
            .into_iter()
            .fold(Self::none(), |types, ty| types.or(Self::one(ty)))
    }

    /// A number may be an integer; so the set of a number holds both.
    pub(super) fn one(ty: JsonType) -> Self {
        match ty {
            JsonType::Number => Self((1 << JsonType::Number as u8) | (1 << JsonType::Integer as u8)),
            ty => Self(1 << ty as u8),
        }
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, ty: JsonType) -> Self {
        Self(self.0 & !Self::one(ty).0)
    }

    /// With integers among the numbers, and numbers among the integers: a look at a document does not tell them apart.
    pub(super) fn whole_numbers(self) -> Self {
        let number = Self::one(JsonType::Number);
        if self.and(number).is_empty() {
            self
        } else {
            self.or(number)
        }
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn has(self, ty: JsonType) -> bool {
        self.0 & (1 << ty as u8) != 0
    }

    /// The types, where a number stands for integers as well.
    pub(super) fn list(self) -> Vec<JsonType> {
        JsonType::ALL
            .into_iter()
            .filter(|ty| self.has(*ty) && !(*ty == JsonType::Integer && self.has(JsonType::Number)))
            .collect()
    }

    /// What `type` names.
    fn named(node: &Node) -> Self {
        let one = |node: &Node| {
            let name = node.as_str()?;
            JsonType::ALL.into_iter().find(|ty| ty.as_str() == name).map(Self::one)
        };
        match node.as_sequence() {
            Some(names) => names.iter().filter_map(one).fold(Self::none(), Self::or),
            None => one(node).unwrap_or(Self::none()),
        }
    }

    pub(super) fn of_value(node: &Node) -> Self {
        Self::one(match &node.value {
            Value::Null => JsonType::Null,
            Value::Bool(_) => JsonType::Boolean,
            Value::Number(number) if whole(number).is_some() => JsonType::Integer,
            Value::Number(_) => return Self(1 << JsonType::Number as u8),
            Value::String(_) => JsonType::String,
            Value::Sequence(_) => JsonType::Array,
            Value::Mapping(_) => JsonType::Object,
        })
    }
}

/// A number as an integer, if it is one that 128 bits hold.
#[allow(
    clippy::cast_possible_truncation,
    reason = "whole and within the range of f64's exact integers"
)]
pub(super) fn whole(number: &serde_json::Number) -> Option<i128> {
    if let Some(value) = number.as_i128() {
        return Some(value);
    }
    let value = number.as_f64()?;
    (value.fract() == 0.0 && value.abs() < 1e30).then_some(value as i128)
}
