//! `validate`

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::common::run::{Run, natsmith, root, run};
use crate::common::workshop::Workshop;

const ORDER: &str = r#"{"id": "o1", "customer_id": "c7", "state": "open", "lines": [{"article": "a", "pieces": 1}]}"#;

/// Runs `validate` with this on its standard input.
fn piped(workshop: &Workshop, arguments: &[&str], input: &[u8]) -> Run {
    let mut child = natsmith(&workshop.path("."))
        .arg("validate")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(input)
        .expect("it reads all");
    Run::from(child.wait_with_output().expect("it ends"))
}

#[test]
fn each_line_gets_a_verdict() {
    let workshop = Workshop::new();
    let lines = [
        ORDER,
        "",
        &ORDER.replace("\"c7\"", "\"c8\""),
        &ORDER.replace("\"pieces\": 1", "\"pieces\": 0"),
        &ORDER.replace("\"id\": \"o1\"", "\"id\": \"o1\", \"id\": \"o2\""),
        &ORDER.replace('}', ""),
        "\u{feff}{}",
        "[1, 2",
    ];
    let all = piped(&workshop, &["orders.c7.open", "-"], lines.join("\n").as_bytes());
    assert_snapshot!(all.shown());
    let valid = piped(&workshop, &["orders.c7.open", "-"], ORDER.as_bytes());
    assert_eq!(valid.code, Some(0), "{valid:?}");
    let nothing = piped(&workshop, &["orders.placed", "-"], b"");
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(0), ""));
    let not_text = piped(&workshop, &["orders.placed", "-"], b"\xff\xfe\n\"\xff\"\n");
    assert_eq!(
        (not_text.code, not_text.stdout.lines().count()),
        (Some(1), 2),
        "{not_text:?}"
    );
}

#[test]
fn a_subject_is_concrete_or_a_template_or_a_name() {
    let workshop = Workshop::new();
    workshop.write("order.json", &ORDER.replace(", ", ",\n"));
    workshop.write("orders.jsonl", &format!("{ORDER}\n{{}}\n"));
    workshop.write("price.json", r#"{"cents": 5}"#);
    for (arguments, code) in [
        (&["orders.c7.open", "order.json"][..], 0),
        (&["orders.c8.open", "order.json"], 1),
        (&["orders.{customer_id}.{state}", "order.json"], 0),
        (&["orders.placed", "order.json"], 0),
        (&["orders.placed", "orders.jsonl"], 1),
        (&["orders.placed", "price.json"], 1),
        (&["prices.c7", "price.json", "--part", "reply"], 0),
        (&["prices.c7", "order.json"], 0),
        (&["orders.placed", "order.json", "--part", "reply"], 2),
        (&["orders.placed", "order.json", "--part", "headers"], 2),
        (&["orders.c7.lost", "order.json"], 2),
        (&["orders.c7", "order.json"], 2),
        (&["orders.*.open", "order.json"], 2),
        (&["order.placed", "order.json"], 2),
        (&["orders.placed", "nothing.json"], 2),
        (&["orders.placed", "order.json", "--contract", "nowhere"], 2),
    ] {
        let run = workshop.run(&[&["validate"], arguments].concat());
        assert_eq!(run.code, Some(code), "{arguments:?}: {run:?}");
        assert_eq!(run.stdout.is_empty(), code == 2, "{arguments:?}: {run:?}");
        assert_eq!(run.stderr.is_empty(), code != 2, "{arguments:?}: {run:?}");
    }
    assert_snapshot!(workshop.run(&["validate", "orders.c7.lost", "order.json"]).shown());
    assert_snapshot!(workshop.run(&["validate", "order.placed", "order.json"]).shown());
}

/// Whoever writes lines may wait for each verdict.
#[test]
fn verdicts_come_as_lines_go() {
    let workshop = Workshop::new();
    let mut child = natsmith(&workshop.path("."))
        .args(["validate", "orders.placed", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut input = child.stdin.take().expect("a pipe");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    for number in 1..=3 {
        writeln!(input, "{ORDER}").expect("it reads");
        let mut line = String::new();
        output.read_line(&mut line).expect("it answers");
        let verdict: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(verdict, json!({ "line": number, "payload": "Order", "valid": true }));
    }
    drop(input);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn every_example_of_the_repository_is_judged_as_its_folder_says() {
    let schema = root().join("schema");
    let mut judged = 0;
    for contract in ["agent-mesh", "agent-platform"] {
        let folder = format!("schema/{contract}");
        let index = fs::read(root().join(format!("generated/{contract}/docs/subjects.json"))).expect("the index");
        let index: Value = serde_json::from_slice(&index).expect("JSON");
        for subject in index["subjects"].as_array().expect("subjects") {
            for part in ["payload", "reply", "headers"] {
                let Some(payload) = subject[part].as_str() else {
                    continue;
                };
                for (verdict, code) in [("valid", 0), ("invalid", 1)] {
                    let examples = schema.join(contract).join("examples").join(payload).join(verdict);
                    let Some(example) = examples.read_dir().ok().and_then(|mut files| files.next()) else {
                        continue;
                    };
                    let file = example.expect("an entry").path();
                    let (template, file) = (subject["subject"].as_str().expect("text"), file.display().to_string());
                    let run = run(
                        root(),
                        &["validate", "--contract", &folder, "--part", part, template, &file],
                    );
                    assert_eq!(run.code, Some(code), "{file}: {run:?}");
                    judged += 1;
                }
            }
        }
    }
    assert!(judged > 25, "the examples are found: {judged}");
}
