//! Payloads: what every emitter needs to know of a JSON Schema, and nothing of how it was written.
//!
//! A schema becomes a [`Type`]. Types that need a name of their own, because they have members, variants or rules worth
//! a constructor, are [`Definition`]s; a [`Type`] refers to them. Every keyword of the schema is either here, or part of
//! the schema of a [`DefinitionKind::Judged`], or was refused when the schema was lowered.

mod borrow;
mod choices;
mod headers;
mod json;
mod list;
mod lookup;
mod object;
mod shape;

use std::collections::HashMap;

use indexmap::IndexMap;

use crate::source::Span;

pub use borrow::Borrowed;
pub use headers::{Header, HeaderKind};
pub use json::whole;
pub use list::{Array, Contains, Items, Position, Rest, Tuple};
pub use lookup::{Leaf, LeafKind, LookupError};
pub use object::{Additional, Field, Map, Names, Properties, Struct};
pub use shape::Shape;

/// The payloads of a contract and the definitions that they are made of.
#[derive(Clone, Debug, Default)]
pub struct PayloadSet {
    payloads: IndexMap<String, Payload>,
    modules: Vec<Module>,
    definitions: Vec<Definition>,
    /// The definitions of each module, in the order in which their schemas stand in the file.
    by_module: Vec<Vec<DefinitionId>>,
    /// The index of the payload whose documents are of a definition.
    roots: HashMap<DefinitionId, usize>,
}

/// A schema that messages are held against.
#[derive(Clone, Debug)]
pub struct Payload {
    /// The name, which is also that of the Rust type.
    pub name: String,
    /// The schema's title.
    pub title: Option<String>,
    /// The schema's description (Markdown).
    pub description: Option<String>,
    /// The schema's title, or its start.
    pub origin: Span,
    /// The file, relative to the contract's folder.
    pub path: String,
    /// The draft that the schema is written in.
    pub draft: Draft,
    /// The schema as one document that refers to nothing outside itself.
    pub schema: serde_json::Value,
    /// The type of a document.
    pub root: DefinitionId,
}

/// A version of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draft {
    /// draft-07
    Draft7,
    /// 2020-12
    Draft202012,
}

impl Draft {
    /// What stands under `$schema`.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Draft7 => "http://json-schema.org/draft-07/schema#",
            Self::Draft202012 => "https://json-schema.org/draft/2020-12/schema",
        }
    }

    /// The name that people use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft7 => "draft-07",
            Self::Draft202012 => "2020-12",
        }
    }

    /// The keyword under which schemas are kept for reuse.
    #[must_use]
    pub const fn definitions(self) -> &'static str {
        match self {
            Self::Draft7 => "definitions",
            Self::Draft202012 => "$defs",
        }
    }
}

/// The definitions that come from one file.
#[derive(Clone, Debug)]
pub struct Module {
    /// The file's name without endings, in `snake_case`.
    pub name: String,
    /// The file, relative to the contract's folder.
    pub path: String,
    /// The schema's title.
    pub title: Option<String>,
}

/// A module, as an index into [`PayloadSet::modules`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub(crate) usize);

/// A definition, as an index into a [`PayloadSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefinitionId(pub(crate) usize);

/// A type with a name of its own.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The name in `PascalCase`.
    pub name: String,
    /// Where it belongs.
    pub module: ModuleId,
    /// What its schema says about it.
    pub docs: Docs,
    /// Where its schema stands.
    pub origin: Span,
    /// What it is.
    pub kind: DefinitionKind,
}

/// What a schema says to people.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a keyword of its own")]
pub struct Docs {
    /// `title`
    pub title: Option<String>,
    /// `description` (Markdown)
    pub description: Option<String>,
    /// `default`, as JSON text.
    pub default: Option<String>,
    /// `examples`, as JSON texts.
    pub examples: Vec<String>,
    /// `deprecated`
    pub deprecated: bool,
    /// `readOnly`
    pub read_only: bool,
    /// `writeOnly`
    pub write_only: bool,
    /// [`PERSONAL_DATA`]
    pub personal_data: bool,
}

/// The annotation of what says something about a person: `x-natsmith-personal-data: true`.
pub const PERSONAL_DATA: &str = "x-natsmith-personal-data";

/// The kinds of definition.
#[derive(Clone, Debug)]
pub enum DefinitionKind {
    /// An object with named members.
    Struct(Struct),
    /// One of some texts.
    Enum(Vec<EnumValue>),
    /// One of some values, not all of them texts and none of them `null`.
    Values(Vec<ListedValue>),
    /// Text with rules.
    Text(Text),
    /// A list whose positions have types of their own.
    Tuple(Box<Tuple>),
    /// One of some objects, told apart by a member.
    Tagged(Tagged),
    /// One of some types, told apart by their JSON type.
    Untagged(Vec<UntaggedVariant>),
    /// Another type under a name, for a document that is not an object.
    Wrapper(Type),
    /// Any JSON that a validator accepts under this schema, which refers to nothing outside itself.
    Judged(serde_json::Value),
}

