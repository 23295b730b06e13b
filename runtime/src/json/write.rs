//! Writing JSON straight into the buffer that the client sends.

use std::collections::BTreeMap;

use bytes::BytesMut;
use chrono::{DateTime, Datelike, FixedOffset, Timelike};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::Codec;
use super::words::{is_plain, plain_end};

/// Writes text in quotes, with the escapes that it needs.
#[inline]
pub fn text(text: &str, out: &mut BytesMut) {
    out.extend_from_slice(b"\"");
    let bytes = text.as_bytes();
    if is_plain(bytes) {
        out.extend_from_slice(bytes);
    } else {
        escaped(bytes, out);
    }
    out.extend_from_slice(b"\"");
}

#[inline(never)]
fn escaped(bytes: &[u8], out: &mut BytesMut) {
    let mut start = 0;
    loop {
        let end = plain_end(bytes, start);
        out.extend_from_slice(bytes.get(start..end).unwrap_or_default());
        let Some(&byte) = bytes.get(end) else { return };
        match byte {
            b'"' => out.extend_from_slice(br#"\""#),
            b'\\' => out.extend_from_slice(br"\\"),
            b'\n' => out.extend_from_slice(br"\n"),
            b'\r' => out.extend_from_slice(br"\r"),
            b'\t' => out.extend_from_slice(br"\t"),
            0x08 => out.extend_from_slice(br"\b"),
            0x0c => out.extend_from_slice(br"\f"),
            control => out.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
        start = end + 1;
    }
}

/// Writes a number; what JSON cannot write becomes `null`, as `validate` says beforehand.
#[inline]
pub(super) fn number(value: f64, out: &mut BytesMut) {
    if value.is_finite() {
        out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

/// Writes a UUID.
#[inline]
pub(super) fn uuid(uuid: &Uuid, out: &mut BytesMut) {
    let mut quoted = [b'"'; Hyphenated::LENGTH + 2];
    if let Some(text) = quoted.get_mut(1..=Hyphenated::LENGTH) {
        uuid.hyphenated().encode_lower(text);
    }
    out.extend_from_slice(&quoted);
}

/// Writes a moment as of RFC 3339, with as many digits of a second as it needs; an offset of nothing is `Z`.
pub(super) fn date_time(moment: &DateTime<FixedOffset>, out: &mut BytesMut) {
    let offset = moment.offset().local_minus_utc();
    let local = if offset == 0 {
        moment.naive_utc()
    } else {
        moment.naive_local()
    };
    let mut second = local.second();
    let mut nanosecond = local.nanosecond();
    if nanosecond >= 1_000_000_000 {
        second += 1;
        nanosecond -= 1_000_000_000;
    }
    let year = u32::try_from(local.year()).unwrap_or(0);
    let [y1, y2] = two_digits(year / 100);
    let [y3, y4] = two_digits(year % 100);
    let [o1, o2] = two_digits(local.month());
    let [d1, d2] = two_digits(local.day());
    let [h1, h2] = two_digits(local.hour());
    let [m1, m2] = two_digits(local.minute());
    let [s1, s2] = two_digits(second);
    out.extend_from_slice(&[
        b'"', y1, y2, y3, y4, b'-', o1, o2, b'-', d1, d2, b'T', h1, h2, b':', m1, m2, b':', s1, s2,
    ]);
    if nanosecond > 0 {
        fraction(nanosecond, out);
    }
    if offset == 0 {
        out.extend_from_slice(b"Z\"");
        return;
    }
    let sign = if offset < 0 { b'-' } else { b'+' };
    let minutes = offset.unsigned_abs() / 60;
    let [h1, h2] = two_digits(minutes / 60);
    let [m1, m2] = two_digits(minutes % 60);
    out.extend_from_slice(&[sign, h1, h2, b':', m1, m2, b'"']);
}

#[inline]
fn fraction(nanosecond: u32, out: &mut BytesMut) {
    let (milli, micro, nano) = (nanosecond / 1_000_000, nanosecond / 1_000 % 1_000, nanosecond % 1_000);
    let [a1, a2, a3] = three_digits(milli);
    let [b1, b2, b3] = three_digits(micro);
    let [c1, c2, c3] = three_digits(nano);
    match (micro, nano) {
        (0, 0) => out.extend_from_slice(&[b'.', a1, a2, a3]),
        (_, 0) => out.extend_from_slice(&[b'.', a1, a2, a3, b1, b2, b3]),
        _ => out.extend_from_slice(&[b'.', a1, a2, a3, b1, b2, b3, c1, c2, c3]),
    }
}

#[inline]
fn two_digits(value: u32) -> [u8; 2] {
    [ascii_digit(value / 10), ascii_digit(value)]
}

#[inline]
fn three_digits(value: u32) -> [u8; 3] {
    [ascii_digit(value / 100), ascii_digit(value / 10), ascii_digit(value)]
}

#[inline]
#[allow(clippy::cast_possible_truncation, reason = "one digit fits a byte")]
fn ascii_digit(value: u32) -> u8 {
    b'0' + (value % 10) as u8
}

/// Writes a list.
pub fn array<T: Codec>(items: &[T], out: &mut BytesMut) {
    out.extend_from_slice(b"[");
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(b",");
        }
        item.write(out);
    }
    out.extend_from_slice(b"]");
}

/// Writes a map as an object.
pub fn map<T: Codec>(entries: &BTreeMap<String, T>, out: &mut BytesMut) {
    let mut object = ObjectWriter::new(out);
    object.entries(entries);
    object.finish();
}

/// An object that is being written.
///
/// Keys come as `,"name":`, ready to be copied; the first one's comma becomes the brace.
#[derive(Debug)]
pub struct ObjectWriter<'o> {
    out: &'o mut BytesMut,
    empty: bool,
}

impl<'o> ObjectWriter<'o> {
    /// Begins an object.
    #[inline]
    pub fn new(out: &'o mut BytesMut) -> Self {
        Self { out, empty: true }
    }

    /// Writes a member.
    #[inline]
    pub fn member<T: Codec>(&mut self, key: &'static str, value: &T) {
        self.constant(key);
        value.write(self.out);
    }

    /// Writes a member if there is one.
    #[inline]
    pub fn optional<T: Codec>(&mut self, key: &'static str, value: Option<&T>) {
        if let Some(value) = value {
            self.member(key, value);
        }
    }

    /// Writes a key, or a member that is always the same.
    // Without optimization a copy for each member would only take time to compile.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline(never))]
    #[allow(
        clippy::inline_always,
        reason = "only where the length is known it is copied without a call"
    )]
    pub fn constant(&mut self, text: &'static str) {
        if self.empty {
            self.empty = false;
            self.out.extend_from_slice(b"{");
            self.out.extend_from_slice(text.as_bytes().get(1..).unwrap_or_default());
        } else {
            self.out.extend_from_slice(text.as_bytes());
        }
    }

    /// Writes members whose names the schema does not know.
    pub fn entries<T: Codec>(&mut self, entries: &BTreeMap<String, T>) {
        for (name, value) in entries {
            self.out.extend_from_slice(if self.empty { b"{" } else { b"," });
            self.empty = false;
            text(name, self.out);
            self.out.extend_from_slice(b":");
            value.write(self.out);
        }
    }

    /// Ends the object.
    #[inline]
    pub fn finish(self) {
        self.out.extend_from_slice(if self.empty { b"{}" } else { b"}" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written<T: Codec>(value: &T) -> String {
        let mut out = BytesMut::new();
        value.write(&mut out);
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn text_as_serde_json_writes_it() {
        let mut body = String::new();
        for character in (0..0x80_u8).map(char::from).chain(['\u{e9}', '\u{2028}', '\u{1F600}']) {
            body.push(character);
            assert_eq!(written(&body), serde_json::to_string(&body).unwrap());
            assert_eq!(
                written(&character.to_string()),
                serde_json::to_string(&character).unwrap()
            );
        }
    }

    #[test]
    fn numbers_as_serde_json_writes_them() {
        for value in [0.0, -0.0, 1.0, 1.5, 1e300, 5e-324, 0.1 + 0.2, -123_456.789] {
            assert_eq!(written(&value), serde_json::to_string(&value).unwrap());
        }
        assert_eq!(written(&u64::MAX), "18446744073709551615");
    }

    #[test]
    fn moments_keep_their_offset() {
        for text in [
            "2024-02-29T23:59:60Z",
            "2024-01-01T00:00:00.123Z",
            "2024-01-01T00:00:00.123456-03:30",
            "2024-01-01T00:00:00.000000001+23:59",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999999+00:01",
        ] {
            let moment = crate::format::parse_date_time(text.as_bytes()).unwrap();
            assert_eq!(written(&moment), format!("\"{text}\""));
            assert!(moment.check().is_ok());
        }
    }

    #[test]
    fn objects() {
        let mut out = BytesMut::new();
        let mut object = ObjectWriter::new(&mut out);
        object.optional(r#","a":"#, None::<&bool>);
        object.member(r#","b":"#, &1_u8);
        object.constant(r#","kind":"x""#);
        object.entries(&BTreeMap::from([("c\"".to_owned(), vec![true, false])]));
        object.finish();
        assert_eq!(out, r#"{"b":1,"kind":"x","c\"":[true,false]}"#);
        let mut out = BytesMut::new();
        ObjectWriter::new(&mut out).finish();
        assert_eq!(out, "{}");
    }
}
