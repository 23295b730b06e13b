//! What programs in other languages need, installed once into cargo's target folder: pinned, and checked by hash.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
    let files = [
        ("package.json", include_str!("javascript/package.json")),
        ("package-lock.json", include_str!("javascript/package-lock.json")),
    ];
    if !answers("node") {
        return Err("node, in version 18 or newer, is needed for this test, and is not to be found".to_owned());
    }
    let folder = installed("javascript", &files, |folder| {
        // On Windows it is a script, which cannot be called without its whole name.
        let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(folder);
        run(npm, "npm")
    })?;
    Ok(folder.join("node_modules"))
}

fn answers(program: &str) -> bool {
    let mut asked = Command::new(program);
    asked
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.status.success())
}

fn run(mut installer: Command, name: &str) -> Result<(), String> {
    let output = installer.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{name} is needed for this test: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!(
        "{name} could not install what this test needs ({}):\n{told}",
        output.status
    ))
}

/// A folder with these files in which the installer has run once.
///
/// Several tests may come here at once: one installs, the others wait and then find it.
fn installed(
    name: &str,
    files: &[(&str, &str)],
    installer: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("other-languages");
    let io = |error: std::io::Error| format!("{}: {error}", home.display());
    fs::create_dir_all(&home).map_err(io)?;
    let lock = File::create(home.join(format!("{name}.lock"))).map_err(io)?;
    lock.lock().map_err(io)?;
    let folder = home.join(name);
    let current = |(file, text): &(&str, &str)| fs::read_to_string(folder.join(file)).is_ok_and(|found| found == *text);
    if files.iter().all(current) {
        return Ok(folder);
    }
    let building = home.join(format!("{name}-installing"));
    for old in [&building, &folder] {
        match fs::remove_dir_all(old) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
    }
    fs::create_dir(&building).map_err(io)?;
    for (file, text) in files {
        fs::write(building.join(file), text).map_err(io)?;
    }
    installer(&building)?;
    fs::rename(&building, &folder).map_err(io)?;
    Ok(folder)
}
