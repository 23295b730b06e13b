//! The files of a run, and places in them.

use std::collections::BTreeMap;
use std::ops::Range;

/// One file of a run, as an index into [`Files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// Some files of a run that were added one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRange(Range<FileId>);

/// A range of bytes in one file.
///
/// To every step after this one a span is opaque: it is carried along and handed to a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte, counted from 0.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path as people are shown it, with forward slashes.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Where each line starts, but for the first.
    lines: Vec<u32>,
}

/// All files of a run.
#[derive(Clone, Debug, Default)]
pub struct Files {
    files: Vec<SourceFile>,
    /// What is read instead of what is on the disk, by the name that people are shown.
    instead: BTreeMap<String, String>,
}

impl Files {
    /// No files yet; of those that will be read, some have another text than on the disk.
    #[must_use]
    pub fn with_texts(instead: BTreeMap<String, String>) -> Self {
        Self {
            files: Vec::new(),
            instead,
        }
    }

    /// The text to be read instead of the one on the disk.
    #[must_use]
    pub fn instead_of(&self, name: &str) -> Option<&str> {
        self.instead.get(name).map(String::as_str)
    }

    /// The files that were added from one of them on.
    #[must_use]
    pub fn since(&self, first: FileId) -> FileRange {
        FileRange(first..self.next_id())
    }

    /// The id that the next file will have.
    #[must_use]
    pub fn next_id(&self) -> FileId {
        FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX))
    }

    /// Adds a file under the name that people are shown.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = self.next_id();
        let text = text.into();
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = newlines.map(|(index, _)| u32::try_from(index + 1).unwrap_or(u32::MAX));
        self.files.push(SourceFile {
            name: name.into(),
            lines: lines.collect(),
            text,
        });
        id
    }

    /// The file behind an id that [`Files::add`] gave out.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// Every file with its id, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files
            .iter()
            .enumerate()
            .filter_map(|(index, file)| Some((FileId(u32::try_from(index).ok()?), file)))
    }

    /// Line and column of a place, both counted from 1, the column in characters.
    #[must_use]
    pub fn line_column(&self, span: Span) -> (usize, usize) {
        self.position(span.file, span.start)
    }

    /// Line and column of the end of a place, without the blanks and line breaks before it.
    #[must_use]
    pub fn end_line_column(&self, span: Span) -> (usize, usize) {
        let text = self.get(span.file).map_or("", |file| file.text.as_str());
        let inside = text.get(span.start as usize..span.end as usize).unwrap_or_default();
        let length = u32::try_from(inside.trim_end().len()).unwrap_or(0);
        self.position(span.file, span.start + length)
    }

    fn position(&self, file: FileId, at: u32) -> (usize, usize) {
        let Some(file) = self.get(file) else { return (1, 1) };
        let line = file.lines.partition_point(|start| *start <= at);
        let start = line.checked_sub(1).and_then(|before| file.lines.get(before));
        let before = file.text.get(start.map_or(0, |start| *start as usize)..at as usize);
        (line + 1, before.unwrap_or_default().chars().count() + 1)
    }
}

impl FileRange {
    /// Whether a file is one of them.
    #[must_use]
    pub fn contains(&self, file: FileId) -> bool {
        self.0.contains(&file)
    }
}

impl FileId {
    /// The empty place at the start of the file, for what concerns the file as a whole.
    #[must_use]
    pub fn start(self) -> Span {
        Span {
            file: self,
            start: 0,
            end: 0,
        }
    }
}
