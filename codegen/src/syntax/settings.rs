//! Reads stream and consumer settings by their table.

use schemars::{Schema, json_schema};
use serde_json::{Map, Value, json};

use super::decode::{self, FromNode, expect_mapping, unknown_key};
use super::units::{self, Size, Time};
use crate::contract::settings::{Kind, Setting, SettingValue, Settings};
use crate::diagnostics::{Diagnostic, Fix, Report};
use crate::rules::syntax as rules;
use crate::source::{Mapping, Node};
use crate::words::{closest, list, mistyped};

/// Reads the settings in a mapping; `others` are the keys that somebody else reads from it.
pub(super) fn read(mapping: &Mapping, table: &'static [Setting], others: &[&str], report: &mut Report) -> Settings {
    let mut settings = Settings::default();
    for entry in mapping {
        if others.contains(&entry.key.as_str()) {
            continue;
        }
        let Some(setting) = table.iter().find(|setting| setting.name == entry.key) else {
            let known: Vec<_> = others
                .iter()
                .copied()
                .chain(table.iter().map(|setting| setting.name))
                .collect();
            report.push(unknown_key(entry, mapping, &known));
            continue;
        };
        if let Some(wire) = wire(&entry.value, &setting.kind, report) {
            let value = SettingValue {
                wire,
                key_span: entry.key_span,
                span: entry.value.span,
            };
            settings.insert(setting.name, value);
        }
    }
    settings
}

/// The value as the JetStream API wants it.
fn wire(node: &Node, kind: &Kind, report: &mut Report) -> Option<Value> {
    Some(match kind {
        Kind::Bool => bool::from_node(node, report)?.into(),
        Kind::Count => u64::from_node(node, report)?.into(),
        Kind::Text => String::from_node(node, report)?.into(),
        Kind::Duration => nanoseconds(Time::from_node(node, report)?),
        Kind::Durations => Vec::<Time>::from_node(node, report)?
            .into_iter()
            .map(nanoseconds)
            .collect(),
        Kind::Size => Size::from_node(node, report)?.0.into(),
        Kind::Texts => Vec::<String>::from_node(node, report)?.into(),
        Kind::OneOf(words) => one_of(node, words, report)?.into(),
        Kind::TextMap => {
            let mapping = expect_mapping(node, report)?;
            let texts = mapping.iter().filter_map(|entry| {
                let text = String::from_node(&entry.value, report)?;
                Some((entry.key.clone(), text.into()))
            });
            Value::Object(texts.collect())
        }
        Kind::Object(table) => object(node, table, report)?,
        Kind::Objects(table) => {
            let Some(items) = node.as_sequence() else {
                decode::wrong_type(node, "a list of mappings", report);
                return None;
            };
            items.iter().filter_map(|item| object(item, table, report)).collect()
        }
    })
}

fn object(node: &Node, table: &'static [Setting], report: &mut Report) -> Option<Value> {
    let mapping = expect_mapping(node, report)?;
    let settings = read(mapping, table, &[], report);
    Some(
        settings
            .iter()
            .map(|(name, value)| (name.to_owned(), value.wire.clone()))
            .collect::<Map<_, _>>()
            .into(),
    )
}

/// A type that is one of a few words.
macro_rules! words {
    ($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $variant:ident = $word:literal,)* }) => {
        $(#[doc = $about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[doc = $doc])* $variant,)*
        }

        impl $crate::syntax::decode::FromNode for $name {
            fn from_node(node: &$crate::source::Node, report: &mut $crate::diagnostics::Report) -> Option<Self> {
                match $crate::syntax::settings::one_of(node, &[$($word),*], report)? {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "description": concat!($($about),*).trim(), "enum": [$($word),*] })
            }
        }
    };
}

pub(super) use words;

/// One of a few words; anything else is reported with the likely one.
pub(super) fn one_of(node: &Node, words: &[&'static str], report: &mut Report) -> Option<&'static str> {
    let Some(text) = node.as_str() else {
        decode::wrong_type(node, &format!("one of {}", list(words)), report);
        return None;
    };
    let word = words.iter().copied().find(|word| *word == text);
    if word.is_none() {
        let message = format!("expected one of {}, found `{text}`", list(words));
        let mut diagnostic = Diagnostic::new(&rules::VALUE, node.span, message, "");
        if let Some(near) = closest(text, words.iter().copied()) {
            let fix = mistyped(text, words.iter().copied()).map(|meant| Fix::rename(node.span, meant));
            diagnostic = diagnostic.with_help(format!("did you mean `{near}`?")).with_fix(fix);
        }
        report.push(diagnostic);
    }
    word
}

fn nanoseconds(Time(duration): Time) -> Value {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).into()
}

/// The editor's schema of a mapping whose further keys are the table's settings.
pub(super) fn mapping_of(mut schema: Schema, table: &'static [Setting]) -> Schema {
    schema.insert("type".to_owned(), "object".into());
    schema.insert("additionalProperties".to_owned(), false.into());
    describe(&mut schema, table);
    schema
}

/// Adds the table's settings to the editor's schema of a mapping.
fn describe(schema: &mut Schema, table: &'static [Setting]) {
    let properties = schema.ensure_object().entry("properties").or_insert_with(|| json!({}));
    if let Value::Object(properties) = properties {
        for setting in table {
            properties.insert(setting.name.to_owned(), described(setting));
        }
    }
}

fn described(setting: &Setting) -> Value {
    let mut schema = match &setting.kind {
        Kind::Bool => json_schema!({ "type": "boolean" }),
        Kind::Count => json_schema!({ "type": "integer", "minimum": 0 }),
        Kind::Text => json_schema!({ "type": "string" }),
        Kind::Duration => units::duration_schema(),
        Kind::Durations => json_schema!({ "type": "array", "items": units::duration_schema() }),
        Kind::Size => units::size_schema(),
        Kind::OneOf(words) => json_schema!({ "enum": words }),
        Kind::Texts => json_schema!({ "type": "array", "items": { "type": "string" } }),
        Kind::TextMap => json_schema!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Kind::Object(table) => nested(table),
        Kind::Objects(table) => json_schema!({ "type": "array", "items": nested(table) }),
    };
    let since = match setting.since {
        0 => String::new(),
        minor => format!(" Since server 2.{minor}."),
    };
    schema.insert("description".to_owned(), format!("{}{since}", setting.about).into());
    schema.into()
}

fn nested(table: &'static [Setting]) -> Schema {
    let mut schema = json_schema!({ "type": "object", "additionalProperties": false });
    describe(&mut schema, table);
    schema
}
