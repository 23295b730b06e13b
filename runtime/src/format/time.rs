//! Dates, times and durations as of RFC 3339.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, TimeZone, Timelike};

/// A day that the calendar has.
pub(super) fn date(text: &[u8]) -> Option<(u32, u32, u32)> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return None;
    };
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let month = two(m1, m2)?;
    let day = two(d1, d2)?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then_some((year, month, day))
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
    let (hour, minute, second) = (two(h1, h2)?, two(m1, m2)?, two(s1, s2)?);
    let (nanosecond, zone) = match rest.split_first() {
        Some((b'.', fraction)) => nanoseconds(fraction)?,
        _ => (0, rest),
    };
    let offset = offset(zone)?;
    let valid = hour < 24 && minute < 60 && (second < 60 || second == 60 && is_leap_minute(hour, minute, offset));
    valid.then_some(Time {
        hour,
        minute,
        second,
        nanosecond,
        offset,
    })
}

/// Leap seconds are inserted at the end of a day in UTC.
fn is_leap_minute(hour: u32, minute: u32, offset: i32) -> bool {
    i32::try_from(hour * 60 + minute).is_ok_and(|local| (local - offset).rem_euclid(24 * 60) == 24 * 60 - 1)
}

fn nanoseconds(fraction: &[u8]) -> Option<(u32, &[u8])> {
    let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = fraction.split_at_checked(length)?;
    let value = digits
        .iter()
        .chain(std::iter::repeat(&b'0'))
        .take(9)
        .fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
    (length > 0).then_some((value, rest))
}

fn offset(zone: &[u8]) -> Option<i32> {
    match zone {
        b"Z" | b"z" => Some(0),
        &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two(h1, h2)?, two(m1, m2)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = i32::try_from(hours * 60 + minutes).ok()?;
            Some(if sign == b'-' { -offset } else { offset })
        }
        _ => None,
    }
}

#[inline]
fn two(tens: u8, ones: u8) -> Option<u32> {
    if tens.is_ascii_digit() && ones.is_ascii_digit() {
        Some(u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
    } else {
        None
    }
}

pub(super) fn date_time(text: &[u8]) -> Option<((u32, u32, u32), Time)> {
    let (day, rest) = text.split_at_checked(10)?;
    match rest.split_first() {
        Some((b'T' | b't', clock)) => Some((date(day)?, time(clock)?)),
        _ => None,
    }
}

/// Reads a moment with its offset from UTC; digits beyond the nanosecond are dropped.
#[must_use]
pub fn parse_date_time(text: &[u8]) -> Option<DateTime<FixedOffset>> {
    let ((year, month, day), time) = date_time(text)?;
    // chrono writes a leap second as the second before it with a thousand milliseconds more.
    let (second, nanosecond) = match time.second {
        60 => (59, time.nanosecond + 1_000_000_000),
        second => (second, time.nanosecond),
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let clock = NaiveTime::from_hms_nano_opt(time.hour, time.minute, second, nanosecond)?;
    FixedOffset::east_opt(time.offset * 60)?
        .from_local_datetime(&date.and_time(clock))
        .single()
}

/// Whether RFC 3339 can write the moment: a year of four digits, an offset of whole minutes, leap seconds where they
/// can be.
#[must_use]
pub fn is_date_time(moment: &DateTime<FixedOffset>) -> bool {
    let local = moment.naive_local();
    let offset = moment.offset().local_minus_utc();
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
