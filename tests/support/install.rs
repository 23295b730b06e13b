//! What tests need beside Rust, installed once into cargo's target folder: pinned, and checked by hash.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The packages of Node.js that a lock file names: the folder that holds them.
pub fn node(name: &str, package: &str, lock: &str) -> Result<PathBuf, String> {
    if !answers("node") {
        return Err("node, in version 20 or newer, is needed for this test, and is not to be found".to_owned());
    }
    let files = [("package.json", package), ("package-lock.json", lock)];
    let folder = installed(name, &files, |folder| {
        // On Windows it is a script, which cannot be called without its whole name.
        let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(folder);
        run(npm, "npm")
    })?;
    Ok(folder.join("node_modules"))
}

/// Whether a program can be called.
pub fn answers(program: &str) -> bool {
    let mut asked = Command::new(program);
    asked
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.status.success())
}

/// Runs an installer; where it fails, what it said is the error.
pub fn run(mut installer: Command, name: &str) -> Result<(), String> {
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
pub fn installed(
    name: &str,
    files: &[(&str, &str)],
    installer: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
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
