//! Chromium, and what is needed to drive it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::contracts::Pages;
use crate::install;

/// How Chromium is called, here and there.
const CHROMIUMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Runs a check of `browser/run.js` on the pages of a contract.
pub(crate) fn check(name: &str, pages: &Pages) {
    let packages = install::node(
        "pages",
        include_str!("browser/package.json"),
        include_str!("browser/package-lock.json"),
    );
    let packages = packages.unwrap_or_else(|error| panic!("{error}"));
    let scripts = scripts(&packages);
    let output = Command::new("node")
        .arg(scripts.path().join("run.js"))
        .arg(name)
        .arg(pages.folder())
        .env("NATSMITH_CHROMIUM", chromium())
        .stdin(Stdio::null())
        .output()
        .expect("node runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} of {}:\n{told}", name, pages.name);
    print!(
        "{} of {}: {}",
        name,
        pages.name,
        String::from_utf8_lossy(&output.stdout)
    );
}

/// The scripts in a folder of their own below their packages: Node.js looks for those of a module above the module.
fn scripts(packages: &Path) -> TempDir {
    let folder = tempfile::tempdir_in(packages.parent().expect("a folder")).expect("a folder");
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/browser");
    for script in ["package.json", "graphs.js", "pages.js", "run.js", "use.js", "whole.js"] {
        fs::copy(scripts.join(script), folder.path().join(script)).expect("a script is copied");
    }
    folder
}

fn chromium() -> PathBuf {
    if let Some(named) = std::env::var_os("CHROMIUM_BIN") {
        return named.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut found = CHROMIUMS
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    found.find(|file| file.is_file()).unwrap_or_else(|| {
        panic!("Chromium is needed for this test: install it (Debian's package is `chromium`), or name it with CHROMIUM_BIN")
    })
}
