//! `natsmith graph`: what the pictures of contracts hold.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use common::run::{root, run};
use natsmith_codegen::contract::Contract;
use natsmith_codegen::emit::{GraphFormat, Shown};
use natsmith_codegen::{check, graph};

/// Every contract of this repository.
fn contracts() -> Vec<Contract> {
    let mut folders: Vec<PathBuf> = fs::read_dir(root().join("schema"))
        .expect("schema/")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    assert!(folders.len() >= 5, "the contracts are found: {}", folders.len());
    folders.iter().map(|folder| contract(folder)).collect()
}

fn contract(folder: &Path) -> Contract {
    let checked = check(folder);
    assert!(!checked.report.has_errors(), "{:?}", checked.report.diagnostics());
    checked.contract.expect("a contract")
}

fn svg(contract: &Contract, shown: &Shown) -> String {
    graph(contract, GraphFormat::Svg, shown).expect("it is drawn")
}

/// A box of a drawing: left, top, width and height.
type Box = [usize; 4];

fn number(tag: &str, name: &str) -> usize {
    let (_, rest) = tag.split_once(&format!(" {name}=\"")).expect("an attribute");
    rest.split('"').next().expect("its value").parse().expect("a number")
}

fn boxes(svg: &str) -> Vec<Box> {
    let tags = svg.split("<rect").skip(1);
    tags.map(|tag| ["x", "y", "width", "height"].map(|name| number(tag, name)))
        .collect()
}

/// No two boxes touch, all are inside of the picture, and every line begins and ends at one.
fn hold(contract: &Contract, shown: &Shown) -> usize {
    let svg = svg(contract, shown);
    let boxes = boxes(&svg);
    let name = &contract.name.value;
    let (width, height) = (number(&svg, "width"), number(&svg, "height"));
    for (at, a) in boxes.iter().enumerate() {
        assert!(a[0] + a[2] <= width && a[1] + a[3] <= height, "{name}: {a:?} is inside");
        for b in &boxes[..at] {
            let apart = |side: usize| a[side] + a[side + 2] < b[side] || b[side] + b[side + 2] < a[side];
            assert!(apart(0) || apart(1), "{name}: {a:?} and {b:?} overlap");
        }
    }
    for path in svg.split(" d=\"M").skip(1) {
        let start = path.split(['C', 'V', 'H']).next().expect("a start");
        let (x, y) = start.split_once(' ').expect("two numbers");
        let (x, y): (usize, usize) = (x.parse().expect("a number"), y.parse().expect("a number"));
        let touches = |b: &Box| (b[0]..=b[0] + b[2]).contains(&x) && (b[1]..=b[1] + b[3]).contains(&y);
        assert!(boxes.iter().any(touches), "{name}: a line begins at {x} {y}");
    }
    boxes.len()
}

#[test]
fn no_two_boxes_of_a_contract_overlap() {
    for contract in contracts() {
        let count = hold(&contract, &Shown::default());
        let parts = contract.subjects.len() + contract.streams.len() + contract.roles.len();
        assert!(count >= parts, "{}: {count} boxes", contract.name.value);
        for role in contract.roles.keys() {
            let role = Some(role.clone());
            hold(&contract, &Shown { role, filter: None });
        }
    }
}

/// A generator of numbers that are the same in every run (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).expect("below a usize")
    }

    fn some<'a>(&mut self, names: &'a [String]) -> Vec<&'a str> {
        let count = self.below(names.len() + 1);
        let mut some: Vec<&str> = (0..count).map(|_| names[self.below(names.len())].as_str()).collect();
        some.sort_unstable();
        some.dedup();
        some
    }
}

/// A contract that is large or small at every end.
fn random(seed: u64) -> String {
    let mut numbers = Numbers((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let sizes = [1, 3, 10, 25];
    let size = |numbers: &mut Numbers| {
        let size = sizes[numbers.below(sizes.len())];
        1 + numbers.below(size)
    };
    let names = |prefix: &str, count: usize| -> Vec<String> {
        let long = |number: usize| {
            if number % 5 == 4 {
                "_that_has_a_very_long_name_indeed"
            } else {
                ""
            }
        };
        (0..count)
            .map(|number| format!("{prefix}{number}{}", long(number)))
            .collect()
    };
    let roles = names("role", size(&mut numbers));
    let mut text = "natsmith: 1\ncontract: drawn\nversion: 1.0.0\nroles:\n".to_owned();
    let line = |text: &mut String, line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    for role in &roles {
        line(&mut text, &format!("  {role}: {{ description: One. }}"));
    }
    text.push_str("tokens: { id: {} }\nsubjects:\n");
    let modules = names("module", size(&mut numbers));
    for module in &modules {
        for subject in names("subject", size(&mut numbers)) {
            let (publish, subscribe) = (numbers.some(&roles).join(", "), numbers.some(&roles).join(", "));
            let _ = write!(
                text,
                "  {module}.{subject}:\n    subject: {module}.{{id}}.{subject}\n    payload: Thing\n    publish: [{publish}]\n    subscribe: [{subscribe}]\n"
            );
        }
    }
    text.push_str("streams:\n");
    for (stream, module) in modules.iter().enumerate().take(numbers.below(modules.len() + 1)) {
        let _ = write!(text, "  stream{stream}:\n    subjects: [{module}.>]\n    consumers:\n");
        for consumer in names(&format!("consumer{stream}_"), size(&mut numbers)) {
            let consume = numbers.some(&roles).join(", ");
            let _ = writeln!(text, "      {consumer}: {{ consume: [{consume}] }}");
        }
    }
    text
}

#[test]
fn no_two_boxes_of_a_random_contract_overlap() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let payload = "$schema: https://json-schema.org/draft/2020-12/schema\ntitle: Thing\ntype: object\n";
    fs::write(folder.path().join("thing.schema.yaml"), payload).expect("a file is written");
    let mut boxes = 0;
    for seed in 0..24 {
        fs::write(folder.path().join("contract.yaml"), random(seed)).expect("a file is written");
        let checked = check(folder.path());
        let contract = checked.contract.expect("a contract");
        boxes += hold(&contract, &Shown::default());
    }
    assert!(boxes > 500, "there is something to overlap: {boxes}");
}

#[test]
fn a_picture_shows_the_part_that_is_asked_for() {
    let schema = root().join("schema");
    let told = |arguments: &[&str]| {
        let run = run(
            &schema,
            &[&["graph", "mister-smith", "--format", "mermaid"], arguments].concat(),
        );
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        run.stdout
    };
    insta::assert_snapshot!("part", told(&["--subject", "tasks.*.result"]));
    let whole = told(&[]);
    let role = told(&["--role", "cli"]);
    assert!(
        whole.contains("workflow.{workflow_id}.rollback") && !role.contains("workflow."),
        "{role}"
    );
    assert!(role.contains("cli.startup"), "{role}");
}

#[test]
fn a_picture_of_nothing_is_refused() {
    let schema = root().join("schema");
    for (arguments, reason) in [
        (
            ["--subject", "nowhere.>"],
            "no subject of `mister-smith` is heard by `nowhere.>`",
        ),
        (["--subject", "a..b"], "`a..b` is no filter"),
        (["--role", "nobody"], "has no role `nobody`; it has orchestrator, agent"),
    ] {
        let run = run(&schema, &[&["graph", "mister-smith"], &arguments[..]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.stderr.contains(reason), "{}", run.stderr);
    }
    let several = run(root(), &["graph"]);
    assert_eq!(several.code, Some(2));
    assert!(several.stderr.contains("name the folder of one"), "{}", several.stderr);
}
