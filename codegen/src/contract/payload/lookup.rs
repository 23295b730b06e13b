//! From a JSON pointer to the field of a payload that it names.

use super::{Definition, DefinitionId, DefinitionKind, EnumValue, Field, Integer, PayloadSet, Text, Type};
use crate::source::Span;

/// A scalar field of a payload.
#[derive(Clone, Debug)]
pub struct Leaf<'p> {
    /// The fields on the way, the scalar's own last, by their names in the document.
    pub steps: Vec<&'p str>,
    /// What the field holds.
    pub kind: LeafKind<'p>,
    /// The definition that the field's type is, if it has a name.
    pub definition: Option<&'p Definition>,
    /// The first field on the way that may be missing or `null` in Rust, as a JSON pointer.
    pub optional: Option<String>,
    /// Whether it, or an object around it, is marked as something about a person.
    pub personal: bool,
    /// Where the schema names the field.
    pub span: Span,
}

/// What a scalar field holds.
#[derive(Clone, Debug)]
pub enum LeafKind<'p> {
    /// Text with rules.
    Text(&'p Text),
    /// One of some texts.
    Enum(&'p [EnumValue]),
    /// Always the same text; the Rust struct has no field for it.
    Constant(&'p str),
    /// A UUID.
    Uuid,
    /// A moment.
    DateTime,
    /// A whole number.
    Integer(&'p Integer),
    /// `true` or `false`
    Boolean,
    /// Nothing that has one text: a number, a list, an object, a union.
    Other(&'static str),
}

impl Leaf<'_> {
    /// The texts that the field can hold, where they are listed.
    #[must_use]
    pub fn text_values(&self) -> Option<Vec<&str>> {
        match &self.kind {
            LeafKind::Enum(values) => Some(values.iter().map(|value| value.text.as_str()).collect()),
            LeafKind::Constant(text) => Some(vec![text]),
            _ => None,
        }
    }
}

/// Why a pointer leads to no field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupError {
    /// The contract has no such payload.
    UnknownPayload,
    /// The text is no JSON pointer to a field.
    NotAPointer,
    /// An object on the way has no such field.
    UnknownField {
        /// The field that is missing, as a JSON pointer.
        pointer: String,
        /// The fields that the object has.
        known: Vec<String>,
    },
    /// A value on the way is not an object with named fields.
    NotAnObject {
        /// The value, as a JSON pointer.
        pointer: String,
    },
}

impl PayloadSet {
    /// Follows a JSON pointer through the fields of a payload.
    ///
    /// # Errors
    ///
    /// When it leads to no field that the schema names.
    pub fn lookup(&self, payload: &str, pointer: &str) -> Result<Leaf<'_>, LookupError> {
        let payload = self.get(payload).ok_or(LookupError::UnknownPayload)?;
        let path = pointer.strip_prefix('/').ok_or(LookupError::NotAPointer)?;
        let mut leaf = Leaf {
            steps: Vec::new(),
            kind: LeafKind::Other("an object"),
            definition: None,
            optional: None,
            personal: self.definition(payload.root).docs.personal_data,
            span: payload.origin,
        };
        let mut object = self.members(payload.root);
        let mut walked = String::new();
        for step in path.split('/') {
            let fields = object.ok_or_else(|| LookupError::NotAnObject {
                pointer: walked.clone(),
            })?;
            walked.push('/');
            walked.push_str(step);
            let name = step.replace("~1", "/").replace("~0", "~");
            let Some(field) = fields.iter().find(|field| field.name == name) else {
                return Err(LookupError::UnknownField {
                    pointer: walked,
                    known: fields.iter().map(|field| field.name.clone()).collect(),
                });
            };
            leaf.steps.push(&field.name);
            leaf.span = field.origin;
            leaf.personal |= field.docs.personal_data;
            let nullable = matches!(field.ty, Type::Nullable(_));
            let missing = !field.required && field.default.is_none();
            if (nullable || missing) && leaf.optional.is_none() {
                leaf.optional = Some(walked.clone());
            }
            leaf.kind = self.leaf_kind(&field.ty);
            leaf.definition = match &field.ty {
                Type::Named(id) => Some(self.definition(*id)),
                _ => None,
            };
            object = self.fields(&field.ty);
        }
        Ok(leaf)
    }

    fn fields(&self, ty: &Type) -> Option<&[Field]> {
        match ty {
            Type::Named(id) => self.members(*id),
            Type::Nullable(inner) => self.fields(inner),
            _ => None,
        }
    }

    fn members(&self, id: DefinitionId) -> Option<&[Field]> {
        match &self.definition(id).kind {
            DefinitionKind::Struct(object) => Some(&object.fields),
            _ => None,
        }
    }

    fn leaf_kind<'p>(&'p self, ty: &'p Type) -> LeafKind<'p> {
        match ty {
            Type::Text(text) => LeafKind::Text(text),
            Type::Constant(text) => LeafKind::Constant(text),
            Type::Uuid => LeafKind::Uuid,
            Type::DateTime => LeafKind::DateTime,
            Type::Integer(integer) => LeafKind::Integer(integer),
            Type::Boolean => LeafKind::Boolean,
            Type::Number(_) => LeafKind::Other("a number"),
            Type::Any | Type::AnyObject => LeafKind::Other("free-form JSON"),
            Type::Null => LeafKind::Other("null"),
            Type::Array(_) => LeafKind::Other("a list"),
            Type::Map(_) => LeafKind::Other("a map"),
            Type::Nullable(inner) => self.leaf_kind(inner),
            Type::Named(id) => match &self.definition(*id).kind {
                DefinitionKind::Text(text) => LeafKind::Text(text),
                DefinitionKind::Enum(values) => LeafKind::Enum(values),
                DefinitionKind::Wrapper(_) | DefinitionKind::Struct(_) => LeafKind::Other("an object"),
                DefinitionKind::Tuple(_) => LeafKind::Other("a list"),
                DefinitionKind::Values(_) => LeafKind::Other("one of some values of any type"),
                DefinitionKind::Judged(_) => LeafKind::Other("JSON that a validator judges"),
                DefinitionKind::Tagged(_) | DefinitionKind::Untagged(_) => LeafKind::Other("a union"),
            },
        }
    }
}
