//! Samples: the schema accepts each valid one and refuses each near miss, for the reason that the near miss names.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "../../tests/support/agree.rs"]
#[allow(dead_code, reason = "only its judge is asked")]
mod agree;
#[path = "../../tests/support/mutate.rs"]
#[allow(dead_code, reason = "only its random numbers are used")]
mod mutate;

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use natsmith_codegen::contract::Contract;
use natsmith_codegen::contract::payload::{DefinitionKind, Payload};
use natsmith_codegen::sample::{Detail, NearMiss, near_misses, valid};
use natsmith_codegen::{check, generate};
use serde_json::{Value, json};

use mutate::Random;

fn contract(folder: &Path) -> Contract {
    let checked = check(folder);
    assert!(
        !checked.report.has_errors(),
        "{}: {:#?}",
        folder.display(),
        checked.report.diagnostics()
    );
    checked.contract.expect("the contract is sound")
}

fn contract_at(path: &str) -> Contract {
    contract(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
}

const CONTRACTS: [&str; 3] = ["../schema/mister-smith", "tests/shapes/contract", "tests/fixtures/shop"];

/// The judge's words for a fault, from the union down to the branch that was meant.
fn reasons(judge: &jsonschema::Validator, document: &Value) -> Vec<(String, String)> {
    judge
        .iter_errors(document)
        .map(|error| {
            let mut pointer = error.instance_path().to_string();
            // natsmith points at the member that is unknown, and the judge at the object that it stands in.
            if error.kind().keyword() == "additionalProperties" {
                pointer.push('/');
            }
            (pointer, error.kind().keyword().to_owned())
        })
        .collect()
}

/// Whether a reason of the judge's is the one that a near miss names.
fn is_named(miss: &NearMiss, (pointer, keyword): &(String, String)) -> bool {
    match keyword.as_str() {
        // Of a union the judge only says that no branch fits.
        "oneOf" | "anyOf" => miss.pointer == *pointer || miss.pointer.starts_with(&format!("{pointer}/")),
        "additionalProperties" => miss.keyword == keyword && miss.pointer.starts_with(pointer.as_str()),
        // Where a schema lists values, it need not say of which type they are; and one value is as good as a list of one.
        "enum" | "const" => miss.pointer == *pointer && ["type", "enum", "const"].contains(&miss.keyword),
        // The judge's word for what must not be there, and for an object that may have no members at all.
        "falseSchema" if ["additionalItems", "propertyNames", "false"].contains(&miss.keyword) => {
            miss.pointer == *pointer
        }
        "additionalItems" => miss.keyword == keyword && miss.pointer.starts_with(&format!("{pointer}/")),
        "falseSchema" => miss.keyword == "additionalProperties" && miss.pointer.starts_with(&format!("{pointer}/")),
        _ => miss.pointer == *pointer && miss.keyword == keyword,
    }
}

/// The payloads that a type says everything of: a value that a validator judges cannot be made up.
fn native(contract: &Contract) -> impl Iterator<Item = &Payload> {
    contract.payloads.iter().filter(|payload| {
        let module = contract.payloads.definition(payload.root).module;
        let definitions = contract.payloads.definitions(module);
        !definitions
            .iter()
            .any(|(_, definition)| matches!(definition.kind, DefinitionKind::Judged(_)))
    })
}

/// Holds the samples of a payload against its schema; how many near misses there are.
fn hold(contract: &Contract, payload: &Payload) -> usize {
    let name = &payload.name;
    let judge = agree::judge(&payload.schema.to_string());
    for detail in [Detail::Full, Detail::Minimal] {
        let document = valid(&contract.payloads, payload, detail).unwrap_or_else(|| panic!("{name} has no sample"));
        let faults = reasons(&judge, &document);
        assert!(faults.is_empty(), "{name}: {document} is refused: {faults:?}");
        assert_eq!(
            Some(document),
            valid(&contract.payloads, payload, detail),
            "{name} is sampled the same way twice"
        );
    }
    let misses = near_misses(&contract.payloads, payload);
    assert_eq!(misses, near_misses(&contract.payloads, payload));
    let names: HashSet<&str> = misses.iter().map(|miss| miss.name.as_str()).collect();
    assert_eq!(names.len(), misses.len(), "{name}: two near misses have one name");
    for miss in &misses {
        let reasons = reasons(&judge, &miss.document);
        let message = format!(
            "{name}: {} at `{}` ({}) is refused for {reasons:?}: {}",
            miss.name, miss.pointer, miss.keyword, miss.document
        );
        assert!(reasons.iter().any(|reason| is_named(miss, reason)), "{message}");
    }
    misses.len()
}

#[test]
fn samples_are_what_they_say() {
    for path in CONTRACTS {
        let contract = contract_at(path);
        let misses: usize = native(&contract).map(|payload| hold(&contract, payload)).sum();
        assert!(misses > 10, "{path}: {misses}");
    }
}

/// What is sampled and which rules are broken, for a reader to see that no rule was forgotten.
#[test]
fn every_rule_is_broken() {
    let contract = contract_at("tests/shapes/contract");
    let mut text = String::new();
    for payload in native(&contract).filter(|payload| payload.name != "Wide") {
        let full = valid(&contract.payloads, payload, Detail::Full).expect("a sample");
        let minimal = valid(&contract.payloads, payload, Detail::Minimal).expect("a sample");
        let full = serde_json::to_string_pretty(&full).expect("JSON");
        let _ = writeln!(text, "# {}\nfull: {full}\nminimal: {minimal}", payload.name);
        for miss in near_misses(&contract.payloads, payload) {
            let value = miss.document.pointer(&miss.pointer);
            let value = value.map_or_else(String::new, |value| shortened(&value.to_string()));
            let _ = writeln!(text, "{}: {} at `{}`: {value}", miss.name, miss.keyword, miss.pointer);
        }
        text.push('\n');
    }
    assert_snapshot!(text);
}

fn shortened(text: &str) -> String {
    let start: String = text.chars().take(60).collect();
    if start.len() < text.len() { start + ".." } else { start }
}

#[test]
fn the_reference_shows_a_sample_where_nobody_wrote_an_example() {
    let contract = contract_at("tests/fixtures/shop");
    let written: HashSet<&str> = contract
        .examples
        .iter()
        .map(|example| example.payload.as_str())
        .collect();
    assert!(written.contains("Order") && !written.contains("Price"));
    let tree = generate(&contract).expect("a sound contract generates");
    let (_, reference) = tree
        .iter()
        .find(|(path, _)| path.ends_with("reference.md"))
        .expect("the reference");
    assert!(
        reference.contains("```json\n{\n  \"cents\": 1\n}\n```\n"),
        "{reference}"
    );
}

/// Schemas that nobody wrote.
#[test]
fn samples_of_random_schemas_are_what_they_say() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut random = Random::new(11);
    fs::write(
        folder.path().join("contract.yaml"),
        "natsmith: 1\ncontract: random\nversion: 1.0.0\nsubjects: { a.b: { subject: a.b, payload: Random0 } }\n",
    )
    .expect("a file is written");
    for number in 0..60 {
        let mut schema = object(&mut random, 3);
        schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        schema["title"] = json!(format!("Random{number}"));
        let path = folder.path().join(format!("random_{number}.schema.json"));
        fs::write(path, schema.to_string()).expect("a file is written");
    }
    let contract = contract(folder.path());
    assert_eq!(contract.payloads.iter().count(), 60);
    for payload in contract.payloads.iter() {
        hold(&contract, payload);
    }
}

