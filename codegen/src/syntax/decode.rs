//! From spanned nodes to declarations, reporting every fault on the way instead of the first one.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::diagnostics::{Diagnostic, Fix, Report};
use crate::rules::syntax as rules;
use crate::source::{Entry, Mapping, Node, Span, Spanned, Value};
use crate::words::{closest, list, mistyped};

/// A type that declarations are made of.
pub(crate) trait FromNode: Sized {
    /// What a missing key means; `None` makes the key a required one.
    fn absent() -> Option<Self> {
        None
    }

    /// Reads the value. `None` after every fault in it was reported.
    fn from_node(node: &Node, report: &mut Report) -> Option<Self>;
}

/// Declares structs that are read from mappings: one field a key, doc comments become the editor's help.
///
/// Unknown keys, missing keys and values of the wrong type are reported together. A field written as
/// `name as "key"` is read from another key than its own name. A struct `with its faults` is read in any case: what is
/// faulty in it is listed and left out.
macro_rules! declarations {
    ($(
        $(#[doc = $doc:literal])*
        pub struct $name:ident $(with its $faulty:ident)? {
            $( $(#[doc = $field_doc:literal])* pub $field:ident $(as $key:literal)? : $type:ty, )*
        }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields, transform = Self::require_what_has_no_meaning_when_absent)]
        pub struct $name {
            $( $(#[doc = $field_doc])* $(#[schemars(rename = $key)])? pub $field: $type, )*
            $(
                /// The keys whose values were reported; they are as if they were not there.
                #[schemars(skip)]
                pub $faulty: Vec<&'static str>,
            )?
        }

        impl $name {
            /// schemars takes every key for a required one whose type is not `Option`.
            fn require_what_has_no_meaning_when_absent(schema: &mut schemars::Schema) {
                let mut required = Vec::new();
                $(
                    if <$type as $crate::syntax::decode::FromNode>::absent().is_none() {
                        required.push($crate::syntax::decode::key_name!($field $(as $key)?));
                    }
                )*
                schema.remove("required");
                if !required.is_empty() {
                    schema.insert("required".to_owned(), required.into());
                }
            }
        }

        impl $crate::syntax::decode::FromNode for $name {
            fn from_node(node: &$crate::source::Node, report: &mut $crate::diagnostics::Report) -> Option<Self> {
                const KEYS: &[&str] = &[$( $crate::syntax::decode::key_name!($field $(as $key)?) ),*];
                let fields = $crate::syntax::decode::Fields::open(node, KEYS, report)?;
                $( let $field = fields.read($crate::syntax::decode::key_name!($field $(as $key)?), report); )*
                $crate::syntax::decode::faults!(
                    $($faulty)?,
                    $( $field: $type = $crate::syntax::decode::key_name!($field $(as $key)?) ),*
                );
                Some(Self { $( $field: $field?, )* $( $faulty )? })
            }
        }
    )*};
}

/// The key a field is read from.
macro_rules! key_name {
    ($field:ident as $key:literal) => {
        $key
    };
    ($field:ident) => {
        stringify!($field)
    };
}

/// Where faults are kept, puts what an absent key means into the place of each faulty value.
macro_rules! faults {
    (, $( $field:ident : $type:ty = $key:expr ),*) => {};
    ($faulty:ident, $( $field:ident : $type:ty = $key:expr ),*) => {
        let mut $faulty = Vec::new();
        $(
            let $field = $field.or_else(|| {
                $faulty.push($key);
                <$type as $crate::syntax::decode::FromNode>::absent()
            });
        )*
    };
}

pub(crate) use {declarations, faults, key_name};

/// A mapping whose keys are known.
pub(crate) struct Fields<'n> {
    span: Span,
    mapping: &'n Mapping,
    /// Known keys that unknown ones were probably meant to be: they are not reported as missing as well.
    meant: Vec<String>,
}

impl<'n> Fields<'n> {
    /// Opens a mapping and reports the keys that nobody will read.
    pub(crate) fn open(node: &'n Node, keys: &[&str], report: &mut Report) -> Option<Self> {
        let mapping = expect_mapping(node, report)?;
        let mut meant = Vec::new();
        for entry in mapping {
            if !keys.contains(&entry.key.as_str()) {
                report.push(unknown_key(entry, mapping, keys));
                meant.extend(closest(&entry.key, keys.iter().copied()).map(str::to_owned));
            }
        }
        Some(Self {
            span: node.span,
            mapping,
            meant,
        })
    }

    /// Opens a mapping whose unknown keys somebody else has reported.
    pub(crate) fn trusted(node: &'n Node) -> Option<Self> {
        Some(Self {
            span: node.span,
            mapping: node.as_mapping()?,
            meant: Vec::new(),
        })
    }

    /// Reads one key.
    pub(crate) fn read<T: FromNode>(&self, key: &str, report: &mut Report) -> Option<T> {
        if let Some(node) = self.mapping.get(key) {
            return T::from_node(node, report);
        }
        let absent = T::absent();
        if absent.is_none() && !self.meant.iter().any(|meant| meant == key) {
            let span = self.mapping.iter().next().map_or(self.span, |first| first.key_span);
            let message = format!("`{key}` is missing");
            let diagnostic = Diagnostic::new(&rules::MISSING_KEY, span, message, "in this mapping");
            report.push(diagnostic.with_help(format!("add `{key}: ..`")));
        }
        absent
    }
}

/// The diagnostic for a key that is not in the list, with the likely one as a way out.
pub(crate) fn unknown_key(entry: &Entry, mapping: &Mapping, keys: &[&str]) -> Diagnostic {
    let message = format!("`{}` is not a key that is known here", entry.key);
    let help = match closest(&entry.key, keys.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known are {}", list(keys)),
    };
    let meant = mistyped(&entry.key, keys.iter().copied()).filter(|meant| mapping.get(meant).is_none());
    Diagnostic::new(&rules::UNKNOWN_KEY, entry.key_span, message, "")
        .with_help(help)
        .with_fix(meant.map(|meant| Fix::rename(entry.key_span, meant)))
}

/// Reports that something else was expected here.
pub(crate) fn wrong_type(node: &Node, expected: &str, report: &mut Report) {
    let message = format!("expected {expected}, found {}", found(node));
    let mut diagnostic = Diagnostic::new(&rules::WRONG_TYPE, node.span, message, "");
    let is_scalar = node.as_mapping().is_none() && node.as_sequence().is_none() && node.value != Value::Null;
    if expected == "text" && matches!(node.value, Value::Number(_) | Value::Bool(_)) {
        let fix = Fix::new("put it in quotes").quote(node.span);
        diagnostic = diagnostic.with_help("put it in quotes").with_fix(fix);
    } else if expected == "a list" && is_scalar {
        let fix = Fix::new("put it in brackets").list(node.span);
        diagnostic = diagnostic.with_help("put it in brackets: `[..]`").with_fix(fix);
    } else if expected == "a mapping" && node.value == Value::Null {
        diagnostic = diagnostic.with_help("write `{}` where there is nothing to say");
    }
    report.push(diagnostic);
}

/// What stands in the place of something else, for a message.
fn found(node: &Node) -> String {
    match &node.value {
        Value::Null if node.span.start == node.span.end => "nothing".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => format!("`{flag}`"),
        _ => node.kind().to_owned(),
    }
}

/// The mapping in a node; anything else is reported.
pub(crate) fn expect_mapping<'n>(node: &'n Node, report: &mut Report) -> Option<&'n Mapping> {
    let mapping = node.as_mapping();
    if mapping.is_none() {
        wrong_type(node, "a mapping", report);
    }
    mapping
}

