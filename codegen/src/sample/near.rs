//! Documents with one fault.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::text::{Texts, only};
use super::value::{Maker, size};
use super::{Detail, NearMiss, number};
use crate::contract::payload::{
    Additional, Array, DefinitionId, DefinitionKind, EnumValue, Format, Items, JsonType, ListedValue, Map, Names,
    PayloadSet, Properties, Rest, Struct, Tagged, Text, Tuple, Type, UntaggedVariant,
};

/// The longest list that is made to be too long.
const LONGEST: u64 = 4_096;

/// One document for each rule of a definition, made of one that follows all of them.
pub(super) fn misses(set: &PayloadSet, texts: &Texts, root: DefinitionId, base: &Value) -> Vec<NearMiss> {
    let ty = Type::Named(root);
    let mut finder = Finder {
        set,
        texts,
        open: Vec::new(),
        names: HashSet::new(),
        misses: Vec::new(),
    };
    finder.value(&ty, &Place::root(base));
    finder.misses
}

/// A value in a document that follows all rules.
#[derive(Clone)]
struct Place {
    document: Value,
    pointer: String,
    name: String,
}

impl Place {
    fn root(document: &Value) -> Self {
        Self {
            document: document.clone(),
            pointer: String::new(),
            name: String::new(),
        }
    }

    fn value(&self) -> Option<&Value> {
        self.document.pointer(&self.pointer)
    }

    /// The document with another value here.
    fn with(&self, value: Value) -> Value {
        let mut document = self.document.clone();
        if let Some(place) = document.pointer_mut(&self.pointer) {
            *place = value;
        }
        document
    }

    /// The same place in a document with another value here; `variant` says which.
    fn become_variant(&self, value: Value, variant: &str) -> Self {
        let name = if self.name.is_empty() {
            variant.to_owned()
        } else {
            format!("{}-{variant}", self.name)
        };
        Self {
            document: self.with(value),
            pointer: self.pointer.clone(),
            name,
        }
    }

    /// A member or an item.
    fn child(&self, step: &str) -> Self {
        let dot = if self.name.is_empty() { "" } else { "." };
        Self {
            document: self.document.clone(),
            pointer: child(&self.pointer, step),
            name: format!("{}{dot}{step}", self.name),
        }
    }
}

fn child(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
}

struct Finder<'s> {
    set: &'s PayloadSet,
    texts: &'s Texts,
    /// The definitions that are being looked at: the rules of one are broken once, and not again inside it.
    open: Vec<DefinitionId>,
    names: HashSet<String>,
    misses: Vec<NearMiss>,
}

impl<'s> Finder<'s> {
    /// A document that is wrong at a place because of its value there.
    fn miss(&mut self, place: &Place, what: &str, keyword: &'static str, value: Value) {
        self.miss_at(place, what, keyword, &place.pointer, value);
    }

