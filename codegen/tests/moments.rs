//! The types that a contract can choose for moments and UUIDs: what is generated for each choice is checked in, compiled
//! here, and held against the same documents.
//!
//! `NATSMITH_BLESS=1 cargo test -p natsmith-codegen --test moments` writes the checked-in code anew.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

#[path = "../../tests/support/agree.rs"]
#[allow(dead_code, reason = "shared with tests that use all of it")]
mod agree;
#[path = "../../tests/support/mutate.rs"]
mod mutate;

#[allow(dead_code, reason = "as in a generated crate, of which a test does not use all")]
#[rustfmt::skip]
#[path = "moments/chrono/src/payloads/mod.rs"]
pub mod with_chrono;
#[allow(dead_code, reason = "as in a generated crate, of which a test does not use all")]
#[rustfmt::skip]
#[path = "moments/jiff/src/payloads/mod.rs"]
pub mod with_jiff;
#[allow(dead_code, reason = "as in a generated crate, of which a test does not use all")]
#[rustfmt::skip]
#[path = "moments/string/src/payloads/mod.rs"]
pub mod with_string;
#[allow(dead_code, reason = "as in a generated crate, of which a test does not use all")]
#[rustfmt::skip]
#[path = "moments/time/src/payloads/mod.rs"]
pub mod with_time;

use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use natsmith_codegen::{check, generate};
use natsmith_runtime::{BorrowedPayload, Keyword, Payload};
use serde_json::{Value, json};

const CHOICES: [&str; 4] = ["chrono", "jiff", "time", "string"];

const SCHEMA: &str = r#"
$schema: https://json-schema.org/draft/2020-12/schema
title: Moments
type: object
required: [at, id]
additionalProperties: false
properties:
  at: { type: string, format: date-time }
  id: { type: string, format: uuid }
  until: { type: [string, "null"], format: date-time }
  list: { type: array, items: { type: string, format: date-time } }
  ids: { type: object, additionalProperties: { type: string, format: uuid } }
  either: { type: [string, integer], format: date-time }
  nil: { type: string, format: uuid, default: 00000000-0000-0000-0000-000000000000 }
"#;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/moments")
}

/// What is generated for a choice: the features of the runtime, and the files.
fn generated(choice: &str) -> (String, Vec<(String, String)>) {
    let uuid = if choice == "string" { "string" } else { "uuid" };
    let contract = format!(
        "natsmith: 1\ncontract: moments\nversion: 1.0.0\nrust: {{ date_time: {choice}, uuid: {uuid}, borrowed: [Moments] }}\n\
         roles: {{ one: {{ description: Sends. }}, other: {{ description: Hears. }} }}\n\
         subjects:\n  moments.all: {{ subject: moments, summary: All., payload: Moments, publish: [one], subscribe: [other] }}\n"
    );
    let place = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(place.path().join("payloads")).expect("a folder can be made");
    fs::write(place.path().join("contract.yaml"), contract).expect("a file can be written");
    fs::write(place.path().join("payloads/moments.schema.yaml"), SCHEMA).expect("a file can be written");
    let checked = check(place.path());
    assert!(!checked.report.has_errors(), "{:#?}", checked.report.diagnostics());
    let tree = generate(&checked.contract.expect("the contract is sound")).expect("a sound contract generates");
    let manifest = tree.get("Cargo.toml").expect("a crate has a manifest");
    let runtime = manifest.lines().find(|line| line.starts_with("natsmith-runtime"));
    let files = tree
        .iter()
        .filter(|(path, _)| path.starts_with("src/payloads/") || path.starts_with("docs/json-schema/"));
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
    (runtime.expect("it depends on the runtime").to_owned(), files)
}

#[test]
fn the_checked_in_code_is_what_is_generated() {
    for choice in CHOICES {
        let (runtime, files) = generated(choice);
        let features = match choice {
            "jiff" | "time" => format!("features = [\"{choice}\"]"),
            _ => String::new(),
        };
        assert!(
            runtime.contains(&features) && runtime.contains("features") != features.is_empty(),
            "{runtime}"
        );
        for (path, text) in files {
            let path = folder().join(choice).join(path);
            if std::env::var_os("NATSMITH_BLESS").is_some() {
                fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder can be made");
                fs::write(&path, &text).expect("a file can be written");
            }
            let found = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
            assert!(found == text, "{} is stale; bless it", path.display());
        }
    }
}

