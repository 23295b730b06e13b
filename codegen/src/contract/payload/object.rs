//! Objects.

use super::{Docs, Text, Type};
use crate::source::Span;

/// An object with named members.
#[derive(Clone, Debug)]
pub struct Struct {
    /// The members, in the schema's order.
    pub fields: Vec<Field>,
    /// What holds for members beyond those.
    pub additional: Additional,
    /// The rules of the object as a whole.
    pub rules: Properties,
}

/// A member of an object.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name as it stands in the document.
    pub name: String,
    /// What its schema says about it.
    pub docs: Docs,
    /// Where its name stands.
    pub origin: Span,
    /// Whether it must be there.
    pub required: bool,
    /// What a document without it means, where that can be written as a value of the type. Such a member is always there
    /// in Rust, and always written.
    pub default: Option<serde_json::Value>,
    /// Its type.
    pub ty: Type,
}

/// Members that the schema does not name.
#[derive(Clone, Debug)]
pub enum Additional {
    /// Accepted and passed over.
    Ignored,
    /// Refused.
    Refused,
    /// Accepted where they are of a type, and kept.
    Kept(Type),
}

/// An object whose names the document chooses.
#[derive(Clone, Debug)]
pub struct Map {
    /// The type of its values.
    pub value: Type,
    /// The rules of the object as a whole.
    pub rules: Properties,
}

/// Rules for an object, beside those of its members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    /// `minProperties`
    pub min: u64,
    /// `maxProperties`
    pub max: Option<u64>,
    /// `propertyNames`. The members that a [`Struct`] names follow it.
    pub names: Names,
    /// Members that must not be there. A [`Struct`] names none of them.
    pub never: Vec<String>,
}

/// What the names of members must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// Anything.
    #[default]
    Any,
    /// Text that follows rules.
    Like(Text),
    /// One of these; where there are none, there is no member.
    OneOf(Vec<String>),
}

impl Properties {
    /// Whether any members will do.
    #[must_use]
    pub fn is_any(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it matters how many members there are.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.min > 0 || self.max.is_some()
    }

    /// Whether names are restricted.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.names != Names::Any || !self.never.is_empty()
    }
}
