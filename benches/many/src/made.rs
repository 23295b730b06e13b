//! Payloads of twenty fields, as a schema and as a person would write them for serde.

use serde_json::{Map, Value, json};

/// How many fields a payload has.
pub const FIELDS: usize = 20;

/// A contract of many payloads.
#[derive(Clone, Copy)]
pub struct Contract {
    pub payloads: usize,
    /// A subject for each payload; with none, one subject carries the first.
    pub subjects: bool,
}

/// A field: its name, its schema, its type in Rust, and whether it must be there.
struct Field {
    name: String,
    schema: Value,
    rust: String,
    required: bool,
}

impl Contract {
    /// The files of the contract: path and text. What is generated stands in `<name>`, beside the contract's folder.
    pub fn files(self, name: &str, runtime: &str) -> Vec<(String, String)> {
        let mut files = vec![
            ("contract.yaml".to_owned(), header(name, runtime)),
            ("payloads/common.schema.json".to_owned(), shared().to_string()),
        ];
        for index in 0..self.payloads {
            let module = module(index);
            files.push((format!("payloads/{module}.schema.json"), schema(index).to_string()));
        }
        let subjects: Map<String, Value> = (0..if self.subjects { self.payloads } else { 1 })
            .map(|index| (format!("area_{}.{}", index / 50, module(index)), subject(index)))
            .collect();
        files.push(("subjects.json".to_owned(), json!({ "subjects": subjects }).to_string()));
        files
    }

    /// The same payloads with serde's derives: path and text of a crate's files.
    ///
    /// Each has two functions that read and write it, for a derive alone is generic code that no build compiles.
    pub fn plain(self, name: &str) -> Vec<(String, String)> {
        let manifest = format!(
            r#"[package]
name = "{name}"
version = "1.0.0"
edition = "2024"

[dependencies]
chrono = {{ version = "0.4.45", default-features = false, features = ["std", "clock", "serde"] }}
serde = {{ version = "1.0.229", features = ["derive"] }}
serde_json = "1.0.154"
uuid = {{ version = "1.29", features = ["serde"] }}
"#
        );
        let mut modules = "pub mod common;\n".to_owned();
        let mut files = vec![
            ("Cargo.toml".to_owned(), manifest),
            ("src/lib.rs".to_owned(), "pub mod payloads;\n".to_owned()),
            ("src/payloads/common.rs".to_owned(), PLAIN_SHARED.to_owned()),
        ];
        for index in 0..self.payloads {
            let module = module(index);
            modules.push_str(&format!("mod {module};\npub use {module}::*;\n"));
            files.push((format!("src/payloads/{module}.rs"), plain(index)));
        }
        files.push(("src/payloads/mod.rs".to_owned(), modules));
        files
    }
}

fn header(name: &str, runtime: &str) -> String {
    let header = json!({
        "natsmith": 1,
        "contract": name,
        "version": "1.0.0",
        "title": "Many payloads",
        "rust": { "output": format!("../{name}"), "runtime": { "path": runtime } },
        "roles": { "sender": { "description": "Sends." }, "receiver": { "description": "Receives." } },
    });
    header.to_string()
}

fn subject(index: usize) -> Value {
    json!({
        "subject": format!("area_{}.{}", index / 50, module(index)),
        "summary": format!("The payload {index}."),
        "payload": name(index),
        "publish": ["sender"],
        "subscribe": ["receiver"],
    })
}

fn module(index: usize) -> String {
    format!(
        "{}_{index}",
        ["order", "parcel", "invoice", "reading", "report"][index % 5]
    )
}

fn name(index: usize) -> String {
    format!(
        "{}{index}",
        ["Order", "Parcel", "Invoice", "Reading", "Report"][index % 5]
    )
}

fn schema(index: usize) -> Value {
    let fields = fields(index);
    let required: Vec<&str> = fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.name.as_str())
        .collect();
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| {
            let mut schema = field.schema.clone();
            schema["description"] = Value::from(about(&field.name));
            (field.name.clone(), schema)
        })
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name(index),
        "description": format!("What number {index} says."),
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": index % 2 == 0,
    })
}

