//! Lists as they stand in a document.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;

use crate::json::{self, Borrowed, Cursor, Parsed};

/// A list in a document, whose items are read when somebody goes through them.
///
/// The whole list was checked when the payload was read, so going through it finds no fault.
pub struct List<'a, T> {
    text: &'a str,
    len: usize,
    item: PhantomData<fn() -> T>,
}

impl<'a, T> List<'a, T> {
    /// How many items there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The list as JSON, as it was received.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    /// Takes the text of a list that a cursor has read.
    pub(crate) const fn from_read(text: &'a str, len: usize) -> Self {
        Self {
            text,
            len,
            item: PhantomData,
        }
    }
}

impl<'a, T: Borrowed<'a>> List<'a, T> {
    /// The items, each of which is read when its turn comes.
    #[must_use]
    pub fn iter(&self) -> Items<'a, T> {
        Items {
            cursor: Cursor::again(self.text),
            left: self.len,
            item: PhantomData,
        }
    }
}

impl<'a, T: Borrowed<'a>> Borrowed<'a> for List<'a, T> {
    type Owned = Vec<T::Owned>;

    fn read(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        cursor.borrow_array(&json::Items::any(), T::read)
    }

    fn into_owned(self) -> Vec<T::Owned> {
        self.iter().map(T::into_owned).collect()
    }
}

impl<T> Copy for List<'_, T> {}

impl<T> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'a, T: Borrowed<'a> + PartialEq> PartialEq for List<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<'a, T: Borrowed<'a> + fmt::Debug> fmt::Debug for List<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: Borrowed<'a>> IntoIterator for List<'a, T> {
    type Item = T;
    type IntoIter = Items<'a, T>;

    fn into_iter(self) -> Items<'a, T> {
        self.iter()
    }
}

impl<'a, T: Borrowed<'a>> IntoIterator for &List<'a, T> {
    type Item = T;
    type IntoIter = Items<'a, T>;

    fn into_iter(self) -> Items<'a, T> {
        self.iter()
    }
}

/// The items of a [`List`].
pub struct Items<'a, T> {
    /// Stands on the bracket or comma before the next item.
    cursor: Cursor<'a>,
    left: usize,
    item: PhantomData<fn() -> T>,
}

impl<'a, T: Borrowed<'a>> Iterator for Items<'a, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        self.cursor.pass_one();
        let item = T::read(&mut self.cursor).ok();
        if item.is_none() {
            // The same text was read by the same type before, so that this is never reached.
            self.left = 0;
        }
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<'a, T: Borrowed<'a>> ExactSizeIterator for Items<'a, T> {}

impl<'a, T: Borrowed<'a>> FusedIterator for Items<'a, T> {}

impl<T> fmt::Debug for Items<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
