//! What travels on a subject: typed payloads, and why a document is refused.

use std::borrow::Cow;
use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::json::Fault;

mod borrowed;
mod free_form;
mod location;
mod token_value;

pub use borrowed::BorrowedPayload;
pub use free_form::FreeForm;
pub(crate) use location::Turn;
pub use token_value::TokenValue;

/// A type that is made from a JSON Schema.
///
/// A document is accepted exactly when it is valid under [`SCHEMA`](Payload::SCHEMA), formats included, with these
/// rules where the schema language leaves a choice:
///
/// - A member that stands twice in an object is refused wherever the members are read. Members that an open object
///   does not name, and the inside of a [`FreeForm`] value, are read for their syntax alone.
/// - An integer may be written as `1.0` or `1e3`. One that the Rust type cannot hold is refused with
///   [`Keyword::IntegerRange`].
/// - A number must fit an `f64`.
/// - Objects and lists may stand in each other 128 levels deep. An object of which the schema names more than 64 members
///   counts as one more level for each further 64.
pub trait Payload: Sized + Send + Sync + 'static {
    /// The payload's name in the contract, for example `AgentStatus`.
    const NAME: &'static str;

    /// The JSON Schema, as one document that refers to nothing outside itself.
    const SCHEMA: &'static str;

    /// Reads a document.
    ///
    /// # Errors
    ///
    /// The first place at which the document is not what the schema asks for.
    fn decode(document: &[u8]) -> Result<Self, PayloadError>;

    /// Every violation of a document, for somebody who is to correct it; none exactly when [`decode`](Payload::decode)
    /// reads it.
    ///
    /// A JSON Schema validator looks for them, which takes many times as long as to decode the document and is compiled
    /// when the first document comes. Of a union it says that no branch takes the value, where `decode` says why a
    /// branch does not. Of the rules that are not the schema's ([`Keyword::Duplicate`], [`Keyword::IntegerRange`]
    /// and those of JSON itself) only the first that `decode` meets is listed.
    #[cfg(feature = "validator")]
    #[must_use]
    fn decode_all_errors(document: &[u8]) -> Vec<PayloadError> {
        crate::json::all_errors::<Self>(document)
    }

    /// Checks a value that was built in this program by the same rules.
    ///
    /// # Errors
    ///
    /// The first place, in the schema's order, that no valid document can hold.
    fn validate(&self) -> Result<(), PayloadError>;

    /// Writes the document, members in the schema's order, without checking it.
    fn encode(&self, out: &mut BytesMut);

    /// Checks the value and writes the document.
    ///
    /// # Errors
    ///
    /// As [`validate`](Payload::validate).
    fn to_bytes(&self) -> Result<Bytes, PayloadError> {
        self.validate()?;
        let mut out = BytesMut::with_capacity(1024);
        self.encode(&mut out);
        Ok(out.freeze())
    }
}

/// The rule that a document breaks.
///
/// Most are keywords of JSON Schema; the first ones are rules of JSON itself and of reading it into Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Keyword {
    /// The text is not JSON.
    Syntax,
    /// The bytes are not UTF-8.
    Encoding,
    /// Objects and lists stand in each other more than 128 levels deep.
    Depth,
    /// A member stands twice in one object.
    Duplicate,
    /// The schema sets no bound, but the Rust type does.
    IntegerRange,
    /// `type`
    Type,
    /// `enum`
    Enum,
    /// `const`
    Const,
    /// `minimum`
    Minimum,
    /// `exclusiveMinimum`
    ExclusiveMinimum,
    /// `maximum`
    Maximum,
    /// `exclusiveMaximum`
    ExclusiveMaximum,
    /// `multipleOf`
    MultipleOf,
    /// `minLength`
    MinLength,
    /// `maxLength`
    MaxLength,
    /// `pattern`
    Pattern,
    /// `format`
    Format,
    /// `minItems`
    MinItems,
    /// `maxItems`
    MaxItems,
    /// `uniqueItems`
    UniqueItems,
    /// `required`
    Required,
    /// `additionalProperties`
    AdditionalProperties,
    /// `minProperties`
    MinProperties,
    /// `maxProperties`
    MaxProperties,
    /// `oneOf`
    OneOf,
    /// `anyOf`
    AnyOf,
    /// `not`
    Not,
    /// A value where the schema is `false`.
    FalseSchema,
    /// `additionalItems`, or `items` beside `prefixItems`
    AdditionalItems,
    /// `contains`, `minContains` or `maxContains`
    Contains,
    /// `propertyNames`
    PropertyNames,
    /// `unevaluatedItems`
    UnevaluatedItems,
    /// `unevaluatedProperties`
    UnevaluatedProperties,
    /// `contentEncoding`
    ContentEncoding,
    /// `contentMediaType`
    ContentMediaType,
    /// The schema as a whole, where no single rule is to blame.
    Schema,
}