fn documents() -> Vec<Value> {
    let id = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    vec![
        json!({"at": "2024-02-29T23:59:59.123456789+05:30", "id": id, "until": null, "list": ["1969-12-31T23:59:59.5Z"]}),
        json!({"at": "0000-01-01T00:00:00Z", "id": id, "until": "2016-12-31T23:59:60.25Z", "ids": {"a": id}}),
        json!({"at": "2024-01-01T00:00:00-23:59", "id": id, "either": "2024-01-01T00:00:00-00:00"}),
    ]
}

fn agrees<P: Payload + PartialEq + Debug>(borrowed: agree::Borrowed<P>) {
    let compared = agree::compare::<P>(Some(borrowed), &documents(), 1500, 5);
    assert!(compared.accepted > 0 && compared.refused > 0, "{compared:?}");
    for (at, expected) in [
        ("2024-02-29T23:59:59.123456789+05:30", None),
        ("2024-02-29T23:59:59.500-23:59", None),
        ("2024-02-29T23:59:59-03:00", None),
        ("0000-01-01T00:00:00Z", None),
        // Only chrono and text know leap seconds; elsewhere it is the second before.
        ("2016-12-31T23:59:60.250Z", Some("2016-12-31T23:59:59.250Z")),
    ] {
        let document = format!(
            r#"{{"at":"{at}","id":"67e55044-10b1-426f-9247-bb680e5fe0c8","nil":"{}"}}"#,
            uuid()
        );
        let value = P::decode(document.as_bytes()).unwrap_or_else(|error| panic!("{at}: {error}"));
        let written = value.to_bytes().expect("the value is valid");
        let other = expected.map(|expected| document.replace(at, expected));
        assert!(
            written == document || other.is_some_and(|other| written == other),
            "{written:?}"
        );
    }
}

fn uuid() -> String {
    "00000000-0000-0000-0000-000000000000".to_owned()
}

#[test]
fn chrono() {
    agrees(|text| with_chrono::MomentsRef::decode(text).map(BorrowedPayload::into_owned));
}

#[test]
fn jiff() {
    agrees(|text| with_jiff::MomentsRef::decode(text).map(BorrowedPayload::into_owned));
    // jiff's moments end a day before RFC 3339's do.
    let document = r#"{"at":"9999-12-31T23:59:59Z","id":"67e55044-10b1-426f-9247-bb680e5fe0c8"}"#;
    let error = with_jiff::Moments::decode(document.as_bytes()).expect_err("jiff has no such moment");
    assert_eq!((error.pointer(), error.keyword()), ("/at", Keyword::Format));
}

#[test]
fn time() {
    agrees(|text| with_time::MomentsRef::decode(text).map(BorrowedPayload::into_owned));
}

#[test]
fn string() {
    agrees(|text| with_string::MomentsRef::decode(text).map(BorrowedPayload::into_owned));
    let at = with_string::Moments::decode(documents()[0].to_string().as_bytes())
        .expect("it is valid")
        .at;
    assert_eq!(at, "2024-02-29T23:59:59.123456789+05:30");
}

#[test]
fn built_moments_are_checked() {
    use natsmith_runtime::jiff::civil::date;
    use natsmith_runtime::time::{Month, PrimitiveDateTime, Time, UtcOffset};

    let text = documents()[0].to_string();
    let mut value = with_jiff::Moments::decode(text.as_bytes()).expect("it is valid");
    value.at = date(-1, 1, 1)
        .to_zoned(natsmith_runtime::jiff::tz::TimeZone::UTC)
        .expect("jiff has the year");
    let error = value.validate().expect_err("RFC 3339 has no such year");
    assert_eq!((error.pointer(), error.keyword()), ("/at", Keyword::Format));
    let mut value = with_time::Moments::decode(text.as_bytes()).expect("it is valid");
    let day = natsmith_runtime::time::Date::from_calendar_date(2024, Month::May, 1).expect("a day");
    let offset = UtcOffset::from_hms(1, 2, 3).expect("an offset");
    value.at = PrimitiveDateTime::new(day, Time::MIDNIGHT).assume_offset(offset);
    let error = value.validate().expect_err("RFC 3339 has no seconds in offsets");
    assert_eq!((error.pointer(), error.keyword()), ("/at", Keyword::Format));
}
