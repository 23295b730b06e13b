//! Advice on payloads: what most schemas should say and no schema has to. One finding a file and kind.

use std::collections::HashSet;

use crate::contract::payload::{Additional, Definition, DefinitionKind, Integer, Rest, Type};
use crate::contract::{Contract, Verdict};
use crate::diagnostics::{Diagnostic, Report, Rule};
use crate::rules::payload as rules;
use crate::source::Span;

use super::extent;

/// The largest whole number that JavaScript tells from its neighbours: 2^53 - 1.
const LARGEST_SAFE: i128 = (1 << 53) - 1;

/// How many names a finding lists.
const LISTED: usize = 5;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    // Who has faults to mend does not want advice, and what became of a faulty schema says nothing.
    if report.has_errors() {
        return;
    }
    for (module, _) in contract.payloads.modules() {
        let mut found = Found::default();
        for (_, definition) in contract.payloads.definitions(module) {
            found.of_definition(definition);
        }
        found.report(report);
    }
    let valid = contract
        .examples
        .iter()
        .filter(|example| example.verdict == Verdict::Valid);
    let shown: HashSet<&str> = valid.map(|example| example.payload.as_str()).collect();
    for payload in contract.payloads.iter() {
        let root = contract.payloads.definition(payload.root);
        if root.docs.examples.is_empty() && !shown.contains(payload.name.as_str()) {
            let message = format!("nobody shows what a `{}` looks like", payload.name);
            let help = format!(
                "put a document into `examples/{}/valid/`, or under `examples` in the schema: it is held against the schema, \
                 and the reference shows it",
                payload.name
            );
            report.push(Diagnostic::new(&rules::NO_EXAMPLE, payload.origin, message, "").with_help(help));
        }
    }
}

/// A part of a payload: what it is called, and where it stands.
type Named = (String, Span);

/// What there is to advise on a file.
#[derive(Default)]
struct Found {
    texts: Vec<Named>,
    lists: Vec<Named>,
    free: Vec<Named>,
    integers: Vec<Named>,
    silent: Vec<Named>,
}

impl Found {
    fn of_definition(&mut self, definition: &Definition) {
        let (name, place) = (definition.name.as_str(), definition.origin);
        match &definition.kind {
            DefinitionKind::Struct(object) => {
                if definition.docs.description.is_none() {
                    self.silent.push((name.to_owned(), place));
                }
                for field in &object.fields {
                    if field.docs.description.is_none() {
                        self.silent.push((field.name.clone(), field.origin));
                    }
                    self.of_type(&field.ty, &field.name, field.origin);
                }
                if let Additional::Kept(ty) = &object.additional {
                    self.of_type(ty, name, place);
                }
            }
            DefinitionKind::Text(text) => {
                if extent::characters(text).1.is_none() {
                    self.texts.push((name.to_owned(), place));
                }
            }
            DefinitionKind::Tuple(tuple) => {
                for position in &tuple.positions {
                    self.of_type(&position.ty, name, place);
                }
                if let Rest::Kept(ty) = &tuple.rest {
                    if tuple.rules.max.is_none() {
                        self.lists.push((name.to_owned(), place));
                    }
                    self.of_type(ty, name, place);
                }
            }
            DefinitionKind::Untagged(variants) => {
                for variant in variants {
                    self.of_type(&variant.ty, name, place);
                }
            }
            DefinitionKind::Wrapper(ty) => self.of_type(ty, name, place),
            DefinitionKind::Enum(_)
            | DefinitionKind::Values(_)
            | DefinitionKind::Tagged(_)
            | DefinitionKind::Judged(_) => {}
        }
    }

    fn of_type(&mut self, ty: &Type, name: &str, place: Span) {
        let kind = match ty {
            Type::Any | Type::AnyObject => &mut self.free,
            Type::Text(text) if extent::characters(text).1.is_none() => &mut self.texts,
            Type::Integer(integer) if is_large(integer) => &mut self.integers,
            Type::Nullable(inner) => return self.of_type(inner, name, place),
            Type::Array(array) => {
                self.of_type(&array.item, name, place);
                if array.rules.max.is_some() || array.rules.closed {
                    return;
                }
                &mut self.lists
            }
            Type::Map(map) => return self.of_type(&map.value, name, place),
            _ => return,
        };
        kind.push((name.to_owned(), place));
    }

    fn report(&self, report: &mut Report) {
        let kinds: [(&'static Rule, &[Named], &str, &str, &str); 5] = [
            (
                &rules::UNBOUNDED_TEXT,
                &self.texts,
                "text",
                "can be of any length",
                "say the longest one that anybody needs with `maxLength`",
            ),
            (
                &rules::UNBOUNDED_LIST,
                &self.lists,
                "list",
                "can be of any length",
                "say the longest one that anybody needs with `maxItems`",
            ),
            (
                &rules::FREE_FORM,
                &self.free,
                "value",
                "can be any JSON",
                "describe what is known of it with `properties`, or with `additionalProperties` for what its members are",
            ),
            (
                &rules::LARGE_INTEGER,
                &self.integers,
                "whole number",
                "can be beyond 2^53, where JavaScript rounds",
                "say what is enough with `minimum` and `maximum`, or send such a number as text",
            ),
            (
                &rules::NO_DESCRIPTION,
                &self.silent,
                "part",
                "of the schema is not explained",
                "say in a sentence what it means with `description`",
            ),
        ];
        for (rule, found, noun, what, help) in kinds {
            let Some((_, place)) = found.first() else {
                continue;
            };
            let what = if found.len() == 1 {
                what.to_owned()
            } else {
                what.replacen("is not", "are not", 1)
            };
            let names: Vec<String> = found.iter().take(LISTED).map(|(name, _)| format!("`{name}`")).collect();
            let more = match found.len().saturating_sub(LISTED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let plural = if found.len() == 1 { "" } else { "s" };
            let message = format!("{} {noun}{plural} {what}: {}{more}", found.len(), names.join(", "));
            report.push(Diagnostic::new(rule, *place, message, "").with_help(help));
        }
    }
}

fn is_large(integer: &Integer) -> bool {
    let beyond = |bound: Option<i128>| bound.is_none_or(|bound| bound.abs() > LARGEST_SAFE);
    beyond(integer.lowest()) || beyond(integer.highest())
}