fn about(name: &str) -> String {
    format!("What is known of the {}.", name.replace('_', " "))
}

/// The fields of one payload: the same kinds in each, in another order, under other names and with other bounds.
fn fields(index: usize) -> Vec<Field> {
    let whole = name(index);
    let mut fields: Vec<Field> = (0..FIELDS)
        .map(|kind| {
            let words = ["origin", "target", "batch", "owner", "vendor", "device", "region"];
            let word = words[(index + kind) % words.len()];
            field(kind, word, index, &whole)
        })
        .collect();
    fields.rotate_left(index % FIELDS);
    fields
}

fn shared_schema(name: &str) -> Value {
    json!({ "$ref": format!("common.schema.json#/$defs/{name}") })
}

fn field(kind: usize, word: &str, index: usize, whole: &str) -> Field {
    let bound = index % 90 + 10;
    let (suffix, schema, rust) = match kind {
        0 => ("id", json!({ "type": "string", "format": "uuid" }), "Uuid"),
        1 => ("key", shared_schema("Key"), "super::common::Key"),
        2 => ("severity", shared_schema("Severity"), "super::common::Severity"),
        3 => (
            "time",
            json!({ "type": "string", "format": "date-time" }),
            "DateTime<FixedOffset>",
        ),
        4 => (
            "title",
            json!({ "type": "string", "minLength": 1, "maxLength": bound }),
            "String",
        ),
        5 => ("note", json!({ "type": "string" }), "String"),
        6 => (
            "code",
            json!({ "type": "string", "pattern": format!("^[a-z]{{1,{bound}}}-[0-9]{{4}}$") }),
            "String",
        ),
        7 => (
            "count",
            json!({ "type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_u64 }),
            "u64",
        ),
        8 => (
            "level",
            json!({ "type": "integer", "minimum": 0, "maximum": bound }),
            "u8",
        ),
        9 => (
            "ratio",
            json!({ "type": "number", "minimum": 0, "maximum": bound }),
            "f64",
        ),
        10 => ("active", json!({ "type": "boolean" }), "bool"),
        11 => (
            "state",
            json!({ "type": "string", "enum": ["new", "running", "done", "failed"] }),
            "",
        ),
        12 => ("place", place(bound), ""),
        13 => (
            "labels",
            json!({ "type": "array", "maxItems": bound, "items": { "type": "string", "minLength": 1 } }),
            "Vec<String>",
        ),
        14 => (
            "keys",
            json!({ "type": "array", "items": shared_schema("Key") }),
            "Vec<super::common::Key>",
        ),
        15 => ("extra", json!({}), "serde_json::Value"),
        16 => (
            "totals",
            json!({ "type": "object", "additionalProperties": { "type": "integer", "minimum": 0 } }),
            "BTreeMap<String, u64>",
        ),
        17 => ("address", shared_schema("Address"), "super::common::Address"),
        18 => ("link", json!({ "type": "string", "format": "uri" }), "String"),
        _ => ("lines", json!({ "type": "array", "items": place(bound + 1) }), ""),
    };
    let name = format!("{word}_{suffix}");
    let rust = match kind {
        11 => format!("{whole}{}", camel(&name)),
        12 => format!("{whole}{}", camel(&name)),
        19 => format!("Vec<{whole}{}Item>", camel(&name)),
        _ => rust.to_owned(),
    };
    // The free-form one and the flags are always there.
    let required = kind % 3 != 2 || kind == 17;
    Field {
        name,
        schema,
        rust,
        required,
    }
}

fn place(bound: usize) -> Value {
    json!({
        "type": "object",
        "required": ["name", "amount"],
        "properties": {
            "name": { "type": "string", "maxLength": bound, "description": "Its name." },
            "amount": { "type": "integer", "minimum": 0, "maximum": 4_294_967_295_u64, "description": "How many." },
            "weight": { "type": "number", "exclusiveMinimum": 0, "description": "In grams." },
        },
        "additionalProperties": false,
    })
}

fn camel(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    words.collect()
}

/// What many payloads refer to.
fn shared() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Common",
        "description": "What many payloads refer to.",
        "type": "object",
        "$defs": {
            "Key": { "type": "string", "pattern": "^[a-z]+-[0-9a-f]{8}$", "description": "The key of a thing." },
            "Severity": { "type": "string", "enum": ["low", "middle", "high"], "description": "How bad it is." },
            "Address": {
                "type": "object",
                "description": "Where somebody lives.",
                "required": ["street", "city"],
                "properties": {
                    "street": { "type": "string", "description": "With the number." },
                    "city": { "type": "string", "description": "Without the code." },
                    "country": { "type": "string", "minLength": 2, "maxLength": 2, "description": "ISO 3166." },
                },
                "additionalProperties": false,
            },
        },
    })
}

