//! Schemas that say more than a type can: a validator judges the text.

use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::cursor::Cursor;
use super::fault::{Checked, Fault, Parsed, additional};
use crate::borrowed;
use crate::format::Format;
use crate::payload::{FreeForm, Keyword};

/// The formats, read as in every other payload.
const FORMATS: [(&str, Format); 17] = [
    ("date-time", Format::DateTime),
    ("date", Format::Date),
    ("time", Format::Time),
    ("duration", Format::Duration),
    ("email", Format::Email),
    ("hostname", Format::Hostname),
    ("ipv4", Format::Ipv4),
    ("ipv6", Format::Ipv6),
    ("uri", Format::Uri),
    ("uri-reference", Format::UriReference),
    ("iri", Format::Iri),
    ("iri-reference", Format::IriReference),
    ("uri-template", Format::UriTemplate),
    ("uuid", Format::Uuid),
    ("json-pointer", Format::JsonPointer),
    ("relative-json-pointer", Format::RelativeJsonPointer),
    ("regex", Format::Regex),
];

/// A schema that values are judged by. It is compiled when the first value comes.
#[derive(Debug)]
pub struct Judge {
    schema: &'static str,
    compiled: OnceLock<Result<Validator, String>>,
}

impl Judge {
    /// The judge by a schema that refers to nothing outside itself.
    #[must_use]
    pub const fn new(schema: &'static str) -> Self {
        Self {
            schema,
            compiled: OnceLock::new(),
        }
    }

    /// Reads a value that the schema accepts.
    ///
    /// # Errors
    ///
    /// The first place at which the value is not what the schema asks for. A member that stands twice is refused.
    pub fn read(&self, cursor: &mut Cursor<'_>) -> Parsed<FreeForm> {
        self.read_text(cursor).map(FreeForm::from_read)
    }

    /// Reads a value that the schema accepts, and leaves it in the document.
    ///
    /// # Errors
    ///
    /// As [`read`](Judge::read).
    pub fn borrow<'a>(&self, cursor: &mut Cursor<'a>) -> Parsed<borrowed::FreeForm<'a>> {
        if cursor.again {
            return cursor.raw().map(borrowed::FreeForm::from_read);
        }
        self.read_text(cursor).map(borrowed::FreeForm::from_read)
    }

    fn read_text<'a>(&self, cursor: &mut Cursor<'a>) -> Parsed<&'a str> {
        cursor.peek();
        let start = cursor.at;
        let value = cursor.value()?;
        let text = cursor.slice(start, cursor.at);
        self.judge(&value, |fault, error| {
            let mut place = Cursor::at_start(text);
            place.descend(steps(error).iter().map(String::as_str));
            fault.placed(start + place.at)
        })?;
        Ok(text)
    }

    /// Checks a value that was built in this program.
    ///
    /// # Errors
    ///
    /// As [`read`](Judge::read).
    pub fn check(&self, value: &FreeForm) -> Checked {
        let value = Cursor::new(value.as_str().as_bytes())?.value()?;
        self.judge(&value, |fault, error| {
            let mut fault = Err(fault);
            for step in steps(error).into_iter().rev() {
                fault = additional(&step, fault);
            }
            match fault {
                Err(fault) => fault,
                Ok(()) => Fault::of(Keyword::Schema, "a value that the schema accepts", ""),
            }
        })
    }

    fn judge(&self, value: &Value, place: impl FnOnce(Fault, &ValidationError<'_>) -> Fault) -> Checked {
        match self.compiled.get_or_init(|| compile(self.schema)) {
            Ok(validator) => match validator.validate(value) {
                Ok(()) => Ok(()),
                Err(error) => Err(place(fault(&error, found(&error), steps(&error).len()), &error)),
            },
            // The generator has compiled it; so this needs another version of the validator.
            Err(error) => Err(Fault::of(
                Keyword::Schema,
                "a schema that can be compiled",
                error.as_str(),
            )),
        }
    }
}

pub(super) fn compile(schema: &str) -> Result<Validator, String> {
    let schema: Value = serde_json::from_str(schema).map_err(|error| error.to_string())?;
    let mut options = jsonschema::options().should_validate_formats(true);
    for (name, format) in FORMATS {
        options = options.with_format(name, move |text: &str| format.is_valid(text));
    }
    options.build(&schema).map_err(|error| error.to_string())
}

