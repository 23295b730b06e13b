//! The walls between the steps, as ARCHITECTURE.md draws them: read from the code, not from good intentions.
//!
//! Every path that a file names is resolved to the module it leads to. What stands inside `quote!` is generated code, and
//! what stands in strings and comments is text; neither is an import.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::imports::{SourceFile, source_files};

/// What each part of the library may name. A part that is not listed is a part that nobody has thought about.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    // Knows YAML and JSON, and nothing of NATS.
    ("source", &["diagnostics", "rules"]),
    ("diagnostics", &["source"]),
    ("rules", &["diagnostics"]),
    // These know nothing at all.
    ("subject", &[]),
    ("words", &[]),
    ("casing", &[]),
    ("templates", &[]),
    // Validators, for the steps that hold documents against schemas.
    ("validator", &["contract::payload"]),
    // The declarations, and the table of settings that they share with the contract.
    (
        "syntax",
        &["source", "diagnostics", "rules", "words", "contract::settings"],
    ),
    // No YAML, no Rust, no paths: of the source nothing but places.
    (
        "contract",
        &["source::Span", "source::Spanned", "source::FileId", "subject"],
    ),
    (
        "lower",
        &[
            "source",
            "syntax",
            "contract",
            "diagnostics",
            "rules",
            "subject",
            "words",
            "casing",
            "validator",
            "templates",
        ],
    ),
    // Reads the contract and reports.
    (
        "analysis",
        &[
            "source::Span",
            "source::Spanned",
            "contract",
            "diagnostics",
            "rules",
            "subject",
            "words",
            "casing",
            "validator",
        ],
    ),
    // Makes documents of payloads.
    ("sample", &["contract::payload", "words", "validator"]),
    ("to_yaml", &[]),
    ("credentials", &[]),
    // Makes the files of a contract of other documents.
    ("import", &["contract", "casing", "to_yaml", "words"]),
    // Judges documents.
    ("verdict", &["contract", "words", "validator"]),
    // Says what a contract knows of one subject, in the words of its documents.
    (
        "explain",
        &["contract", "source::Spanned", "subject", "words", "emit::facts"],
    ),
    // Makes text of the contract, and neither reports nor writes.
    (
        "emit",
        &[
            "source::Span",
            "source::Spanned",
            "contract",
            "sample",
            "subject",
            "casing",
            "words",
            "to_yaml",
            "templates",
        ],
    ),
    ("output", &["emit::Tree", "emit::MARKER"]),
    (
        "pipeline",
        &[
            "source",
            "syntax",
            "lower",
            "contract",
            "analysis",
            "emit",
            "diagnostics",
            "weighing",
        ],
    ),
    // Says how findings are taken.
    ("weighing", &["source", "syntax", "diagnostics", "rules", "words"]),
    // Findings as programs read them.
    (
        "findings",
        &["CheckedAll", "CheckedContract", "diagnostics", "rules", "source"],
    ),
    // Changes texts and has them checked again.
    ("fix", &["CheckedAll", "check_texts", "diagnostics", "source"]),
    // The front door for build scripts: what the command line is for people.
    (
        "build_script",
        &[
            "Checked",
            "check",
            "generate",
            "contract",
            "diagnostics",
            "source",
            "output",
            "emit",
        ],
    ),
    ("lib", &["pipeline"]),
];

/// The emitters. They share `described`, `examples`, `template`, `threads` and `tree`.
const EMITTERS: [&str; 5] = ["rust", "json_schema", "asyncapi", "docs", "deploy"];

/// Who touches the disk: one that reads, one that writes what is generated and one that writes what is fixed, the front door that writes into `OUT_DIR`, and the commands that read
/// documents as they come and write a contract to begin with.
const MAY_USE_THE_DISK: [&str; 7] = [
    "cli/credentials/keys.rs",
    "source/folder.rs",
    "output.rs",
    "output/file.rs",
    "build_script.rs",
    "cli/validate.rs",
    "cli/import.rs",
];

/// Crates that only the binary may name.
const FOR_THE_BINARY: [&str; 3] = ["clap", "miette", "similar"];

const PRINTING: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The library's files: all but those of the binary.
fn library() -> Vec<SourceFile> {
    let mut files = source_files(&root().join("codegen/src"));
    files.retain(|file| !is_binary(file));
    assert!(files.len() > 40, "the files are found: {}", files.len());
    files
}

fn is_binary(file: &SourceFile) -> bool {
    file.path == "main.rs" || file.path.starts_with("bin/") || file.path.starts_with("cli/")
}

/// Fails with one line for each fault.
fn hold(faults: &[String]) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn each_part_imports_only_what_it_may() {
    let mut faults = Vec::new();
    for file in library() {
        let part = file.module.first().map_or("lib", String::as_str);
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == part) else {
            faults.push(format!("{}: no wall is drawn around `{part}`", file.path));
            continue;
        };
        for import in file.inside() {
            let own = import.first().is_some_and(|first| first == part);
            let path = import.join("::");
            let within = |allowed: &&str| path == **allowed || path.starts_with(&format!("{allowed}::"));
            if !own && !import.is_empty() && !allowed.iter().any(within) {
                faults.push(format!("{}: `{part}` names `crate::{path}`", file.path));
            }
        }
    }
    hold(&faults);
}

