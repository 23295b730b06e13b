//! What programs in other languages need, installed once with versions pinned and checked by hash.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{self, answers, installed, run};

/// How Python's interpreter is called, here and there.
const PYTHONS: [&str; 3] = ["python3", "python", "py"];

/// Python's packages: the interpreter, and the folder that its `PYTHONPATH` must name.
pub fn python() -> Result<(&'static str, PathBuf), String> {
    let requirements = include_str!("python/requirements.txt");
    let found = PYTHONS.into_iter().find(|python| answers(python));
    let interpreter = found.ok_or("python3 is needed for this test, and is not to be found")?;
    let folder = installed("python", &[("requirements.txt", requirements)], |folder| {
        let mut pip = Command::new(interpreter);
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
        ])
        .args(["--no-deps", "--require-hashes", "--only-binary", ":all:"])
        .args(["--target", "packages", "--requirement", "requirements.txt"])
        // A user's own default of `--user` cannot be combined with a target.
        .env("PIP_USER", "0")
        .current_dir(folder);
        run(pip, "pip")
    })?;
    Ok((interpreter, folder.join("packages")))
}

/// The packages of Node.js: the folder that its `NODE_PATH` must name.
pub fn javascript() -> Result<PathBuf, String> {
    support::node(
        "javascript",
        include_str!("javascript/package.json"),
        include_str!("javascript/package-lock.json"),
    )
}

/// The tools of AsyncAPI: the folder that holds `node_modules`.
pub fn asyncapi() -> Result<PathBuf, String> {
    let modules = support::node(
        "asyncapi",
        include_str!("asyncapi/package.json"),
        include_str!("asyncapi/package-lock.json"),
    )?;
    let folder = modules.parent().ok_or("packages stand in a folder")?;
    Ok(folder.to_owned())
}
