//! Writes one file that people have written, after a fix.

use std::fs;
use std::io;
use std::path::Path;

use super::{OutputError, io_error};

/// Puts another text into a file, in one step and with the line endings that it has; a file with both kinds gets `\n`.
///
/// # Errors
///
/// The disk refuses, or the file does not hold `old` any more; then it is as it was.
pub fn rewrite(path: &Path, old: &str, new: &str) -> Result<(), OutputError> {
    // A link stays a link.
    let path = &fs::canonicalize(path).map_err(io_error(path))?;
    let found = fs::read(path).map_err(io_error(path))?;
    let found = String::from_utf8(found).map_err(|error| io_error(path)(io::Error::other(error)))?;
    if found.replace("\r\n", "\n") != old {
        let changed = io::Error::other("the file was changed while it was read");
        return Err(io_error(path)(changed));
    }
    let carriage_returns = found.matches("\r\n").count();
    let text = if carriage_returns > 0 && carriage_returns == found.matches('\n').count() {
        new.replace('\n', "\r\n")
    } else {
        new.to_owned()
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    let staged = tempfile::NamedTempFile::new_in(folder).map_err(io_error(folder))?;
    fs::write(staged.path(), text).map_err(io_error(staged.path()))?;
    let permissions = fs::metadata(path).map_err(io_error(path))?.permissions();
    fs::set_permissions(staged.path(), permissions).map_err(io_error(path))?;
    staged.persist(path).map_err(|error| io_error(path)(error.error))?;
    Ok(())
}
