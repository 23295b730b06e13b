//! `check`, `explain`, and what is no command.

use insta::assert_snapshot;

use crate::common::run::{Run, natsmith, root, run};
use crate::common::workshop::Workshop;

/// What the specification says that cannot work, by the place where it says it. One line a fault, and each must have
/// a way out.
const FAULTS: [(&str, &str); 18] = [
    // `>` that is not last: the server refuses the stream.
    ("subjects/tail-not-last", "streams.yaml:80:27"),
    ("subjects/tail-not-last", "streams.yaml:81:27"),
    ("subjects/tail-not-last", "streams.yaml:82:27"),
    // A stream, a consumer and a subscription that miss the fourth token of a status: silent loss.
    ("streams/captures-nothing", "streams.yaml:7:19"),
    ("consumers/filter-matches-nothing", "streams.yaml:27:28"),
    ("subscriptions/heard-twice", "taxonomy.yaml:228:17"),
    ("subscriptions/hears-nothing", "taxonomy.yaml:218:13"),
    // A consumer outside of its stream: accepted by the server, delivers nothing.
    ("consumers/filter-outside-stream", "streams.yaml:100:28"),
    // A consumer for a subject that no stream keeps.
    ("consumers/subject-not-kept", "streams.yaml:74:18"),
    // Events read as another payload.
    ("subscriptions/other-payload", "taxonomy.yaml:255:14"),
    // Subjects built from a bare UUID, which the token's own pattern refuses.
    ("bind/format", "taxonomy.yaml:103:22"),
    ("bind/format", "taxonomy.yaml:161:26"),
    // Members that are spelt differently in subject and payload.
    ("bind/enum", "taxonomy.yaml:34:48"),
    ("bind/enum", "taxonomy.yaml:41:47"),
    // More than a server takes by default, and more servers than a developer has.
    ("streams/max-msg-size", "streams.yaml:53:19"),
    ("streams/replicas", "streams.yaml:17:19"),
    ("streams/replicas", "streams.yaml:55:19"),
    ("streams/replicas", "streams.yaml:90:19"),
];

#[test]
fn every_fault_of_the_specification_is_found_where_it_stands() {
    let run = run(root(), &["check", "tests/fixtures/as-written"]);
    assert_snapshot!(run.shown());

    // A finding is a code at the start of a line, its place in brackets below it, and its help.
    let mut found = Vec::new();
    for line in run.stdout.lines() {
        let is_code = line.starts_with(|first: char| first.is_ascii_lowercase()) && !line.contains(' ');
        if is_code {
            found.push((line.to_owned(), String::new(), false));
        } else if let Some((code, place, help)) = found.last_mut() {
            if place.is_empty()
                && let Some((_, rest)) = line.split_once("─[tests/fixtures/as-written/")
            {
                rest.trim_end_matches(']').clone_into(place);
            }
            *help |= line.starts_with("  help: ") && !code.is_empty();
        }
    }
    assert!(found.iter().all(|(_, _, help)| *help), "each has a way out: {found:?}");
    let mut found: Vec<(&str, &str)> = found
        .iter()
        .map(|(code, place, _)| (code.as_str(), place.as_str()))
        .collect();
    let mut faults = FAULTS.to_vec();
    found.sort_unstable();
    faults.sort_unstable();
    assert_eq!(found, faults);
}

#[test]
fn the_shipped_contract_holds_together() {
    assert_snapshot!(run(root(), &["check", "schema/mister-smith"]).shown());
}

#[test]
fn without_a_folder_all_contracts_are_checked() {
    let workshop = Workshop::new();
    workshop.write(
        "schema/other/contract.yaml",
        "natsmith: 1\ncontract: other\nversion: 1.0.0\n",
    );
    assert_snapshot!(workshop.run(&["check"]).shown());
}

#[test]
fn warnings_change_no_exit_code() {
    let workshop = Workshop::new();
    workshop.write("schema/shop/more.yaml", "tokens:\n  unused: {}\n");
    let run = workshop.run(&["check", "schema/shop"]);
    assert!(run.stdout.contains("tokens/unused"), "{}", run.stdout);
    assert!(run.stdout.contains("holds together, 1 warning"), "{}", run.stdout);
    assert_eq!(run.code, Some(0));
}