#[test]
fn emitters_never_import_each_other() {
    let mut faults = Vec::new();
    for file in library() {
        let Some(emitter) = file.emitter(&EMITTERS) else {
            continue;
        };
        for import in file.inside() {
            if let [first, second, ..] = import.as_slice()
                && first == "emit"
                && *second != emitter
                && EMITTERS.contains(&second.as_str())
            {
                faults.push(format!("{}: names `crate::{}`", file.path, import.join("::")));
            }
        }
    }
    hold(&faults);
}

#[test]
fn few_files_touch_the_disk() {
    let touches = |path: &[String]| {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let through_std = matches!(path.as_slice(), ["std", "fs", ..] | ["fs" | "File", _, ..]);
        through_std || matches!(path.first(), Some(&("tempfile" | "rustix")))
    };
    let mut faults = Vec::new();
    for file in source_files(&root().join("codegen/src")) {
        if MAY_USE_THE_DISK.contains(&file.path.as_str()) {
            continue;
        }
        faults.extend(
            file.outside()
                .filter(|path| touches(path))
                .map(|path| format!("{}: names `{}`", file.path, path.join("::"))),
        );
    }
    hold(&faults);
}

#[test]
fn only_the_binary_and_build_scripts_print() {
    let mut faults = Vec::new();
    for file in library().iter().filter(|file| file.path != "build_script.rs") {
        let printing = file.macros.iter().filter(|name| PRINTING.contains(&name.as_str()));
        faults.extend(printing.map(|name| format!("{}: calls `{name}!`", file.path)));
        let streams = file
            .outside()
            .filter(|path| path.iter().any(|step| step == "stdout" || step == "stderr"));
        faults.extend(streams.map(|path| format!("{}: names `{}`", file.path, path.join("::"))));
    }
    hold(&faults);
}

#[test]
fn only_the_binary_knows_the_command_line() {
    let mut faults = Vec::new();
    for file in library() {
        let named = file.outside().filter(|path| {
            path.first()
                .is_some_and(|first| FOR_THE_BINARY.contains(&first.as_str()))
        });
        faults.extend(named.map(|path| format!("{}: names `{}`", file.path, path.join("::"))));
    }
    hold(&faults);
}

/// A file has one reason to change; past this many lines it has two. What is generated is not read from end to end.
#[test]
fn no_file_is_longer_than_a_thousand_lines() {
    let mut faults = Vec::new();
    for folder in ["codegen/src", "codegen/tests", "runtime/src"] {
        let folder = root().join(folder);
        for path in rust_files(&folder) {
            let lines = fs::read_to_string(&path).expect("UTF-8").lines().count();
            if lines > 1_000 {
                let path = path.strip_prefix(root()).unwrap_or(&path);
                faults.push(format!("{}: {lines} lines", path.display()));
            }
        }
    }
    hold(&faults);
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("generated") {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// What the walls stand on: that imports are read at all.
#[test]
fn imports_are_read_as_the_compiler_reads_them() {
    let text = r#"
        //! use crate::comment;
        use std::{fs, io::Write};
        use super::tree::{EmitError, Tree as Other};
        use crate::{contract::{self, Contract}, rules};
        fn f() {
            let _ = "crate::text";
            let _ = crate::subject::overlap("a", "b");
            quote! { use crate::generated; };
            println!("{}", super::super::source::parse());
            fs::write("a", "b");
        }
        #[cfg(test)]
        mod tests { use crate::only_in_tests; }
    "#;
    let file = SourceFile::parse("emit/rust/print.rs", text);
    let inside: Vec<String> = file.inside().map(|path| path.join("::")).collect();
    assert_eq!(
        inside,
        [
            "emit::rust::tree::EmitError",
            "emit::rust::tree::Tree",
            "contract",
            "contract::Contract",
            "rules",
            "subject::overlap",
            "emit::source::parse",
        ]
    );
    let outside: Vec<String> = file.outside().map(|path| path.join("::")).collect();
    for path in ["std::fs", "std::io::Write", "fs::write"] {
        assert!(outside.iter().any(|found| found == path), "{path} in {outside:?}");
    }
    assert_eq!(file.macros, ["quote", "println"]);
}

/// Generated files that are long because one type is: it has very many members.
const ONE_LONG_TYPE: [&str; 3] = ["wide.rs", "scalars/scalars_.rs", "defaults/defaults_.rs"];

#[test]
fn no_generated_file_is_unreadably_long() {
    let mut faults = Vec::new();
    let mut waiting = ["generated/mister-smith/src", "codegen/tests/shapes/generated/src"]
        .map(|folder| root().join(folder))
        .to_vec();
    let mut files = 0;
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).expect("a generated folder can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            files += 1;
            let text = fs::read_to_string(&path).expect("a generated file can be read");
            let known = ONE_LONG_TYPE
                .iter()
                .any(|known| path.ends_with(format!("payloads/{known}")));
            if text.lines().count() > 600 && !known {
                faults.push(format!("{}: {} lines", path.display(), text.lines().count()));
            }
        }
    }
    assert!(files > 80, "the files are found: {files}");
    hold(&faults);
}