/// One value of an enumeration.
#[derive(Clone, Debug)]
pub struct EnumValue {
    /// The text as it stands in the document.
    pub text: String,
    /// What the schema says about it.
    pub description: Option<String>,
    /// `deprecated`
    pub deprecated: bool,
}

/// One value of an enumeration of any JSON.
#[derive(Clone, Debug)]
pub struct ListedValue {
    /// Its name in `PascalCase`.
    pub variant: String,
    /// The value as it stands in the document.
    pub value: serde_json::Value,
    /// What the schema says about it.
    pub description: Option<String>,
    /// `deprecated`
    pub deprecated: bool,
}

/// One of some objects, told apart by a member.
#[derive(Clone, Debug)]
pub struct Tagged {
    /// The member's name.
    pub tag: String,
    /// The objects.
    pub variants: Vec<TaggedVariant>,
}

/// An object of a tagged union.
#[derive(Clone, Debug)]
pub struct TaggedVariant {
    /// What the tag says.
    pub value: String,
    /// The object, which is a [`DefinitionKind::Struct`].
    pub definition: DefinitionId,
}

/// A type of an untagged union.
#[derive(Clone, Debug)]
pub struct UntaggedVariant {
    /// The JSON type by which it is told from the others.
    pub json: JsonType,
    /// The type.
    pub ty: Type,
}

/// The types that JSON itself has, and JSON Schema's integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JsonType {
    /// `null`
    Null,
    /// `boolean`
    Boolean,
    /// `integer`
    Integer,
    /// `number`
    Number,
    /// `string`
    String,
    /// `array`
    Array,
    /// `object`
    Object,
}

impl JsonType {
    /// Every type.
    pub const ALL: [Self; 7] = [
        Self::Null,
        Self::Boolean,
        Self::Integer,
        Self::Number,
        Self::String,
        Self::Array,
        Self::Object,
    ];

    /// The type as JSON Schema spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// What a value may be.
#[derive(Clone, Debug)]
pub enum Type {
    /// Any JSON.
    Any,
    /// Any object.
    AnyObject,
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A whole number.
    Integer(Integer),
    /// A number.
    Number(Number),
    /// Text.
    Text(Text),
    /// Text that is a UUID.
    Uuid,
    /// Text that is a moment as of RFC 3339.
    DateTime,
    /// Always the same text; only as a required member of a [`Struct`].
    Constant(String),
    /// A list.
    Array(Box<Array>),
    /// An object whose names the document chooses.
    Map(Box<Map>),
    /// Another type or `null`.
    Nullable(Box<Type>),
    /// A definition.
    Named(DefinitionId),
}

/// Rules for a whole number.
#[derive(Clone, Debug, PartialEq)]
pub struct Integer {
    /// `minimum`
    pub minimum: Option<i128>,
    /// `exclusiveMinimum`
    pub exclusive_minimum: Option<i128>,
    /// `maximum`
    pub maximum: Option<i128>,
    /// `exclusiveMaximum`
    pub exclusive_maximum: Option<i128>,
    /// `multipleOf`
    pub multiple_of: Option<i128>,
    /// `enum` or `const`; empty for any.
    pub allowed: Vec<i128>,
}

impl Integer {
    /// The smallest number that the rules allow.
    #[must_use]
    pub fn lowest(&self) -> Option<i128> {
        let above = self.exclusive_minimum.map(|bound| bound.saturating_add(1));
        let listed = self.allowed.iter().min().copied();
        [self.minimum, above, listed].into_iter().flatten().max()
    }

    /// The largest number that the rules allow.
    #[must_use]
    pub fn highest(&self) -> Option<i128> {
        let below = self.exclusive_maximum.map(|bound| bound.saturating_sub(1));
        let listed = self.allowed.iter().max().copied();
        [self.maximum, below, listed].into_iter().flatten().min()
    }
}

/// Rules for a number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Number {
    /// `minimum`
    pub minimum: Option<f64>,
    /// `exclusiveMinimum`
    pub exclusive_minimum: Option<f64>,
    /// `maximum`
    pub maximum: Option<f64>,
    /// `exclusiveMaximum`
    pub exclusive_maximum: Option<f64>,
    /// `multipleOf`
    pub multiple_of: Option<f64>,
}

/// Rules for text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// `minLength`, in code points.
    pub min_length: u64,
    /// `maxLength`, in code points.
    pub max_length: Option<u64>,
    /// `pattern`
    pub pattern: Option<Pattern>,
    /// `format`
    pub format: Option<Format>,
}

impl Text {
    /// Whether any text will do.
    #[must_use]
    pub fn is_any(&self) -> bool {
        *self == Self::default()
    }
}

