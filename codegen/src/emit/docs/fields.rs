//! Payloads as rows: what each member may be, and what is within it.
//!
//! A type that occurs a second time is not told again: its row leads to the first one. So the rows of a payload are no more
//! than the members of its types, however often and however deeply they are used, and a type within itself has an end.

mod rules;

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Serialize;

use crate::contract::payload::{
    Additional, Definition, DefinitionId, DefinitionKind, Docs, Payload, PayloadSet, Rest, Type,
};

/// A member, or a value without a name.
#[derive(Debug, Default, Serialize)]
pub(super) struct Row {
    /// Where it stands in a document, in words that fit into an address: `lines.*.pieces`.
    pub(super) id: String,
    /// Further places that are told here.
    pub(super) also: Vec<String>,
    /// Its name in the document.
    pub(super) name: String,
    /// What JSON it is.
    pub(super) kind: String,
    /// Whether it must be there.
    pub(super) required: bool,
    /// `deprecated`
    pub(super) deprecated: bool,
    /// `read only` or `write only`
    pub(super) access: Option<&'static str>,
    /// What its schema says about it (Markdown).
    pub(super) description: String,
    /// What a value has to be.
    pub(super) rules: Vec<Rule>,
    /// The values that it can have, where they are listed.
    pub(super) values: Vec<Choice>,
    /// What a document without it means.
    pub(super) default: Option<String>,
    /// Values that the schema gives as examples.
    pub(super) examples: Vec<String>,
    /// What is within it.
    pub(super) groups: Vec<Group>,
    /// The row that tells the same type.
    pub(super) same: Option<Same>,
    /// The schema, where only a validator can say what it accepts.
    pub(super) schema: Option<String>,
}

/// Rows that belong together.
#[derive(Debug, Default, Serialize)]
pub(super) struct Group {
    /// Where they stand, if that is a place of its own.
    pub(super) id: String,
    /// What they are: `members`, `each item`.
    pub(super) label: String,
    /// How many there are, in words.
    pub(super) count: String,
    /// Whether they are few enough to be shown at once.
    pub(super) open: bool,
    /// What the schema says about what they are part of (Markdown).
    pub(super) description: String,
    /// What holds for it.
    pub(super) rules: Vec<Rule>,
    /// The rows.
    pub(super) rows: Vec<Row>,
    /// The row that tells the same type.
    pub(super) same: Option<Same>,
}

/// A rule that a value has to follow.
#[derive(Debug, Serialize)]
pub(super) struct Rule {
    /// What is ruled: `pattern`, `length`.
    pub(super) name: Cow<'static, str>,
    /// What it has to be.
    pub(super) value: String,
}

/// One of some values.
#[derive(Debug, Serialize)]
pub(super) struct Choice {
    /// The value, as JSON unless it is text.
    pub(super) value: String,
    /// What the schema says about it.
    pub(super) description: String,
    /// `deprecated`
    pub(super) deprecated: bool,
}

/// The row that tells a type.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Same {
    /// The row's id; empty for the document as a whole.
    pub(super) id: String,
    /// The type's name.
    pub(super) name: String,
}

/// What a payload's documents are.
#[derive(Debug, Serialize)]
pub(super) struct Table {
    /// What holds for the document as a whole.
    pub(super) rules: Vec<Rule>,
    /// The members, or one row for a document that is no object.
    pub(super) rows: Vec<Row>,
}

impl Table {
    pub(super) fn of(set: &PayloadSet, payload: &Payload) -> Self {
        let mut teller = Teller {
            set,
            depth: 0,
            told: HashMap::new(),
        };
        let mut row = Row::default();
        teller.definition(payload.root, &mut row);
        if let DefinitionKind::Struct(_) = set.definition(payload.root).kind {
            return Self {
                rules: row.rules,
                rows: row.groups.pop().map(|group| group.rows).unwrap_or_default(),
            };
        }
        "document".clone_into(&mut row.name);
        "document".clone_into(&mut row.id);
        row.required = true;
        // The payload's description stands above its rows.
        row.description.clear();
        for group in &mut row.groups {
            group.open = true;
        }
        Self {
            rules: Vec::new(),
            rows: vec![row],
        }
    }
}

/// So deeply do rows stand within each other: browsers and readers follow no further.
const DEEPEST: usize = 24;

struct Teller<'c> {
    set: &'c PayloadSet,
    /// How many types the row is within.
    depth: usize,
    /// The row that tells each type.
    told: HashMap<DefinitionId, String>,
}

