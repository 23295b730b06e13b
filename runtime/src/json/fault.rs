//! What goes wrong while a document is read or a value is checked.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::locate;
use super::phrases::quoted;
use crate::payload::{Keyword, PayloadError, Turn};

/// What reading gives.
pub type Parsed<T> = Result<T, Fault>;

/// What checking gives.
pub type Checked = Result<(), Fault>;

/// A rule that is broken at some place.
///
/// It is one pointer wide, so that a good result travels in registers.
#[derive(Debug)]
pub struct Fault(Box<Details>);

#[derive(Debug)]
struct Details {
    keyword: Keyword,
    expected: Cow<'static, str>,
    /// Where nothing is said, it is read from the document.
    found: Option<String>,
    /// Where in the document, when one is being read.
    offset: usize,
    /// The way to the place in a value that was built, and the turns at unions, innermost first.
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Member(Cow<'static, str>),
    Element(usize),
    Turn(Turn),
}

impl Fault {
    /// A fault at a byte of the document; what is found there is read from the document.
    #[cold]
    #[inline(never)]
    pub fn at(offset: usize, keyword: Keyword, expected: impl Into<Cow<'static, str>>) -> Self {
        Self::new(offset, keyword, expected.into(), None)
    }

    /// A fault of a value, wherever it stands.
    #[cold]
    #[inline(never)]
    pub fn of(keyword: Keyword, expected: impl Into<Cow<'static, str>>, found: impl Into<String>) -> Self {
        Self::new(0, keyword, expected.into(), Some(found.into()))
    }

    fn new(offset: usize, keyword: Keyword, expected: Cow<'static, str>, found: Option<String>) -> Self {
        Self(Box::new(Details {
            keyword,
            expected,
            found,
            offset,
            steps: Vec::new(),
        }))
    }

    pub(super) fn keyword(&self) -> Keyword {
        self.0.keyword
    }

    /// The same fault, at a byte of the document.
    #[cold]
    #[inline(never)]
    #[must_use]
    pub fn placed(mut self, offset: usize) -> Self {
        self.0.offset = offset;
        self
    }

    #[cold]
    #[inline(never)]
    fn within(mut self, step: Step) -> Self {
        self.0.steps.push(step);
        self
    }

    /// The error for a document that a cursor read, at least up to the fault.
    #[cold]
    #[inline(never)]
    pub(crate) fn into_error(self, cursor: &Cursor<'_>) -> PayloadError {
        let fault = *self.0;
        let document = cursor.text;
        let pointer = locate::pointer(document, cursor.noted(), fault.offset);
        let found = match fault.found {
            Some(found) => locate::shorten(found),
            None if fault.keyword == Keyword::AdditionalProperties => locate::last_name(&pointer),
            None => locate::excerpt(document, fault.offset, fault.keyword),
        };
        let turns = turns(fault.steps);
        PayloadError::new(pointer, fault.keyword, fault.expected, found, Some(fault.offset), turns)
    }

    /// The error for a place of a document that is known.
    #[cfg(feature = "validator")]
    pub(super) fn into_error_at(self, pointer: String) -> PayloadError {
        let fault = *self.0;
        let found = locate::shorten(fault.found.unwrap_or_default());
        let turns = turns(fault.steps);
        PayloadError::new(pointer, fault.keyword, fault.expected, found, Some(fault.offset), turns)
    }

    /// The error for a value that was built.
    #[cold]
    #[inline(never)]
    pub(crate) fn into_built_error(self) -> PayloadError {
        let fault = *self.0;
        let mut pointer = String::new();
        for step in fault.steps.iter().rev() {
            match step {
                Step::Member(name) => locate::push_name(&mut pointer, name),
                Step::Element(index) => locate::push_index(&mut pointer, *index),
                Step::Turn(_) => {}
            }
        }
        let found = locate::shorten(fault.found.unwrap_or_default());
        PayloadError::new(pointer, fault.keyword, fault.expected, found, None, turns(fault.steps))
    }

    /// The fault of an object with a member whose name breaks a rule.
    pub(super) fn of_name(self, name: &str) -> Self {
        let expected = match self.keyword() {
            Keyword::FalseSchema => "no member".to_owned(),
            _ => format!("each member's name to be {}", self.0.expected),
        };
        Self::of(Keyword::PropertyNames, expected, quoted(name)).within(Step::Turn(Turn::Name(self.keyword())))
    }

    /// The same fault, found by a validator: its way through the schema that it judges by, and how many steps it went
    /// through the value.
    #[cfg(feature = "validator")]
    pub(super) fn judged(self, path: String, depth: usize) -> Self {
        self.within(Step::Turn(Turn::Judged { path, depth }))
    }
}

/// The turns, outermost first.
fn turns(steps: Vec<Step>) -> Vec<Turn> {
    let turns = steps.into_iter().rev().filter_map(|step| match step {
        Step::Turn(turn) => Some(turn),
        Step::Member(_) | Step::Element(_) => None,
    });
    turns.collect()
}

/// Says in which branch of a union, by the value of its tag, something went wrong.
///
/// # Errors
///
/// The fault, with the branch noted.
#[inline]
pub fn tagged<T>(value: &'static str, result: Parsed<T>) -> Parsed<T> {
    result.map_err(|fault| fault.within(Step::Turn(Turn::Tag(value))))
}

/// Says in which branch of a union, by its JSON type, something went wrong.
///
/// # Errors
///
/// The fault, with the branch noted.
#[inline]
pub fn typed<T>(ty: &'static str, result: Parsed<T>) -> Parsed<T> {
    result.map_err(|fault| fault.within(Step::Turn(Turn::Type(ty))))
}

/// Says in which member a check failed.
///
/// # Errors
///
/// The fault, with the member's name on its way.
#[inline]
pub fn member(name: &'static str, checked: Checked) -> Checked {
    checked.map_err(|fault| fault.within(Step::Member(Cow::Borrowed(name))))
}

/// Says in which member, whose name the schema does not know, a check failed.
///
/// # Errors
///
/// The fault, with the member's name on its way.
#[inline]
pub fn additional(name: &str, checked: Checked) -> Checked {
    checked.map_err(|fault| fault.within(Step::Member(Cow::Owned(name.to_owned()))))
}

/// Says in which element of a list a check failed.
///
/// # Errors
///
/// The fault, with the element's index on its way.
#[inline]
pub fn element(index: usize, checked: Checked) -> Checked {
    checked.map_err(|fault| fault.within(Step::Element(index)))
}

/// Checks a value that may be `null`.
///
/// # Errors
///
/// Those of `check`.
#[inline]
pub fn nullable<T>(value: Option<&T>, check: impl FnOnce(&T) -> Checked) -> Checked {
    value.map_or(Ok(()), check)
}

/// The error for a text that is none of those that a schema lists.
#[cold]
#[must_use]
pub fn unlisted(text: &str, names: &[&str]) -> PayloadError {
    let found = serde_json::Value::from(text).to_string();
    Fault::of(Keyword::Enum, super::strings::one_of_text(names), found).into_built_error()
}
