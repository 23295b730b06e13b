//! The types that the schema language has of itself.

use std::collections::BTreeMap;

use bytes::BytesMut;
use chrono::{DateTime, FixedOffset};
use uuid::Uuid;

use super::Codec;
use super::cursor::Cursor;
use super::fault::{Checked, Fault, Parsed};
use super::properties::Properties;
use super::rules::{Integer, Items, Number};
use super::write;
use crate::format;
use crate::payload::Keyword;

impl Codec for String {
    #[inline]
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.string().map(std::borrow::Cow::into_owned)
    }

    #[inline]
    fn write(&self, out: &mut BytesMut) {
        write::text(self, out);
    }

    #[inline]
    fn as_text(&self) -> Option<&str> {
        Some(self)
    }
}

impl Codec for bool {
    #[inline]
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.boolean()
    }

    #[inline]
    fn write(&self, out: &mut BytesMut) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

/// `null`
impl Codec for () {
    #[inline]
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.null()
    }

    #[inline]
    fn write(&self, out: &mut BytesMut) {
        out.extend_from_slice(b"null");
    }
}

impl Codec for f64 {
    #[inline]
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.number(&Number::any())
    }

    #[inline]
    fn check(&self) -> Checked {
        Number::any().check(*self)
    }

    #[inline]
    fn write(&self, out: &mut BytesMut) {
        write::number(*self, out);
    }
}

/// The bounds of the smaller types are bounds of the schema; those of 64 bits are only Rust's.
macro_rules! integers {
    ($($integer:ident: $rules:expr),*) => {
        $(
            impl Codec for $integer {
                #[inline]
                fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
                    const RULES: Integer = $rules;
                    cursor.integer(&RULES)
                }

                #[inline]
                fn write(&self, out: &mut BytesMut) {
                    out.extend_from_slice(itoa::Buffer::new().format(*self).as_bytes());
                }
            }
        )*
    };
}

integers!(
    u8: Integer::any().minimum(0).maximum(0xff),
    u16: Integer::any().minimum(0).maximum(0xffff),
    u32: Integer::any().minimum(0).maximum(0xffff_ffff),
    u64: Integer::any().minimum(0),
    i8: Integer::any().minimum(-0x80).maximum(0x7f),
    i16: Integer::any().minimum(-0x8000).maximum(0x7fff),
    i32: Integer::any().minimum(-0x8000_0000).maximum(0x7fff_ffff),
    i64: Integer::any()
);

impl Codec for Uuid {
    #[inline]
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.uuid()
    }

    #[inline]
    fn write(&self, out: &mut BytesMut) {
        write::uuid(self, out);
    }
}

impl Codec for DateTime<FixedOffset> {
    #[inline]
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.date_time()
    }

    #[inline]
    fn check(&self) -> Checked {
        if format::is_date_time(self) {
            Ok(())
        } else {
            Err(Fault::of(
                Keyword::Format,
                "a moment that RFC 3339 can write (date-time)",
                format!("{self:?}"),
            ))
        }
    }

    #[inline]
    fn write(&self, out: &mut BytesMut) {
        write::date_time(self, out);
    }
}

impl<T: Codec> Codec for Box<T> {
    #[inline]
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        T::read(cursor).map(Self::new)
    }

    #[inline]
    fn check(&self) -> Checked {
        (**self).check()
    }

    #[inline]
    fn write(&self, out: &mut BytesMut) {
        (**self).write(out);
    }
}

/// A value or `null`.
impl<T: Codec> Codec for Option<T> {
    #[inline]
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.nullable(T::read)
    }

    #[inline]
    fn check(&self) -> Checked {
        self.as_ref().map_or(Ok(()), T::check)
    }

    #[inline]
    fn write(&self, out: &mut BytesMut) {
        match self {
            Some(value) => value.write(out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

impl<T: Codec> Codec for Vec<T> {
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.array(&Items::any(), T::read)
    }

    fn check(&self) -> Checked {
        Items::any().check(self, T::check)
    }

    fn write(&self, out: &mut BytesMut) {
        write::array(self, out);
    }
}

impl<T: Codec> Codec for BTreeMap<String, T> {
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.map(&Properties::any(), T::read)
    }

    fn check(&self) -> Checked {
        Properties::any().check_map(self, T::check)
    }

    fn write(&self, out: &mut BytesMut) {
        write::map(self, out);
    }
}
