//! Defaults: whether a schema accepts its own, and which of them a type can stand for.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::Lowerer;
use super::bundle;
use super::document::{Documents, Place};
use super::judged::Key;
use super::part::Part;
use crate::contract::payload::{Additional, Definition, DefinitionId, DefinitionKind, Draft, Struct, Type, whole};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::payload as rules;
use crate::source::Node;
use crate::validator;

/// A default, with the schemas that it has to follow.
pub(super) struct NotedDefault<'n> {
    key: Key,
    node: &'n Node,
}

impl<'n> Lowerer<'n, '_> {
    /// The default of a member that follows `schemas`, of which `parts` are what they say together.
    pub(super) fn note_default(&mut self, schemas: &[Part<'n>], parts: &[Part<'n>]) -> Option<Value> {
        let node = parts.iter().find_map(|part| part.get("default"))?;
        self.defaults.push(NotedDefault {
            key: schemas.iter().map(|part| part.place.clone()).collect(),
            node,
        });
        Some(node.to_json())
    }
}

/// Reports defaults that their schemas refuse: those of members, and all others that are said anywhere.
pub(super) fn check<'n>(
    documents: &Documents<'n>,
    whole: &HashSet<usize>,
    of_members: Vec<NotedDefault<'n>>,
    report: &mut Report,
) {
    let mut waiting: Vec<Part<'n>> = (0..documents.list.len())
        .filter_map(|document| {
            documents.part(Place {
                document,
                pointer: String::new(),
            })
        })
        .collect();
    let mut defaults = Vec::new();
    while let Some(part) = waiting.pop() {
        // Beside `$ref` draft-07 has none.
        let hidden = documents.draft_of(&part) == Draft::Draft7 && part.get("$ref").is_some();
        if let Some(node) = part.get("default").filter(|_| !hidden) {
            let key = vec![part.place.clone()];
            defaults.push(NotedDefault { key, node });
        }
        waiting.extend(part.subschemas().into_iter().map(|(_, part)| part));
    }
    let (mut checked, mut refused) = (HashSet::new(), HashSet::new());
    for NotedDefault { key, node } in defaults.into_iter().chain(of_members) {
        // A schema that only means something as a whole cannot be taken out of its file.
        let alone = key.iter().any(|place| whole.contains(&place.document));
        if alone || !checked.insert((key.clone(), node.span)) {
            continue;
        }
        let Ok(validator) = validator::options().build(&bundle::excerpt(documents, &key)) else {
            continue;
        };
        let value = node.to_json();
        if let Err(error) = validator.validate(&value)
            && refused.insert(node.span)
        {
            let message: String = format!("the schema refuses its own default: {error}")
                .chars()
                .take(300)
                .collect();
            let help = "change the default, or the rule that it breaks";
            report.push(Diagnostic::new(&rules::DEFAULT, node.span, message, "").with_help(help));
        }
    }
}

/// A member of a definition: the definition's index and the member's.
type Slot = (usize, usize);

/// Forgets the defaults that no type can stand for: those of counted members, which are not there if nobody sends them;
/// those that cannot be written in Rust; and those that contain themselves without an end.
pub(super) fn settle(definitions: &mut [Definition]) {
    let mut needs: HashMap<Slot, Vec<Slot>> = HashMap::new();
    let mut dropped: Vec<Slot> = Vec::new();
    for (index, definition) in definitions.iter().enumerate() {
        let DefinitionKind::Struct(object) = &definition.kind else {
            continue;
        };
        for (field, default) in defaults(object) {
            let Some(member) = object.fields.get(field) else {
                continue;
            };
            let mut needed = Vec::new();
            // A member that may be `null` and is when it is missing says the same by both.
            let same = default.is_null() && matches!(member.ty, Type::Nullable(_));
            if same || object.rules.is_counted() || !is_written(definitions, &member.ty, default, &mut needed) {
                dropped.push((index, field));
            } else {
                needs.insert((index, field), needed);
            }
        }
    }
    dropped.extend(needs.keys().copied().filter(|slot| contains(&needs, *slot)));
    for (index, field) in dropped {
        if let Some(Definition {
            kind: DefinitionKind::Struct(object),
            ..
        }) = definitions.get_mut(index)
            && let Some(field) = object.fields.get_mut(field)
        {
            field.default = None;
        }
    }
}

