//! Values that `enum` and `const` list. Every other rule about them is held against them here, once and for all.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::bundle;
use super::document::Place;
use super::part::{Part, Types, whole};
use super::scalar::entries;
use super::{Context, Lowerer};
use crate::casing;
use crate::contract::payload::{DefinitionKind, EnumValue, Integer, JsonType, ListedValue, Type};
use crate::diagnostics::{Diagnostic, Level};
use crate::rules::payload as rules;
use crate::source::Node;
use crate::validator;

/// The longest name that is made of a value, in characters.
const LONGEST: usize = 60;

/// A value that a schema lists, and what it says about it.
pub(super) struct Listed {
    pub value: Json,
    pub description: Option<String>,
    pub deprecated: bool,
}

/// The values that `enum` and `const` leave, where one of them is there.
pub(super) fn listed<'n>(parts: &[Part<'n>]) -> Option<Vec<&'n Node>> {
    let mut listed: Option<Vec<&'n Node>> = None;
    for part in parts {
        let constant = part.get("const").map(std::slice::from_ref);
        let values = part.get("enum").and_then(Node::as_sequence);
        for values in [constant, values].into_iter().flatten() {
            listed = Some(match listed {
                None => values.iter().collect(),
                Some(mut kept) => {
                    let values: HashSet<String> = values.iter().map(|value| identity(&value.to_json())).collect();
                    kept.retain(|kept| values.contains(&identity(&kept.to_json())));
                    kept
                }
            });
        }
    }
    listed
}

/// A text that two values share if JSON Schema takes them for equal: `1` and `1.0` are one number, and the order of members does
/// not matter.
fn identity(value: &Json) -> String {
    match value {
        Json::Number(number) => match whole(number) {
            Some(number) => number.to_string(),
            None => number
                .as_f64()
                .map_or_else(|| number.to_string(), |float| format!("{float:e}")),
        },
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(identity).collect();
            format!("[{}]", items.join(","))
        }
        Json::Object(members) => {
            let mut members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}:{}", Json::from(name.as_str()), identity(value)))
                .collect();
            members.sort_unstable();
            format!("{{{}}}", members.join(","))
        }
        Json::Null | Json::Bool(_) | Json::String(_) => value.to_string(),
    }
}

/// Each value once.
pub(super) fn distinct(mut values: Vec<Listed>) -> Vec<Listed> {
    let mut known = HashSet::new();
    values.retain(|listed| known.insert(identity(&listed.value)));
    values
}