    /// A document that is wrong at a pointer because of the value at a place.
    fn miss_at(&mut self, place: &Place, what: &str, keyword: &'static str, pointer: &str, value: Value) {
        let plain = |character: char| match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '.' => character,
            _ => '_',
        };
        let dash = if place.name.is_empty() { "" } else { "-" };
        let mut name: String = place.name.chars().map(plain).collect();
        name.push_str(dash);
        name.push_str(what);
        let mut free = name.clone();
        let mut number = 1;
        while !self.names.insert(free.clone()) {
            number += 1;
            free = format!("{name}-{number}");
        }
        self.misses.push(NearMiss {
            name: free,
            pointer: pointer.to_owned(),
            keyword,
            document: place.with(value),
        });
    }

    /// Breaks every rule of a type at a place.
    fn value(&mut self, ty: &'s Type, place: &Place) {
        self.wrong_type(ty, place);
        self.rules(ty, place);
    }

    fn wrong_type(&mut self, ty: &Type, place: &Place) {
        let types = self.types(ty, &mut Vec::new());
        let allowed = |json: JsonType| types.contains(&json);
        let number = allowed(JsonType::Number) || allowed(JsonType::Integer);
        if !allowed(JsonType::Null) {
            self.miss(place, "null", "type", Value::Null);
        }
        let others = [
            (allowed(JsonType::String), json!("text")),
            (number, json!(17)),
            (allowed(JsonType::Boolean), json!(true)),
            (allowed(JsonType::Object), json!({})),
            (allowed(JsonType::Array), json!([])),
        ];
        if let Some((_, value)) = others.into_iter().find(|(allowed, _)| !allowed) {
            self.miss(place, "type", "type", value);
        }
        if allowed(JsonType::Integer) && !allowed(JsonType::Number) {
            self.miss(place, "fraction", "type", json!(0.5));
        }
    }

    /// The JSON types that a type allows.
    fn types(&self, ty: &Type, seen: &mut Vec<DefinitionId>) -> Vec<JsonType> {
        match ty {
            Type::Any => JsonType::ALL.to_vec(),
            Type::AnyObject | Type::Map(_) => vec![JsonType::Object],
            Type::Null => vec![JsonType::Null],
            Type::Boolean => vec![JsonType::Boolean],
            Type::Integer(_) => vec![JsonType::Integer],
            Type::Number(_) => vec![JsonType::Number],
            Type::Text(_) | Type::Uuid | Type::DateTime | Type::Constant(_) => vec![JsonType::String],
            Type::Array(_) => vec![JsonType::Array],
            Type::Nullable(inner) => {
                let mut types = self.types(inner, seen);
                types.push(JsonType::Null);
                types
            }
            Type::Named(id) if seen.contains(id) => Vec::new(),
            Type::Named(id) => {
                seen.push(*id);
                match &self.set.definition(*id).kind {
                    DefinitionKind::Struct(_) | DefinitionKind::Tagged(_) => vec![JsonType::Object],
                    DefinitionKind::Tuple(_) => vec![JsonType::Array],
                    DefinitionKind::Enum(_) | DefinitionKind::Text(_) => vec![JsonType::String],
                    DefinitionKind::Untagged(variants) => variants.iter().map(|variant| variant.json).collect(),
                    DefinitionKind::Wrapper(ty) => self.types(ty, seen),
                    // Whatever is none of the values is not listed, of whichever type it is.
                    DefinitionKind::Values(_) | DefinitionKind::Judged(_) => self.types(&Type::Any, seen),
                }
            }
        }
    }

    /// Breaks the rules of a type that are not about JSON types.
    fn rules(&mut self, ty: &'s Type, place: &Place) {
        match ty {
            Type::Any | Type::AnyObject | Type::Null | Type::Boolean => {}
            Type::Integer(rules) => self.scalars(place, number::integer_misses(rules)),
            Type::Number(rules) => self.scalars(place, number::number_misses(rules)),
            Type::Text(rules) => self.text(rules, place),
            Type::Uuid => self.text(&only(Format::Uuid), place),
            Type::DateTime => self.text(&only(Format::DateTime), place),
            Type::Constant(text) => self.miss(place, "const", "const", json!(format!("not {text}"))),
            Type::Array(array) => self.array(array, place),
            Type::Map(map) => self.map(map, place),
            Type::Nullable(inner) => self.rules(inner, place),
            Type::Named(id) => self.named(*id, place),
        }
    }

    fn named(&mut self, id: DefinitionId, place: &Place) {
        if self.open.contains(&id) {
            return;
        }
        self.open.push(id);
        let set = self.set;
        match &set.definition(id).kind {
            DefinitionKind::Struct(object) => self.object(object, None, place),
            DefinitionKind::Enum(values) => self.unlisted(values, place),
            DefinitionKind::Values(values) => self.unknown_value(values, place),
            DefinitionKind::Text(rules) => self.text(rules, place),
            DefinitionKind::Tuple(tuple) => self.tuple(tuple, place),
            DefinitionKind::Tagged(tagged) => self.tagged(tagged, place),
            DefinitionKind::Untagged(variants) => self.untagged(variants, place),
            DefinitionKind::Wrapper(ty) => self.rules(ty, place),
            // What a validator judges, the model does not know.
            DefinitionKind::Judged(_) => {}
        }
        self.open.pop();
    }

    fn text(&mut self, rules: &Text, place: &Place) {
        let misses = self.texts.misses(rules).into_iter();
        self.scalars(place, misses.map(|(what, keyword, text)| (what, keyword, json!(text))));
    }

    fn scalars(&mut self, place: &Place, misses: impl IntoIterator<Item = (&'static str, &'static str, Value)>) {
        for (what, keyword, value) in misses {
            self.miss(place, what, keyword, value);
        }
    }

    fn unlisted(&mut self, values: &[EnumValue], place: &Place) {
        let listed = |text: &String| values.iter().any(|value| value.text == *text);
        let unknown = (0..=values.len()).map(|more| format!("unknown{}", "_".repeat(more)));
        if let Some(text) = unknown.into_iter().find(|text| !listed(text)) {
            self.miss(place, "unknown", "enum", json!(text));
        }
    }

    fn unknown_value(&mut self, values: &[ListedValue], place: &Place) {
        let keyword = if values.len() == 1 { "const" } else { "enum" };
        let mut unknown = (0..=values.len()).map(|more| json!(format!("unknown{}", "_".repeat(more))));
        if let Some(unknown) = unknown.find(|unknown| values.iter().all(|listed| listed.value != *unknown)) {
            self.miss(place, "unknown", keyword, unknown);
        }
    }

    fn object(&mut self, object: &'s Struct, tag: Option<&str>, place: &Place) {
        let Some(Value::Object(members)) = place.value() else {
            return;
        };
        let members = members.clone();
        for field in object.fields.iter().filter(|field| members.contains_key(&field.name)) {
            let inner = place.child(&field.name);
            if field.required && members.len() as u64 > object.rules.min {
                let mut others = members.clone();
                others.shift_remove(&field.name);
                let named = Place {
                    name: inner.name.clone(),
                    ..place.clone()
                };
                self.miss(&named, "missing", "required", Value::Object(others));
            }
            if tag != Some(field.name.as_str()) {
                self.value(&field.ty, &inner);
            }
        }
        let kept = match &object.additional {
            Additional::Kept(ty) => ty,
            Additional::Ignored | Additional::Refused => &Type::Any,
        };
        self.names(kept, &object.rules, place);
        let free = |name: &String| !members.contains_key(name) && !object.names(name);
        let unknown = self.unknown(&object.rules).find(free);
        match (&object.additional, unknown) {
            (Additional::Ignored, _) | (Additional::Refused, None) => {}
            (Additional::Refused, Some(unknown)) => {
                let mut more = members.clone();
                more.insert(unknown.clone(), Value::Bool(true));
                let pointer = child(&place.pointer, &unknown);
                self.miss_at(
                    place,
                    "unknown-member",
                    "additionalProperties",
                    &pointer,
                    Value::Object(more),
                );
            }
            (Additional::Kept(ty), unknown) => {
                let room = object.rules.max.is_none_or(|most| (members.len() as u64) < most);
                if let Some((unknown, value)) = unknown.zip(self.make(ty)).filter(|_| room) {
                    let mut more = members.clone();
                    more.insert(unknown.clone(), value);
                    let more = Place {
                        document: place.with(Value::Object(more)),
                        ..place.clone()
                    };
                    self.value(ty, &more.child(&unknown));
                }
                self.too_many(ty, &object.rules, place);
            }
        }
        self.too_few(&object.rules, place, |name| {
            object.fields.iter().any(|field| field.required && field.name == name)
        });
    }

    fn map(&mut self, map: &'s Map, place: &Place) {
        let Some(Value::Object(members)) = place.value() else {
            return;
        };
        if let Some(name) = members.keys().next() {
            self.value(&map.value, &place.child(name));
        }
        self.names(&map.value, &map.rules, place);
        self.too_many(&map.value, &map.rules, place);
        self.too_few(&map.rules, place, |_| false);
    }

    /// Names of members that no schema names.
    fn unknown(&self, rules: &Properties) -> impl Iterator<Item = String> + use<> {
        let named: Vec<String> = match &rules.names {
            Names::Any => Vec::new(),
            _ => (0..16).filter_map(|salt| self.maker().name(rules, salt)).collect(),
        };
        let any = (rules.names == Names::Any).then_some(0..);
        let any = any.into_iter().flatten();
        let never = rules.never.clone();
        let any = any.map(|more| format!("unknown{}", "_".repeat(more)));
        named.into_iter().chain(any.filter(move |name| !never.contains(name)))
    }

    /// A member with a name that no member may have, for each rule of the names.
    fn names(&mut self, ty: &Type, rules: &Properties, place: &Place) {
        let Some(Value::Object(members)) = place.value() else {
            return;
        };
        let members = members.clone();
        if !rules.is_named() || rules.max.is_some_and(|most| members.len() as u64 >= most) {
            return;
        }
        let Some(value) = self.make(ty) else { return };
        let with = |name: &str| {
            let mut more = members.clone();
            more.insert(name.to_owned(), value.clone());
            Value::Object(more)
        };
        let wrong: Vec<(&str, String)> = match &rules.names {
            Names::Any => Vec::new(),
            Names::Like(text) => {
                let misses = self.texts.misses(text).into_iter();
                misses.map(|(what, _, name)| (what, name)).collect()
            }
            Names::OneOf(names) => {
                let mut unknown = (0..=names.len()).map(|more| format!("unknown{}", "_".repeat(more)));
                let unknown = unknown.find(|name| !names.contains(name));
                unknown.map(|name| ("unknown", name)).into_iter().collect()
            }
        };
        for (what, name) in wrong {
            self.miss(place, &format!("name-{what}"), "propertyNames", with(&name));
        }
        for name in &rules.never {
            let pointer = child(&place.pointer, name);
            self.miss_at(place, &format!("with-{name}"), "false", &pointer, with(name));
        }
    }

    /// More members than may be there.
    fn too_many(&mut self, ty: &Type, rules: &Properties, place: &Place) {
        let (Some(most), Some(Value::Object(members))) = (rules.max, place.value()) else {
            return;
        };
        let missing = size(most.min(LONGEST)).saturating_sub(members.len()) + 1;
        if let Some(others) = self
            .maker()
            .members(ty, rules, |name| members.contains_key(name), missing, 1_000)
        {
            let mut members = members.clone();
            members.extend(others);
            self.miss(place, "too-many-members", "maxProperties", Value::Object(members));
        }
    }

    /// Fewer members than must be there, if those that are required are not too many for that.
    fn too_few(&mut self, rules: &Properties, place: &Place, required: impl Fn(&str) -> bool) {
        let (Some(most), Some(Value::Object(members))) = (rules.min.checked_sub(1), place.value()) else {
            return;
        };
        let mut left = members.clone();
        for name in members.keys().rev().filter(|name| !required(name)) {
            if left.len() as u64 > most {
                left.shift_remove(name);
            }
        }
        if left.len() as u64 <= most {
            self.miss(place, "too-few-members", "minProperties", Value::Object(left));
        }
    }

    fn array(&mut self, array: &'s Array, place: &Place) {
        let Some(Value::Array(items)) = place.value() else {
            return;
        };
        if !items.is_empty() {
            self.value(&array.item, &place.child("0"));
        }
        let make = |count: u64| self.maker().items(array, size(count), 0);
        let rules = &array.rules;
        let few = rules.min.checked_sub(1).filter(|few| *few < LONGEST).and_then(make);
        let many = rules.max.filter(|most| *most < LONGEST).and_then(|most| make(most + 1));
        // One of them stands twice, and there are still enough of them and not too many.
        let different = rules.min.saturating_sub(1).max(1);
        let fits = rules.unique && rules.max.is_none_or(|most| different < most) && different < LONGEST;
        let twice = fits.then(|| make(different)).flatten();
        if let Some(items) = few {
            self.miss(place, "too-few", "minItems", items);
        }
        if let Some(items) = many {
            self.miss(place, "too-many", "maxItems", items);
        }
        if let Some(Value::Array(mut items)) = twice {
            items.extend(items.first().cloned());
            self.miss(place, "twice", "uniqueItems", Value::Array(items));
        }
        if rules.closed {
            let first = child(&place.pointer, "0");
            self.miss_at(place, "beyond", "additionalItems", &first, json!([true]));
        }
        if let Some(contains) = &rules.contains {
            // As many items of the list's own type as there were.
            let plain = Array {
                item: array.item.clone(),
                rules: Items {
                    contains: None,
                    ..rules.clone()
                },
            };
            let count = items.len().max(size(rules.min));
            if let Some(items) = self.maker().items(&plain, count, 0).filter(|_| contains.min > 0) {
                self.miss(place, "contains-too-few", "contains", items);
            }
            let matching = Array {
                item: contains.ty.clone(),
                ..plain
            };
            if let Some(most) = contains.max.filter(|most| *most < LONGEST)
                && let Some(items) = self.maker().items(&matching, size(most + 1).max(size(rules.min)), 0)
                && rules.max.is_none_or(|max| most < max)
            {
                self.miss(place, "contains-too-many", "contains", items);
            }
        }
    }

    fn tuple(&mut self, tuple: &'s Tuple, place: &Place) {
        let Some(Value::Array(items)) = place.value() else {
            return;
        };
        let items = items.clone();
        let rest = match &tuple.rest {
            Rest::Kept(ty) => Some(ty),
            Rest::Refused => None,
        };
        for index in 0..items.len().min(tuple.positions.len() + 1) {
            if let Some(ty) = tuple.at(index) {
                self.value(ty, &place.child(&index.to_string()));
            }
        }
        if let Some(few) = tuple.rules.min.checked_sub(1)
            && let Some(few) = items.get(..size(few))
        {
            self.miss(place, "too-few", "minItems", Value::Array(few.to_vec()));
        }
        let most = tuple.rules.max.filter(|most| *most < LONGEST);
        let (most, keyword) = match (most, rest) {
            (Some(most), _) => (size(most), "maxItems"),
            (None, None) if items.len() == tuple.positions.len() => (items.len(), "additionalItems"),
            (None, _) => return,
        };
        let mut many = items.clone();
        while many.len() <= most {
            let Some(more) = rest.map_or(Some(json!(true)), |ty| self.make(ty)) else {
                return;
            };
            many.push(more);
        }
        if keyword == "additionalItems" {
            let pointer = child(&place.pointer, &most.to_string());
            self.miss_at(place, "beyond", keyword, &pointer, Value::Array(many));
        } else {
            self.miss(place, "too-many", keyword, Value::Array(many));
        }
    }

    fn tagged(&mut self, tagged: &'s Tagged, place: &Place) {
        let set = self.set;
        for (index, variant) in tagged.variants.iter().enumerate() {
            let (DefinitionKind::Struct(object), Some(value)) = (
                &set.definition(variant.definition).kind,
                self.make(&Type::Named(variant.definition)),
            ) else {
                continue;
            };
            let place = place.become_variant(value, &variant.value);
            if index == 0
                && let Some(Value::Object(members)) = place.value()
            {
                let mut members = members.clone();
                let known = |text: &str| tagged.variants.iter().any(|variant| variant.value == text);
                let unknown = if known("unknown") { "none of them" } else { "unknown" };
                members.insert(tagged.tag.clone(), json!(unknown));
                let pointer = child(&place.pointer, &tagged.tag);
                self.miss_at(&place, "wrong-tag", "enum", &pointer, Value::Object(members));
            }
            if !self.open.contains(&variant.definition) {
                self.open.push(variant.definition);
                self.object(object, Some(&tagged.tag), &place);
                self.open.pop();
            }
        }
    }

    fn untagged(&mut self, variants: &'s [UntaggedVariant], place: &Place) {
        for variant in variants {
            if let Some(value) = self.make(&variant.ty) {
                self.rules(&variant.ty, &place.become_variant(value, variant.json.as_str()));
            }
        }
    }

    fn maker(&self) -> Maker<'_> {
        Maker::new(self.set, self.texts, Detail::Full, false)
    }

    fn make(&self, ty: &Type) -> Option<Value> {
        self.maker().value(ty, 0)
    }
}