/// The way to the value that the validator refuses.
pub(super) fn steps(error: &ValidationError<'_>) -> Vec<String> {
    let pointer = error.instance_path().to_string();
    let steps = pointer.split('/').skip(1);
    steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

/// What the validator found, without the place in the document.
/// `depth` is how many steps of the place stand for the way through the validator's schema.
pub(super) fn fault(error: &ValidationError<'_>, found: String, depth: usize) -> Fault {
    let fault = Fault::of(keyword(error.kind()), expected(error.kind()), found);
    fault.judged(error.evaluation_path().to_string(), depth)
}

fn found(error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected }
        | ValidationErrorKind::UnevaluatedItems { unexpected } => unexpected.join(", "),
        _ => error.instance().to_string(),
    }
}

fn keyword(kind: &ValidationErrorKind) -> Keyword {
    match kind {
        ValidationErrorKind::AdditionalItems { .. } => Keyword::AdditionalItems,
        ValidationErrorKind::AdditionalProperties { .. } => Keyword::AdditionalProperties,
        ValidationErrorKind::AnyOf { .. } => Keyword::AnyOf,
        ValidationErrorKind::BacktrackLimitExceeded { .. }
        | ValidationErrorKind::RegexEngineFailure { .. }
        | ValidationErrorKind::Pattern { .. } => Keyword::Pattern,
        ValidationErrorKind::Constant { .. } => Keyword::Const,
        ValidationErrorKind::Contains => Keyword::Contains,
        ValidationErrorKind::ContentEncoding { .. } | ValidationErrorKind::FromUtf8 { .. } => Keyword::ContentEncoding,
        ValidationErrorKind::ContentMediaType { .. } => Keyword::ContentMediaType,
        ValidationErrorKind::Enum { .. } => Keyword::Enum,
        ValidationErrorKind::ExclusiveMaximum { .. } => Keyword::ExclusiveMaximum,
        ValidationErrorKind::ExclusiveMinimum { .. } => Keyword::ExclusiveMinimum,
        ValidationErrorKind::FalseSchema => Keyword::FalseSchema,
        ValidationErrorKind::Format { .. } => Keyword::Format,
        ValidationErrorKind::MaxItems { .. } => Keyword::MaxItems,
        ValidationErrorKind::Maximum { .. } => Keyword::Maximum,
        ValidationErrorKind::MaxLength { .. } => Keyword::MaxLength,
        ValidationErrorKind::MaxProperties { .. } => Keyword::MaxProperties,
        ValidationErrorKind::MinItems { .. } => Keyword::MinItems,
        ValidationErrorKind::Minimum { .. } => Keyword::Minimum,
        ValidationErrorKind::MinLength { .. } => Keyword::MinLength,
        ValidationErrorKind::MinProperties { .. } => Keyword::MinProperties,
        ValidationErrorKind::MultipleOf { .. } => Keyword::MultipleOf,
        ValidationErrorKind::Not { .. } => Keyword::Not,
        ValidationErrorKind::OneOfMultipleValid { .. } | ValidationErrorKind::OneOfNotValid { .. } => Keyword::OneOf,
        ValidationErrorKind::PropertyNames { .. } => Keyword::PropertyNames,
        ValidationErrorKind::Required { .. } => Keyword::Required,
        ValidationErrorKind::Type { .. } => Keyword::Type,
        ValidationErrorKind::UnevaluatedItems { .. } => Keyword::UnevaluatedItems,
        ValidationErrorKind::UnevaluatedProperties { .. } => Keyword::UnevaluatedProperties,
        ValidationErrorKind::UniqueItems => Keyword::UniqueItems,
        ValidationErrorKind::Custom { .. } | ValidationErrorKind::Referencing(_) => Keyword::Schema,
    }
}

