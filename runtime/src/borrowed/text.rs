//! Text that follows the rules of a type.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;

use crate::json::{Borrowed, Cursor, Parsed, RuledText};
use crate::payload::TokenValue;

/// Text that follows the rules of `T`, a type of a generated crate; `T::from` makes the owned value of it without
/// checking it again.
pub struct Text<'a, T> {
    text: Cow<'a, str>,
    rules: PhantomData<fn() -> T>,
}

impl<'a, T> Text<'a, T> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text, borrowed from the document unless an escape stands in it there.
    #[must_use]
    pub fn into_text(self) -> Cow<'a, str> {
        self.text
    }
}

impl<'a, T: RuledText> Borrowed<'a> for Text<'a, T> {
    type Owned = T;

    #[inline]
    fn read(cursor: &mut Cursor<'a>) -> Parsed<Self> {
        let text = cursor.borrow_text(T::rules())?;
        Ok(Self {
            text,
            rules: PhantomData,
        })
    }

    fn into_owned(self) -> T {
        T::from(self)
    }
}

impl<T> Deref for Text<'_, T> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl<T> AsRef<str> for Text<'_, T> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl<T> Clone for Text<'_, T> {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            rules: PhantomData,
        }
    }
}

impl<T> PartialEq for Text<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T> Eq for Text<'_, T> {}

impl<T> PartialEq<str> for Text<'_, T> {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl<T> PartialEq<&str> for Text<'_, T> {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

impl<T> Hash for Text<'_, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<T> fmt::Debug for Text<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl<T> fmt::Display for Text<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl<T> TokenValue for Text<'_, T> {
    fn token_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.text)
    }
}
