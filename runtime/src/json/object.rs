//! Objects in a document, member by member.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::cursor::Cursor;
use super::fault::{Fault, Parsed};
use super::names::Names;
use super::properties::{NO_VALUE, Properties};
use crate::payload::Keyword;

/// An object that is being read.
///
/// `WORDS` times 64 is the number of members that the schema may name.
#[derive(Debug)]
pub struct Members<'a, const WORDS: usize = 1> {
    names: &'static [&'static str],
    seen: [u64; WORDS],
    /// The member that follows the last one in the schema; documents mostly keep that order.
    next: usize,
    start: usize,
    /// What stands before the next member's name.
    separator: u8,
    /// The last name that the schema does not know.
    other: Cow<'a, str>,
}

impl<'a> Cursor<'a> {
    /// Begins to read an object whose schema names these members.
    ///
    /// # Errors
    ///
    /// When something else stands here.
    #[inline]
    pub fn object<const WORDS: usize>(&mut self, names: &'static [&'static str]) -> Parsed<Members<'a, WORDS>> {
        if self.peek() != b'{' {
            return Err(self.wrong_type("an object"));
        }
        self.enter(levels::<WORDS>())?;
        Ok(Members {
            names,
            seen: [0; WORDS],
            next: 0,
            start: self.at,
            separator: b'{',
            other: Cow::Borrowed(""),
        })
    }

    /// Looks ahead in the object that comes next for a member that tells what it is, and stays where it is: gives the
    /// index of what the member says.
    ///
    /// # Errors
    ///
    /// When no object comes next, or it has no such member, or the member says something else.
    pub fn tag(&mut self, name: &'static str, values: &'static [&'static str]) -> Parsed<usize> {
        self.peek();
        let start = self.at;
        let depth = self.depth;
        let mut members = self.object::<1>(&[])?;
        while members.next(self)?.is_some() {
            if members.other == name {
                let tag = self.one_of(|tag| values.iter().position(|value| *value == tag), values)?;
                self.at = start;
                self.depth = depth;
                return Ok(tag);
            }
            self.skip()?;
        }
        Err(missing(name, start))
    }
}

impl Cursor<'_> {
    /// Passes the separator and `"name":` if exactly that stands here, without white space.
    #[inline]
    fn take_member(&mut self, separator: u8, name: &str) -> bool {
        let end = self.at + name.len() + 4;
        let fits = match self.bytes().get(self.at..end) {
            Some([first, b'"', text @ .., b'"', b':']) => *first == separator && is_same(text, name.as_bytes()),
            _ => false,
        };
        if fits {
            self.at = end;
        }
        fits
    }
}

