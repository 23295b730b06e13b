//! Generates every contract at build time, into `OUT_DIR`.
//!
//! This is the way for teams that would rather not check generated code in. Here it keeps the checked-in code honest:
//! `tests/freshness.rs` compares what this writes with `generated/`.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() {
    let schema = Path::new("schema");
    println!("cargo::rerun-if-changed={}", schema.display());
    let Ok(entries) = schema.read_dir() else {
        println!("cargo::error=the folder schema/ cannot be read");
        return;
    };
    let mut contracts = Vec::new();
    for entry in entries.flatten().filter(|entry| entry.path().is_dir()) {
        natsmith_codegen::build_script::run(entry.path());
        contracts.push(entry.file_name());
    }
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    if let Err(error) = page_code(Path::new(&out), &contracts) {
        println!("cargo::error=the code of the pages cannot be read: {error}");
    }
    // For `tests/depot.rs`.
    natsmith_codegen::build_script::run("tests/fixtures/depot");
}

/// Puts the Rust code that the pages of subjects show into functions, for `tests/page_code.rs`.
fn page_code(out: &Path, contracts: &[OsString]) -> io::Result<()> {
    let mut functions = String::new();
    let mut names = String::new();
    for contract in contracts {
        let mut pages: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(out.join(contract).join("docs/subjects"))? {
            pages.push(entry?.path());
        }
        pages.sort();
        for page in pages {
            let text = fs::read_to_string(&page)?;
            let codes = text.split("<code data-language=\"rust\">").skip(1);
            for (index, code) in codes.filter_map(|rest| rest.split("</code>").next()).enumerate() {
                let code =
                    ["&lt;<", "&gt;>", "&quot;\"", "&#39;'", "&amp;&"]
                        .iter()
                        .fold(code.to_owned(), |code, pair| {
                            let (escape, character) = pair.split_at(pair.len() - 1);
                            code.replace(escape, character)
                        });
                let name = page.file_stem().unwrap_or_default().to_string_lossy().replace('.', "_");
                let contract = contract.to_string_lossy().replace('-', "_");
                let name = format!("{contract}_{name}_{index}");
                // Writing to a String cannot fail.
                let _ = write!(functions, "async fn {name}() -> Outcome {{\n{code}\nOk(())\n}}\n\n");
                let _ = writeln!(names, "{name};");
            }
        }
    }
    fs::write(out.join("page_code.rs"), format!("{functions}code! {{\n{names}}}\n"))
}
