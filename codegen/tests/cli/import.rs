//! `import`

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::common::run::root;
use crate::common::workshop::{Workshop, copy};

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

/// Requests whose traits and messages stand elsewhere; what stands in other files is listed.
#[test]
fn requests_with_traits_and_other_files() {
    let workshop = Workshop::new();
    workshop.write("rooms.yaml", &fixture("rooms.3.1.yaml"));
    assert_snapshot!(
        workshop
            .run(&["import", "asyncapi", "rooms.yaml", "--output", "rooms"])
            .shown()
    );
    assert_snapshot!(shown(&workshop, "rooms", &["tokens.yaml", "subjects.yaml"]));
    let check = workshop.run(&["check", "rooms"]);
    assert_eq!(check.code, Some(0), "{}", check.stdout);
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

/// What natsmith wrote comes back: the document of the contract that was made of a document is that document.
///
/// Nothing of it is lost but what an AsyncAPI document does not say: the names of files, the settings of the generated crate and of its
/// connections, examples of what payloads are not, and comments.
#[test]
fn every_contract_comes_back() {
    let schema = root().join("schema").read_dir().expect("the contracts");
    let contracts = schema.map(|entry| entry.expect("an entry").path());
    let mut contracts: Vec<_> = contracts.filter(|path| path.is_dir()).collect();
    // Those have what the others do not, from several messages on one subject to object stores.
    contracts.push(root().join("tests/fixtures/depot"));
    contracts.push(root().join("codegen/tests/fixtures/all-kinds"));
    assert!(contracts.len() > 5, "the contracts are found");
    for contract in contracts {
        let name = contract.file_name().expect("a name").to_string_lossy().into_owned();
        let (first, second) = (Workshop::new(), Workshop::new());
        copy(&contract, &first.path(&format!("schema/{name}")));
        let settings = first.path(&format!("schema/{name}/contract.yaml"));
        let text = fs::read_to_string(&settings).expect("the contract");
        let kept = text.lines().filter(|line| !line.trim_start().starts_with("output:"));
        fs::write(&settings, kept.collect::<Vec<_>>().join("\n")).expect("it is written");
        let document = |workshop: &Workshop| -> Value {
            let made = workshop.run(&["docs", &format!("schema/{name}")]);
            assert_eq!(made.code, Some(0), "{name}: {}", made.stdout);
            let path = workshop.path(&format!("generated/{name}/docs/asyncapi/asyncapi.json"));
            serde_json::from_slice(&fs::read(path).expect("the document")).expect("JSON")
        };
        let written = document(&first);
        let path = first.path(&format!("generated/{name}/docs/asyncapi/asyncapi.yaml"));
        let imported = second.run(&["import", "asyncapi", &path.display().to_string()]);
        assert_eq!(
            (imported.code, imported.stderr.as_str()),
            (Some(0), ""),
            "{name}: {}",
            imported.stdout
        );
        let check = second.run(&["check", &format!("schema/{name}")]);
        assert_eq!(check.code, Some(0), "{name}: {}", check.stdout);
        let again = document(&second);
        for (key, value) in written.as_object().expect("an object") {
            let value = value.as_object().into_iter().flatten();
            for (member, value) in value {
                assert_eq!(again[key][member], *value, "{name}: {key}/{member}");
            }
        }
        assert_eq!(again, written, "{name}");
    }
}
