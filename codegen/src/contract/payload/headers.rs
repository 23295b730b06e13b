//! Payloads whose members are the headers of a message.

use super::{Definition, DefinitionKind, PayloadSet, Type};
use crate::source::Span;

/// A member that is a header.
#[derive(Clone, Debug)]
pub struct Header<'p> {
    /// Its name, in the document and as a header.
    pub name: &'p str,
    /// Where its name stands.
    pub span: Span,
    /// Whether every message has it.
    pub required: bool,
    /// What a header's text is in the document; `Err` with what it is otherwise.
    pub kind: Result<HeaderKind, &'static str>,
}

/// What a header's text is in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderKind {
    /// A text.
    Text,
    /// A number or a boolean.
    Plain,
}

impl PayloadSet {
    /// The headers that a payload's members are; `None` where it is no object with named members.
    #[must_use]
    pub fn headers(&self, payload: &str) -> Option<Vec<Header<'_>>> {
        let payload = self.get(payload)?;
        let DefinitionKind::Struct(object) = &self.definition(payload.root).kind else {
            return None;
        };
        let headers = object.fields.iter().map(|field| Header {
            name: &field.name,
            span: field.origin,
            required: field.required,
            kind: self.header_kind(&field.ty),
        });
        Some(headers.collect())
    }

    fn header_kind(&self, ty: &Type) -> Result<HeaderKind, &'static str> {
        match ty {
            Type::Text(_) | Type::Uuid | Type::DateTime | Type::Constant(_) => Ok(HeaderKind::Text),
            Type::Integer(_) | Type::Number(_) | Type::Boolean => Ok(HeaderKind::Plain),
            Type::Nullable(_) | Type::Null => Err("can be `null`"),
            Type::Any | Type::AnyObject => Err("is free-form JSON"),
            Type::Array(_) => Err("is a list"),
            Type::Map(_) => Err("is an object"),
            Type::Named(id) => named(self.definition(*id)),
        }
    }
}

fn named(definition: &Definition) -> Result<HeaderKind, &'static str> {
    match &definition.kind {
        DefinitionKind::Text(_) | DefinitionKind::Enum(_) => Ok(HeaderKind::Text),
        DefinitionKind::Struct(_) | DefinitionKind::Wrapper(_) => Err("is an object"),
        DefinitionKind::Tuple(_) => Err("is a list"),
        DefinitionKind::Values(_) => Err("is one of some values of any type"),
        DefinitionKind::Tagged(_) | DefinitionKind::Untagged(_) => Err("is a union"),
        DefinitionKind::Judged(_) => Err("is JSON that a validator judges"),
    }
}
