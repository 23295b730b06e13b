//! Objects and maps.

use indexmap::IndexMap;

use super::part::Part;
use super::scalar::{entries, sizes};
use super::schema::docs;
use super::{Context, Lowerer};
use crate::contract::payload::{Additional, DefinitionKind, Docs, Field, Map, Names, Properties, Struct, Type};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::payload as rules;
use crate::source::{Node, Span, Value};

/// A member that some part names.
pub(super) struct Member<'n> {
    pub span: Span,
    pub schemas: Vec<Part<'n>>,
    pub required: bool,
}

/// What parts say about members that they do not name.
struct Others<'n> {
    refused: bool,
    schemas: Vec<Part<'n>>,
}

impl<'n> Lowerer<'n, '_> {
    pub(super) fn object(&mut self, parts: &[Part<'n>], context: &Context) -> Type {
        let (min, max) = sizes(self, parts, "minProperties", "maxProperties");
        let others = others(parts);
        let mut members = self.members(parts, &others);
        let all = members.len();
        let names = self.names(parts);
        let never = self.take_never(parts, &names, &mut members);
        let mut rules = Properties { min, max, names, never };
        self.check_count(parts, &members, &others, &rules);
        if others.refused && all == members.len() {
            // What is there is named, and its name follows the rules.
            rules.names = Names::Any;
        }
        if members.is_empty() && !others.refused {
            return self.open_object(&others, rules, context);
        }
        let id = self.reserve(context, parts);
        let fields = members
            .iter()
            .map(|(name, member)| self.field(name, member, context))
            .collect();
        let additional = match (others.refused, others.schemas.first()) {
            (true, _) => Additional::Refused,
            (false, Some(first)) => {
                let context = context.child("Additional", first.node.span);
                Additional::Kept(self.joined(&others.schemas, &context))
            }
            // Where members are counted, all of them must be kept.
            (false, None) if rules.is_counted() => Additional::Kept(Type::Any),
            (false, None) => Additional::Ignored,
        };
        let keeps_others = matches!(additional, Additional::Kept(_));
        self.check_fields(members.iter().map(|(name, member)| (*name, member.span)), keeps_others);
        let object = Struct {
            fields,
            additional,
            rules,
        };
        self.define(id, DefinitionKind::Struct(object));
        Type::Named(id)
    }

    /// An object of which no member is named.
    fn open_object(&mut self, others: &Others<'n>, rules: Properties, context: &Context) -> Type {
        let value = match others.schemas.first() {
            Some(first) => {
                let context = context.child("Value", first.node.span);
                self.joined(&others.schemas, &context)
            }
            None if rules.is_any() => return Type::AnyObject,
            None => Type::Any,
        };
        Type::Map(Box::new(Map { value, rules }))
    }

    /// The members that the parts name or require, in the order in which they do.
    fn members(&mut self, parts: &[Part<'n>], others: &Others<'n>) -> IndexMap<&'n str, Member<'n>> {
        let mut members: IndexMap<&'n str, Member<'n>> = IndexMap::new();
        for part in parts {
            for entry in part.get("properties").and_then(Node::as_mapping).into_iter().flatten() {
                if let Some(schema) = part.child(&["properties", &entry.key]) {
                    let member = members.entry(&entry.key).or_insert_with(|| Member {
                        span: entry.key_span,
                        schemas: Vec::new(),
                        required: false,
                    });
                    member.schemas.push(schema);
                }
            }
        }
        for part in parts {
            for name in part.get("required").and_then(Node::as_sequence).into_iter().flatten() {
                let Some(text) = name.as_str() else { continue };
                let member = members.entry(text).or_insert_with(|| Member {
                    span: name.span,
                    schemas: Vec::new(),
                    required: true,
                });
                member.required = true;
            }
        }
        // Few of many parts say anything of members that they do not name.
        let saying = parts.iter().filter(|part| part.entry("additionalProperties").is_some());
        let saying: Vec<&Part<'n>> = saying.collect();
        for (name, member) in &mut members {
            self.complete(name, member, &saying, others);
        }
        members
    }

    /// Adds to a member what parts that do not name it say about it.
    fn complete(&mut self, name: &str, member: &mut Member<'n>, parts: &[&Part<'n>], others: &Others<'n>) {
        let named = |part: &Part<'_>| {
            part.get("properties")
                .is_some_and(|properties| properties.get(name).is_some())
        };
        for part in parts.iter().filter(|part| !named(part)) {
            let Some(entry) = part.entry("additionalProperties") else {
                continue;
            };
            match &entry.value.value {
                Value::Bool(false) => {
                    let message = format!("the member `{name}` is refused by `additionalProperties: false`");
                    let help = format!("name `{name}` under the `properties` beside `additionalProperties`");
                    let diagnostic = Diagnostic::new(&rules::CONTRADICTION, member.span, message, "")
                        .with_label(entry.key_span, "this refuses it")
                        .with_help(help);
                    self.report.push(diagnostic);
                }
                Value::Bool(true) => {}
                _ => member.schemas.extend(
                    others
                        .schemas
                        .iter()
                        .filter(|schema| schema.place.pointer == part.place.child("additionalProperties").pointer)
                        .cloned(),
                ),
            }
        }
    }

    fn check_count(
        &mut self,
        parts: &[Part<'n>],
        members: &IndexMap<&str, Member<'n>>,
        others: &Others<'n>,
        rules: &Properties,
    ) {
        let required = members.values().filter(|member| member.required).count() as u64;
        if let Some(max) = rules.max
            && max < required
        {
            let message = format!("{required} members are required, and `maxProperties` is {max}");
            self.contradiction(parts, ["maxProperties", "required"], message);
        }
        let known = others.refused.then_some(members.len());
        let allowed = match &rules.names {
            Names::OneOf(names) => Some(names.iter().filter(|name| !rules.never.contains(name)).count()),
            Names::Any | Names::Like(_) => None,
        };
        if let Some(most) = known.into_iter().chain(allowed).min()
            && rules.min > most as u64
        {
            let message = format!("`minProperties` is {}, and at most {most} can be there", rules.min);
            let keys = ["minProperties", "additionalProperties", "propertyNames"];
            self.contradiction(parts, keys, message);
        }
    }

    fn field(&mut self, name: &str, member: &Member<'n>, context: &Context) -> Field {
        let origin = member.schemas.first().map_or(member.span, |schema| schema.node.span);
        let mut context = context.child(name, origin);
        context.constant = member.required;
        let ty = if member.schemas.is_empty() {
            Type::Any
        } else {
            self.joined(&member.schemas, &context)
        };
        let mut silent = Report::default();
        let parts: Vec<Part<'n>> = member
            .schemas
            .iter()
            .flat_map(|schema| self.documents.flatten(schema, &mut silent).unwrap_or_default())
            .collect();
        let default = self.note_default(&member.schemas, &parts);
        Field {
            name: name.to_owned(),
            docs: Docs {
                examples: docs(&member.schemas).examples,
                // What is said of the member comes before what is said where it refers to.
                ..docs(&parts)
            },
            origin: member.span,
            required: member.required,
            default: default.filter(|_| !member.required),
            ty,
        }
    }
}

fn others<'n>(parts: &[Part<'n>]) -> Others<'n> {
    let refused = entries(parts, "additionalProperties")
        .iter()
        .any(|entry| entry.value.value == Value::Bool(false));
    let schemas = parts
        .iter()
        .filter_map(|part| part.child(&["additionalProperties"]))
        .filter(|schema| schema.node.as_mapping().is_some_and(|mapping| !mapping.is_empty()))
        .collect();
    Others { refused, schemas }
}
