//! Dates, times and durations as of RFC 3339.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, Timelike};

use crate::json::words::{Word, digits_end};

/// A year, month and day.
pub(super) type Day = (u32, u32, u32);

/// A day that the calendar has.
pub(super) fn date(text: &[u8]) -> Option<Day> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return None;
    };
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let (month, day) = (two(m1, m2)?, two(d1, d2)?);
    is_day(year, month, day).then_some((year, month, day))
}

#[inline]
fn is_day(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        // Every second month has a day more; the count begins anew in August.
        1..=12 => 30 + (month + month / 8) % 2,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// A time of day with its offset from UTC.
pub(super) struct Time {
    hour: u32,
    minute: u32,
    /// 60 in a leap second.
    second: u32,
    /// What lies beyond the ninth digit is dropped.
    nanosecond: u32,
    /// Minutes east of UTC.
    offset: i32,
}

pub(super) fn time(text: &[u8]) -> Option<Time> {
    let (clock, rest) = text.split_at_checked(8)?;
    let &[h1, h2, b':', m1, m2, b':', s1, s2] = clock else {
        return None;
    };
    let (time, rest) = Time::new(two(h1, h2)?, two(m1, m2)?, two(s1, s2)?, rest)?;
    rest.is_empty().then_some(time)
}

impl Time {
    /// The hour, minute and second that were read, with the fraction and the offset that follow them; and what follows
    /// those.
    #[inline]
    fn new(hour: u32, minute: u32, second: u32, rest: &[u8]) -> Option<(Self, &[u8])> {
        let (nanosecond, zone) = match rest.split_first() {
            Some((b'.', fraction)) => nanoseconds(fraction)?,
            _ => (0, rest),
        };
        let (offset, rest) = offset(zone)?;
        let valid = hour < 24 && minute < 60 && (second < 60 || second == 60 && is_leap_minute(hour, minute, offset));
        let time = Self {
            hour,
            minute,
            second,
            nanosecond,
            offset,
        };
        valid.then_some((time, rest))
    }
}

/// Leap seconds are inserted at the end of a day in UTC.
fn is_leap_minute(hour: u32, minute: u32, offset: i32) -> bool {
    i32::try_from(hour * 60 + minute).is_ok_and(|local| (local - offset).rem_euclid(24 * 60) == 24 * 60 - 1)
}

#[inline]
fn nanoseconds(fraction: &[u8]) -> Option<(u32, &[u8])> {
    let (length, value) = Word::at(fraction, 0).fraction();
    let value = u32::try_from(value).ok()? * 10;
    if length < 8 {
        return (length > 0).then_some((value, fraction.get(length..)?));
    }
    let ninth = fraction.get(8).map_or(0, |byte| byte.wrapping_sub(b'0'));
    let rest = fraction.get(digits_end(fraction, 8)..)?;
    Some((if ninth <= 9 { value + u32::from(ninth) } else { value }, rest))
}

#[inline]
fn offset(zone: &[u8]) -> Option<(i32, &[u8])> {
    match zone {
        [b'Z' | b'z', rest @ ..] => Some((0, rest)),
        &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2, ref rest @ ..] => {
            let (hours, minutes) = (two(h1, h2)?, two(m1, m2)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = i32::try_from(hours * 60 + minutes).ok()?;
            Some((if sign == b'-' { -offset } else { offset }, rest))
        }
        _ => None,
    }
}

#[inline]
fn two(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// A day and a time of day.
pub(super) fn date_time(text: &[u8]) -> Option<(Day, Time)> {
    let (date, time, rest) = first_date_time(text)?;
    rest.is_empty().then_some((date, time))
}

/// A day and a time of day, and what follows; the digits that every moment has are looked at eight bytes at once.
#[inline]
fn first_date_time(text: &[u8]) -> Option<(Day, Time, &[u8])> {
    let (head, rest) = text.split_first_chunk::<16>()?;
    let (seconds, rest) = rest.split_first_chunk::<3>()?;
    let (first, last) = (head.first_chunk::<8>()?, head.last_chunk::<8>()?);
    let first = Digits::of(*first, *b"0000-00-")?;
    let last = Digits::of(*last, *b"00T00:00").or_else(|| Digits::of(*last, *b"00t00:00"))?;
    let &[b':', s1, s2] = seconds else {
        return None;
    };
    let (year, month, day) = (first.two(0) * 100 + first.two(2), first.two(5), last.two(0));
    if !is_day(year, month, day) {
        return None;
    }
    let (time, rest) = Time::new(last.two(3), last.two(6), two(s1, s2)?, rest)?;
    Some(((year, month, day), time, rest))
}

/// Eight bytes that look like a template, in which `0` stands for any digit.
#[derive(Clone, Copy)]
struct Digits(u64);

impl Digits {
    #[inline]
    fn of(text: [u8; 8], template: [u8; 8]) -> Option<Self> {
        // A digit becomes its value, a separator that fits becomes nothing.
        let values = u64::from_le_bytes(text) ^ u64::from_le_bytes(template);
        let most = u64::from_le_bytes(template.map(|byte| if byte == b'0' { 9 } else { 0 }));
        // With so much more than its most, a byte reaches its high bit. No byte runs over before one is found.
        let room = 0x7f7f_7f7f_7f7f_7f7f - most;
        let beyond = (values | values.wrapping_add(room)) & 0x8080_8080_8080_8080;
        (beyond == 0).then_some(Self(values))
    }

    /// The number that the digits at a place and behind it make.
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "a digit fits")]
    fn two(self, at: u32) -> u32 {
        let pair = self.0 >> (8 * at);
        (pair & 0xf) as u32 * 10 + (pair >> 8 & 0xf) as u32
    }
}