/// The findings about two tokens that nothing uses and a format that nobody knows, as `level code`, and how the run ended.
fn remarked(check: &str) -> (Vec<String>, Option<i32>) {
    let workshop = Workshop::new();
    let tokens = "tokens:\n  region: {}\n  zone:\n    description: A part of a region.\n";
    workshop.write("schema/shop/more.yaml", &format!("{tokens}{check}"));
    workshop.edit(
        "schema/shop/order.schema.yaml",
        "note: { type: string,",
        "note: { type: string, format: prose,",
    );
    let run = workshop.run(&["check", "schema/shop", "--notes", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let told = |list: &str, prefix: &str| -> Vec<String> {
        let findings = document[list].as_array().expect("a list").iter();
        let told = findings.map(|finding| format!("{prefix}{} {}", finding["level"], finding["code"]).replace('"', ""));
        told.filter(|told| {
            ["tokens/", "payload/unknown-format", "check/"]
                .iter()
                .any(|code| told.contains(code))
        })
        .collect()
    };
    ([told("findings", ""), told("excepted", "excepted ")].concat(), run.code)
}

#[test]
fn a_contract_says_what_findings_weigh_and_which_are_meant() {
    const FORMAT: &str = "warning payload/unknown-format";
    let check = |check: &str, code: i32, wanted: &[&str]| {
        let (mut found, ended) = remarked(check);
        found.sort();
        assert_eq!(found, wanted, "{check}");
        assert_eq!(ended, Some(code), "{check}");
    };
    check("", 0, &[FORMAT, "warning tokens/unused", "warning tokens/unused"]);
    for (level, code, wanted) in [
        ("error", 1, &["error tokens/unused", "error tokens/unused", FORMAT][..]),
        (
            "warning",
            0,
            &[FORMAT, "warning tokens/unused", "warning tokens/unused"],
        ),
        ("info", 0, &["info tokens/unused", "info tokens/unused", FORMAT]),
        ("none", 0, &[FORMAT]),
    ] {
        let levels =
            format!("check: {{ levels: {{ tokens/unused: {{ level: {level}, reason: As we like it. }} }} }}\n");
        check(&levels, code, wanted);
    }
    // One of the tokens, by its name, and what is anywhere in a payload or in a part of it.
    let exceptions = |at: &str| {
        let token = "{ rule: tokens/unused, at: tokens.region, reason: Later. }";
        let format = format!("{{ rule: payload/unknown-format, at: {at}, reason: For people. }}");
        format!("check:\n  exceptions:\n    - {token}\n    - {format}\n")
    };
    let meant = [
        "excepted warning payload/unknown-format",
        "excepted warning tokens/unused",
        "warning tokens/unused",
    ];
    check(&exceptions("payloads.Order"), 0, &meant);
    check(&exceptions("payloads.Order.properties.note"), 0, &meant);
    let elsewhere = [
        "excepted warning tokens/unused",
        "warning check/unused-exception",
        FORMAT,
        "warning tokens/unused",
    ];
    check(&exceptions("payloads.Order.properties.id"), 0, &elsewhere);
}

/// The shop with faults: two that are mended, the second one when the first is, and one that nobody but people can mend.
fn faulty() -> Workshop {
    let workshop = Workshop::new();
    workshop.write(
        "schema/shop/more.yaml",
        "streams:\r\n  kept:\r\n    subjects: [orders.placed] # all\r\n    max_agee: 7d\r\n    max_messages: 5\r\n",
    );
    workshop
}

#[test]
fn fixes_are_made_and_told() {
    let workshop = faulty();
    assert_snapshot!(workshop.run(&["check", "--fix"]).shown());
    let text = workshop.read("schema/shop/more.yaml");
    assert_eq!(
        text,
        "streams:\r\n  kept:\r\n    subjects: [orders.placed] # all\r\n    max_age: 7d\r\n    max_messages: 5\r\n"
    );
    let before = workshop.tree("schema");
    assert!(workshop.run(&["check", "--fix"]).stdout.contains("0 fixes in 0 files"));
    assert_eq!(before, workshop.tree("schema"));
}

/// The right key stands there with a value that is worse than none.
#[test]
fn a_fix_that_does_harm_is_not_made() {
    let workshop = Workshop::new();
    let harmful = "streams:\n  kept:\n    subjects: [orders.placed]\n    consumrs: { a: 1, b: 2 }\n    max_agee: 7d\n";
    workshop.write("schema/shop/more.yaml", harmful);
    assert_snapshot!(workshop.run(&["check", "--fix"]).shown());
    assert_eq!(
        workshop.read("schema/shop/more.yaml"),
        harmful.replace("max_agee", "max_age")
    );
}

#[test]
fn what_cannot_run_ends_with_two() {
    let workshop = Workshop::new();
    for arguments in [
        &["check", "nowhere"][..],
        &["check", "schema/shop/contract.yaml"],
        &["generate", "nowhere"],
        &["generate", "--check", "--dry-run"],
        &["explain", "nothing/of-the-kind"],
        &["frobnicate"],
        &[],
    ] {
        let run = workshop.run(arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {run:?}");
        assert_eq!(run.stdout, "", "{arguments:?}");
        assert_ne!(run.stderr, "", "{arguments:?}");
    }
    assert_snapshot!(workshop.run(&["check", "nowhere"]).shown());
}

#[test]
fn no_contract_is_no_clean_run() {
    let empty = tempfile::tempdir().expect("a temporary folder");
    let without_schema = run(empty.path(), &["check"]);
    std::fs::create_dir(empty.path().join("schema")).expect("a folder is made");
    let without_contract = run(empty.path(), &["check"]);
    assert_eq!(without_schema, without_contract);
    assert_snapshot!(without_schema.shown());
}

#[test]
fn every_code_is_listed_and_explained() {
    let list = run(root(), &["explain"]);
    assert_snapshot!(list.shown());
    for line in list.stdout.lines() {
        let code = line.split_whitespace().next().expect("a code");
        let page = run(root(), &["explain", code]);
        assert!(page.stdout.starts_with(&format!("# {code}\n")), "{}", page.stdout);
        assert_eq!(page.code, Some(0));
    }
    assert_snapshot!(run(root(), &["explain", "streams/overlap"]).shown());
    assert_snapshot!(run(root(), &["explain", "stream/overlap"]).shown());
}

/// `natsmith check | head -1` is no fault of natsmith's.
#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = natsmith(root())
        .args(["check", "tests/fixtures/as-written"])
        .stdout(writer)
        .output()
        .expect("the binary runs");
    let run = Run::from(output);
    assert_eq!((run.code, run.stderr.as_str()), (Some(2), ""));
}
