//! `schema/natsmith.schema.json`, which editors complete and check declaration files by.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use natsmith_codegen::diagnostics::Report;
use natsmith_codegen::source::{self, Files};
use natsmith_codegen::syntax::editor_schema;
use serde_json::{Value, json};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("codegen/ is inside the repository")
}

fn validator() -> jsonschema::Validator {
    jsonschema::validator_for(&editor_schema()).expect("a JSON Schema")
}

/// What the schema says about YAML text.
fn faults(text: &str) -> Vec<String> {
    let mut report = Report::default();
    let file = Files::default().add("text.yaml", text);
    let document = source::parse(file, text, &mut report).map_or(Value::Null, |node| node.to_json());
    let faults = validator()
        .iter_errors(&document)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(
        report.diagnostics().is_empty(),
        "the text is YAML: {:?}",
        report.diagnostics()
    );
    faults
}

/// Write the file with `INSTA_UPDATE=always`.
#[test]
fn the_file_is_what_the_declarations_say() {
    let path = root().join("schema/natsmith.schema.json");
    let wanted = serde_json::to_string_pretty(&editor_schema()).expect("JSON") + "\n";
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &wanted).expect("the file is written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        found == wanted,
        "schema/natsmith.schema.json is not current; to repair it, run: \
         INSTA_UPDATE=always cargo test -p natsmith-codegen --test editor_schema"
    );
}

#[test]
fn it_is_a_json_schema() {
    let schema = editor_schema();
    if let Err(fault) = jsonschema::meta::validate(&schema) {
        panic!("{fault} at {}", fault.instance_path());
    }
    // Each key is explained where it is completed.
    let keys = schema["properties"].as_object().expect("the top-level keys");
    assert!(keys.len() > 10, "{keys:?}");
    for (key, schema) in keys {
        assert!(
            schema["description"].is_string(),
            "`{key}` has no description: {schema}"
        );
    }
}

#[test]
fn every_declaration_file_is_valid_under_it() {
    let mut checked = 0;
    for folder in [
        "schema/mister-smith",
        "tests/fixtures/as-written",
        "codegen/tests/fixtures/shop",
    ] {
        for path in declaration_files(&root().join(folder)) {
            let text = fs::read_to_string(&path).expect("UTF-8");
            let faults = faults(&text);
            assert!(faults.is_empty(), "{}: {faults:?}", path.display());
            checked += 1;
        }
    }
    assert!(checked > 8, "the files are found: {checked}");
}

fn declaration_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() && name != "examples" {
            found.extend(declaration_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") && !name.contains(".schema.") {
            found.push(path);
        }
    }
    found
}

/// What an editor underlines.
#[test]
fn it_refuses_what_check_refuses() {
    for text in [
        "subject: {}",
        "natsmith: one",
        "title: ~",
        "connection: ~",
        "roles: { shop: { describtion: Sells. } }",
        "tokens: { order_id: { enum: open } }",
        "subjects: { orders.placed: { payload: Order } }",
        "subjects: { orders.placed: { subject: orders, payload: Order, timeout: 5 } }",
        "streams: { orders: { subjects: [orders.placed], max_messages: 5 } }",
        "streams: { orders: { subjects: [orders.placed], max_age: 30 } }",
        "streams: { orders: { subjects: [orders.placed], storage: disk } }",
        "streams: { orders: { subjects: [{ filtre: x }] } }",
        "streams: { orders: { subjects: [orders.placed], consumers: { c: { on_invalid: maybe } } } }",
        "profiles: { dev: { streams: { \"*\": { subjects: [] } } } }",
        "limits: { max_storage: 64MB }",
        "check: { levels: { tokens/unused: { level: loud, reason: x } } }",
        "check: { levels: { tokens/unused: { level: none } } }",
        "check: { exceptions: [{ rule: tokens/unused, at: tokens.a }] }",
    ] {
        assert!(!faults(text).is_empty(), "{text}");
    }
    for text in [
        "{}",
        "streams: { orders: { subjects: [orders.placed, { filter: \"raw.>\" }], max_age: 30d, max_bytes: 1GiB } }",
        "profiles: { dev: { streams: { \"*\": { num_replicas: 1 } } } }",
    ] {
        assert_eq!(faults(text), Vec::<String>::new(), "{text}");
    }
    // Payload files are schemas, not declarations.
    assert!(!validator().is_valid(&json!({ "$schema": "x", "type": "object" })));
}
