//! How many bytes the documents of a payload take: the smallest one, and the largest one.
//!
//! Documents are counted as generated code writes them: without white space, with the members that the schema names, and with
//! four bytes a character of text, the most that UTF-8 has. What is said of the smallest document holds for every one.

use std::collections::HashMap;

use crate::contract::payload::{
    Additional, Array, Contains, Definition, DefinitionId, DefinitionKind, Format, Integer, Items, Map, Names,
    PayloadSet, Rest, Struct, Tagged, Text, Tuple, Type,
};

use super::language;

/// The bounds of a type's documents, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Of the smallest document; nothing where no document is one.
    pub least: Option<u64>,
    /// Of the largest document; nothing where there is none.
    pub most: Option<u64>,
}

/// The bounds of all definitions.
pub(super) struct Extents<'p> {
    payloads: &'p PayloadSet,
    of: HashMap<DefinitionId, Extent>,
}

/// A number as generated code writes it has at most so many characters: those of an `f64` in the shortest form that
/// is read back as the same.
const LONGEST_NUMBER: u64 = 25;

impl Extent {
    const NOTHING: Self = Self {
        least: None,
        most: None,
    };

    fn exactly(bytes: u64) -> Self {
        Self::between(bytes, bytes)
    }

    fn between(least: u64, most: u64) -> Self {
        Self {
            least: Some(least),
            most: Some(most),
        }
    }

    fn from(least: u64) -> Self {
        Self {
            least: Some(least),
            most: None,
        }
    }

    /// What is one or the other.
    fn or(self, other: Self) -> Self {
        let most = match (self.least, other.least) {
            (None, _) => other.most,
            (_, None) => self.most,
            _ => self.most.zip(other.most).map(|(a, b)| a.max(b)),
        };
        let least = [self.least, other.least].into_iter().flatten().min();
        Self { least, most }
    }

    /// What is one with the other behind it.
    fn and(self, other: Self) -> Self {
        let sum = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a.saturating_add(b));
        Self {
            least: sum(self.least, other.least),
            most: sum(self.most, other.most),
        }
    }
}

impl<'p> Extents<'p> {
    pub(super) fn of(payloads: &'p PayloadSet) -> Self {
        let mut extents = Self {
            payloads,
            of: HashMap::new(),
        };
        let order = inside_out(payloads);
        // The smallest documents first: of schemas that hold themselves, each round knows those one level further down.
        for _ in 0..=order.len() {
            let mut changed = false;
            for id in &order {
                let least = extents.of_definition(payloads.definition(*id)).least;
                changed |= extents
                    .of
                    .insert(*id, Extent { least, most: None })
                    .and_then(|old| old.least)
                    != least;
            }
            if !changed {
                break;
            }
        }
        // What holds itself has no largest document, and all others are behind their parts.
        for id in &order {
            let extent = extents.of_definition(payloads.definition(*id));
            extents.of.insert(*id, extent);
        }
        extents
    }

    /// The bounds of a definition.
    pub(super) fn get(&self, id: DefinitionId) -> Extent {
        self.of.get(&id).copied().unwrap_or(Extent::NOTHING)
    }

    fn of_definition(&self, definition: &Definition) -> Extent {
        match &definition.kind {
            DefinitionKind::Struct(object) => self.of_struct(object),
            DefinitionKind::Enum(values) => {
                let values = values.iter().map(|value| Extent::exactly(quoted(&value.text)));
                values.fold(Extent::NOTHING, Extent::or)
            }
            DefinitionKind::Values(values) => {
                let values = values
                    .iter()
                    .map(|value| Extent::exactly(value.value.to_string().len() as u64));
                values.fold(Extent::NOTHING, Extent::or)
            }
            DefinitionKind::Text(text) => of_text(text),
            DefinitionKind::Tuple(tuple) => self.of_tuple(tuple),
            DefinitionKind::Tagged(tagged) => self.of_tagged(tagged),
            DefinitionKind::Untagged(variants) => {
                let variants = variants.iter().map(|variant| self.of_type(&variant.ty));
                variants.fold(Extent::NOTHING, Extent::or)
            }
            DefinitionKind::Wrapper(ty) => self.of_type(ty),
            DefinitionKind::Judged(_) => Extent::from(1),
        }
    }

