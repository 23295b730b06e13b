//! A tree of files that is not on any disk yet.

use std::collections::BTreeMap;
use std::fmt;

/// Files by their path inside the output folder, with forward slashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// Adds a file.
    ///
    /// # Errors
    ///
    /// Two emitters that write one file are a fault in natsmith.
    pub(crate) fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> Result<(), EmitError> {
        let path = path.into();
        if self.files.contains_key(&path) {
            return Err(EmitError::new(path, "two emitters write this file"));
        }
        self.files.insert(path, text.into());
        Ok(())
    }

    /// The text of a file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Every file, in the order of the paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// A fault in natsmith itself: what it made of a sound contract is not text that can be written.
#[derive(Debug)]
pub struct EmitError {
    file: String,
    reason: String,
}

impl EmitError {
    pub(crate) fn new(file: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self {
            file: file.into(),
            reason: reason.to_string(),
        }
    }
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a fault in natsmith: {} cannot be written: {}",
            self.file, self.reason
        )
    }
}

impl std::error::Error for EmitError {}