impl<'n> Lowerer<'n, '_> {
    /// The type of parts that list values.
    pub(super) fn listed(&mut self, parts: &[Part<'n>], values: Vec<&'n Node>, context: &Context) -> Type {
        let values = self.allowed(parts, values);
        if values.is_empty() {
            let message = "none of the values is allowed by the other rules";
            self.contradiction(parts, ["enum", "const", "type"], message);
            return Type::Any;
        }
        self.of_nodes(parts, &values, context)
    }

    /// The type of those values that have a JSON type.
    pub(super) fn listed_of(&mut self, parts: &[Part<'n>], json: JsonType, context: &Context) -> Type {
        let mut values = self.allowed(parts, listed(parts).unwrap_or_default());
        let types = Types::one(json);
        values.retain(|value| !types.and(Types::of_value(value)).is_empty());
        self.of_nodes(parts, &values, context)
    }

    fn of_nodes(&mut self, parts: &[Part<'n>], values: &[&'n Node], context: &Context) -> Type {
        let values = values.iter().map(|value| Listed {
            value: value.to_json(),
            description: None,
            deprecated: false,
        });
        self.of_values(parts, distinct(values.collect()), context)
    }

    /// The values that all the other rules allow.
    pub(super) fn allowed(&mut self, parts: &[Part<'n>], mut values: Vec<&'n Node>) -> Vec<&'n Node> {
        let assertions = self.assertions(parts);
        if assertions
            .iter()
            .all(|entry| ["type", "enum", "const"].contains(&entry.key.as_str()))
        {
            for part in parts {
                self.check_words(part);
            }
            let types = self.documents.types(parts).unwrap_or_else(Types::all);
            values.retain(|value| !types.and(Types::of_value(value)).is_empty());
            return values;
        }
        for part in parts {
            self.inspect(part);
        }
        // A schema that leads to itself or nowhere is reported, and no validator survives it.
        let fatal =
            |finding: &Diagnostic| finding.level == Level::Error && finding.rule.code != rules::CONTRADICTION.code;
        if self.report.diagnostics().iter().any(fatal) {
            return values;
        }
        let places: Vec<Place> = parts.iter().map(|part| part.place.clone()).collect();
        match validator::options().build(&bundle::excerpt(self.documents, &places)) {
            Ok(judge) => values.retain(|value| judge.is_valid(&value.to_json())),
            Err(error) => {
                let message: String = format!("no validator can be made of this schema: {error}")
                    .chars()
                    .take(300)
                    .collect();
                let span = parts
                    .first()
                    .map_or_else(|| values.first().map(|value| value.span), |part| Some(part.node.span));
                if let Some(span) = span {
                    let help = "let every `$ref` lead to a schema of this contract";
                    self.report
                        .push(Diagnostic::new(&rules::NOT_JUDGED, span, message, "").with_help(help));
                }
            }
        }
        values
    }

    /// The type of values, each of which is listed once.
    pub(super) fn of_values(&mut self, parts: &[Part<'n>], mut values: Vec<Listed>, context: &Context) -> Type {
        let all = values.len();
        values.retain(|listed| !listed.value.is_null());
        if values.is_empty() {
            return Type::Null;
        }
        if values.len() == all {
            return self.of_some_values(parts, values, context);
        }
        let mut context = context.clone();
        // What is referred to is one of the values or `null`.
        context.target = None;
        context.constant = false;
        Type::Nullable(Box::new(self.of_some_values(parts, values, &context)))
    }

    fn of_some_values(&mut self, parts: &[Part<'n>], values: Vec<Listed>, context: &Context) -> Type {
        if let [only] = values.as_slice()
            && let Some(text) = only.value.as_str()
            && context.constant
        {
            return Type::Constant(text.to_owned());
        }
        if values.len() == 2 && values.iter().all(|listed| listed.value.is_boolean()) {
            return Type::Boolean;
        }
        if let Some(allowed) = integers(&values) {
            return Type::Integer(Integer {
                minimum: None,
                exclusive_minimum: None,
                maximum: None,
                exclusive_maximum: None,
                multiple_of: None,
                allowed,
            });
        }
        let span = entries(parts, "enum")
            .first()
            .map_or(context.origin, |entry| entry.value.span);
        let id = self.reserve(context, parts);
        let kind = if values.iter().all(|listed| listed.value.is_string()) {
            let values = values.into_iter().filter_map(|listed| {
                Some(EnumValue {
                    text: listed.value.as_str()?.to_owned(),
                    description: listed.description,
                    deprecated: listed.deprecated,
                })
            });
            let values: Vec<EnumValue> = values.collect();
            let named = values
                .iter()
                .map(|value| (casing::pascal(&value.text), value.text.as_str()));
            self.check_variants(named, span);
            DefinitionKind::Enum(values)
        } else {
            let values = values.into_iter().map(|listed| ListedValue {
                variant: variant(&listed.value).chars().take(LONGEST).collect(),
                value: listed.value,
                description: listed.description,
                deprecated: listed.deprecated,
            });
            let values: Vec<ListedValue> = values.collect();
            let shown: Vec<String> = values.iter().map(|listed| listed.value.to_string()).collect();
            let named = values.iter().map(|listed| listed.variant.clone());
            self.check_variants(named.zip(shown.iter().map(String::as_str)), span);
            DefinitionKind::Values(values)
        };
        self.define(id, kind);
        Type::Named(id)
    }
}

/// The values as integers, if all of them are and one type of Rust holds them.
fn integers(values: &[Listed]) -> Option<Vec<i128>> {
    let integers: Vec<i128> = values
        .iter()
        .map(|listed| listed.value.as_number().and_then(whole))
        .collect::<Option<_>>()?;
    let signed = integers.iter().all(|value| i64::try_from(*value).is_ok());
    let unsigned = integers.iter().all(|value| u64::try_from(*value).is_ok());
    (signed || unsigned).then_some(integers)
}

/// The name of a value in `PascalCase`.
fn variant(value: &Json) -> String {
    match value {
        Json::Null => "Null".to_owned(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        Json::Number(number) => {
            let text = whole(number).map_or_else(|| number.to_string(), |whole| whole.to_string());
            let name = text.replace('-', "Minus").replace('+', "").replace('.', "_");
            if text.starts_with('-') {
                name
            } else {
                format!("N{name}")
            }
        }
        Json::String(text) => casing::pascal(text),
        Json::Array(items) if items.is_empty() => "EmptyList".to_owned(),
        Json::Array(items) => format!("List{}", items.iter().map(variant).collect::<String>()),
        Json::Object(members) if members.is_empty() => "EmptyObject".to_owned(),
        Json::Object(members) => members
            .iter()
            .flat_map(|(name, value)| [casing::pascal(name), variant(value)])
            .collect(),
    }
}
