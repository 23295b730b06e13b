//! Moments as types of other crates than chrono.
//!
//! Documents are read and written as they are with chrono, so that all of them accept the same.

use super::Codec;
use super::borrow::Borrowed;
use super::cursor::Cursor;
use super::fault::{Checked, Fault, Parsed};
use super::write;
use crate::format;
use crate::payload::Keyword;

use bytes::BytesMut;
use chrono::{DateTime, FixedOffset};

/// A type for moments with their offsets from UTC.
trait Moment: Sized + std::fmt::Debug {
    /// `None` where the type does not reach so far.
    fn from_chrono(moment: DateTime<FixedOffset>) -> Option<Self>;

    /// `None` where RFC 3339 cannot write it.
    fn to_chrono(&self) -> Option<DateTime<FixedOffset>>;
}

fn read<T: Moment>(cursor: &mut Cursor<'_>) -> Parsed<T> {
    cursor.peek();
    let start = cursor.at;
    let moment = cursor.date_time()?;
    T::from_chrono(moment).ok_or_else(|| {
        Fault::at(
            start,
            Keyword::Format,
            "a moment that the Rust type can hold (date-time)",
        )
    })
}

fn check<T: Moment>(moment: &T) -> Checked {
    match moment.to_chrono() {
        Some(plain) if format::is_date_time(&plain) => Ok(()),
        _ => Err(Fault::of(
            Keyword::Format,
            "a moment that RFC 3339 can write (date-time)",
            format!("{moment:?}"),
        )),
    }
}

/// What RFC 3339 cannot write becomes the start of 1970; nobody sends it, because it is checked first.
fn write<T: Moment>(moment: &T, out: &mut BytesMut) {
    write::date_time(&moment.to_chrono().unwrap_or_default(), out);
}

/// The nanoseconds since 1970; a leap second counts as the second before it.
fn nanoseconds(moment: &DateTime<FixedOffset>) -> i128 {
    i128::from(moment.timestamp()) * 1_000_000_000 + i128::from(moment.timestamp_subsec_nanos() % 1_000_000_000)
}

fn to_chrono(nanoseconds: i128, offset: i32) -> Option<DateTime<FixedOffset>> {
    let seconds = i64::try_from(nanoseconds.div_euclid(1_000_000_000)).ok()?;
    let fraction = u32::try_from(nanoseconds.rem_euclid(1_000_000_000)).ok()?;
    Some(DateTime::from_timestamp(seconds, fraction)?.with_timezone(&FixedOffset::east_opt(offset)?))
}

#[cfg(feature = "jiff")]
impl Moment for jiff::Zoned {
    fn from_chrono(moment: DateTime<FixedOffset>) -> Option<Self> {
        let timestamp = jiff::Timestamp::from_nanosecond(nanoseconds(&moment)).ok()?;
        let offset = jiff::tz::Offset::from_seconds(moment.offset().local_minus_utc()).ok()?;
        Some(timestamp.to_zoned(offset.to_time_zone()))
    }

    fn to_chrono(&self) -> Option<DateTime<FixedOffset>> {
        to_chrono(self.timestamp().as_nanosecond(), self.offset().seconds())
    }
}

#[cfg(feature = "time")]
impl Moment for time::OffsetDateTime {
    fn from_chrono(moment: DateTime<FixedOffset>) -> Option<Self> {
        let offset = time::UtcOffset::from_whole_seconds(moment.offset().local_minus_utc()).ok()?;
        let utc = Self::from_unix_timestamp_nanos(nanoseconds(&moment)).ok()?;
        utc.checked_to_offset(offset)
    }

    fn to_chrono(&self) -> Option<DateTime<FixedOffset>> {
        to_chrono(self.unix_timestamp_nanos(), self.offset().whole_seconds())
    }
}

macro_rules! moments {
    ($($feature:literal: $moment:ty;)*) => {
        $(
            #[cfg(feature = $feature)]
            impl Codec for $moment {
                fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
                    read(cursor)
                }

                fn check(&self) -> Checked {
                    check(self)
                }

                fn write(&self, out: &mut BytesMut) {
                    write(self, out);
                }
            }

            #[cfg(feature = $feature)]
            impl Borrowed<'_> for $moment {
                type Owned = Self;

                fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
                    read(cursor)
                }

                fn into_owned(self) -> Self {
                    self
                }
            }
        )*
    };
}

moments! {
    "jiff": jiff::Zoned;
    "time": time::OffsetDateTime;
}