    /// The bounds of a type.
    pub(super) fn of_type(&self, ty: &Type) -> Extent {
        match ty {
            Type::Any => Extent::from(1),
            Type::AnyObject => Extent::from(2),
            Type::Null => Extent::exactly(4),
            Type::Boolean => Extent::between(4, 5),
            Type::Integer(integer) => of_integer(integer),
            Type::Number(_) => Extent::between(1, LONGEST_NUMBER),
            Type::Text(text) => of_text(text),
            Type::Uuid => Extent::exactly(38),
            Type::DateTime => Extent::between(22, 37),
            Type::Constant(text) => Extent::exactly(quoted(text)),
            Type::Array(array) => self.of_array(array),
            Type::Map(map) => self.of_map(map),
            Type::Nullable(inner) => self.of_type(inner).or(Extent::exactly(4)),
            Type::Named(id) => self.get(*id),
        }
    }

    fn of_struct(&self, object: &Struct) -> Extent {
        let count = |fields: usize| fields as u64;
        let required = count(object.fields.iter().filter(|field| field.required).count());
        let named = count(object.fields.len());
        let least_members = required.max(object.rules.min);
        let closed = matches!(object.additional, Additional::Refused);
        if object.rules.max.is_some_and(|max| max < least_members) || closed && named < object.rules.min {
            return Extent::NOTHING;
        }
        let mut least = Some(0_u64);
        let mut most = Some(0_u64);
        for field in &object.fields {
            let member = Extent::exactly(quoted(&field.name) + 1).and(self.of_type(&field.ty));
            if field.required {
                least = least.zip(member.least).map(|(sum, bytes)| sum.saturating_add(bytes));
            }
            // What no value can be is never there.
            if member.least.is_some() {
                most = most.zip(member.most).map(|(sum, bytes)| sum.saturating_add(bytes));
            }
        }
        // The shortest member is `"":0`.
        let others = (least_members - required).saturating_mul(4);
        let kept = matches!(object.additional, Additional::Kept(_));
        Extent {
            least: least.map(|bytes| around(bytes.saturating_add(others), least_members)),
            most: most.filter(|_| !kept).map(|bytes| around(bytes, named)),
        }
    }

    fn of_map(&self, map: &Map) -> Extent {
        let value = self.of_type(&map.value);
        let (name, names) = match &map.rules.names {
            Names::Any => (Extent::from(2), None),
            Names::Like(text) => (of_text(text), None),
            Names::OneOf(names) => {
                let lengths = names.iter().map(|name| Extent::exactly(quoted(name)));
                (lengths.fold(Extent::NOTHING, Extent::or), Some(names.len() as u64))
            }
        };
        let at_most = [map.rules.max, names].into_iter().flatten().min();
        several(name.and(Extent::exactly(1)).and(value), map.rules.min, at_most)
    }

    fn of_array(&self, array: &Array) -> Extent {
        let (least, most) = self.count(&array.rules, Some(&array.item));
        several(self.of_type(&array.item), least, most)
    }

    /// How many items a list has.
    fn count(&self, rules: &Items, item: Option<&Type>) -> (u64, Option<u64>) {
        let contained = rules.contains.as_ref().map_or(0, |contains: &Contains| contains.min);
        let least = rules.min.max(contained);
        let different = item.filter(|_| rules.unique).and_then(|item| self.different(item));
        let none = rules.closed.then_some(0);
        (least, [rules.max, different, none].into_iter().flatten().min())
    }

