//! Puts trees of files on the disk: the only step that writes.
//!
//! The output folder belongs to natsmith as a whole. It is replaced in one step, so that a run that is killed leaves the
//! old tree or the new one; files that did not change keep their times, so that cargo builds nothing twice.

mod file;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

pub use file::rewrite;

use crate::emit::{MARKER, Tree};

/// What cargo makes in a folder: neither compared nor removed.
const LEFT_ALONE: [&str; 2] = ["target", "Cargo.lock"];

/// What to do about differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Make the folder what the tree is.
    Write,
    /// Only say what differs.
    Compare,
}

/// A file that differs between the tree and the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its path inside the folder, with forward slashes.
    pub path: String,
    /// How it differs.
    pub kind: ChangeKind,
}

/// How a file differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The tree has it, the folder does not.
    Missing,
    /// Both have it with different text; this is the folder's.
    Changed(String),
    /// The folder has it, the tree does not.
    Orphan,
}

/// Why a tree could not be compared or written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The disk refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder holds something that natsmith did not make.
    #[error(
        "{} is not a folder that natsmith generated; it is left alone: move it away, or choose another `rust.output`",
        path.display()
    )]
    NotOurs {
        /// The folder.
        path: PathBuf,
    },
}

/// Compares a tree with a folder, and makes the folder what the tree is if the mode says so.
///
/// The changes are those that were found, in the order of the paths. A checkout that turned every line ending of a file
/// into CRLF is no change.
///
/// # Errors
///
/// The disk refuses, or the folder is not one of ours; then the folder is as it was.
pub fn apply(tree: &Tree, folder: &Path, mode: Mode) -> Result<Vec<Change>, OutputError> {
    let present = present(folder)?;
    if !present.is_empty() && !is_ours(&present) {
        return Err(OutputError::NotOurs {
            path: folder.to_owned(),
        });
    }
    let changes = compare(tree, &present);
    if mode == Mode::Write && !changes.is_empty() {
        replace(tree, folder, &changes)?;
    }
    Ok(changes)
}

/// [`apply`] with [`Mode::Write`].
///
/// # Errors
///
/// As [`apply`].
pub fn write(tree: &Tree, folder: &Path) -> Result<Vec<Change>, OutputError> {
    apply(tree, folder, Mode::Write)
}

fn compare(tree: &Tree, present: &BTreeMap<String, Vec<u8>>) -> Vec<Change> {
    let mut kinds: BTreeMap<&str, ChangeKind> = BTreeMap::new();
    for (path, wanted) in tree.iter() {
        match present.get(path) {
            None => {
                kinds.insert(path, ChangeKind::Missing);
            }
            Some(found) if !is_same(wanted, found) => {
                kinds.insert(path, ChangeKind::Changed(String::from_utf8_lossy(found).into_owned()));
            }
            Some(_) => {}
        }
    }
    for path in present.keys().filter(|path| tree.get(path).is_none()) {
        kinds.insert(path, ChangeKind::Orphan);
    }
    let changes = kinds.into_iter().map(|(path, kind)| Change {
        path: path.to_owned(),
        kind,
    });
    changes.collect()
}

/// Whether a file holds a text, to the byte or with every line ending as CRLF.
fn is_same(wanted: &str, found: &[u8]) -> bool {
    found == wanted.as_bytes() || found == wanted.replace('\n', "\r\n").as_bytes()
}

/// Whether natsmith made the folder, a crate or its documents: one of some files still says so, for somebody may have
/// removed or edited the others.
fn is_ours(present: &BTreeMap<String, Vec<u8>>) -> bool {
    let first_line = |path: &str| present.get(path)?.split(|byte| *byte == b'\n').next();
    ["Cargo.toml", "src/lib.rs", "docs/reference.md", "reference.md"]
        .into_iter()
        .filter_map(first_line)
        .any(|line| String::from_utf8_lossy(line).contains(MARKER))
}

/// Every file of a folder; a folder that is not there has none.
fn present(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, OutputError> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(current) = open.pop() {
        let entries = match fs::read_dir(&current) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && current == folder => return Ok(files),
            entries => entries.map_err(io_error(&current))?,
        };
        for entry in entries {
            let entry = entry.map_err(io_error(&current))?;
            let path = entry.path();
            if current == folder && LEFT_ALONE.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .unwrap_or(&path)
                    .to_string_lossy()
                    .replace('\\', "/");
                files.insert(name, fs::read(&path).map_err(io_error(&path))?);
            }
        }
    }
    Ok(files)
}

/// Builds the new tree beside the folder, then puts it in the folder's place.
fn replace(tree: &Tree, folder: &Path, changes: &[Change]) -> Result<(), OutputError> {
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(io_error(parent))?;
    let prefix = format!(
        ".{}.natsmith-",
        folder.file_name().unwrap_or_default().to_string_lossy()
    );
    remove_leftovers(parent, &prefix);
    let staging = tempfile::Builder::new()
        .prefix(&prefix)
        .tempdir_in(parent)
        .map_err(io_error(parent))?;

    let to_write: HashSet<&str> = changes.iter().map(|change| change.path.as_str()).collect();
    for (path, text) in tree.iter() {
        let file = staging.path().join(path);
        let inside = file.parent().unwrap_or(staging.path());
        fs::create_dir_all(inside).map_err(io_error(inside))?;
        // A hard link keeps the file's time; where the file system has none, the text is written again.
        if to_write.contains(path) || fs::hard_link(folder.join(path), &file).is_err() {
            fs::write(&file, text).map_err(io_error(&file))?;
        }
    }
    make_readable(staging.path());
    exchange(staging.path(), folder).map_err(io_error(folder))?;
    for name in LEFT_ALONE {
        let (old, new) = (staging.path().join(name), folder.join(name));
        if old.exists() {
            fs::rename(&old, &new).map_err(io_error(&new))?;
        }
    }
    Ok(())
}

/// Puts the new folder in place of the old one, and the old one where the new one was.
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    if !old.exists() {
        return fs::rename(new, old);
    }
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    // Where the system cannot swap two folders there is a moment without one; the next run finds and replaces it.
    let aside = new.with_extension("old");
    fs::rename(old, &aside)?;
    let placed = fs::rename(new, old);
    fs::rename(&aside, if placed.is_ok() { new } else { old })?;
    placed
}

/// Temporary folders are private to their maker; a generated crate is for everybody who may read its neighbours.
fn make_readable(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let wanted = folder.parent().and_then(|parent| fs::metadata(parent).ok());
        if let Some(parent) = wanted {
            let mode = parent.permissions().mode() & 0o777;
            // If it fails, the folder stays private: worth no error.
            let _ = fs::set_permissions(folder, fs::Permissions::from_mode(mode));
        }
    }
    #[cfg(not(unix))]
    let _ = folder;
}

/// Removes what runs that were killed long ago have left behind.
fn remove_leftovers(parent: &Path, prefix: &str) {
    const OLD: Duration = Duration::from_secs(3600);
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix)) {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified
            .ok()
            .and_then(|modified| SystemTime::now().duration_since(modified).ok());
        if age.is_some_and(|age| age > OLD) {
            // Leftovers do no harm; the next run tries again.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> OutputError {
    let path = path.to_owned();
    move |source| OutputError::Io { path, source }
}
