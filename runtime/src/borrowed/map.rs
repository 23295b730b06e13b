//! Objects as they stand in a document, whose names the document chooses.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;

use crate::json::{Borrowed, Cursor, Parsed, Properties};

/// Members in a document whose names the schema does not know; they are read when somebody goes through them.
///
/// The whole object was checked when the payload was read, so going through it finds no fault.
pub struct Map<'a, T> {
    /// The object in which the members stand.
    text: &'a str,
    len: usize,
    /// Members of the object that do not belong to the map.
    named: &'static [&'static str],
    values: PhantomData<fn() -> T>,
}

impl<'a, T> Map<'a, T> {
    /// How many members there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes the text of an object that a cursor has read; `len` members of it are none of the `named`.
    pub(crate) const fn from_read(text: &'a str, len: usize, named: &'static [&'static str]) -> Self {
        Self {
            text,
            len,
            named,
            values: PhantomData,
        }
    }
}

impl<'a, T: Borrowed<'a>> Map<'a, T> {
    /// The members in the order of the document, each of which is read when its turn comes.
    #[must_use]
    pub fn iter(&self) -> Members<'a, T> {
        Members {
            cursor: Cursor::again(self.text),
            left: self.len,
            named: self.named,
            values: PhantomData,
        }
    }

    /// The value of a member. It is looked for from the start of the object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<T> {
        let mut members = self.iter();
        while let Some(found) = members.next_name() {
            if found == name {
                return members.value();
            }
            members.cursor.skip().ok()?;
        }
        None
    }
}

impl<'a, T: Borrowed<'a>> Borrowed<'a> for Map<'a, T> {
    type Owned = BTreeMap<String, T::Owned>;

    fn read(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        cursor.borrow_map(&Properties::any(), T::read)
    }

    fn into_owned(self) -> BTreeMap<String, T::Owned> {
        self.iter()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect()
    }
}

impl<T> Copy for Map<'_, T> {}

impl<T> Clone for Map<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// The order of members does not matter.
impl<'a, T: Borrowed<'a> + PartialEq> PartialEq for Map<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().collect::<BTreeMap<_, _>>() == other.iter().collect()
    }
}

impl<'a, T: Borrowed<'a> + fmt::Debug> fmt::Debug for Map<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<'a, T: Borrowed<'a>> IntoIterator for Map<'a, T> {
    type Item = (Cow<'a, str>, T);
    type IntoIter = Members<'a, T>;

    fn into_iter(self) -> Members<'a, T> {
        self.iter()
    }
}

impl<'a, T: Borrowed<'a>> IntoIterator for &Map<'a, T> {
    type Item = (Cow<'a, str>, T);
    type IntoIter = Members<'a, T>;

    fn into_iter(self) -> Members<'a, T> {
        self.iter()
    }
}

/// The members of a [`Map`], with their names.
pub struct Members<'a, T> {
    /// Stands on the brace or comma before the next member.
    cursor: Cursor<'a>,
    left: usize,
    named: &'static [&'static str],
    values: PhantomData<fn() -> T>,
}

impl<'a, T: Borrowed<'a>> Members<'a, T> {
    /// Goes to the value of the next member.
    fn next_name(&mut self) -> Option<Cow<'a, str>> {
        self.left = self.left.checked_sub(1)?;
        loop {
            self.cursor.pass_one();
            let name = self.cursor.key().ok()?;
            if !self.named.contains(&name.as_ref()) {
                return Some(name);
            }
            self.cursor.skip().ok()?;
        }
    }

    /// The same text was read by the same type before, so that this is always a value.
    fn value(&mut self) -> Option<T> {
        T::read(&mut self.cursor).ok()
    }
}

impl<'a, T: Borrowed<'a>> Iterator for Members<'a, T> {
    type Item = (Cow<'a, str>, T);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let member = self.next_name().and_then(|name| Some((name, self.value()?)));
        if member.is_none() {
            self.left = 0;
        }
        member
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<'a, T: Borrowed<'a>> ExactSizeIterator for Members<'a, T> {}

impl<'a, T: Borrowed<'a>> FusedIterator for Members<'a, T> {}

impl<T> fmt::Debug for Members<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Members")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
