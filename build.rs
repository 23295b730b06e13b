//! Generates every contract at build time, into `OUT_DIR`.
//!
//! This is the way for teams that would rather not check generated code in. Here it keeps the checked-in code honest:
//! `tests/freshness.rs` compares what this writes with `generated/`.

use std::path::Path;

fn main() {
    let schema = Path::new("schema");
    println!("cargo::rerun-if-changed={}", schema.display());
    let Ok(entries) = schema.read_dir() else {
        println!("cargo::error=the folder schema/ cannot be read");
        return;
    };
    for entry in entries.flatten().filter(|entry| entry.path().is_dir()) {
        natsmith_codegen::build_script::run(entry.path());
    }
    // For `tests/depot.rs`.
    natsmith_codegen::build_script::run("tests/fixtures/depot");
}
