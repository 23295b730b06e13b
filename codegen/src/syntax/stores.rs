//! Key-value buckets and object stores.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::decode::{self, FromNode, declarations, expect_mapping};
use super::settings;
use crate::contract::settings::{BUCKET, OBJECT_STORE, Setting, Settings};
use crate::diagnostics::Report;
use crate::source::{Node, Spanned};

declarations! {
    /// By the content of which payload the values of a bucket are kept.
    pub struct ByContentDecl {
        /// The payload whose content counts.
        pub of: Spanned<String>,
        /// A JSON pointer to the part of it that counts; all of it without one.
        pub part: Option<Spanned<String>>,
        /// The token of the key that is the SHA-256 of the content.
        pub token: Spanned<String>,
    }
}

/// One key-value bucket.
#[derive(Clone, Debug)]
pub struct BucketDecl {
    /// One sentence.
    pub summary: Option<Spanned<String>>,
    /// The template of its keys.
    pub key: Spanned<String>,
    /// The payload of its values.
    pub value: Spanned<String>,
    /// What makes it a memory of what was made of a payload.
    pub by_content: Option<Spanned<ByContentDecl>>,
    /// Roles that read it.
    pub read: Vec<Spanned<String>>,
    /// Roles that write to it.
    pub write: Vec<Spanned<String>>,
    /// Everything that ADR-8 calls configuration.
    pub settings: Settings,
}

/// One object store.
#[derive(Clone, Debug)]
pub struct ObjectStoreDecl {
    /// One sentence.
    pub summary: Option<Spanned<String>>,
    /// The template of its objects' names.
    pub name: Spanned<String>,
    /// Roles that read it.
    pub read: Vec<Spanned<String>>,
    /// Roles that write to it.
    pub write: Vec<Spanned<String>>,
    /// Everything that ADR-20 calls configuration.
    pub settings: Settings,
}

/// What a profile says about a bucket.
#[derive(Clone, Debug)]
pub struct BucketOverride(pub Settings);

/// What a profile says about an object store.
#[derive(Clone, Debug)]
pub struct ObjectStoreOverride(pub Settings);

const BUCKET_KEYS: &[&str] = &["summary", "key", "value", "by_content", "read", "write"];
const OBJECT_STORE_KEYS: &[&str] = &["summary", "name", "read", "write"];

impl FromNode for BucketDecl {
    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        let settings = settings::read(expect_mapping(node, report)?, BUCKET, BUCKET_KEYS, report);
        let fields = decode::Fields::trusted(node)?;
        let (summary, key, value) = (
            fields.read("summary", report),
            fields.read("key", report),
            fields.read("value", report),
        );
        let by_content = fields.read("by_content", report);
        let (read, write) = (fields.read("read", report), fields.read("write", report));
        Some(Self {
            summary: summary?,
            key: key?,
            value: value?,
            by_content: by_content?,
            read: read?,
            write: write?,
            settings,
        })
    }
}

impl FromNode for ObjectStoreDecl {
    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        let settings = settings::read(expect_mapping(node, report)?, OBJECT_STORE, OBJECT_STORE_KEYS, report);
        let fields = decode::Fields::trusted(node)?;
        let (summary, name) = (fields.read("summary", report), fields.read("name", report));
        let (read, write) = (fields.read("read", report), fields.read("write", report));
        Some(Self {
            summary: summary?,
            name: name?,
            read: read?,
            write: write?,
            settings,
        })
    }
}

impl FromNode for BucketOverride {
    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        Some(Self(settings::read(expect_mapping(node, report)?, BUCKET, &[], report)))
    }
}

impl FromNode for ObjectStoreOverride {
    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        let mapping = expect_mapping(node, report)?;
        Some(Self(settings::read(mapping, OBJECT_STORE, &[], report)))
    }
}

/// The editor's schema of a declaration with roles that read and write.
fn described(mut schema: Schema, required: &[&str], table: &'static [Setting]) -> Schema {
    let roles = |about: &str| json_schema!({ "type": "array", "items": { "type": "string" }, "description": about });
    if let Some(serde_json::Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert(
            "summary".to_owned(),
            serde_json::json!({ "type": "string", "description": "One sentence." }),
        );
        properties.insert("read".to_owned(), roles("Roles that read it.").into());
        properties.insert("write".to_owned(), roles("Roles that write to it.").into());
    }
    schema.insert("required".to_owned(), required.into());
    settings::mapping_of(schema, table)
}

impl JsonSchema for BucketDecl {
    fn schema_name() -> Cow<'static, str> {
        "BucketDecl".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let by_content = generator.subschema_for::<ByContentDecl>();
        let own = json_schema!({
            "description": "One key-value bucket; further keys are its configuration (ADR-8).",
            "properties": {
                "key": { "type": "string", "description": "The template of its keys: words and `{token}`s with dots between them." },
                "value": { "type": "string", "description": "The payload of its values." },
                "by_content": by_content
            }
        });
        described(own, &["key", "value"], BUCKET)
    }
}

impl JsonSchema for ObjectStoreDecl {
    fn schema_name() -> Cow<'static, str> {
        "ObjectStoreDecl".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let own = json_schema!({
            "description": "One object store; further keys are its configuration (ADR-20).",
            "properties": {
                "name": { "type": "string", "description": "The template of its objects' names: words and `{token}`s with dots between them." }
            }
        });
        described(own, &["name"], OBJECT_STORE)
    }
}

impl JsonSchema for BucketOverride {
    fn schema_name() -> Cow<'static, str> {
        "BucketOverride".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let own = json_schema!({ "description": "Settings that a profile gives a key-value bucket." });
        settings::mapping_of(own, BUCKET)
    }
}

impl JsonSchema for ObjectStoreOverride {
    fn schema_name() -> Cow<'static, str> {
        "ObjectStoreOverride".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let own = json_schema!({ "description": "Settings that a profile gives an object store." });
        settings::mapping_of(own, OBJECT_STORE)
    }
}