/// One payload with serde's derives.
fn plain(index: usize) -> String {
    let (whole, fields) = (name(index), fields(index));
    let deny = if index % 2 == 0 {
        ""
    } else {
        "#[serde(deny_unknown_fields)]\n"
    };
    let mut text = format!(
        "//! The payload [`{whole}`].\n\n\
         use std::collections::BTreeMap;\n\n\
         use chrono::{{DateTime, FixedOffset}};\n\
         use serde::{{Deserialize, Serialize}};\n\
         use uuid::Uuid;\n\n\
         /// What number {index} says.\n{PLAIN_DERIVES}\n{deny}pub struct {whole} {{\n"
    );
    let mut inner = String::new();
    for Field {
        name,
        rust,
        schema,
        required,
    } in &fields
    {
        text.push_str(&format!("    /// {}\n", about(name)));
        if *required {
            text.push_str(&format!("    pub {name}: {rust},\n"));
        } else {
            text.push_str("    #[serde(skip_serializing_if = \"Option::is_none\")]\n");
            text.push_str(&format!("    pub {name}: Option<{rust}>,\n"));
        }
        let type_name = rust.trim_start_matches("Vec<").trim_end_matches('>');
        if !type_name.starts_with(&whole) {
            continue;
        }
        if schema.get("enum").is_some() {
            inner.push_str(&format!(
                "\n/// {}\n#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]\n\
                 #[serde(rename_all = \"snake_case\")]\n\
                 pub enum {type_name} {{\n    New,\n    Running,\n    Done,\n    Failed,\n}}\n",
                about(name)
            ));
        } else {
            inner.push_str(&format!(
                "\n/// {}\n{PLAIN_DERIVES}\n#[serde(deny_unknown_fields)]\npub struct {type_name} {{\n    \
                 /// Its name.\n    pub name: String,\n    /// How many.\n    pub amount: u32,\n    /// In grams.\n    \
                 #[serde(skip_serializing_if = \"Option::is_none\")]\n    pub weight: Option<f64>,\n}}\n",
                about(name)
            ));
        }
    }
    text.push_str("}\n");
    text.push_str(&inner);
    text.push_str(&format!(
        "\nimpl {whole} {{\n    /// Reads a document.\n    \
         pub fn decode(document: &[u8]) -> serde_json::Result<Self> {{\n        \
         serde_json::from_slice(document)\n    }}\n\n    /// Writes a document.\n    \
         pub fn encode(&self) -> serde_json::Result<Vec<u8>> {{\n        serde_json::to_vec(self)\n    }}\n}}\n"
    ));
    text
}

const PLAIN_DERIVES: &str = "#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]";

const PLAIN_SHARED: &str = r#"//! What many payloads refer to.

use serde::{Deserialize, Serialize};

/// The key of a thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key(String);

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Low,
    Middle,
    High,
}

/// Where somebody lives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// With the number.
    pub street: String,
    /// Without the code.
    pub city: String,
    /// ISO 3166.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}
"#;