fn expected(kind: &ValidationErrorKind) -> String {
    match kind {
        ValidationErrorKind::AdditionalItems { limit } => format!("at most {limit} items"),
        ValidationErrorKind::AdditionalProperties { .. } | ValidationErrorKind::UnevaluatedProperties { .. } => {
            "no members beside those that the schema names".to_owned()
        }
        ValidationErrorKind::UnevaluatedItems { .. } => "no items beside those that the schema describes".to_owned(),
        ValidationErrorKind::AnyOf { .. } => "a value of one of the kinds that the schema lists".to_owned(),
        ValidationErrorKind::OneOfNotValid { .. } | ValidationErrorKind::OneOfMultipleValid { .. } => {
            "a value of exactly one of the kinds that the schema lists".to_owned()
        }
        ValidationErrorKind::Not { .. } => "a value that the schema under `not` refuses".to_owned(),
        ValidationErrorKind::Contains => "a list with as many matching items as the schema asks for".to_owned(),
        ValidationErrorKind::FalseSchema => "no value here".to_owned(),
        ValidationErrorKind::PropertyNames { error } => format!("members' names as the schema asks for: {error}"),
        ValidationErrorKind::Constant { expected_value } => expected_value.to_string(),
        ValidationErrorKind::Enum { options } => format!("one of {options}"),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("less than {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("more than {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("at most {limit}"),
        ValidationErrorKind::Minimum { limit } => format!("at least {limit}"),
        ValidationErrorKind::MaxItems { limit } => format!("at most {limit} items"),
        ValidationErrorKind::MinItems { limit } => format!("at least {limit} items"),
        ValidationErrorKind::MaxLength { limit } => format!("at most {limit} characters"),
        ValidationErrorKind::MinLength { limit } => format!("at least {limit} characters"),
        ValidationErrorKind::MaxProperties { limit } => format!("at most {limit} members"),
        ValidationErrorKind::MinProperties { limit } => format!("at least {limit} members"),
        ValidationErrorKind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        ValidationErrorKind::Pattern { pattern } => format!("text that matches `{pattern}`"),
        ValidationErrorKind::Format { format } => format!("text of the format `{format}`"),
        ValidationErrorKind::Required { property } => format!("the member {property}"),
        ValidationErrorKind::UniqueItems => "items that all differ".to_owned(),
        ValidationErrorKind::ContentEncoding { content_encoding } => format!("text in {content_encoding}"),
        ValidationErrorKind::ContentMediaType { content_media_type } => format!("text of {content_media_type}"),
        ValidationErrorKind::Type { kind } => match kind {
            jsonschema::error::TypeKind::Single(ty) => format!("a value of the type {ty}"),
            jsonschema::error::TypeKind::Multiple(_) => "a value of one of the schema's types".to_owned(),
        },
        _ => "a value that the schema accepts".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read_document;

    static PAIR: Judge = Judge::new(
        r#"{"type": "object", "properties": {"a": {"type": "array", "prefixItems": [{"const": 1}, {"format": "date"}]}},
            "dependentRequired": {"a": ["b"]}}"#,
    );

    #[test]
    fn faults_stand_where_they_are() {
        let read = |text: &str| {
            read_document(text.as_bytes(), |cursor| {
                cursor.begin_list()?;
                let value = PAIR.read(cursor)?;
                cursor.next_item()?;
                Ok(value)
            })
        };
        assert_eq!(read(r#"[ {"b": 1 } ]"#).unwrap().as_str(), r#"{"b": 1 }"#);
        for (text, pointer, keyword) in [
            (r#"[{"b": 1, "a": [1, "2024-1-1"]}]"#, "/0/a/1", Keyword::Format),
            (r#"[{"b": 1, "a": [ 2]}]"#, "/0/a/0", Keyword::Const),
            (r#"[{"a": []}]"#, "/0", Keyword::Required),
            (r#"[{"b": 1, "b": 1}]"#, "/0/b", Keyword::Duplicate),
            (r#"[{"b": 1e400}]"#, "/0/b", Keyword::Syntax),
            (r#"[{"b": [1 2]}]"#, "/0/b", Keyword::Syntax),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!(
                (error.pointer(), error.keyword()),
                (pointer, keyword),
                "{text}: {error}"
            );
        }
        let deep = "[".repeat(129) + &"]".repeat(129);
        assert_eq!(read(&deep).unwrap_err().keyword(), Keyword::Depth);
    }

    #[test]
    fn built_values_are_judged_too() {
        let value = FreeForm::from(serde_json::json!({"a": [1, "x"], "b": 2}));
        let error = PAIR.check(&value).unwrap_err().into_built_error();
        assert_eq!((error.pointer(), error.keyword()), ("/a/1", Keyword::Format));
        assert_eq!(error.found(), "\"x\"");
    }
}