impl<'a, const WORDS: usize> Members<'a, WORDS> {
    /// Goes to the next member's value: gives the index of its name, one beyond the last for a name that the schema
    /// does not know, and nothing at the object's end.
    ///
    /// # Errors
    ///
    /// When the text is not JSON, or a member that the schema names stands a second time.
    // Without optimization a copy for each type would only take time to compile.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline(never))]
    #[allow(
        clippy::inline_always,
        reason = "what follows is the whole of a loop that runs for every member"
    )]
    pub fn next(&mut self, cursor: &mut Cursor<'a>) -> Parsed<Option<usize>> {
        cursor.note();
        let index = match self.names.get(self.next) {
            Some(name) if cursor.take_member(self.separator, name) => self.next,
            _ => match self.find(cursor)? {
                Some(index) => index,
                None => return Ok(None),
            },
        };
        self.separator = b',';
        self.next = index + 1;
        if index < self.names.len()
            && let Some(word) = self.seen.get_mut(index / 64)
        {
            let bit = 1 << (index % 64);
            if *word & bit != 0 {
                return Err(duplicate(cursor));
            }
            *word |= bit;
        }
        Ok(Some(index))
    }

    /// Goes to the next member's value, whichever it is.
    #[inline(never)]
    fn find(&mut self, cursor: &mut Cursor<'a>) -> Parsed<Option<usize>> {
        let first = self.separator == b'{';
        cursor.at += usize::from(first);
        match cursor.peek() {
            b'}' => {
                cursor.at += 1;
                cursor.leave(levels::<WORDS>());
                return Ok(None);
            }
            b',' if !first => {
                cursor.at += 1;
                cursor.peek();
            }
            _ if first => {}
            _ => return Err(cursor.syntax("`,` or `}`")),
        }
        match self.names.get(self.next) {
            Some(name) if cursor.take_key(name) => Ok(Some(self.next)),
            _ => self.look_up(cursor).map(Some),
        }
    }

    fn look_up(&mut self, cursor: &mut Cursor<'a>) -> Parsed<usize> {
        let name = cursor.key()?;
        // The rest of the members first: most often some were merely left out.
        let (before, after) = self.names.split_at_checked(self.next).unwrap_or((self.names, &[]));
        if let Some(index) = after.iter().position(|known| *known == name) {
            return Ok(before.len() + index);
        }
        if let Some(index) = before.iter().position(|known| *known == name) {
            return Ok(index);
        }
        self.other = name;
        Ok(self.names.len())
    }

    /// The fault of a member that must be there and is not.
    #[cold]
    #[inline(never)]
    #[must_use]
    pub fn missing(&self, index: usize) -> Fault {
        missing(self.names.get(index).copied().unwrap_or_default(), self.start)
    }

    /// Says that a member without a place in the struct was there.
    ///
    /// # Errors
    ///
    /// When it was not.
    #[inline]
    pub fn present(&self, index: usize) -> Parsed<()> {
        match self.seen.get(index / 64) {
            Some(word) if word & (1 << (index % 64)) != 0 => Ok(()),
            _ => Err(self.missing(index)),
        }
    }

    /// Checks how many members there were; `others` is the number of those that the schema does not name.
    ///
    /// # Errors
    ///
    /// When there were too few or too many.
    pub fn check_count(&self, rules: &Properties, others: usize) -> Parsed<()> {
        let named: u32 = self.seen.iter().map(|word| word.count_ones()).sum();
        match rules.check_count(named as usize + others) {
            Ok(()) => Ok(()),
            Err(fault) => Err(fault.placed(self.start)),
        }
    }

    /// Checks the name of the member that the schema does not name, whose value is read next.
    ///
    /// # Errors
    ///
    /// When no member may have it.
    #[inline]
    pub fn check_name(&mut self, cursor: &mut Cursor<'a>, rules: &Properties) -> Parsed<&mut Self> {
        if let Err(fault) = rules.check_name(&self.other) {
            return Err(fault.placed(self.start));
        }
        if rules.is_never(&self.other) {
            cursor.peek();
            return Err(Fault::at(cursor.at, Keyword::FalseSchema, NO_VALUE));
        }
        Ok(self)
    }

    /// Passes the value of a member that the schema does not name.
    ///
    /// # Errors
    ///
    /// When it is not JSON.
    #[inline]
    pub fn skip(&self, cursor: &mut Cursor<'a>) -> Parsed<()> {
        cursor.skip()
    }

    /// The name of the member that the reader stands at, where it is none of those that the schema names.
    pub(crate) fn name(&self) -> &str {
        &self.other
    }

    /// Where the object begins.
    #[inline]
    #[must_use]
    pub fn start(&self) -> usize {
        self.start
    }

    /// The fault of a member that the schema does not know and does not allow.
    #[cold]
    #[inline(never)]
    pub fn unknown(&self, cursor: &mut Cursor<'a>) -> Fault {
        cursor.peek();
        let expected = match self.names {
            [] => "no member".to_owned(),
            names => format!(
                "no member but {}",
                super::strings::one_of_text(names).trim_start_matches("one of ")
            ),
        };
        Fault::at(cursor.at, Keyword::AdditionalProperties, expected)
    }

    /// Reads the value of a member that the schema does not name into a map.
    ///
    /// # Errors
    ///
    /// Those of `read`, and when the member stands a second time.
    #[inline]
    pub fn additional<T>(
        &mut self,
        cursor: &mut Cursor<'a>,
        map: &mut BTreeMap<String, T>,
        read: impl FnOnce(&mut Cursor<'a>) -> Parsed<T>,
    ) -> Parsed<()> {
        self.other(cursor, read, |name, value| {
            map.insert(name.into_owned(), value).is_none()
        })
    }

    /// Reads the value of a member that the schema does not name, and keeps its name.
    ///
    /// # Errors
    ///
    /// As [`additional`](Members::additional).
    #[inline]
    pub fn borrow_additional<T>(
        &mut self,
        cursor: &mut Cursor<'a>,
        names: &mut Names<'a, T>,
        read: impl FnOnce(&mut Cursor<'a>) -> Parsed<T>,
    ) -> Parsed<()> {
        self.other(cursor, read, |name, _| names.insert(name))
    }

    /// Reads the value of a member that the schema does not name; `keep` says whether its name is a new one.
    #[inline]
    fn other<T>(
        &mut self,
        cursor: &mut Cursor<'a>,
        read: impl FnOnce(&mut Cursor<'a>) -> Parsed<T>,
        keep: impl FnOnce(Cow<'a, str>, T) -> bool,
    ) -> Parsed<()> {
        cursor.peek();
        let start = cursor.at;
        let value = read(cursor)?;
        if !keep(std::mem::take(&mut self.other), value) {
            cursor.at = start;
            return Err(duplicate(cursor));
        }
        Ok(())
    }

    /// The members that the schema names.
    #[inline]
    pub(super) fn names(&self) -> &'static [&'static str] {
        self.names
    }
}

/// Whether texts of the same length are the same; names of four to sixteen bytes, as most are, need no call.
#[inline]
fn is_same(text: &[u8], name: &[u8]) -> bool {
    fn are_ends_same<const N: usize>(text: &[u8], name: &[u8]) -> bool {
        text.first_chunk::<N>() == name.first_chunk() && text.last_chunk::<N>() == name.last_chunk()
    }
    match name.len() {
        4..8 => are_ends_same::<4>(text, name),
        8..=16 => are_ends_same::<8>(text, name),
        _ => text == name,
    }
}

/// Reading an object takes stack for each member that the schema names, so one of very many members counts as several
/// levels.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "no schema has so many members")]
const fn levels<const WORDS: usize>() -> u32 {
    WORDS as u32
}

#[cold]
#[inline(never)]
fn missing(name: &str, start: usize) -> Fault {
    Fault::of(Keyword::Required, format!("a member \"{name}\""), "none").placed(start)
}

#[cold]
#[inline(never)]
fn duplicate(cursor: &mut Cursor<'_>) -> Fault {
    cursor.peek();
    Fault::of(Keyword::Duplicate, "each member once", "a second one").placed(cursor.at)
}
