//! Findings for programs: JSON under its own schema, SARIF under the official one, annotations for GitHub.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::env;
use std::fs;
use std::path::Path;

use common::page::Page;
use common::run::root;
use common::workshop::Workshop;
use insta::assert_snapshot;
use natsmith_codegen::findings::{self, Telling};
use natsmith_codegen::{check_all, rules};
use serde_json::Value;

fn validator(schema: &Value) -> jsonschema::Validator {
    let options = jsonschema::options().should_validate_formats(true);
    options.build(schema).expect("a JSON Schema")
}

/// The schema that OASIS publishes; where it is from is said beside it.
fn sarif_validator() -> jsonschema::Validator {
    let text = include_str!("fixtures/sarif/sarif-schema-2.1.0.json");
    // The pattern of languages has a bracket too many and is no regular expression. Nothing here has a language.
    let faulty = r"^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$";
    assert!(text.contains(faulty), "the schema is the one that was published");
    let schema = serde_json::from_str(&text.replace(faulty, "")).expect("JSON");
    validator(&schema)
}

fn faults(validator: &jsonschema::Validator, document: &Value) -> Vec<String> {
    let faults = validator.iter_errors(document);
    faults
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect()
}

/// A contract with an error in two files, a warning with a fix, a note, a finding that is meant, and characters that every
/// format writes in its own way.
fn workshop() -> Workshop {
    let workshop = Workshop::new();
    workshop.write(
        "schema/shop/50%, more.yaml",
        "# Größer: 😀
streams:
  kept: { description: \"😀\", max_bytes: 1GiB, subjects: [orders.placed], max_agee: 7d }
tokens:
  region: {}
  zone: {}
check:
  exceptions:
    - { rule: tokens/unused, at: tokens.zone, reason: \"Zones: next year, 100%.\" }
",
    );
    workshop.write("schema/shop/judged.schema.yaml", "$schema: https://json-schema.org/draft/2020-12/schema\ntitle: Judged\ndescription: Either.\ntype: object\nnot: { required: [id] }\n");
    workshop
}

/// What the snapshots are about; other rules may have findings in the contract too.
const ABOUT: [&str; 4] = [
    "syntax/unknown-key",
    "tokens/unused",
    "payload/judged",
    "streams/overlap",
];

/// Leaves what the snapshots are about in a list.
fn keep(list: &mut Value, key: &str) {
    let list = list.as_array_mut().expect("a list");
    list.retain(|item| item[key].as_str().is_some_and(|code| ABOUT.contains(&code)));
}

/// The version of natsmith is no part of what is compared.
fn shown(text: &str) -> String {
    text.replace(&format!("\"{}\"", env!("CARGO_PKG_VERSION")), "\"VERSION\"")
}

/// Write the file with `INSTA_UPDATE=always`.
#[test]
fn the_schema_is_what_the_document_says() {
    let path = root().join("schema/natsmith.findings.schema.json");
    let wanted = serde_json::to_string_pretty(&findings::schema()).expect("JSON") + "\n";
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &wanted).expect("the file is written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        found == wanted,
        "schema/natsmith.findings.schema.json is not current; to repair it, run: \
         INSTA_UPDATE=always cargo test -p natsmith-codegen --test findings"
    );
    if let Err(fault) = jsonschema::meta::validate(&findings::schema()) {
        panic!("{fault} at {}", fault.instance_path());
    }
}

#[test]
fn json_is_one_document_for_all_contracts() {
    let workshop = workshop();
    let run = workshop.run(&["check", "--format", "json", "--notes"]);
    let document: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let mut compared = document.clone();
    keep(&mut compared["findings"], "code");
    for number in ["errors", "warnings", "notes"] {
        assert!(compared["contracts"][0][number].as_u64() > Some(0), "{document:#}");
        compared["contracts"][0][number] = "..".into();
    }
    assert_snapshot!(shown(&format!("{compared:#}")));
    assert_eq!(run.code, Some(1));
    assert_eq!(faults(&validator(&findings::schema()), &document), Vec::<String>::new());
    // What is only worth knowing is told to those who ask.
    let quiet: Value = serde_json::from_str(&workshop.run(&["check", "--format", "json"]).stdout).expect("JSON");
    let levels = |document: &Value| -> Vec<String> {
        let findings = document["findings"].as_array().expect("findings").iter();
        findings.map(|finding| finding["level"].to_string()).collect()
    };
    assert!(levels(&document).contains(&"\"info\"".to_owned()));
    assert!(!levels(&quiet).contains(&"\"info\"".to_owned()));
    // The same from elsewhere and by another path, but for the path.
    let absolute = workshop.path("./schema/shop");
    let absolute = workshop.run(&[
        "check",
        "--format",
        "json",
        "--notes",
        absolute.to_str().expect("UTF-8"),
    ]);
    assert_eq!(absolute.stdout, run.stdout);
}

#[test]
fn sarif_is_what_its_schema_says() {
    let run = workshop().run(&["check", "--format", "sarif", "--notes"]);
    let mut log: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(faults(&sarif_validator(), &log), Vec::<String>::new());
    // The pages are tested elsewhere.
    for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().expect("rules") {
        assert!(
            rule["help"]["markdown"]
                .as_str()
                .is_some_and(|page| page.starts_with("# "))
        );
        rule["help"] = "..".into();
    }
    let mut compared = log.clone();
    keep(&mut compared["runs"][0]["results"], "ruleId");
    keep(&mut compared["runs"][0]["tool"]["driver"]["rules"], "id");
    for result in compared["runs"][0]["results"].as_array_mut().expect("results") {
        assert!(result["ruleIndex"].is_u64(), "{result}");
        result["ruleIndex"] = "..".into();
    }
    assert_snapshot!(shown(&format!("{compared:#}")));
    assert_eq!(run.code, Some(1));

    // The validator is one.
    log["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(!faults(&sarif_validator(), &log).is_empty());
}

#[test]
fn annotations_are_escaped() {
    let run = workshop().run(&["check", "--format", "github", "--notes"]);
    let about = |line: &&str| ABOUT.iter().any(|code| line.contains(&format!("title={code}::")));
    let lines: Vec<&str> = run.stdout.lines().filter(about).collect();
    assert_snapshot!(lines.join("\n"));
    assert_eq!(run.code, Some(1));
}

#[test]
fn generate_tells_its_findings_too() {
    let workshop = workshop();
    let run = workshop.run(&["generate", "--format", "json"]);
    let document: Value = serde_json::from_str(&run.stdout).expect("one document");
    assert_eq!(document["contracts"][0]["errors"], 2, "{document:#}");
    assert!(run.stderr.contains("nothing was generated"), "{}", run.stderr);
    assert_eq!(run.code, Some(1));
    let annotated = workshop.run(&["generate", "--format", "github"]).stdout;
    assert!(annotated.contains("\n::error file="), "{annotated}");
    assert!(annotated.contains("nothing was generated"), "{annotated}");
}

#[test]
fn a_clean_run_is_a_document_too() {
    let run = Workshop::new().run(&["check", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(faults(&sarif_validator(), &log), Vec::<String>::new());
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(run.code, Some(0));
}

/// Every finding there is can be told, and the edits of its fix are those that `--fix` makes.
#[test]
fn every_finding_can_be_told() {
    let (own, official) = (validator(&findings::schema()), sarif_validator());
    let mut told = 0;
    for rule in rules::all() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let contract = folder.path().join("schema/shop");
        let page = Page::parse(rule.page).expect("a page");
        page.fails.write(&contract);
        let checked = check_all(&[&contract]);
        let telling = Telling {
            checked: &checked,
            base: folder.path(),
            notes: true,
        };
        let document = findings::document(telling);
        let json = serde_json::to_value(&document).expect("JSON");
        assert_eq!(faults(&own, &json), Vec::<String>::new(), "{}", rule.code);
        assert_eq!(
            faults(&official, &findings::sarif(telling)),
            Vec::<String>::new(),
            "{}",
            rule.code
        );
        let annotations = findings::annotations(telling);
        assert_eq!(annotations.lines().count(), document.findings.len(), "{annotations}");
        told += document.findings.len();
        for finding in &document.findings {
            let with_fix = checked.report.diagnostics().iter();
            let with_fix = with_fix.filter(|found| found.rule.code == finding.code && found.fix.is_some());
            let tells_fix = document
                .findings
                .iter()
                .filter(|told| told.code == finding.code && told.fix.is_some());
            assert_eq!(with_fix.count(), tells_fix.count(), "{}", finding.code);
            assert!(
                Path::new(&finding.place.file).starts_with("schema/shop"),
                "{:?}",
                finding.place
            );
        }
    }
    assert!(told > 100, "the pages are read: {told}");
}