    fn of_tuple(&self, tuple: &Tuple) -> Extent {
        let (rest, open) = match &tuple.rest {
            Rest::Kept(ty) => (self.of_type(ty), true),
            Rest::Refused => (Extent::NOTHING, false),
        };
        let positions = tuple.positions.len() as u64;
        let (least, most) = self.count(&tuple.rules, None);
        let least = least.max(tuple.required as u64);
        let most = if open {
            most
        } else {
            Some(most.unwrap_or(positions).min(positions))
        };
        if most.is_some_and(|most| most < least) {
            return Extent::NOTHING;
        }
        let mut sum = Extent::exactly(0);
        for (index, position) in tuple.positions.iter().enumerate() {
            let index = index as u64;
            let extent = self.of_type(&position.ty);
            if index < least {
                sum.least = sum.and(extent).least;
            }
            if most.is_none_or(|most| index < most) {
                sum.most = sum.and(extent).most;
            }
        }
        let beyond = several(
            rest,
            least.saturating_sub(positions),
            most.map(|most| most.saturating_sub(positions)),
        );
        let all = sum.and(beyond);
        Extent {
            least: all.least.map(|bytes| bytes.saturating_add(least.saturating_sub(1))),
            most: all.most.map(|bytes| bytes.saturating_add(positions)),
        }
    }

    fn of_tagged(&self, tagged: &Tagged) -> Extent {
        let variants = tagged.variants.iter().map(|variant| {
            let object = self.get(variant.definition);
            let tag = quoted(&tagged.tag) + 1 + quoted(&variant.value) + 1;
            Extent {
                least: object.least,
                most: object.most.map(|bytes| bytes.saturating_add(tag)),
            }
        });
        variants.fold(Extent::NOTHING, Extent::or)
    }

    /// How many different values a type has, where they are few.
    fn different(&self, ty: &Type) -> Option<u64> {
        match ty {
            Type::Null | Type::Constant(_) => Some(1),
            Type::Boolean => Some(2),
            Type::Integer(integer) => {
                let range = integer.highest()?.checked_sub(integer.lowest()?)?.checked_add(1)?;
                u64::try_from(range).ok()
            }
            Type::Nullable(inner) => self.different(inner)?.checked_add(1),
            Type::Named(id) => match &self.payloads.definition(*id).kind {
                DefinitionKind::Enum(values) => Some(values.len() as u64),
                DefinitionKind::Values(values) => Some(values.len() as u64),
                _ => None,
            },
            _ => None,
        }
    }
}

/// So many of one thing, with commas between and brackets around them.
fn several(one: Extent, least: u64, most: Option<u64>) -> Extent {
    if most.is_some_and(|most| most < least) || least > 0 && one.least.is_none() {
        return Extent::NOTHING;
    }
    let bytes = |one: u64, times: u64| around(one.saturating_mul(times), times);
    let largest = match (one.least, most) {
        (None, _) | (_, Some(0)) => Some(2),
        (Some(_), most) => one.most.zip(most).map(|(one, most)| bytes(one, most)),
    };
    Extent {
        least: Some(bytes(one.least.unwrap_or(0), least)),
        most: largest,
    }
}

/// What some parts take with brackets around and commas between them.
fn around(bytes: u64, parts: u64) -> u64 {
    bytes.saturating_add(parts.saturating_sub(1)).saturating_add(2)
}

/// The bytes of a text in a document.
fn quoted(text: &str) -> u64 {
    serde_json::Value::from(text).to_string().len() as u64
}

fn of_integer(integer: &Integer) -> Extent {
    let written = |number: i128| number.to_string().len() as u64;
    let (lowest, highest) = (integer.lowest(), integer.highest());
    if lowest.zip(highest).is_some_and(|(lowest, highest)| lowest > highest) {
        return Extent::NOTHING;
    }
    let bounds = [lowest.unwrap_or(i64::MIN.into()), highest.unwrap_or(u64::MAX.into())];
    // Between a negative and a positive number there is 0.
    let least = match (lowest, highest) {
        (Some(lowest), _) if lowest > 0 => written(lowest),
        (_, Some(highest)) if highest < 0 => written(highest),
        _ => 1,
    };
    Extent::between(least, bounds.map(written).into_iter().max().unwrap_or(least).max(least))
}

