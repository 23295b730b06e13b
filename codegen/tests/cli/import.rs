//! `import`

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::common::run::{root, run};
use crate::common::workshop::Workshop;

fn fixture(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/asyncapi");
    fs::read_to_string(Path::new(folder).join(name)).expect("a fixture")
}

/// Every file of a contract in one text.
fn shown(workshop: &Workshop, folder: &str, files: &[&str]) -> String {
    let shown = files
        .iter()
        .map(|file| format!("--- {file}\n{}", workshop.read(&format!("{folder}/{file}"))));
    shown.collect()
}

#[test]
fn version_two_becomes_a_contract_and_the_rest_is_listed() {
    let workshop = Workshop::new();
    workshop.write("lights.yaml", &fixture("lights.2.6.yaml"));
    assert_snapshot!(workshop.run(&["import", "asyncapi", "lights.yaml"]).shown());
    let files = [
        "contract.yaml",
        "tokens.yaml",
        "subjects.yaml",
        "payloads/light_measured_payload.schema.yaml",
        "payloads/common.schema.yaml",
    ];
    assert_snapshot!(shown(&workshop, "schema/streetlights-api", &files));
    let check = workshop.run(&["check", "schema/streetlights-api"]);
    assert_eq!(check.code, Some(0), "{}", check.stdout);
}

#[test]
fn version_three_becomes_a_contract_and_the_rest_is_listed() {
    let workshop = Workshop::new();
    workshop.write("accounts.json", &fixture("accounts.3.0.json"));
    assert_snapshot!(
        workshop
            .run(&["import", "asyncapi", "accounts.json", "--output", "accounts"])
            .shown()
    );
    assert_snapshot!(shown(&workshop, "accounts", &["tokens.yaml", "subjects.yaml"]));
    let check = workshop.run(&["check", "accounts"]);
    assert_eq!(check.code, Some(0), "{}", check.stdout);
    let again = workshop.run(&["import", "asyncapi", "accounts.json", "--output", "accounts"]);
    assert_eq!(
        (again.code, again.stdout.as_str()),
        (Some(2), ""),
        "nothing is overwritten"
    );
}

#[test]
fn what_is_no_asyncapi_says_so() {
    let workshop = Workshop::new();
    for (text, reason) in [
        ("a: [1", "a.yaml:"),
        ("a: 1\n", "asyncapi: 3.0.0"),
        ("asyncapi: \"1.2.0\"\n", "2 and 3 can be read"),
        ("asyncapi: 3.0.0\ninfo: &a {}\n", "a.yaml:2"),
    ] {
        workshop.write("a.yaml", text);
        let run = workshop.run(&["import", "asyncapi", "a.yaml"]);
        assert_eq!(run.code, Some(2), "{text}: {run:?}");
        assert!(run.stderr.contains(reason), "{text}: {}", run.stderr);
    }
    assert_eq!(workshop.run(&["import", "asyncapi", "nothing.yaml"]).code, Some(2));
}

/// What natsmith wrote comes back: every subject with its token, and what it accepts.
#[test]
fn every_contract_of_the_repository_comes_back() {
    let workshop = Workshop::new();
    for contract in [
        "agent-framework",
        "agent-mesh",
        "agent-platform",
        "mister-smith",
        "mister-smith-v1",
    ] {
        let document = root().join(format!("generated/{contract}/docs/asyncapi/asyncapi.yaml"));
        let folder = workshop.path(&format!("imported/{contract}")).display().to_string();
        let imported = run(
            root(),
            &[
                "import",
                "asyncapi",
                &document.display().to_string(),
                "--output",
                &folder,
            ],
        );
        assert_eq!(imported.stderr, "", "{contract}");
        let told = imported
            .stdout
            .lines()
            .filter(|line| line.starts_with("not carried over"));
        let told: Vec<&str> = told.filter(|line| !line.contains(": x-natsmith/")).collect();
        assert!(told.is_empty(), "{contract}: {told:#?}");
        let check = run(root(), &["check", &folder]);
        assert_eq!(check.code, Some(0), "{contract}: {}", check.stdout);
        let generated = run(root(), &["generate", &folder]);
        assert_eq!(generated.code, Some(0), "{contract}: {}", generated.stdout);
        let again = workshop.path(&format!("generated/{contract}/docs/asyncapi/asyncapi.json"));
        let parsed =
            |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).expect("it is there")).expect("JSON") };
        let (again, first) = (parsed(&again), parsed(&document.with_extension("json")));
        for (id, channel) in first["channels"].as_object().expect("channels") {
            if channel["x-natsmith"]["kind"] == "kv" {
                continue;
            }
            for key in ["address", "parameters", "summary"] {
                assert_eq!(again["channels"][id][key], channel[key], "{contract}: {id}/{key}");
            }
        }
    }
}