impl Keyword {
    /// The keyword as JSON Schema spells it; for the rules that are none, a few words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "JSON syntax",
            Self::Encoding => "UTF-8",
            Self::Depth => "nesting depth",
            Self::Duplicate => "duplicate member",
            Self::IntegerRange => "integer range",
            Self::Type => "type",
            Self::Enum => "enum",
            Self::Const => "const",
            Self::Minimum => "minimum",
            Self::ExclusiveMinimum => "exclusiveMinimum",
            Self::Maximum => "maximum",
            Self::ExclusiveMaximum => "exclusiveMaximum",
            Self::MultipleOf => "multipleOf",
            Self::MinLength => "minLength",
            Self::MaxLength => "maxLength",
            Self::Pattern => "pattern",
            Self::Format => "format",
            Self::MinItems => "minItems",
            Self::MaxItems => "maxItems",
            Self::UniqueItems => "uniqueItems",
            Self::Required => "required",
            Self::AdditionalProperties => "additionalProperties",
            Self::MinProperties => "minProperties",
            Self::MaxProperties => "maxProperties",
            Self::OneOf => "oneOf",
            Self::AnyOf => "anyOf",
            Self::Not => "not",
            Self::FalseSchema => "false",
            Self::AdditionalItems => "additionalItems",
            Self::Contains => "contains",
            Self::PropertyNames => "propertyNames",
            Self::UnevaluatedItems => "unevaluatedItems",
            Self::UnevaluatedProperties => "unevaluatedProperties",
            Self::ContentEncoding => "contentEncoding",
            Self::ContentMediaType => "contentMediaType",
            Self::Schema => "schema",
        }
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a document is refused: where it goes wrong, by which rule, what would be right and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadError(Box<Details>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    pointer: String,
    keyword: Keyword,
    expected: Cow<'static, str>,
    found: String,
    offset: Option<usize>,
    turns: Vec<Turn>,
    /// The payload's schema; empty where only a part of a payload was made.
    schema: &'static str,
}

impl PayloadError {
    /// The place as a JSON pointer (RFC 6901); empty for the document as a whole.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.0.pointer
    }

    /// The rule that is broken.
    #[must_use]
    pub fn keyword(&self) -> Keyword {
        self.0.keyword
    }

    /// What the rule asks for, in words.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.0.expected
    }

    /// What is there instead, shortened where it is long.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.0.found
    }

    /// The byte of the document at which the place begins; `None` for a value that was built, not read.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    /// The place of the keyword in the payload's [`SCHEMA`](Payload::SCHEMA): a JSON pointer behind `#`, such as
    /// `#/$defs/AgentId/pattern`, through no `$ref` and without percent signs.
    ///
    /// It is looked for when this is called, by reading the schema. There is none for rules that are not the schema's
    /// ([`Keyword::Syntax`], [`Keyword::Encoding`], [`Keyword::Depth`], [`Keyword::Duplicate`],
    /// [`Keyword::IntegerRange`]), and for values that are only a part of a payload, such as an id that is made by
    /// itself. Where no branch of a union takes the value, it is the place of `oneOf` or `anyOf`; where a value is refused
    /// for its type and the schema says the type by `enum` or `const`, it is the place of those.
    #[must_use]
    pub fn schema_location(&self) -> Option<String> {
        let Details {
            pointer,
            keyword,
            expected,
            turns,
            schema,
            ..
        } = &*self.0;
        location::find(schema, pointer, *keyword, expected, turns)
    }

    /// The same error of a payload.
    pub(crate) fn under(mut self, schema: &'static str) -> Self {
        self.0.schema = schema;
        self
    }

    pub(crate) fn new(
        pointer: String,
        keyword: Keyword,
        expected: Cow<'static, str>,
        found: String,
        offset: Option<usize>,
        turns: Vec<Turn>,
    ) -> Self {
        Self(Box::new(Details {
            pointer,
            keyword,
            expected,
            found,
            offset,
            turns,
            schema: "",
        }))
    }
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details {
            pointer,
            keyword,
            expected,
            found,
            offset,
            ..
        } = &*self.0;
        if pointer.is_empty() {
            f.write_str("the document")?;
        } else {
            f.write_str(pointer)?;
        }
        write!(f, ": expected {expected}, found {found} ({keyword}")?;
        if let Some(offset) = offset {
            write!(f, ", byte {offset}")?;
        }
        f.write_str(")")
    }
}

impl std::error::Error for PayloadError {}

/// What a check of a value says, for a value that was built, not read.
impl From<Fault> for PayloadError {
    fn from(fault: Fault) -> Self {
        fault.into_built_error()
    }
}