impl<T: FromNode> FromNode for Option<T> {
    fn absent() -> Option<Self> {
        Some(None)
    }

    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        T::from_node(node, report).map(Some)
    }
}

impl FromNode for String {
    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        let text = node.as_str();
        if text.is_none() {
            wrong_type(node, "text", report);
        }
        text.map(str::to_owned)
    }
}

impl FromNode for bool {
    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        if let Value::Bool(flag) = node.value {
            return Some(flag);
        }
        wrong_type(node, "`true` or `false`", report);
        None
    }
}

impl FromNode for u64 {
    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        let number = match &node.value {
            Value::Number(number) => number.as_u64(),
            _ => None,
        };
        if number.is_none() {
            wrong_type(node, "a whole number from 0 on", report);
        }
        number
    }
}

impl<T: FromNode> FromNode for Spanned<T> {
    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        Some(Spanned::new(T::from_node(node, report)?, node.span))
    }
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<T: FromNode> FromNode for Vec<T> {
    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        let Some(items) = node.as_sequence() else {
            wrong_type(node, "a list", report);
            return None;
        };
        Some(items.iter().filter_map(|item| T::from_node(item, report)).collect())
    }
}

/// Named things, in the order of the file. A faulty one is reported and left out; the others stand.
#[derive(Clone, Debug)]
pub struct Named<T> {
    /// The sound ones.
    pub sound: Vec<(Spanned<String>, T)>,
    /// The names of the others, so that whoever refers to one of them is not told that it does not exist.
    pub faulty: Vec<String>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self {
            sound: Vec::new(),
            faulty: Vec::new(),
        }
    }
}

impl<T> Named<T> {
    /// Every name, of the sound ones and the others.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let sound = self.sound.iter().map(|(name, _)| name.as_str());
        sound.chain(self.faulty.iter().map(String::as_str))
    }
}

impl<T: FromNode> FromNode for Named<T> {
    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        let mapping = expect_mapping(node, report)?;
        let mut named = Self::default();
        for entry in mapping {
            match T::from_node(&entry.value, report) {
                Some(value) => named
                    .sound
                    .push((Spanned::new(entry.key.clone(), entry.key_span), value)),
                None => named.faulty.push(entry.key.clone()),
            }
        }
        Some(named)
    }
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Named{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        schemars::json_schema!({ "type": "object", "additionalProperties": value })
    }
}