/// A regular expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// As the schema writes it.
    pub source: String,
    /// The same in Rust's dialect.
    pub rust: String,
}

/// The formats that are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of JSON Schema")]
pub enum Format {
    DateTime,
    Date,
    Time,
    Duration,
    Email,
    Hostname,
    Ipv4,
    Ipv6,
    Uri,
    UriReference,
    Iri,
    IriReference,
    UriTemplate,
    Uuid,
    JsonPointer,
    RelativeJsonPointer,
    Regex,
}

impl Format {
    /// Every format that is checked.
    pub const ALL: [Self; 17] = [
        Self::DateTime,
        Self::Date,
        Self::Time,
        Self::Duration,
        Self::Email,
        Self::Hostname,
        Self::Ipv4,
        Self::Ipv6,
        Self::Uri,
        Self::UriReference,
        Self::Iri,
        Self::IriReference,
        Self::UriTemplate,
        Self::Uuid,
        Self::JsonPointer,
        Self::RelativeJsonPointer,
        Self::Regex,
    ];

    /// The format as JSON Schema spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DateTime => "date-time",
            Self::Date => "date",
            Self::Time => "time",
            Self::Duration => "duration",
            Self::Email => "email",
            Self::Hostname => "hostname",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Uri => "uri",
            Self::UriReference => "uri-reference",
            Self::Iri => "iri",
            Self::IriReference => "iri-reference",
            Self::UriTemplate => "uri-template",
            Self::Uuid => "uuid",
            Self::JsonPointer => "json-pointer",
            Self::RelativeJsonPointer => "relative-json-pointer",
            Self::Regex => "regex",
        }
    }
}

impl PayloadSet {
    pub(crate) fn new(payloads: IndexMap<String, Payload>, modules: Vec<Module>, definitions: Vec<Definition>) -> Self {
        let mut by_module = vec![Vec::new(); modules.len()];
        let mut in_order: Vec<(Span, ModuleId, DefinitionId)> = definitions
            .iter()
            .enumerate()
            .map(|(index, definition)| (definition.origin, definition.module, DefinitionId(index)))
            .collect();
        in_order.sort_by_key(|(origin, _, id)| (*origin, *id));
        for (_, module, id) in in_order {
            if let Some(ids) = by_module.get_mut(module.0) {
                ids.push(id);
            }
        }
        let roots = payloads.values().enumerate();
        let roots = roots.map(|(index, payload)| (payload.root, index)).collect();
        Self {
            payloads,
            modules,
            definitions,
            by_module,
            roots,
        }
    }

    /// A payload by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Payload> {
        self.payloads.get(name)
    }

    /// The names of the payloads, in the order of the files.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.payloads.keys().map(String::as_str)
    }

    /// The payloads, in the order of the files.
    pub fn iter(&self) -> impl Iterator<Item = &Payload> + Clone {
        self.payloads.values()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.payloads.is_empty()
    }

    /// The files that definitions come from, in their order.
    pub fn modules(&self) -> impl Iterator<Item = (ModuleId, &Module)> {
        self.modules
            .iter()
            .enumerate()
            .map(|(index, module)| (ModuleId(index), module))
    }

    /// The module of an id.
    ///
    /// # Panics
    ///
    /// When the id was given out by another set.
    #[must_use]
    #[allow(clippy::indexing_slicing, reason = "ids are given out by this set alone")]
    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0]
    }

    /// The definition of an id.
    ///
    /// # Panics
    ///
    /// When the id was given out by another set.
    #[must_use]
    #[allow(clippy::indexing_slicing, reason = "ids are given out by this set alone")]
    pub fn definition(&self, id: DefinitionId) -> &Definition {
        &self.definitions[id.0]
    }

    /// The payload that a module describes; `None` for one that only holds definitions.
    #[must_use]
    pub fn payload_in(&self, module: ModuleId) -> Option<&Payload> {
        let ids = self.by_module.get(module.0)?;
        ids.iter().find_map(|id| self.payload_of(*id))
    }

    /// The definitions of a module, in the order in which their schemas stand in the file.
    #[must_use]
    pub fn definitions(&self, module: ModuleId) -> Vec<(DefinitionId, &Definition)> {
        let ids = self.by_module.get(module.0).map(Vec::as_slice).unwrap_or_default();
        ids.iter().map(|id| (*id, self.definition(*id))).collect()
    }

    /// Whether a validator has to judge any of the values.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        let judged = |definition: &Definition| matches!(definition.kind, DefinitionKind::Judged(_));
        self.definitions.iter().any(judged)
    }

    /// The payload whose documents are of a definition.
    #[must_use]
    pub fn payload_of(&self, id: DefinitionId) -> Option<&Payload> {
        self.payloads
            .get_index(*self.roots.get(&id)?)
            .map(|(_, payload)| payload)
    }
}
