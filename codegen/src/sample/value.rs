//! Values of types.

use serde_json::{Map as Object, Value, json};

use super::text::{Texts, only};
use super::{Detail, number};
use crate::contract::payload::{
    Additional, Array, DefinitionId, DefinitionKind, Docs, Format, Items, Map, Names, PayloadSet, Properties, Rest,
    Struct, Tagged, Tuple, Type,
};

/// After so many values, members that may be left out are left out.
const MANY: usize = 5_000;

/// After so many, there is no sample.
const TOO_MANY: usize = 200_000;

/// Makes values.
pub(super) struct Maker<'s> {
    set: &'s PayloadSet,
    texts: &'s Texts,
    detail: Detail,
    /// Whether to take what the schema gives as examples and defaults.
    given: bool,
    /// The definitions that a value is being made of. None is used inside itself, so every value ends.
    open: Vec<DefinitionId>,
    made: usize,
}

impl<'s> Maker<'s> {
    pub(super) fn new(set: &'s PayloadSet, texts: &'s Texts, detail: Detail, given: bool) -> Self {
        Self {
            set,
            texts,
            detail,
            given,
            open: Vec::new(),
            made: 0,
        }
    }

    /// A value of a definition.
    pub(super) fn definition(&mut self, id: DefinitionId) -> Option<Value> {
        self.named(id, 0)
    }

    /// A value of a type; another `salt` makes another value where there is one.
    pub(super) fn value(&mut self, ty: &Type, salt: u64) -> Option<Value> {
        self.made += 1;
        if self.made > TOO_MANY {
            return None;
        }
        match ty {
            Type::Any | Type::AnyObject => Some(match salt {
                0 => json!({}),
                _ => json!({ "number": salt }),
            }),
            Type::Null => Some(Value::Null),
            Type::Boolean => Some(Value::Bool(salt.is_multiple_of(2))),
            Type::Integer(rules) => number::integer(rules, salt),
            Type::Number(rules) => number::number(rules, salt),
            Type::Text(rules) => self.texts.text(rules, salt).map(Value::from),
            Type::Uuid => self.texts.text(&only(Format::Uuid), salt).map(Value::from),
            Type::DateTime => self.texts.text(&only(Format::DateTime), salt).map(Value::from),
            Type::Constant(text) => Some(json!(text)),
            Type::Array(array) => self.array(array, salt),
            Type::Map(map) => self.map(map, salt),
            Type::Nullable(inner) => Some(self.value(inner, salt).unwrap_or(Value::Null)),
            Type::Named(id) => self.named(*id, salt),
        }
    }

    /// A list of so many items, all of them different if the list asks for it.
    pub(super) fn items(&mut self, array: &Array, count: usize, salt: u64) -> Option<Value> {
        let mut items: Vec<Value> = Vec::new();
        let tries = count.saturating_mul(4).saturating_add(16) as u64;
        for salt in (salt..).take_while(|next| next - salt < tries) {
            if items.len() == count {
                break;
            }
            let item = self.value(wanted(array, items.len()), salt)?;
            if !(array.rules.unique && items.contains(&item)) {
                items.push(item);
            }
        }
        (items.len() == count).then_some(Value::Array(items))
    }

    /// A tuple of so many items, all of them different if it asks for that.
    pub(super) fn positions(&mut self, tuple: &Tuple, count: usize, salt: u64) -> Option<Value> {
        let mut items: Vec<Value> = Vec::new();
        for index in 0..count {
            let ty = tuple.at(index)?;
            let missing = wanted_types(&tuple.rules).nth(count - index - 1);
            let ty = missing.filter(|_| index >= tuple.positions.len()).unwrap_or(ty);
            let tries = if tuple.rules.unique { count as u64 + 16 } else { 1 };
            let item = (salt..salt.saturating_add(tries)).find_map(|salt| {
                let item = self.value(ty, salt)?;
                (!tuple.rules.unique || !items.contains(&item)).then_some(item)
            });
            items.push(item?);
        }
        Some(Value::Array(items))
    }

    fn tuple(&mut self, tuple: &Tuple, salt: u64) -> Option<Value> {
        let least = size(tuple.rules.min).max(tuple.required);
        let more = match &tuple.rest {
            Rest::Kept(_) => wanted_types(&tuple.rules).count().max(1),
            Rest::Refused => 0,
        };
        let full = (tuple.positions.len() + more).max(least);
        let most = tuple.rules.max.map_or(usize::MAX, size);
        let made = self
            .full()
            .then(|| self.positions(tuple, full.min(most), salt))
            .flatten();
        made.or_else(|| self.positions(tuple, least.max(wanted_types(&tuple.rules).count()), salt))
    }

    /// So many members with names that are not `taken`.
    pub(super) fn members(
        &mut self,
        ty: &Type,
        rules: &Properties,
        taken: impl Fn(&str) -> bool,
        count: usize,
        salt: u64,
    ) -> Option<Object<String, Value>> {
        let mut members = Object::new();
        let tries = count.saturating_mul(4).saturating_add(16) as u64;
        for salt in (salt..).take_while(|next| next - salt < tries) {
            if members.len() == count {
                break;
            }
            let Some(name) = self.name(rules, salt) else { continue };
            if !members.contains_key(&name) && !taken(&name) {
                let value = self.value(ty, salt)?;
                members.insert(name, value);
            }
        }
        (members.len() == count).then_some(members)
    }

    /// A name of a member; another `salt` makes another name where there is one.
    pub(super) fn name(&self, rules: &Properties, salt: u64) -> Option<String> {
        let name = match &rules.names {
            Names::Any => key(salt),
            Names::Like(text) => self.texts.text(text, salt)?,
            Names::OneOf(names) => {
                let index = usize::try_from(salt).ok()?.checked_rem(names.len())?;
                names.get(index)?.clone()
            }
        };
        (!rules.never.contains(&name)).then_some(name)
    }

