//! A place in a document that moves forward.

use std::borrow::Cow;

use super::fault::{Fault, Parsed};
use crate::payload::Keyword;

/// How deep objects and lists may stand in each other.
pub const DEPTH: u32 = 128;

/// So many levels of objects and lists are noted down; few documents have more.
const NOTED: usize = 8;

/// The kind of value that starts at the cursor, told by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number.
    Number,
    /// Text.
    String,
    /// A list.
    Array,
    /// An object.
    Object,
    /// Nothing that starts a value.
    Nothing,
}

/// A document and a place in it.
#[derive(Debug)]
pub struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) depth: u32,
    /// Whether the text was read before and found valid, so that what costs time need not be checked again.
    pub(super) again: bool,
    /// For each open object what stands before the member that is read, for each open list its bracket, outermost first:
    /// whoever looks for the place of a fault begins there. What lies beyond the depth is of objects and lists that ended.
    pub(super) noted: [usize; NOTED],
}

impl<'a> Cursor<'a> {
    /// The start of a document.
    ///
    /// # Errors
    ///
    /// When the document is not UTF-8.
    #[inline]
    pub fn new(document: &'a [u8]) -> Parsed<Self> {
        match std::str::from_utf8(document) {
            Ok(text) => Ok(Self::at_start(text)),
            Err(error) => {
                Err(Fault::of(Keyword::Encoding, "UTF-8 text", "bytes that are not UTF-8").placed(error.valid_up_to()))
            }
        }
    }

    /// The start of a text.
    #[inline]
    pub(super) fn at_start(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            again: false,
            noted: [usize::MAX; NOTED],
        }
    }

    /// The start of a text that was read before and found valid.
    #[inline]
    pub(crate) fn again(text: &'a str) -> Self {
        Self {
            again: true,
            ..Self::at_start(text)
        }
    }

    /// The byte at which the cursor stands.
    #[inline]
    #[must_use]
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Says that nothing but white space follows.
    ///
    /// # Errors
    ///
    /// When something does.
    #[inline]
    pub fn end(&mut self) -> Parsed<()> {
        self.peek();
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(self.syntax("the end of the document"))
        }
    }

    /// The kind of the value that comes next; white space before it is passed.
    #[inline]
    pub fn kind(&mut self) -> Kind {
        match self.peek() {
            b'{' => Kind::Object,
            b'"' => Kind::String,
            b'[' => Kind::Array,
            b'-' | b'0'..=b'9' => Kind::Number,
            b't' | b'f' => Kind::Boolean,
            b'n' => Kind::Null,
            _ => Kind::Nothing,
        }
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    ///
    /// When something else stands here.
    #[inline]
    pub fn boolean(&mut self) -> Parsed<bool> {
        match self.peek() {
            b't' => self.literal("true").map(|()| true),
            b'f' => self.literal("false").map(|()| false),
            _ => Err(self.wrong_type("true or false")),
        }
    }

    /// Reads `null`.
    ///
    /// # Errors
    ///
    /// When something else stands here.
    #[inline]
    pub fn null(&mut self) -> Parsed<()> {
        match self.peek() {
            b'n' => self.literal("null"),
            _ => Err(self.wrong_type("null")),
        }
    }

    /// Reads a value or `null`.
    ///
    /// # Errors
    ///
    /// Those of `read`.
    #[inline]
    pub fn nullable<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<Option<T>> {
        if self.peek() == b'n' {
            self.literal("null").map(|()| None)
        } else {
            read(self).map(Some)
        }
    }

    /// Reads any value and gives its text.
    ///
    /// # Errors
    ///
    /// When the text is not JSON.
    #[inline]
    pub fn raw(&mut self) -> Parsed<&'a str> {
        self.peek();
        let start = self.at;
        self.skip()?;
        Ok(self.slice(start, self.at))
    }

    /// Reads an object, leaving its inside open, and gives its text.
    ///
    /// # Errors
    ///
    /// When something else stands here.
    #[inline]
    pub fn raw_object(&mut self) -> Parsed<&'a str> {
        if self.peek() == b'{' {
            self.raw()
        } else {
            Err(self.wrong_type("an object"))
        }
    }

    /// The fault of a value that has another type; of the text, where it is no value at all.
    #[cold]
    #[inline(never)]
    pub fn wrong_type(&mut self, expected: impl Into<Cow<'static, str>>) -> Fault {
        self.peek();
        let start = self.at;
        match self.skip() {
            Ok(()) => Fault::at(start, Keyword::Type, expected),
            Err(syntax) => syntax,
        }
    }

    /// A fault of the text at the cursor.
    #[cold]
    #[inline(never)]
    pub(super) fn syntax(&self, expected: &'static str) -> Fault {
        Fault::at(self.at, Keyword::Syntax, expected)
    }

    /// Goes into an object or list, which counts as so many levels.
    #[inline]
    pub(super) fn enter(&mut self, levels: u32) -> Parsed<()> {
        if self.depth + levels > DEPTH {
            return Err(self.too_deep());
        }
        self.depth += levels;
        Ok(())
    }

    /// Notes down what stands at the cursor, in the innermost object or list.
    #[inline]
    pub(super) fn note(&mut self) {
        // The level of the document itself has no place, and wraps to one that is not noted down.
        if let Some(noted) = self.noted.get_mut((self.depth as usize).wrapping_sub(1)) {
            *noted = self.at;
        }
    }

    /// What was noted down of the objects and lists that are open.
    pub(super) fn noted(&self) -> &[usize] {
        self.noted.get(..self.depth as usize).unwrap_or(&self.noted)
    }

    #[inline]
    pub(super) fn leave(&mut self, levels: u32) {
        self.depth = self.depth.saturating_sub(levels);
    }

    #[cold]
    #[inline(never)]
    pub(super) fn too_deep(&self) -> Fault {
        Fault::of(
            Keyword::Depth,
            format!("objects and lists at most {DEPTH} levels deep"),
            "one more level",
        )
        .placed(self.at)
    }

    #[inline]
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// Text between two bytes; the reader only ever asks at the borders of characters.
    #[inline]
    pub(super) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Passes white space and shows the next byte, or 0 at the end.
    #[inline]
    pub(super) fn peek(&mut self) -> u8 {
        match self.bytes().get(self.at) {
            Some(&byte) if byte > b' ' => byte,
            _ => self.pass_space(),
        }
    }

    /// Passes white space and one byte.
    #[inline]
    pub(crate) fn pass_one(&mut self) {
        self.peek();
        self.at += 1;
    }

    #[inline(never)]
    fn pass_space(&mut self) -> u8 {
        while let Some(&byte) = self.bytes().get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return byte;
            }
            self.at += 1;
        }
        0
    }

    #[inline]
    pub(super) fn literal(&mut self, word: &'static str) -> Parsed<()> {
        let end = self.at + word.len();
        if self.bytes().get(self.at..end) == Some(word.as_bytes()) {
            self.at = end;
            Ok(())
        } else {
            Err(self.syntax(word))
        }
    }
}
