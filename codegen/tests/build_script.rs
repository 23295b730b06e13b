//! Generation at build time, by a crate that stands on its own somewhere else.
//!
//! Its dependencies are this checkout's, its target folder the workspace's, so that little is compiled twice. Nothing is
//! fetched: what it needs, the workspace has needed before.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::run::{Run, root};
use common::workshop::Workshop;

/// The program that the crate is tested by: it uses a subject, a payload, and what connects the two.
const PROGRAM: &str = r##"
use natsmith_runtime::{Payload, TypedSubject};
use shop::payloads::{Order, Price};
use shop::subjects::orders::{PlacedFilter, PlacedSubject, PriceSubject};

fn main() {
    let order = Order::decode(br#"{"id":"o1","customer_id":"c7","state":"open","lines":[{"article":"tea","pieces":2}]}"#);
    let order = order.expect("a valid order");
    let subject = PlacedSubject::resolve(&PlacedFilter::default(), &order).expect("a subject");
    println!("{subject} carries {} of {}", order.lines[0].pieces, order.lines[0].article);
    println!("{}", "orders.c7.lost".parse::<PlacedSubject>().expect_err("no such state"));
    println!("{}", Order::decode(br#"{"id":"o1"}"#).expect_err("half an order"));
    println!("{} {} {}", PriceSubject::TEMPLATE, Price::NAME, Price::SCHEMA.len() > 100);
}
"##;

/// A crate whose build script generates from `schema/shop`.
fn crate_of(workshop: &Workshop) {
    let path = |folder: &str| Value(root().join(folder));
    workshop.write(
        "shop/Cargo.toml",
        &format!(
            "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [workspace]\n\n\
             [dependencies]\nnatsmith-runtime = {{ path = {} }}\n\n\
             [build-dependencies]\nnatsmith-codegen = {{ path = {}, default-features = false }}\n\n{}",
            path("runtime"),
            path("codegen"),
            profiles(),
        ),
    );
    fs::copy(root().join("Cargo.lock"), workshop.path("shop/Cargo.lock")).expect("the workspace has a lock file");
    workshop.write(
        "shop/build.rs",
        "fn main() {\n    natsmith_codegen::build_script::run(\"../schema/shop\");\n}\n",
    );
    workshop.write(
        "shop/src/lib.rs",
        "include!(concat!(env!(\"OUT_DIR\"), \"/shop.rs\"));\n",
    );
    workshop.write("shop/src/main.rs", PROGRAM);
}

/// A path as a TOML string.
struct Value(PathBuf);

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", serde_json::Value::from(self.0.to_string_lossy()))
    }
}

/// The workspace's profiles: what was built under the same ones is not built again.
fn profiles() -> String {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace has a manifest");
    let sections = manifest.split("\n\n").filter(|section| section.contains("[profile."));
    sections.collect::<Vec<_>>().join("\n\n")
}

/// The folder that this test was built into.
fn target() -> &'static Path {
    let binary = Path::new(env!("CARGO_BIN_EXE_natsmith"));
    binary.parent().and_then(Path::parent).expect("<target>/debug/natsmith")
}

fn cargo(workshop: &Workshop, arguments: &[&str]) -> Run {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    // What cargo tells this test about its own package would make build scripts run again, there and then here.
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "OUT_DIR"]
            .iter()
            .any(|told| name.starts_with(told))
        {
            command.env_remove(&*name);
        }
    }
    let output = command
        .args(arguments)
        .arg("--offline")
        .current_dir(workshop.path("shop"))
        .env("CARGO_TARGET_DIR", target())
        .env("CARGO_TERM_COLOR", "never")
        .output()
        .expect("cargo runs");
    Run::from(output)
}

/// One test, for all of its parts build the same crate in the same target folder.
#[test]
fn a_crate_generates_itself_and_is_built_again_when_its_contract_changes() {
    let workshop = Workshop::new();
    crate_of(&workshop);

    let run = cargo(&workshop, &["run", "--quiet"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    insta::assert_snapshot!(run.stdout);

    // Nothing is written beside the contract or into the crate.
    let sources: Vec<String> = workshop.tree("shop").into_keys().collect();
    assert_eq!(
        sources,
        ["Cargo.lock", "Cargo.toml", "build.rs", "src/lib.rs", "src/main.rs"]
    );
    assert!(!workshop.path("generated").exists());

    // The examples in the documentation of what was generated are run as well.
    let tests = cargo(&workshop, &["test", "--quiet"]);
    assert_eq!(tests.code, Some(0), "{tests:?}");
    assert!(
        tests.stdout.contains("running 4 tests"),
        "the examples of two subjects, a role and a struct: {tests:?}"
    );

    // A fault in the contract ends the build where it stands.
    workshop.edit(
        "schema/shop/orders.yaml",
        "payload: Order\n    bind",
        "payload: Ordre\n    bind",
    );
    workshop.edit("schema/shop/contract.yaml", "tokens:\n", "tokens:\n  unused: {}\n");
    let broken = cargo(&workshop, &["build"]);
    assert_ne!(broken.code, Some(0), "{broken:?}");
    let said: Vec<&str> = broken
        .stderr
        .lines()
        .filter(|line| line.contains("../schema/shop/"))
        .collect();
    insta::assert_snapshot!(said.join("\n"));

    // And is gone when it is corrected.
    workshop.edit("schema/shop/orders.yaml", "payload: Ordre\n", "payload: Order\n");
    workshop.edit(
        "schema/shop/orders.yaml",
        "subject: prices.{customer_id}",
        "subject: quotes.{customer_id}",
    );
    let run = cargo(&workshop, &["run", "--quiet"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.stdout.contains("quotes.{customer_id}"),
        "the new contract is in it: {}",
        run.stdout
    );
}
