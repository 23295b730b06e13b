//! Findings for programs: as JSON, as SARIF 2.1.0 and as annotations of GitHub.
//!
//! All of them tell the same, in the same order, for all contracts of a run. Places are counted from 1, columns in characters;
//! paths are seen from a base folder and have forward slashes.

mod document;
mod github;
mod sarif;

use std::path::{Component, Path};

pub use document::{Contract, Document, Edit, Exception, Finding, Fix, Level, Note, Place, Position, document, schema};
pub use github::annotations;
pub use sarif::sarif;

use crate::CheckedAll;

/// What is told, and how.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'t> {
    /// What was found.
    pub checked: &'t CheckedAll,
    /// The folder that paths are seen from, as an absolute path.
    pub base: &'t Path,
    /// Whether what is only worth knowing is told too.
    pub notes: bool,
}

impl Telling<'_> {
    /// A path as it is told.
    fn path(&self, name: &str) -> String {
        let path = Path::new(name);
        let parts = path.strip_prefix(self.base).unwrap_or(path).components();
        let kept: std::path::PathBuf = parts.filter(|part| *part != Component::CurDir).collect();
        let text = kept.to_string_lossy().replace('\\', "/");
        if text.is_empty() { ".".to_owned() } else { text }
    }
}
