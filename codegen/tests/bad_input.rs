//! Broken contracts, and what their authors are told.
//!
//! Each folder in `bad_input/` is a contract with faults of one kind; `expected.snap` beside its files is what `check`
//! prints. What no checkout can hold, or nobody would want to, is made when the test runs. Accept a new text with
//! `INSTA_UPDATE=always` after having read it as somebody who made that mistake.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod bad_input {
    mod fuzz;
    mod hostile;
    mod made;
}
mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::run::run;

/// Where the broken contracts are.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad_input")
}

/// Checks a broken contract: it is refused with findings, and printing them is all that happens.
fn check(parent: &Path, name: &str, snapshots: &Path) {
    let run = run(parent, &["check", name]);
    assert_eq!(run.stderr, "", "{name}");
    assert_eq!(run.code, Some(1), "{name}: {}", run.stdout);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(snapshots);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("expected", run.stdout));
}

#[test]
fn every_broken_contract_is_explained() {
    let mut checked = 0;
    for entry in fs::read_dir(fixtures()).expect("the folder of fixtures") {
        let folder = entry.expect("an entry").path();
        if folder.is_dir() && !folder.ends_with("snapshots") {
            let name = folder.file_name().expect("a name").to_string_lossy();
            check(&fixtures(), &name, &folder);
            checked += 1;
        }
    }
    assert!(checked > 20, "the fixtures are found: {checked}");
}
