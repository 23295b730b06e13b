//! The files of one contract, read from its folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::{FileId, Files};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::file as rules;

/// A file of a contract.
#[derive(Clone, Debug)]
pub struct FolderFile {
    /// The file.
    pub id: FileId,
    /// Its path inside the folder, with forward slashes.
    pub path: String,
}

/// Reads every YAML and JSON file below a folder, and every style and template below its `docs/`, in the order of their
/// paths.
///
/// What cannot be read is reported, and the rest is read all the same. Hidden files and folders are left alone.
pub fn read_folder(folder: &Path, files: &mut Files, report: &mut Report) -> Vec<FolderFile> {
    let mut paths = Vec::new();
    collect(folder, &mut Vec::new(), &mut paths, files, report);
    let mut found: Vec<(String, PathBuf)> = paths
        .into_iter()
        .map(|path| (slashed(path.strip_prefix(folder).unwrap_or(&path)), path))
        .collect();
    found.sort();
    let read = found.into_iter().map(|(path, full)| FolderFile {
        id: read(&full, files, report),
        path,
    });
    read.collect()
}

/// `around` are the folders that this one is in, by their own paths: a link to one of them would have no end.
fn collect(folder: &Path, around: &mut Vec<PathBuf>, paths: &mut Vec<PathBuf>, files: &mut Files, report: &mut Report) {
    let own = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    if around.contains(&own) {
        let place = files.add(slashed(folder), "").start();
        let message = "the folder is a link to one that it is in";
        report.push(Diagnostic::new(&rules::UNREADABLE, place, message, "").with_help("remove the link"));
        return;
    }
    around.push(own);
    entries(folder, around, paths, files, report);
    around.pop();
}

fn entries(folder: &Path, around: &mut Vec<PathBuf>, paths: &mut Vec<PathBuf>, files: &mut Files, report: &mut Report) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let id = files.add(slashed(folder), "");
            let message = format!("the folder cannot be read: {error}");
            report.push(Diagnostic::new(&rules::UNREADABLE, id.start(), message, ""));
            return;
        }
    };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if hidden {
            continue;
        }
        if path.is_dir() {
            collect(&path, around, paths, files, report);
        } else if ends_in(&path, &["yaml", "yml", "json"]) || (ends_in(&path, &["css", "j2"]) && in_docs(&path, around))
        {
            paths.push(path);
        }
    }
}

fn ends_in(path: &Path, endings: &[&str]) -> bool {
    path.extension()
        .is_some_and(|extension| endings.iter().any(|known| extension == *known))
}

/// Whether a path leads below the `docs/` of the outermost folder.
fn in_docs(path: &Path, around: &[PathBuf]) -> bool {
    let Some(contract) = around.first() else { return false };
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    path.starts_with(contract.join("docs"))
}

fn read(path: &Path, files: &mut Files, report: &mut Report) -> FileId {
    let name = slashed(path);
    if let Some(text) = files.instead_of(&name) {
        let text = text.to_owned();
        return files.add(name, text);
    }
    match fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => files.add(name, text.replace("\r\n", "\n")),
        Ok(Err(error)) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let id = files.add(name, text);
            let mut span = id.start();
            span.start = u32::try_from(at).unwrap_or(u32::MAX);
            span.end = span.start;
            let diagnostic = Diagnostic::new(
                &rules::NOT_UTF8,
                span,
                format!("byte {at} of the file is not UTF-8"),
                "",
            )
            .with_help("save the file as UTF-8");
            report.push(diagnostic);
            id
        }
        Err(error) => {
            let id = files.add(name, "");
            let message = format!("the file cannot be read: {error}");
            report.push(Diagnostic::new(&rules::UNREADABLE, id.start(), message, ""));
            id
        }
    }
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
