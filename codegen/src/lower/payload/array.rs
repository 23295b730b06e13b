//! Lists and tuples.

use super::part::{Part, Types};
use super::scalar::{entries, size, sizes};
use super::schema::docs;
use super::{Context, Lowerer};
use crate::contract::payload::{Array, Contains, DefinitionKind, Docs, Draft, Items, Position, Rest, Tuple, Type};
use crate::diagnostics::Report;
use crate::source::Value;

/// What one part says of the items of a list.
struct Sequence<'n> {
    prefix: Vec<Part<'n>>,
    /// What holds for items beyond those.
    rest: Option<Part<'n>>,
}

impl<'n> Sequence<'n> {
    fn of(part: &Part<'n>, draft: Draft) -> Self {
        let listed = matches!(part.get("items").map(|items| &items.value), Some(Value::Sequence(_)));
        match draft {
            Draft::Draft7 if listed => Self {
                prefix: part.children("items"),
                rest: part.child(&["additionalItems"]),
            },
            Draft::Draft7 => Self {
                prefix: Vec::new(),
                rest: part.child(&["items"]),
            },
            Draft::Draft202012 => Self {
                prefix: part.children("prefixItems"),
                rest: part.child(&["items"]),
            },
        }
    }

    /// What it says of an item.
    fn at(&self, index: usize) -> Option<&Part<'n>> {
        self.prefix.get(index).or(self.rest.as_ref())
    }
}

/// What all parts say of an item.
fn at<'n>(sequences: &[Sequence<'n>], index: usize) -> Vec<Part<'n>> {
    let schemas = sequences.iter().filter_map(|sequence| sequence.at(index));
    schemas.cloned().collect()
}

fn is_never(schema: &Part<'_>) -> bool {
    schema.node.value == Value::Bool(false)
}