/// Reads a moment with its offset from UTC; digits beyond the nanosecond are dropped.
#[must_use]
pub fn parse_date_time(text: &[u8]) -> Option<DateTime<FixedOffset>> {
    let (moment, rest) = first_moment(text)?;
    rest.is_empty().then_some(moment)
}

/// Reads a moment that a text begins with, and gives what follows.
#[inline]
pub(crate) fn first_moment(text: &[u8]) -> Option<(DateTime<FixedOffset>, &[u8])> {
    let ((year, month, day), time, rest) = first_date_time(text)?;
    // chrono writes a leap second as the second before it with a thousand milliseconds more.
    let (second, nanosecond) = match time.second {
        60 => (59, time.nanosecond + 1_000_000_000),
        second => (second, time.nanosecond),
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let clock = NaiveTime::from_hms_nano_opt(time.hour, time.minute, second, nanosecond)?;
    let local = date.and_time(clock);
    let offset = FixedOffset::east_opt(time.offset * 60)?;
    let utc = match time.offset {
        0 => local,
        _ => local.checked_sub_offset(offset)?,
    };
    Some((DateTime::from_naive_utc_and_offset(utc, offset), rest))
}

/// Whether RFC 3339 can write the moment: a year of four digits, an offset of whole minutes, leap seconds where they
/// can be.
#[must_use]
pub fn is_date_time(moment: &DateTime<FixedOffset>) -> bool {
    let offset = moment.offset().local_minus_utc();
    let local = match offset {
        0 => moment.naive_utc(),
        _ => moment.naive_local(),
    };
    let leap = local.nanosecond() >= 1_000_000_000;
    (0..=9999).contains(&local.year())
        && offset % 60 == 0
        && (!leap || local.second() == 59 && is_leap_minute(local.hour(), local.minute(), offset / 60))
}

/// Whether the text is a duration by the grammar of RFC 3339, appendix A.
pub(super) fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else {
        return false;
    };
    if let Some(weeks) = rest.strip_suffix('W') {
        return is_digits(weeks);
    }
    let (date, time) = match rest.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (rest, None),
    };
    let date_fits = date.is_empty() && time.is_some() || are_neighbours(date, "YMD");
    date_fits && time.is_none_or(|time| are_neighbours(time, "HMS"))
}

/// Whether the text is numbers with units that follow each other without a gap.
fn are_neighbours(text: &str, units: &str) -> bool {
    let mut expected: Option<&str> = None;
    let mut rest = text;
    while let Some(at) = rest.find(|character: char| !character.is_ascii_digit()) {
        let Some((number, tail)) = rest.split_at_checked(at) else {
            return false;
        };
        let mut tail = tail.chars();
        let unit = tail.next().unwrap_or_default();
        let following = expected.unwrap_or(units);
        let Some(place) = following.find(unit) else {
            return false;
        };
        if !is_digits(number) || expected.is_some() && place != 0 {
            return false;
        }
        expected = following.get(place + 1..);
        rest = tail.as_str();
    }
    rest.is_empty() && expected.is_some()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