fn object(random: &mut Random, depth: usize) -> Value {
    let count = random.below(5) + 1;
    let names: Vec<String> = (0..count).map(|index| format!("member_{index}")).collect();
    let properties: BTreeMap<&String, Value> = names.iter().map(|name| (name, schema(random, depth - 1))).collect();
    let required: Vec<&String> = names.iter().filter(|_| random.below(2) == 0).collect();
    let mut schema = json!({ "type": "object", "properties": properties, "required": required });
    if random.below(2) == 0 {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

fn schema(random: &mut Random, depth: usize) -> Value {
    let kinds = if depth > 0 { 10 } else { 7 };
    let low = i64::try_from(random.below(40)).expect("a small number") - 20;
    let high = low + i64::try_from(random.below(20)).expect("a small number");
    match random.below(kinds) {
        0 => json!({ "type": "integer", "minimum": low, "maximum": high }),
        1 => json!({ "type": ["integer", "null"], "multipleOf": 7, "exclusiveMinimum": low }),
        2 => json!({ "type": "number", "exclusiveMinimum": low, "maximum": high + 1 }),
        3 => json!({ "type": "number", "multipleOf": 0.25, "minimum": low }),
        4 => json!({ "type": "string", "minLength": random.below(4), "maxLength": random.below(9) + 4 }),
        5 => json!({ "type": "string", "pattern": pattern(random) }),
        6 => json!({ "enum": ["one", "two", "three"] }),
        7 => {
            let min = random.below(3);
            let max = min + random.below(3);
            json!({ "type": "array", "items": { "type": "integer" }, "minItems": min, "maxItems": max, "uniqueItems": true })
        }
        8 => json!({ "type": "object", "additionalProperties": schema(random, depth - 1), "minProperties": 1 }),
        _ => object(random, depth),
    }
}

fn pattern(random: &mut Random) -> String {
    let parts = ["[a-f]+", "x{2,3}", "(ab|cd)", "\\d", "-?", "[^a-z]", "(q[0-9])*"];
    let middle: String = (0..=random.below(3))
        .map(|_| parts[random.below(parts.len())])
        .collect();
    match random.below(3) {
        0 => middle,
        1 => format!("^{middle}"),
        _ => format!("^{middle}$"),
    }
}