impl Teller<'_> {
    /// A row for a value at a place.
    fn row(&mut self, id: String, name: &str, docs: &Docs, ty: &Type) -> Row {
        let mut row = Row {
            id,
            name: name.to_owned(),
            ..Row::default()
        };
        say(docs, &mut row);
        self.ty(ty, &mut row);
        row
    }

    fn ty(&mut self, ty: &Type, row: &mut Row) {
        match ty {
            Type::Any => "any JSON".clone_into(&mut row.kind),
            Type::AnyObject => "object".clone_into(&mut row.kind),
            Type::Null => "null".clone_into(&mut row.kind),
            Type::Boolean => "boolean".clone_into(&mut row.kind),
            Type::Integer(integer) => {
                "integer".clone_into(&mut row.kind);
                rules::integer(integer, row);
            }
            Type::Number(number) => {
                "number".clone_into(&mut row.kind);
                rules::number(number, row);
            }
            Type::Text(text) => {
                "string".clone_into(&mut row.kind);
                rules::text(text, row);
            }
            Type::Uuid => rules::format("uuid", row),
            Type::DateTime => rules::format("date-time", row),
            Type::Constant(text) => {
                "string".clone_into(&mut row.kind);
                rules::add("always", rules::json(text), row);
            }
            Type::Nullable(inner) => {
                self.ty(inner, row);
                row.kind.push_str(" or null");
            }
            Type::Array(array) => {
                rules::items(&array.rules, row);
                self.contains(array.rules.contains.as_ref().map(|contains| &contains.ty), row);
                self.within("each item", "array of", &array.item, row);
            }
            Type::Map(map) => {
                rules::properties(&map.rules, row);
                self.within("each value", "map of", &map.value, row);
            }
            Type::Named(id) => self.named(*id, row),
        }
    }

    /// Items of a list, values of a map: told together with the list or the map.
    fn within(&mut self, each: &str, collection: &str, ty: &Type, row: &mut Row) {
        let inner = self.row(format!("{}.*", row.id), each, &Docs::default(), ty);
        row.kind = format!("{collection} {}", plural(&inner.kind));
        row.also.push(inner.id);
        row.also.extend(inner.also);
        row.rules.extend(inner.rules.into_iter().map(|rule| Rule {
            name: format!("{each}: {}", rule.name).into(),
            value: rule.value,
        }));
        row.values.extend(inner.values);
        row.schema = row.schema.take().or(inner.schema);
        row.same = row.same.take().or(inner.same);
        let mut groups = inner.groups;
        match groups.as_mut_slice() {
            [only] if only.id.is_empty() => {
                each.clone_into(&mut only.label);
                only.description = inner.description;
            }
            _ if row.description.is_empty() => row.description = inner.description,
            _ => {}
        }
        row.groups.extend(groups);
    }

    fn contains(&mut self, ty: Option<&Type>, row: &mut Row) {
        if let Some(ty) = ty {
            let inner = self.row(join(&row.id, "contains"), "counted item", &Docs::default(), ty);
            row.groups.push(group("counted items", vec![inner]));
        }
    }

    fn named(&mut self, id: DefinitionId, row: &mut Row) {
        let definition = self.set.definition(id);
        // What is told in a line or two is told wherever it is used.
        let short = matches!(
            definition.kind,
            DefinitionKind::Text(_) | DefinitionKind::Enum(_) | DefinitionKind::Values(_)
        );
        if !short && let Some(told) = self.told.get(&id) {
            row.kind.push_str(kind(definition));
            row.same = Some(Same {
                id: told.clone(),
                name: definition.name.clone(),
            });
            return;
        }
        if !short && self.depth >= DEEPEST {
            row.kind.push_str(kind(definition));
            rules::add("within", "told by the JSON Schema".to_owned(), row);
            return;
        }
        self.depth += 1;
        self.definition(id, row);
        self.depth -= 1;
    }

    fn definition(&mut self, id: DefinitionId, row: &mut Row) {
        let definition = self.set.definition(id);
        self.told.insert(id, row.id.clone());
        if row.description.is_empty() {
            say(&definition.docs, row);
        }
        kind(definition).clone_into(&mut row.kind);
        match &definition.kind {
            DefinitionKind::Struct(object) => {
                rules::properties(&object.rules, row);
                let mut rows: Vec<Row> = Vec::with_capacity(object.fields.len());
                for field in &object.fields {
                    let id = join(&row.id, &field.name);
                    let mut member = self.row(id, &field.name, &field.docs, &field.ty);
                    member.required = field.required;
                    rows.push(member);
                }
                match &object.additional {
                    Additional::Ignored => {}
                    Additional::Refused => rules::add("further members", "refused".to_owned(), row),
                    Additional::Kept(Type::Any) => rules::add("further members", "any JSON".to_owned(), row),
                    Additional::Kept(ty) => {
                        let id = format!("{}.*", row.id);
                        rows.push(self.row(id, "further members", &Docs::default(), ty));
                    }
                }
                row.groups.push(group("members", rows));
            }
            DefinitionKind::Enum(values) => {
                row.values.extend(values.iter().map(|value| Choice {
                    value: value.text.clone(),
                    description: value.description.clone().unwrap_or_default(),
                    deprecated: value.deprecated,
                }));
            }
            DefinitionKind::Values(values) => {
                row.values.extend(values.iter().map(|value| Choice {
                    value: value.value.to_string(),
                    description: value.description.clone().unwrap_or_default(),
                    deprecated: value.deprecated,
                }));
            }
            DefinitionKind::Text(text) => rules::text(text, row),
            DefinitionKind::Tuple(tuple) => {
                rules::items(&tuple.rules, row);
                let mut rows = Vec::new();
                for (index, position) in tuple.positions.iter().enumerate() {
                    let id = join(&row.id, &index.to_string());
                    let mut item = self.row(id, &format!("[{index}]"), &position.docs, &position.ty);
                    item.required = index < tuple.required;
                    rows.push(item);
                }
                match &tuple.rest {
                    Rest::Refused => rules::add("further items", "refused".to_owned(), row),
                    Rest::Kept(ty) => {
                        let id = format!("{}.*", row.id);
                        rows.push(self.row(id, "further items", &Docs::default(), ty));
                    }
                }
                self.contains(tuple.rules.contains.as_ref().map(|contains| &contains.ty), row);
                row.groups.push(group("items", rows));
            }
            DefinitionKind::Tagged(tagged) => {
                rules::add("told apart by", tagged.tag.clone(), row);
                for variant in &tagged.variants {
                    let label = format!("where {} is {}", tagged.tag, rules::json(&variant.value));
                    let id = join(&row.id, &variant.value);
                    let inner = self.row(id, &label, &Docs::default(), &Type::Named(variant.definition));
                    row.groups.push(fold(inner));
                }
            }
            DefinitionKind::Untagged(variants) => {
                let mut kinds = Vec::new();
                for variant in variants {
                    let name = variant.json.as_str();
                    let label = format!("where it is {}", article(name));
                    let inner = self.row(join(&row.id, name), &label, &Docs::default(), &variant.ty);
                    kinds.push(inner.kind.clone());
                    row.groups.push(fold(inner));
                }
                row.kind = kinds.join(" or ");
            }
            DefinitionKind::Wrapper(inner) => {
                row.kind.clear();
                self.ty(inner, row);
            }
            DefinitionKind::Judged(schema) => row.schema = Some(format!("{schema:#}")),
        }
    }
}