impl<'n> Lowerer<'n, '_> {
    pub(super) fn array(&mut self, parts: &[Part<'n>], context: &Context) -> Type {
        let sequences: Vec<Sequence<'n>> = parts
            .iter()
            .map(|part| Sequence::of(part, self.documents.draft_of(part)))
            .collect();
        let longest = sequences
            .iter()
            .map(|sequence| sequence.prefix.len())
            .max()
            .unwrap_or(0);
        let mut rules = self.items(parts);
        // Where no item can be, the list ends.
        let end = (0..=longest).find(|index| at(&sequences, *index).iter().any(is_never));
        if let Some(end) = end
            && rules.min > end as u64
        {
            let message = format!("`minItems` is {}, and the list ends after {end}", rules.min);
            self.contradiction(parts, ["minItems", "items", "prefixItems", "additionalItems"], message);
        }
        let most = rules
            .max
            .map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX));
        let positions = longest.min(end.unwrap_or(usize::MAX)).min(most);
        let closed = end == Some(positions) || most == positions;
        let schemas = at(&sequences, longest);
        if positions == 0 {
            rules.closed = end == Some(0);
            let item = match schemas.first() {
                Some(first) if !closed => {
                    let context = context.child("Item", first.node.span);
                    self.joined(&schemas, &context)
                }
                _ => Type::Any,
            };
            rules.contains = self.contains(parts, self.types_of(&schemas), &rules, context);
            return Type::Array(Box::new(Array { item, rules }));
        }
        let id = self.reserve(context, parts);
        let mut types = Vec::new();
        for index in 0..positions {
            let schemas = at(&sequences, index);
            let origin = schemas.first().map_or(context.origin, |schema| schema.node.span);
            let context = context.child(&format!("item_{index}"), origin);
            types.push(Position {
                docs: self.docs_within(&schemas),
                ty: self.joined_or_any(&schemas, &context),
            });
        }
        let rest = if closed {
            Rest::Refused
        } else {
            let context = context.child(
                "Rest",
                schemas.first().map_or(context.origin, |schema| schema.node.span),
            );
            Rest::Kept(self.joined_or_any(&schemas, &context))
        };
        rules.contains = self.contains(parts, Types::all(), &rules, context);
        let required = usize::try_from(rules.min).unwrap_or(usize::MAX).min(positions);
        let tuple = Tuple {
            positions: types,
            required,
            rest,
            rules,
        };
        self.define(id, DefinitionKind::Tuple(Box::new(tuple)));
        Type::Named(id)
    }

    fn items(&mut self, parts: &[Part<'n>]) -> Items {
        let (min, max) = sizes(self, parts, "minItems", "maxItems");
        let unique = entries(parts, "uniqueItems")
            .iter()
            .any(|entry| entry.value.value == Value::Bool(true));
        Items {
            min,
            max,
            unique,
            closed: false,
            contains: None,
        }
    }

    /// What a part asks for by `contains`.
    fn contains(&mut self, parts: &[Part<'n>], items: Types, rules: &Items, context: &Context) -> Option<Contains> {
        let mut found: Option<Contains> = None;
        for part in parts {
            let Some(schema) = part.child(&["contains"]) else {
                continue;
            };
            let one = std::slice::from_ref(part);
            let (min, max) = match self.documents.draft_of(part) {
                Draft::Draft7 => (1, None),
                Draft::Draft202012 => (
                    size(one, "minContains", true).unwrap_or(1),
                    size(one, "maxContains", false),
                ),
            };
            let impossible = max.is_some_and(|max| max < min) || rules.max.is_some_and(|most| most < min);
            if impossible || is_never(&schema) && min > 0 {
                let keys = ["contains", "minContains", "maxContains", "maxItems"];
                self.contradiction(
                    one,
                    keys,
                    "no list has as many items of the kind that `contains` asks for",
                );
                continue;
            }
            let types = self.types_of(std::slice::from_ref(&schema));
            if min > 0 && items.and(types).is_empty() {
                let message = "no item that the list may hold is of the kind that `contains` asks for";
                self.contradiction(one, ["contains", "items"], message);
                continue;
            }
            if is_never(&schema) || min == 0 && max.is_none() {
                // Nothing is asked for, and still it is looked at for its faults.
                self.inspect(&schema);
                continue;
            }
            if found.is_some() {
                let span = part.entry("contains").map_or(schema.node.span, |entry| entry.key_span);
                self.obstacle(span, "two `contains` hold together");
                break;
            }
            let context = context.child("Contains", schema.node.span);
            let ty = self.contained(&schema, items, &context);
            found = Some(Contains { ty, min, max });
        }
        found
    }

    /// The type of the items that count. What is not said of their JSON type is known from the list's items.
    fn contained(&mut self, schema: &Part<'n>, items: Types, context: &Context) -> Type {
        let parts = self
            .documents
            .flatten(schema, &mut Report::default())
            .unwrap_or_default();
        let assertions = self.assertions(&parts);
        let plain = |key: &str| !["type", "enum", "const", "oneOf", "anyOf"].contains(&key);
        let silent = assertions.iter().all(|entry| plain(&entry.key)) && !assertions.is_empty();
        if !silent || items == Types::all() {
            return self.lower(schema, context);
        }
        self.or_judged(std::slice::from_ref(schema), context, |lowerer| {
            for part in &parts {
                lowerer.check_keywords(part);
            }
            lowerer.typed(&parts, items, context)
        })
    }

    /// The JSON types that schemas which hold together leave open.
    fn types_of(&self, schemas: &[Part<'n>]) -> Types {
        let mut types = Types::all();
        for schema in schemas {
            let parts = self
                .documents
                .flatten(schema, &mut Report::default())
                .unwrap_or_default();
            types = types.and(self.documents.types(&parts).unwrap_or_else(Types::all));
        }
        types
    }

    /// What schemas say, and where they are silent, what they refer to says.
    pub(super) fn docs_within(&self, schemas: &[Part<'n>]) -> Docs {
        let parts = schemas.iter().flat_map(|schema| {
            self.documents
                .flatten(schema, &mut Report::default())
                .unwrap_or_default()
        });
        Docs {
            examples: docs(schemas).examples,
            // What is said here comes before what is said where it refers to.
            ..docs(&parts.collect::<Vec<_>>())
        }
    }

    fn joined_or_any(&mut self, schemas: &[Part<'n>], context: &Context) -> Type {
        if schemas.is_empty() {
            Type::Any
        } else {
            self.joined(schemas, context)
        }
    }

    /// The type of schemas from several parts that hold together.
    pub(super) fn joined(&mut self, schemas: &[Part<'n>], context: &Context) -> Type {
        if let [only] = schemas {
            return self.lower(only, context);
        }
        self.or_judged(schemas, context, |lowerer| lowerer.joined_natively(schemas, context))
    }

    fn joined_natively(&mut self, schemas: &[Part<'n>], context: &Context) -> Type {
        let mut parts: Vec<Part<'n>> = Vec::new();
        for schema in schemas {
            let Some(flat) = self.documents.flatten(schema, self.report) else {
                return Type::Any;
            };
            for part in flat {
                if !parts.iter().any(|known| known.place == part.place) {
                    parts.push(part);
                }
            }
        }
        self.conjunction(&parts, context)
    }
}
