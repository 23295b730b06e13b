//! `propertyNames`, and members that must not be there.

use indexmap::IndexMap;
use serde_json::json;

use super::Lowerer;
use super::object::Member;
use super::part::{Part, Types};
use super::scalar::{entries, size};
use super::values;
use crate::contract::payload::{JsonType, Names, Text};
use crate::diagnostics::Diagnostic;
use crate::rules::payload as rules;
use crate::source::Value;
use crate::validator;

impl<'n> Lowerer<'n, '_> {
    /// What the parts ask of the names of members.
    pub(super) fn names(&mut self, parts: &[Part<'n>]) -> Names {
        let mut about: Vec<Part<'n>> = Vec::new();
        for schema in parts.iter().filter_map(|part| part.child(&["propertyNames"])) {
            let Some(flat) = self.documents.flatten(&schema, self.report) else {
                return Names::Any;
            };
            for part in flat {
                if about.iter().all(|known| known.place != part.place) {
                    about.push(part);
                }
            }
        }
        if let Some(values) = values::listed(&about) {
            let mut names: Vec<String> = Vec::new();
            for value in self.allowed(&about, values) {
                if let Some(name) = value.as_str().filter(|name| names.iter().all(|known| known != name)) {
                    names.push(name.to_owned());
                }
            }
            return Names::OneOf(names);
        }
        for part in &about {
            self.check_keywords(part);
        }
        if let Some(union) = ["oneOf", "anyOf"]
            .iter()
            .find_map(|key| entries(&about, key).first().copied())
        {
            self.obstacle(union.key_span, format!("`{}` says what names are", union.key));
            return Names::Any;
        }
        let types = self.documents.types(&about).unwrap_or_else(Types::all);
        let (shortest, longest) = (size(&about, "minLength", true), size(&about, "maxLength", false));
        let contradictory = shortest
            .zip(longest)
            .is_some_and(|(shortest, longest)| shortest > longest);
        if !types.has(JsonType::String) || contradictory {
            // An object without members is still one.
            return Names::OneOf(Vec::new());
        }
        let text = self.text_rules(&about);
        if text.is_any() { Names::Any } else { Names::Like(text) }
    }

    /// Takes out the members that must not be there, and gives those of them whose schemas say so; the others have names
    /// that no member may have.
    pub(super) fn take_never(
        &mut self,
        parts: &[Part<'n>],
        names: &Names,
        members: &mut IndexMap<&'n str, Member<'n>>,
    ) -> Vec<String> {
        let may_have = judge(names);
        let mut never = Vec::new();
        members.retain(|name, member| {
            let refused = member
                .schemas
                .iter()
                .find(|schema| schema.node.value == Value::Bool(false));
            let fits = may_have(name);
            if fits && refused.is_none() {
                return true;
            }
            if fits {
                never.push((*name).to_owned());
            }
            if member.required {
                let (span, message) = match refused {
                    Some(schema) => (
                        Some(schema.node.span),
                        format!("the member `{name}` is required, and its schema is `false`"),
                    ),
                    None => (
                        entries(parts, "propertyNames").first().map(|entry| entry.key_span),
                        format!("the member `{name}` is required, and `propertyNames` refuses its name"),
                    ),
                };
                let mut diagnostic = Diagnostic::new(&rules::CONTRADICTION, member.span, message, "");
                if let Some(span) = span {
                    diagnostic = diagnostic.with_label(span, "this refuses it");
                }
                let help = "change one of the rules: as they are, no document is valid";
                self.report.push(diagnostic.with_help(help));
            }
            false
        });
        never
    }
}

/// Whether a name is one that a member may have.
fn judge(names: &Names) -> Box<dyn Fn(&str) -> bool + '_> {
    match names {
        Names::Any => Box::new(|_| true),
        Names::OneOf(names) => Box::new(|name| names.iter().any(|known| known == name)),
        Names::Like(text) => match validator(text) {
            Some(validator) => Box::new(move |name| validator.is_valid(&json!(name))),
            None => Box::new(|_| true),
        },
    }
}

fn validator(text: &Text) -> Option<jsonschema::Validator> {
    let mut schema = json!({ "minLength": text.min_length });
    if let Some(schema) = schema.as_object_mut() {
        schema.extend(text.max_length.map(|most| ("maxLength".to_owned(), most.into())));
        let pattern = text.pattern.as_ref().map(|pattern| pattern.source.as_str());
        schema.extend(pattern.map(|pattern| ("pattern".to_owned(), pattern.into())));
        let format = text.format.map(crate::contract::payload::Format::as_str);
        schema.extend(format.map(|format| ("format".to_owned(), format.into())));
    }
    validator::options().build(&schema).ok()
}