fn say(docs: &Docs, row: &mut Row) {
    docs.description
        .as_deref()
        .map(str::trim)
        .unwrap_or_default()
        .clone_into(&mut row.description);
    row.default = row.default.take().or_else(|| docs.default.clone());
    if row.examples.is_empty() {
        row.examples.clone_from(&docs.examples);
    }
    row.deprecated |= docs.deprecated;
    row.access = match (docs.read_only, docs.write_only) {
        (true, false) => Some("read only"),
        (false, true) => Some("write only"),
        _ => row.access,
    };
}

/// What JSON a definition is.
fn kind(definition: &Definition) -> &'static str {
    match &definition.kind {
        DefinitionKind::Struct(_) | DefinitionKind::Tagged(_) => "object",
        DefinitionKind::Enum(_) | DefinitionKind::Text(_) => "string",
        DefinitionKind::Values(_) => "one of some values",
        DefinitionKind::Tuple(_) => "array",
        DefinitionKind::Untagged(_) => "one of some types",
        DefinitionKind::Wrapper(_) => "value",
        DefinitionKind::Judged(_) => "JSON that the schema accepts",
    }
}

fn group(label: &str, rows: Vec<Row>) -> Group {
    Group {
        label: label.to_owned(),
        count: count(rows.len()),
        open: rows.len() <= FEW,
        rows,
        ..Group::default()
    }
}

/// A value without a name of its own, told as the group of its members where it has some.
fn fold(mut inner: Row) -> Group {
    let id = inner.id.clone();
    let label = inner.name.clone();
    match (inner.groups.as_mut_slice(), &inner.same) {
        ([members], None) if members.id.is_empty() && inner.values.is_empty() => Group {
            id,
            label,
            description: inner.description,
            rules: inner.rules,
            count: std::mem::take(&mut members.count),
            open: members.open,
            rows: std::mem::take(&mut members.rows),
            same: None,
        },
        ([], Some(same)) => Group {
            id,
            label,
            description: inner.description,
            same: Some(same.clone()),
            ..Group::default()
        },
        _ => Group {
            open: true,
            ..group(&label, vec![inner])
        },
    }
}

fn count(rows: usize) -> String {
    match rows {
        1 => "1 member".to_owned(),
        many => format!("{many} members"),
    }
}

/// So many rows are shown at once.
const FEW: usize = 8;

/// A place within a place. What a name says that would not fit into an address is written as its code.
fn join(id: &str, step: &str) -> String {
    let step = super::html::address::escaped(step);
    if id.is_empty() { step } else { format!("{id}.{step}") }
}

fn plural(kind: &str) -> String {
    match kind {
        "string" | "integer" | "number" | "boolean" | "object" | "array" => format!("{kind}s"),
        _ => kind.to_owned(),
    }
}

fn article(name: &str) -> String {
    match name {
        "null" => name.to_owned(),
        "integer" | "array" | "object" => format!("an {name}"),
        _ => format!("a {name}"),
    }
}