/// How many characters a text has.
pub(super) fn characters(text: &Text) -> (u64, Option<u64>) {
    let (of_format, format_most) = text.format.map_or((0, None), of_format);
    let expression = text.pattern.as_ref().and_then(|pattern| language::parse(&pattern.rust));
    let (of_pattern, pattern_most) = expression.map_or((0, None), |expression| language::lengths(&expression));
    let least = text.min_length.max(of_format).max(of_pattern);
    (
        least,
        [text.max_length, format_most, pattern_most].into_iter().flatten().min(),
    )
}

fn of_text(text: &Text) -> Extent {
    let (least, most) = characters(text);
    if most.is_some_and(|most| most < least) {
        return Extent::NOTHING;
    }
    let expression = text.pattern.as_ref().and_then(|pattern| language::parse(&pattern.rust));
    let matched = expression.and_then(|expression| language::most_bytes(&expression));
    let bytes = [most.map(|most| most.saturating_mul(4)), matched]
        .into_iter()
        .flatten()
        .min();
    Extent {
        least: Some(least.saturating_add(2)),
        most: bytes.map(|bytes| bytes.saturating_add(2)),
    }
}

/// How many characters the texts of a format have.
fn of_format(format: Format) -> (u64, Option<u64>) {
    match format {
        // The fraction of a second may have any number of digits.
        Format::DateTime => (20, None),
        Format::Date => (10, Some(10)),
        Format::Time => (9, None),
        Format::Duration | Format::Email => (3, None),
        Format::Hostname => (1, Some(253)),
        Format::Ipv4 => (7, Some(15)),
        Format::Ipv6 => (2, Some(45)),
        Format::Uuid => (36, Some(36)),
        Format::Uri | Format::Iri => (2, None),
        Format::RelativeJsonPointer => (1, None),
        Format::UriReference | Format::IriReference | Format::UriTemplate | Format::JsonPointer | Format::Regex => {
            (0, None)
        }
    }
}

/// The definitions, each behind those that it is made of, as far as they do not hold each other.
fn inside_out(payloads: &PayloadSet) -> Vec<DefinitionId> {
    let mut order = Vec::new();
    let mut seen: HashMap<DefinitionId, bool> = HashMap::new();
    let all = payloads.modules().flat_map(|(module, _)| payloads.definitions(module));
    for (id, _) in all {
        let mut open = vec![id];
        while let Some(next) = open.last().copied() {
            match seen.get(&next) {
                None => {
                    seen.insert(next, false);
                    open.extend(parts(payloads.definition(next)));
                }
                Some(false) => {
                    seen.insert(next, true);
                    order.push(next);
                    open.pop();
                }
                Some(true) => {
                    open.pop();
                }
            }
        }
    }
    order
}

/// The definitions that a definition is made of.
pub(super) fn parts(definition: &Definition) -> Vec<DefinitionId> {
    let mut found = Vec::new();
    match &definition.kind {
        DefinitionKind::Struct(object) => {
            object.fields.iter().for_each(|field| named(&field.ty, &mut found));
            if let Additional::Kept(ty) = &object.additional {
                named(ty, &mut found);
            }
        }
        DefinitionKind::Tuple(tuple) => {
            tuple
                .positions
                .iter()
                .for_each(|position| named(&position.ty, &mut found));
            if let Rest::Kept(ty) = &tuple.rest {
                named(ty, &mut found);
            }
        }
        DefinitionKind::Tagged(tagged) => found.extend(tagged.variants.iter().map(|variant| variant.definition)),
        DefinitionKind::Untagged(variants) => variants.iter().for_each(|variant| named(&variant.ty, &mut found)),
        DefinitionKind::Wrapper(ty) => named(ty, &mut found),
        DefinitionKind::Enum(_) | DefinitionKind::Values(_) | DefinitionKind::Text(_) | DefinitionKind::Judged(_) => {}
    }
    found
}

fn named(ty: &Type, found: &mut Vec<DefinitionId>) {
    match ty {
        Type::Named(id) => found.push(*id),
        Type::Nullable(inner) => named(inner, found),
        Type::Array(array) => named(&array.item, found),
        Type::Map(map) => named(&map.value, found),
        _ => {}
    }
}
