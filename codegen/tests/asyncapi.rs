//! The AsyncAPI document of a contract says what the contract says. That the tools of AsyncAPI accept it is shown in the root package's
//! `other_languages`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use natsmith_codegen::contract::Contract;
use natsmith_codegen::contract::payload::{DefinitionKind, PayloadSet};
use natsmith_codegen::emit::Tree;
use natsmith_codegen::sample::{self, Detail};
use natsmith_codegen::{check, generate};
use serde_json::{Value, json};

const SHAPES: &str = "codegen/tests/shapes/contract";

/// The contracts of the repository, and one of many shapes. To make all of them takes its time.
static CONTRACTS: LazyLock<Vec<(Contract, Tree, Value)>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let schema = root.join("schema").read_dir().expect("the contracts");
    let folders = schema
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir());
    let folders: Vec<PathBuf> = folders.chain([root.join(SHAPES)]).collect();
    assert!(folders.len() > 5, "the contracts are found");
    let contracts = folders.iter().map(|folder| {
        let contract = check(folder).contract.expect("a sound contract");
        let tree = generate(&contract).expect("what is made of it");
        let text = tree.get("docs/asyncapi/asyncapi.json").expect("the document");
        let document = serde_json::from_str(text).expect("JSON");
        (contract, tree, document)
    });
    contracts.collect()
});

#[test]
fn every_subject_and_every_token_survives() {
    let mut tokens = 0;
    for (contract, _, document) in &*CONTRACTS {
        for subject in contract.subjects.values() {
            let channel = &document["channels"][subject.name.as_str()];
            assert_eq!(channel["address"], subject.template.address(), "{channel:#}");
            for name in subject.template.tokens() {
                let (token, parameter) = (&contract.tokens[name], &channel["parameters"][name]);
                let members = token.members.as_ref();
                let members = members.map(|members| members.iter().map(|member| member.as_str()).collect::<Vec<_>>());
                assert_eq!(
                    parameter.get("enum"),
                    members.map(|members| json!(members)).as_ref(),
                    "{name}"
                );
                let pattern = token.pattern.as_ref().map(|pattern| json!(pattern.value));
                assert_eq!(parameter.pointer("/x-natsmith/pattern"), pattern.as_ref(), "{name}");
                assert_eq!(parameter.pointer("/x-natsmith/tail").is_some(), token.tail, "{name}");
                tokens += 1;
            }
            let sides = if subject.is_request() {
                ["ask", "answer"]
            } else {
                ["publish", "subscribe"]
            };
            for (side, roles) in sides.into_iter().zip([subject.senders(), subject.receivers()]) {
                let operation = &document["operations"][format!("{}.{side}", subject.name.value)];
                let roles: Vec<Value> = roles.iter().map(|role| json!({ "name": role.value })).collect();
                assert_eq!(operation["tags"], json!(roles));
                assert_eq!(operation.get("reply").is_some(), subject.is_request());
            }
        }
    }
    assert!(tokens > 50, "the tokens are found: {tokens}");
}

#[test]
fn every_enumeration_survives() {
    fn listed(value: &Value, found: &mut Vec<Value>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("enum").cloned());
                object.values().for_each(|value| listed(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| listed(item, found)),
            _ => {}
        }
    }
    let mut enumerations = 0;
    for (contract, _, document) in &*CONTRACTS {
        if contract.name.value == "shapes" {
            // It has enumerations that rules beside them make shorter.
            continue;
        }
        let mut found = Vec::new();
        listed(&document["components"]["schemas"], &mut found);
        let set: &PayloadSet = &contract.payloads;
        for (module, _) in set.modules() {
            for (_, definition) in set.definitions(module) {
                if let DefinitionKind::Enum(members) = &definition.kind {
                    let texts: Vec<&str> = members.iter().map(|member| member.text.as_str()).collect();
                    assert!(found.contains(&json!(texts)), "{}: {texts:?}", definition.name);
                    enumerations += 1;
                }
            }
        }
    }
    assert!(enumerations > 40, "the enumerations are found: {enumerations}");
}

