//! Reading values that borrow from the document.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset};
use uuid::Uuid;

use super::Codec;
use super::cursor::Cursor;
use super::fault::Parsed;
use super::names::Names;
use super::object::Members;
use super::properties::Properties;
use super::rules::{Items, Text};
use crate::borrowed::{self, List, Map};

/// A type that stands for a value in a document, and may borrow from it.
pub trait Borrowed<'a>: Sized {
    /// The type of the same value that stands for itself.
    type Owned;

    /// Reads the value at the cursor.
    ///
    /// # Errors
    ///
    /// Those of [`Codec::read`] of the owned type.
    fn read(cursor: &mut Cursor<'a>) -> Parsed<Self>;

    /// The same value without the document.
    fn into_owned(self) -> Self::Owned;
}

/// A type of text with rules.
pub trait RuledText: Codec + for<'a> From<borrowed::Text<'a, Self>> {
    /// What a text must be like.
    fn rules() -> &'static Text;
}

impl<'a> Borrowed<'a> for Cow<'a, str> {
    type Owned = String;

    #[inline]
    fn read(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        cursor.string()
    }

    fn into_owned(self) -> String {
        self.into_owned()
    }
}

/// Types that hold nothing that could be borrowed.
macro_rules! copied {
    ($($copied:ty),*) => {
        $(
            impl Borrowed<'_> for $copied {
                type Owned = Self;

                #[inline]
                fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
                    Codec::read(cursor)
                }

                #[inline]
                fn into_owned(self) -> Self {
                    self
                }
            }
        )*
    };
}

copied!(
    (),
    bool,
    u8,
    u16,
    u32,
    u64,
    i8,
    i16,
    i32,
    i64,
    f64,
    Uuid,
    DateTime<FixedOffset>
);

/// A value or `null`.
impl<'a, T: Borrowed<'a>> Borrowed<'a> for Option<T> {
    type Owned = Option<T::Owned>;

    #[inline]
    fn read(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        cursor.nullable(T::read)
    }

    fn into_owned(self) -> Self::Owned {
        self.map(T::into_owned)
    }
}

impl<'a, T: Borrowed<'a>> Borrowed<'a> for Box<T> {
    type Owned = Box<T::Owned>;

    #[inline]
    fn read(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        T::read(cursor).map(Self::new)
    }

    fn into_owned(self) -> Self::Owned {
        Box::new((*self).into_owned())
    }
}

impl<'a> Cursor<'a> {
    /// Reads a list and gives a view of it.
    ///
    /// # Errors
    ///
    /// As [`array`](Cursor::array).
    pub fn borrow_array<T>(
        &mut self,
        rules: &Items,
        read: impl Fn(&mut Cursor<'a>) -> Parsed<T>,
    ) -> Parsed<List<'a, T>> {
        self.peek();
        let start = self.at;
        let len = self.items(rules, |cursor| read(cursor).map(drop))?;
        Ok(List::from_read(self.slice(start, self.at), len))
    }

    /// Reads an object as a map and gives a view of it.
    ///
    /// # Errors
    ///
    /// As [`map`](Cursor::map).
    pub fn borrow_map<T>(
        &mut self,
        rules: &Properties,
        read: impl Fn(&mut Cursor<'a>) -> Parsed<T>,
    ) -> Parsed<Map<'a, T>> {
        let mut members = self.object::<1>(&[])?;
        let mut names = Names::new();
        while members.next(self)?.is_some() {
            let members = members.check_name(self, rules)?;
            members.borrow_additional(self, &mut names, &read)?;
        }
        match rules.check_count(names.len()) {
            Ok(()) => Ok(members.rest(self, &names)),
            Err(fault) => Err(fault.placed(members.start())),
        }
    }
}

/// A value, or what the schema says that a document without it means; `default` is JSON that the schema accepts.
///
/// # Errors
///
/// None, for the generator has held the default against the schema.
pub fn or_default<'a, T: Borrowed<'a>>(value: Option<T>, default: &'static str) -> Parsed<T> {
    match value {
        Some(value) => Ok(value),
        None => T::read(&mut Cursor::again(default)),
    }
}

impl<'a, const WORDS: usize> Members<'a, WORDS> {
    /// A view of the members that the schema does not name, once all of them were read.
    #[must_use]
    pub fn rest<T>(&self, cursor: &Cursor<'a>, names: &Names<'a, T>) -> Map<'a, T> {
        Map::from_read(cursor.slice(self.start(), cursor.at), names.len(), self.names())
    }
}
