//! Generation at build time, for teams that would rather not check generated code in.
//!
//! A crate of its own takes the place of the generated one. Its `build.rs`:
//!
//! ```no_run
//! natsmith_codegen::build_script::run("../schema/shop");
//! ```
//!
//! and all of its `src/lib.rs`:
//!
//! ```ignore
//! include!(concat!(env!("OUT_DIR"), "/shop.rs"));
//! ```
//!
//! It depends on `natsmith-runtime`, and for building on `natsmith-codegen` with `default-features = false`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::diagnostics::Level;
use crate::{Checked, check, generate, output};

/// Generates the contract in a folder into `OUT_DIR/<crate>`, and `OUT_DIR/<crate>.rs` to be included by `src/lib.rs`.
///
/// Findings become errors and warnings of the build at `file:line:column`. The build runs again when a file of the
/// contract changes.
pub fn run(folder: impl AsRef<Path>) {
    let folder = folder.as_ref();
    println!("cargo::rerun-if-changed={}", folder.display());
    let checked = check(folder);
    print_findings(&checked);
    if let Err(reason) = write(&checked) {
        println!("cargo::error={reason}");
    }
}

fn print_findings(checked: &Checked) {
    for finding in checked.report.diagnostics() {
        let directive = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => continue,
        };
        let place = finding.labels.first().map_or_else(String::new, |label| {
            let (line, column) = checked.files.line_column(label.span);
            let name = checked.files.get(label.span.file).map_or("", |file| file.name.as_str());
            format!("{name}:{line}:{column}: ")
        });
        let help = finding
            .help
            .as_ref()
            .map_or_else(String::new, |help| format!(" (help: {help})"));
        println!(
            "cargo::{directive}={place}{} [{}]{help}",
            finding.message, finding.rule.code
        );
    }
}

fn write(checked: &Checked) -> Result<(), String> {
    let Some(contract) = checked.contract.as_ref().filter(|_| !checked.report.has_errors()) else {
        return Ok(());
    };
    let tree = generate(contract).map_err(|error| error.to_string())?;
    let out = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .ok_or("OUT_DIR is not set: call this from a build script")?;
    let name = &contract.rust.crate_name;
    let folder = out.join(name);
    output::write(&tree, &folder).map_err(|error| error.to_string())?;

    // `include!` knows no inner attributes and no modules of its own, so every module is named by its path.
    let lib = tree.get("src/lib.rs").unwrap_or_default();
    let lines = lib.lines().filter(|line| !line.starts_with("//!")).map(|line| {
        let module = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';'));
        match module.map(|module| module_path(&folder, module)) {
            Some(path) => format!("#[path = {:?}]\n{line}\n", path.to_string_lossy()),
            None => format!("{line}\n"),
        }
    });
    let include = out.join(format!("{name}.rs"));
    fs::write(&include, lines.collect::<String>()).map_err(|error| format!("{}: {error}", include.display()))
}

fn module_path(folder: &Path, module: &str) -> PathBuf {
    let nested = folder.join("src").join(module).join("mod.rs");
    if nested.exists() {
        nested
    } else {
        folder.join("src").join(format!("{module}.rs"))
    }
}