    fn full(&self) -> bool {
        self.detail == Detail::Full && self.made < MANY
    }

    fn named(&mut self, id: DefinitionId, salt: u64) -> Option<Value> {
        if self.open.contains(&id) {
            return None;
        }
        let set = self.set;
        let definition = set.definition(id);
        let is_object = matches!(definition.kind, DefinitionKind::Struct(_) | DefinitionKind::Tagged(_));
        if let Some(given) = self.given(&definition.docs, salt).filter(|_| !is_object) {
            return Some(given);
        }
        self.open.push(id);
        let value = match &definition.kind {
            DefinitionKind::Struct(object) => self.object(object, salt),
            DefinitionKind::Enum(values) => usize::try_from(salt)
                .ok()
                .and_then(|salt| salt.checked_rem(values.len()))
                .and_then(|index| Some(json!(values.get(index)?.text))),
            DefinitionKind::Values(values) => usize::try_from(salt)
                .ok()
                .and_then(|salt| salt.checked_rem(values.len()))
                .and_then(|index| Some(values.get(index)?.value.clone())),
            DefinitionKind::Text(rules) => self.texts.text(rules, salt).map(Value::from),
            DefinitionKind::Tuple(tuple) => self.tuple(tuple, salt),
            DefinitionKind::Tagged(Tagged { variants, .. }) => {
                variants.iter().find_map(|variant| self.named(variant.definition, salt))
            }
            DefinitionKind::Untagged(variants) => variants.iter().find_map(|variant| self.value(&variant.ty, salt)),
            DefinitionKind::Wrapper(ty) => self.value(ty, salt),
            DefinitionKind::Judged(_) => None,
        };
        self.open.pop();
        value
    }

    /// What the schema itself gives as an example. Objects it gives only where nobody knows their members.
    fn given(&self, docs: &Docs, salt: u64) -> Option<Value> {
        if !self.given || salt > 0 {
            return None;
        }
        let texts = docs.examples.iter().chain(&docs.default);
        texts
            .filter_map(|text| serde_json::from_str(text).ok())
            .find(|value: &Value| match value {
                Value::Null => false,
                Value::Array(_) | Value::Object(_) => self.full(),
                _ => true,
            })
    }

    fn object(&mut self, object: &Struct, salt: u64) -> Option<Value> {
        let required = object.fields.iter().filter(|field| field.required).count();
        let wanted = if self.full() {
            object.fields.len()
        } else {
            size(object.rules.min).max(required)
        };
        let mut optional = wanted
            .min(object.rules.max.map_or(usize::MAX, size))
            .saturating_sub(required);
        let mut members = Object::new();
        for field in &object.fields {
            if !field.required && optional == 0 {
                continue;
            }
            let given = self
                .given(&field.docs, salt)
                .filter(|value| !value.is_object() || self.is_free(&field.ty));
            match given.or_else(|| self.value(&field.ty, salt)) {
                Some(value) => {
                    members.insert(field.name.clone(), value);
                    optional -= usize::from(!field.required);
                }
                None if field.required => return None,
                None => {}
            }
        }
        let missing = size(object.rules.min).saturating_sub(members.len());
        if missing > 0 {
            let Additional::Kept(ty) = &object.additional else {
                return None;
            };
            let others = self.members(ty, &object.rules, |name| object.names(name), missing, salt)?;
            members.extend(others);
        }
        Some(Value::Object(members))
    }

    fn is_free(&self, ty: &Type) -> bool {
        match ty {
            Type::Nullable(inner) => self.is_free(inner),
            Type::Named(id) => match &self.set.definition(*id).kind {
                DefinitionKind::Wrapper(ty) => self.is_free(ty),
                _ => false,
            },
            Type::Any | Type::AnyObject | Type::Map(_) => true,
            _ => false,
        }
    }

    fn array(&mut self, array: &Array, salt: u64) -> Option<Value> {
        let contained: u64 = array.rules.contains.iter().map(|contains| contains.min).sum();
        let least = size(array.rules.min.max(contained));
        let wanted = if self.full() || salt > 0 { least.max(1) } else { least };
        let most = if array.rules.closed { Some(0) } else { array.rules.max };
        let wanted = wanted.min(most.map_or(usize::MAX, size));
        let items = self.items(array, wanted, salt);
        items.or_else(|| (least == 0).then(|| json!([])))
    }

    fn map(&mut self, map: &Map, salt: u64) -> Option<Value> {
        let least = size(map.rules.min);
        let wanted = if self.full() || salt > 0 { least.max(1) } else { least };
        let wanted = wanted.min(map.rules.max.map_or(usize::MAX, size));
        let members = self.members(&map.value, &map.rules, |_| false, wanted, salt);
        let members = members.or_else(|| (least == 0).then(Object::new));
        members.map(Value::Object)
    }
}

/// The types that the items of a list need for its `contains`, each as often as it is asked for.
fn wanted_types(rules: &Items) -> impl Iterator<Item = &Type> {
    let each = rules.contains.iter();
    each.flat_map(|contains| std::iter::repeat_n(&contains.ty, size(contains.min)))
}

/// The type that an item of a list is made of.
fn wanted(array: &Array, index: usize) -> &Type {
    wanted_types(&array.rules).nth(index).unwrap_or(&array.item)
}

/// A number of things; more than memory can hold is more than anybody asks for.
pub(super) fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The name of a member that no schema names.
fn key(salt: u64) -> String {
    match salt {
        0 => "key".to_owned(),
        _ => format!("key_{}", salt + 1),
    }
}