/// What is said of a payload in draft-07 accepts the same, or more where something is left out.
#[test]
fn schemas_accept_and_refuse_the_same() {
    let (mut accepted, mut refused, mut left_out) = (0, 0, 0);
    for (contract, _, document) in &*CONTRACTS {
        for payload in contract.payloads.iter() {
            let schema = json!({
                "$schema": "http://json-schema.org/draft-07/schema#",
                "allOf": [{ "$ref": format!("#/components/schemas/{}", payload.name) }],
                "components": { "schemas": document["components"]["schemas"] },
            });
            // Drafts do not know the same formats.
            let judge = |schema: &Value| {
                let options = jsonschema::options().should_validate_formats(false);
                options
                    .build(schema)
                    .unwrap_or_else(|error| panic!("{}: {error}", payload.name))
            };
            let (judge, original) = (judge(&schema), judge(&payload.schema));
            let message = document["components"]["messages"].get(&payload.name);
            let exact = message.is_some_and(|message| message["x-natsmith"].get("leftOut").is_none());
            left_out += usize::from(message.is_some() && !exact);
            let examples = contract
                .examples
                .iter()
                .filter(|example| example.payload == payload.name);
            let mut documents: Vec<Value> = examples
                .filter_map(|example| serde_json::from_str(&example.text).ok())
                .collect();
            let samples = [Detail::Full, Detail::Minimal];
            documents.extend(
                samples
                    .iter()
                    .filter_map(|detail| sample::valid(&contract.payloads, payload, *detail)),
            );
            let misses = sample::near_misses(&contract.payloads, payload);
            documents.extend(misses.into_iter().map(|miss| miss.document));
            for document in documents {
                let verdict = judge.is_valid(&document);
                if original.is_valid(&document) {
                    assert!(verdict, "{}: {:?}", payload.name, judge.iter_errors(&document).next());
                    accepted += 1;
                } else if exact {
                    assert!(!verdict, "{}: {document}", payload.name);
                    refused += 1;
                }
            }
        }
    }
    assert!(accepted > 300 && refused > 1000, "{accepted} {refused}");
    assert!(left_out <= 12, "few schemas say more than draft-07 can: {left_out}");
}

#[test]
fn the_extension_is_as_its_schema_says() {
    let mut judged = 0;
    for (contract, tree, document) in &*CONTRACTS {
        let schema = tree.get("docs/asyncapi/x-natsmith.schema.json").expect("the schema");
        let schema: Value = serde_json::from_str(schema).expect("JSON");
        let judge = |place: &str| {
            let mut schema = schema.clone();
            schema["oneOf"] = json!([{ "$ref": format!("#/definitions/{place}") }]);
            jsonschema::options()
                .should_validate_formats(true)
                .build(&schema)
                .expect("a schema")
        };
        let mut hold = |place: &str, judge: &jsonschema::Validator, extension: &Value| {
            if let Some(error) = judge.iter_errors(extension).next() {
                panic!(
                    "{}, {place}: {error} at {}: {extension:#}",
                    contract.name.value,
                    error.instance_path()
                );
            }
            judged += 1;
        };
        hold("root", &judge("root"), &document["x-natsmith"]);
        let places = [
            ("channel", &document["channels"]),
            ("operation", &document["operations"]),
            ("message", &document["components"]["messages"]),
        ];
        let parameter = judge("parameter");
        for (place, objects) in places {
            let judge = judge(place);
            for object in objects.as_object().expect("objects by name").values() {
                hold(place, &judge, &object["x-natsmith"]);
                for of in object
                    .get("parameters")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flat_map(|all| all.values())
                {
                    of.get("x-natsmith")
                        .into_iter()
                        .for_each(|extension| hold("parameter", &parameter, extension));
                }
            }
        }
    }
    assert!(judged > 400, "the extensions are found: {judged}");
}

/// A document without a fault in its references, in both notations.
#[test]
fn no_reference_leads_nowhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let mut followed = 0;
    for (contract, tree, document) in &*CONTRACTS {
        let mut found = Vec::new();
        references(&document["channels"], &mut found);
        references(&document["operations"], &mut found);
        references(&document["components"], &mut found);
        for reference in found {
            let pointer = reference
                .strip_prefix('#')
                .expect("it stays in the document")
                .replace("%25", "%");
            assert!(
                document.pointer(&pointer).is_some(),
                "{}: {reference}",
                contract.name.value
            );
            followed += 1;
        }
        let yaml = tree.get("docs/asyncapi/asyncapi.yaml").expect("the document");
        let mut files = natsmith_codegen::source::Files::default();
        let mut report = natsmith_codegen::diagnostics::Report::default();
        let id = files.add("asyncapi.yaml", yaml);
        let node = natsmith_codegen::source::parse(id, yaml, &mut report);
        assert_eq!(node.expect("YAML").to_json(), *document, "{}", contract.name.value);
    }
    assert!(followed > 1000, "the references are found: {followed}");
}
