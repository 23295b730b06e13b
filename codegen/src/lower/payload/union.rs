//! `oneOf` and `anyOf`, where a look at a document tells which branch it takes.

use std::collections::HashSet;

use super::judged::Obstacle;
use super::part::{Part, Types, circular};
use super::scalar::entries;
use super::values::{self, Listed};
use super::{Context, Lowerer, keywords};
use crate::casing;
use crate::contract::payload::{DefinitionKind, JsonType, Tagged, TaggedVariant, Type, UntaggedVariant};
use crate::diagnostics::Report;
use crate::source::{Entry, Value};

/// One of the schemas that a document may follow.
struct Branch<'n> {
    schema: Part<'n>,
    parts: Vec<Part<'n>>,
    types: Types,
}

impl<'n> Lowerer<'n, '_> {
    /// The type of parts one of which has a `oneOf` or an `anyOf`.
    pub(super) fn union(&mut self, parts: &[Part<'n>], part: &Part<'n>, entry: &'n Entry, context: &Context) -> Type {
        let beside = self
            .assertions(parts)
            .into_iter()
            .find(|other| other.key_span != entry.key_span && other.key != "type");
        if let Some(beside) = beside {
            self.obstacles.push(Obstacle {
                help: "put it into each of the branches",
                ..Obstacle::new(
                    beside.key_span,
                    format!("`{}` stands beside `{}`", beside.key, entry.key),
                )
            });
            return Type::Any;
        }
        let Some(outer) = self.documents.types(parts) else {
            self.report.push(circular(entry.key_span));
            return Type::Any;
        };
        let mut branches = Vec::new();
        for schema in part.children(&entry.key) {
            let Some(parts) = self.documents.flatten(&schema, self.report) else {
                return Type::Any;
            };
            let types = self.documents.types(&parts).unwrap_or_else(Types::all);
            branches.push(Branch { schema, parts, types });
        }
        if branches.iter().any(|branch| branch.types.and(outer) != branch.types) {
            self.obstacle(entry.key_span, "a `type` narrows the branches of a union");
            return Type::Any;
        }
        let null = Types::one(JsonType::Null);
        let nulls = branches
            .iter()
            .filter(|branch| branch.types.has(JsonType::Null))
            .count();
        if nulls > 1 && entry.key == "oneOf" {
            self.overlap(entry, "more than one branch accepts `null`, so none of them ever does");
        }
        let mut by_null = branches.iter().filter(|branch| branch.types.has(JsonType::Null));
        if branches.len() > 1 && !by_null.all(|branch| self.is_null_certain(&branch.parts)) {
            self.obstacle(entry.key_span, "whether a branch accepts `null` is no part of a type");
            return Type::Any;
        }
        let own_null = branches.iter().any(|branch| branch.types == null);
        branches.retain(|branch| branch.types != null);
        let mut context = context.clone();
        // Where `null` is a branch, what is referred to is the type of the others or `null`.
        context.target = context.target.filter(|_| nulls == 0);
        let context = &context;
        let ty = match branches.as_slice() {
            [] => return Type::Null,
            // It says itself whether it accepts `null`.
            [only] if !own_null => return self.lower(&only.schema, context),
            [only] => self.lower(&only.schema, context),
            branches => self.several(parts, branches, entry, context),
        };
        match ty {
            Type::Nullable(inner) => Type::Nullable(inner),
            ty if nulls > 0 => Type::Nullable(Box::new(ty)),
            ty => ty,
        }
    }

    /// Whether parts that leave `null` open accept it, as far as a look at them tells.
    fn is_null_certain(&self, parts: &[Part<'n>]) -> bool {
        parts.iter().all(|part| {
            let draft = self.documents.draft_of(part);
            part.assertions(draft).iter().all(|entry| match entry.key.as_str() {
                "oneOf" | "anyOf" => {
                    let branches = part.children(&entry.key).into_iter();
                    let branches = branches.map(|branch| self.documents.flatten(&branch, &mut Report::default()));
                    let Some(branches) = branches.collect::<Option<Vec<_>>>() else {
                        return false;
                    };
                    let with_null = branches.iter().filter(|parts| {
                        let types = self.documents.types(parts).unwrap_or_else(Types::all);
                        types.has(JsonType::Null)
                    });
                    let with_null: Vec<_> = with_null.collect();
                    (entry.key == "anyOf" || with_null.len() < 2)
                        && with_null.iter().all(|parts| self.is_null_certain(parts))
                }
                key => !keywords::is_judged(key, draft),
            })
        })
    }

    fn several(&mut self, parts: &[Part<'n>], branches: &[Branch<'n>], entry: &'n Entry, context: &Context) -> Type {
        if let Some(values) = listed_branches(branches) {
            let all = values.len();
            let distinct = values::distinct(values);
            if distinct.len() < all && entry.key == "oneOf" {
                self.overlap(entry, "two branches list the same value");
                return Type::Any;
            }
            return self.of_values(parts, distinct, context);
        }
        let mut seen = Types::none();
        let mut disjoint = true;
        for branch in branches {
            let types = branch.types.without(JsonType::Null).whole_numbers();
            disjoint &= seen.and(types).is_empty() && !types.is_empty();
            seen = seen.or(types);
        }
        if disjoint {
            return self.untagged(parts, branches, context);
        }
        if branches
            .iter()
            .all(|branch| branch.types.without(JsonType::Null) == Types::one(JsonType::Object))
            && let Some(tag) = tag(branches)
        {
            return self.tagged(parts, branches, tag, context);
        }
        self.overlap(
            entry,
            "the branches are not told apart by their JSON type or by a `const` member",
        );
        Type::Any
    }

    fn overlap(&mut self, entry: &Entry, message: &str) {
        self.obstacles.push(Obstacle {
            help: "give each branch a required member whose `const` differs, or types that differ",
            ..Obstacle::new(entry.key_span, message)
        });
    }

    fn tagged(&mut self, parts: &[Part<'n>], branches: &[Branch<'n>], tag: &str, context: &Context) -> Type {
        let id = self.reserve(context, parts);
        let mut variants = Vec::new();
        for branch in branches {
            let Some(value) = constant(&branch.parts, tag) else {
                continue;
            };
            let context = context.child(value, branch.schema.node.span);
            if let Type::Named(definition) = self.lower(&branch.schema, &context) {
                variants.push(TaggedVariant {
                    value: value.to_owned(),
                    definition,
                });
            }
        }
        let values = variants
            .iter()
            .map(|variant| (casing::pascal(&variant.value), variant.value.as_str()));
        self.check_variants(values, context.origin);
        let tag = tag.to_owned();
        self.define(id, DefinitionKind::Tagged(Tagged { tag, variants }));
        Type::Named(id)
    }

    fn untagged(&mut self, parts: &[Part<'n>], branches: &[Branch<'n>], context: &Context) -> Type {
        let id = self.reserve(context, parts);
        let mut variants = Vec::new();
        for branch in branches {
            let types = branch.types.without(JsonType::Null).list();
            if types.len() > 1 {
                // What is lowered type by type has to say its types itself.
                branch.parts.iter().for_each(|part| self.check_keywords(part));
                if let Some(union) = ["oneOf", "anyOf"]
                    .iter()
                    .find_map(|key| entries(&branch.parts, key).first().copied())
                {
                    self.obstacle(union.key_span, "a union stands in a union");
                }
            }
            for json in &types {
                let context = context.child(json.as_str(), branch.schema.node.span);
                let ty = match types.as_slice() {
                    [_] => self.lower(&branch.schema, &context),
                    _ if values::listed(&branch.parts).is_some() => self.listed_of(&branch.parts, *json, &context),
                    _ => self.of_type(&branch.parts, *json, &context),
                };
                let ty = match ty {
                    Type::Nullable(inner) => *inner,
                    ty => ty,
                };
                variants.push(UntaggedVariant { json: *json, ty });
            }
        }
        self.define(id, DefinitionKind::Untagged(variants));
        Type::Named(id)
    }

    /// A union that one schema makes by a list of types.
    pub(super) fn by_json_type(&mut self, parts: &[Part<'n>], types: &[JsonType], context: &Context) -> Type {
        let id = self.reserve(context, parts);
        let variants = types
            .iter()
            .map(|json| {
                let context = context.child(json.as_str(), context.origin);
                UntaggedVariant {
                    json: *json,
                    ty: self.of_type(parts, *json, &context),
                }
            })
            .collect();
        self.define(id, DefinitionKind::Untagged(variants));
        Type::Named(id)
    }
}

/// The values of branches that do nothing but list values, each with what its branch says about it.
fn listed_branches(branches: &[Branch<'_>]) -> Option<Vec<Listed>> {
    let mut values = Vec::new();
    for branch in branches {
        let [part] = branch.parts.as_slice() else { return None };
        let mapping = part.node.as_mapping()?;
        let plain_keys = [
            "const",
            "enum",
            "type",
            "title",
            "description",
            "deprecated",
            "$comment",
        ];
        if !mapping.iter().all(|entry| plain_keys.contains(&entry.key.as_str())) {
            return None;
        }
        let description = part.text("description").or(part.text("title"));
        let listed = values::listed(&branch.parts)?;
        let only = listed.len() == 1;
        let listed = listed
            .into_iter()
            .filter(|value| branch.types.and(Types::of_value(value)) == Types::of_value(value));
        values.extend(listed.map(|value| {
            Listed {
                value: value.to_json(),
                description: description.filter(|_| only).map(str::to_owned),
                deprecated: part
                    .get("deprecated")
                    .is_some_and(|node| node.value == Value::Bool(true)),
            }
        }));
    }
    Some(values)
}

/// A member that every branch requires, and that is another constant text in each.
fn tag<'n>(branches: &[Branch<'n>]) -> Option<&'n str> {
    let first = branches.first()?;
    let properties = first
        .parts
        .iter()
        .filter_map(|part| part.get("properties")?.as_mapping());
    properties.flatten().map(|entry| entry.key.as_str()).find(|name| {
        let mut seen = HashSet::new();
        branches.iter().all(|branch| {
            requires(&branch.parts, name) && constant(&branch.parts, name).is_some_and(|value| seen.insert(value))
        }) && {
            let variants: HashSet<String> = seen.iter().map(|value| casing::pascal(value)).collect();
            variants.len() == seen.len()
        }
    })
}

fn requires(parts: &[Part<'_>], name: &str) -> bool {
    let required = parts.iter().filter_map(|part| part.get("required")?.as_sequence());
    required.flatten().any(|node| node.as_str() == Some(name))
}

/// The text that a member always is.
fn constant<'n>(parts: &[Part<'n>], name: &str) -> Option<&'n str> {
    parts.iter().find_map(|part| {
        let schema = part.get("properties")?.get(name)?;
        match (&schema.get("const")?.value, schema.get("enum")) {
            (Value::String(text), None) => Some(text.as_str()),
            _ => None,
        }
    })
}