fn defaults(object: &Struct) -> impl Iterator<Item = (usize, &Value)> {
    let fields = object.fields.iter().enumerate();
    fields.filter_map(|(index, field)| Some((index, field.default.as_ref()?)))
}

/// Whether a default is made of itself.
fn contains(needs: &HashMap<Slot, Vec<Slot>>, slot: Slot) -> bool {
    let mut seen = HashSet::new();
    let mut waiting = needs.get(&slot).cloned().unwrap_or_default();
    while let Some(next) = waiting.pop() {
        if next == slot {
            return true;
        }
        if seen.insert(next) {
            waiting.extend(needs.get(&next).into_iter().flatten());
        }
    }
    false
}

/// Whether a value can be written as one of a type. Notes the defaults that it is made of where it leaves members out.
fn is_written(definitions: &[Definition], ty: &Type, value: &Value, needed: &mut Vec<Slot>) -> bool {
    match (ty, value) {
        (Type::Any, _)
        | (Type::AnyObject, Value::Object(_))
        | (Type::Null | Type::Nullable(_), Value::Null)
        | (Type::Boolean, Value::Bool(_))
        | (Type::Text(_) | Type::Uuid, Value::String(_)) => true,
        (Type::Nullable(inner), value) => is_written(definitions, inner, value, needed),
        (Type::Integer(integer), Value::Number(number)) => {
            // Smaller types hold whatever their schemas accept.
            let unsigned = integer.lowest().is_some_and(|lowest| lowest >= 0);
            let most = if unsigned {
                u64::MAX.into()
            } else {
                i128::from(i64::MAX)
            };
            whole(number).is_some_and(|number| number <= most)
        }
        (Type::Number(_), Value::Number(number)) => number.as_f64().is_some_and(f64::is_finite),
        (Type::Constant(text), Value::String(value)) => text == value,
        (Type::Array(array), Value::Array(items)) => items
            .iter()
            .all(|item| is_written(definitions, &array.item, item, needed)),
        (Type::Map(map), Value::Object(members)) => members
            .values()
            .all(|value| is_written(definitions, &map.value, value, needed)),
        (Type::Named(id), value) => is_named_written(definitions, *id, value, needed),
        _ => false,
    }
}

fn is_named_written(definitions: &[Definition], id: DefinitionId, value: &Value, needed: &mut Vec<Slot>) -> bool {
    let Some(definition) = definitions.get(id.0) else {
        return false;
    };
    match (&definition.kind, value) {
        (DefinitionKind::Judged(_), _) | (DefinitionKind::Text(_), Value::String(_)) => true,
        (DefinitionKind::Enum(values), Value::String(text)) => values.iter().any(|value| value.text == *text),
        (DefinitionKind::Values(values), value) => values.iter().any(|listed| listed.value == *value),
        (DefinitionKind::Tuple(tuple), Value::Array(items)) => {
            items.len() >= tuple.required
                && items.iter().enumerate().all(|(index, item)| {
                    let ty = tuple.at(index);
                    ty.is_some_and(|ty| is_written(definitions, ty, item, needed))
                })
        }
        (DefinitionKind::Wrapper(inner), value) => is_written(definitions, inner, value, needed),
        (DefinitionKind::Untagged(variants), value) => variants
            .iter()
            .any(|variant| variant.json.is_of(value) && is_written(definitions, &variant.ty, value, needed)),
        (DefinitionKind::Tagged(tagged), value) => tagged.variants.iter().any(|variant| {
            let named = value.get(&tagged.tag).and_then(Value::as_str) == Some(&variant.value);
            named && is_named_written(definitions, variant.definition, value, needed)
        }),
        (DefinitionKind::Struct(object), Value::Object(members)) => {
            let named = object.fields.iter().enumerate().all(|(index, field)| {
                match members.get(&field.name) {
                    Some(value) => return is_written(definitions, &field.ty, value, needed),
                    None if field.default.is_some() => needed.push((id.0, index)),
                    None => {}
                }
                true
            });
            let others = || members.iter().filter(|(name, _)| !object.names(name));
            named
                && match &object.additional {
                    Additional::Kept(ty) => others().all(|(_, value)| is_written(definitions, ty, value, needed)),
                    _ => true,
                }
        }
        _ => false,
    }
}
