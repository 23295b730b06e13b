//! The formats of JSON Schema, each read strictly by the document that defines it.

mod internet;
mod pointer;
mod template;
mod time;
mod uri;

pub(crate) use time::first_moment;
pub use time::{is_date_time, parse_date_time};

use uuid::Uuid;

/// A format that text can be checked against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// `date-time`: RFC 3339, section 5.6.
    DateTime,
    /// `date`: RFC 3339, `full-date`.
    Date,
    /// `time`: RFC 3339, `full-time`, so with an offset.
    Time,
    /// `duration`: RFC 3339, appendix A.
    Duration,
    /// `email`: RFC 5321, `Mailbox`.
    Email,
    /// `hostname`: RFC 1123, section 2.1.
    Hostname,
    /// `ipv4`: RFC 2673, section 3.2.
    Ipv4,
    /// `ipv6`: RFC 4291, section 2.2.
    Ipv6,
    /// `uri`: RFC 3986, with a scheme.
    Uri,
    /// `uri-reference`: RFC 3986.
    UriReference,
    /// `iri`: RFC 3987, with a scheme.
    Iri,
    /// `iri-reference`: RFC 3987.
    IriReference,
    /// `uri-template`: RFC 6570.
    UriTemplate,
    /// `uuid`: RFC 4122.
    Uuid,
    /// `json-pointer`: RFC 6901.
    JsonPointer,
    /// `relative-json-pointer`: draft-bhutton-relative-json-pointer-00.
    RelativeJsonPointer,
    /// `regex`: an expression that Rust's `regex` takes, which is less than ECMA-262 allows.
    Regex,
}

impl Format {
    /// Whether the text is of the format.
    #[must_use]
    pub fn is_valid(self, text: &str) -> bool {
        match self {
            Self::DateTime => time::date_time(text.as_bytes()).is_some(),
            Self::Date => time::date(text.as_bytes()).is_some(),
            Self::Time => time::time(text.as_bytes()).is_some(),
            Self::Duration => time::is_duration(text),
            Self::Email => internet::is_email(text),
            Self::Hostname => internet::is_hostname(text),
            Self::Ipv4 => internet::is_ipv4(text),
            Self::Ipv6 => internet::is_ipv6(text),
            Self::Uri => uri::is_uri(text, uri::Alphabet::Ascii),
            Self::UriReference => uri::is_reference(text, uri::Alphabet::Ascii),
            Self::Iri => uri::is_uri(text, uri::Alphabet::International),
            Self::IriReference => uri::is_reference(text, uri::Alphabet::International),
            Self::UriTemplate => template::is_uri_template(text),
            Self::Uuid => parse_uuid(text.as_bytes()).is_some(),
            Self::JsonPointer => pointer::is_json_pointer(text),
            Self::RelativeJsonPointer => pointer::is_relative_json_pointer(text),
            Self::Regex => regex::Regex::new(text).is_ok(),
        }
    }

    /// What text of the format is, with the format's name.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::DateTime => "a moment as of RFC 3339 (date-time)",
            Self::Date => "a day as of RFC 3339 (date)",
            Self::Time => "a time of day with its offset as of RFC 3339 (time)",
            Self::Duration => "a duration as of RFC 3339 (duration)",
            Self::Email => "a mail address (email)",
            Self::Hostname => "a host name (hostname)",
            Self::Ipv4 => "an IPv4 address (ipv4)",
            Self::Ipv6 => "an IPv6 address (ipv6)",
            Self::Uri => "a URI with its scheme (uri)",
            Self::UriReference => "a URI or a relative reference (uri-reference)",
            Self::Iri => "an IRI with its scheme (iri)",
            Self::IriReference => "an IRI or a relative reference (iri-reference)",
            Self::UriTemplate => "a URI template (uri-template)",
            Self::Uuid => "a UUID (uuid)",
            Self::JsonPointer => "a JSON pointer (json-pointer)",
            Self::RelativeJsonPointer => "a relative JSON pointer (relative-json-pointer)",
            Self::Regex => "a regular expression (regex)",
        }
    }
}

/// Reads a UUID of 36 characters, in either case.
#[inline]
#[must_use]
pub fn parse_uuid(text: &[u8]) -> Option<Uuid> {
    let text: &[u8; 36] = text.try_into().ok()?;
    let eight = |at: usize| {
        text.get(at..)
            .and_then(<[u8]>::first_chunk::<8>)
            .copied()
            .map(u64::from_le_bytes)
    };
    let four = |at: usize| {
        text.get(at..)
            .and_then(<[u8]>::first_chunk::<4>)
            .copied()
            .map(u32::from_le_bytes)
    };
    // Two groups of four digits with the hyphen between them left out.
    let pair = |at: usize| Some(u64::from(four(at)?) | u64::from(four(at + 5)?) << 32);
    if [8, 13, 18, 23].iter().any(|&at| text.get(at) != Some(&b'-')) {
        return None;
    }
    let mut value: u128 = 0;
    for word in [eight(0)?, pair(9)?, pair(19)?, eight(28)?] {
        value = (value << 32) | u128::from(hex_digits(word)?);
    }
    Some(Uuid::from_u128(value))
}

/// Reads eight hexadecimal digits at once, each in a byte of one word, the first one in the lowest.
#[inline]
fn hex_digits(word: u64) -> Option<u32> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES * 0x80;
    /// The high bit of each byte that is at least so large; all bytes are ASCII, so that no sum runs over.
    const fn at_least(word: u64, byte: u8) -> u64 {
        word + ONES * (0x80 - byte as u64)
    }
    if word & HIGH != 0 {
        return None;
    }
    let lower = word | (ONES * 0x20);
    let decimal = at_least(word, b'0') & !at_least(word, b'9' + 1) & HIGH;
    let letter = at_least(lower, b'a') & !at_least(lower, b'f' + 1) & HIGH;
    if decimal | letter != HIGH {
        return None;
    }
    let nibbles = (word & (ONES * 0x0f)) + (letter >> 7) * 9;
    let pairs = ((nibbles << 4) | (nibbles >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | (pairs >> 8)) & 0x0000_ffff_0000_ffff;
    let [b1, b2, b3, b4, ..] = (fours | (fours >> 16)).to_le_bytes();
    Some(u32::from_be_bytes([b1, b2, b3, b4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: Format, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(format.is_valid(text), "{format:?} refuses {text:?}");
        }
        for text in bad {
            assert!(!format.is_valid(text), "{format:?} accepts {text:?}");
        }
    }

    #[test]
    fn uuid() {
        check(
            Format::Uuid,
            &[
                "67e55044-10b1-426f-9247-bb680e5fe0c8",
                "67E55044-10B1-426F-9247-BB680E5FE0C8",
            ],
            &[
                "",
                "67e5504410b1426f9247bb680e5fe0c8",
                "{67e55044-10b1-426f-9247-bb680e5fe0c8}",
                "67e55044-10b1-426f-9247-bb680e5fe0c",
                "67e55044-10b1-426f-9247-bb680e5fe0cg",
                "67e55044-10b1-426f-9247bb680e5fe0c8-",
                "67e5504-410b1-426f-9247-bb680e5fe0c8",
                "-67e55044-10b1-426f-9247-bb680e5fe0c",
            ],
        );
    }

    #[test]
    fn every_byte_of_a_uuid_counts() {
        let text = b"0f9a8b7c-6d5e-4f3a-8b1c-0d9e8f7a6b5c";
        for at in 0..text.len() {
            for byte in 0..=u8::MAX {
                let mut text = *text;
                text[at] = byte;
                let fits = if byte == b'-' {
                    [8, 13, 18, 23].contains(&at)
                } else {
                    byte.is_ascii_hexdigit() && ![8, 13, 18, 23].contains(&at)
                };
                let expected = fits.then(|| Uuid::try_parse_ascii(&text).unwrap());
                assert_eq!(parse_uuid(&text), expected, "{at} {byte}");
            }
        }
    }

    #[test]
    fn dates_and_times() {
        check(
            Format::DateTime,
            &[
                "2024-02-29T12:00:00Z",
                "2024-02-29t12:00:00.5z",
                "2024-12-31T23:59:60Z",
                "2024-12-31T22:59:60-01:00",
                "0000-01-01T00:00:00+23:59",
            ],
            &[
                "2023-02-29T12:00:00Z",
                "2024-02-29 12:00:00Z",
                "2024-02-29T12:00:00",
                "2024-02-29T24:00:00Z",
                "2024-02-29T12:00:60Z",
                "2024-02-29T12:00:00.Z",
                "2024-02-29T12:00Z",
                "2024-13-01T00:00:00Z",
                "2024-00-01T00:00:00Z",
                "2024-01-00T00:00:00Z",
                "2024-01-01T00:00:00+24:00",
                "2024-01-01T00:00:00+00:60",
                "2024-01-01T00:00:00+0000",
                "+2024-01-01T00:00:00Z",
                "",
            ],
        );
        check(
            Format::Date,
            &["2024-02-29", "1999-12-31"],
            &["2024-2-29", "2024-02-30", "1900-02-29", "2024-02-29T"],
        );
        check(
            Format::Time,
            &["12:00:00Z", "23:59:60Z", "12:00:00.25+01:00"],
            &["12:00:00", "12:00", "24:00:00Z", "12:00:60Z"],
        );
        check(
            Format::Duration,
            &["P1Y", "P1Y2M3D", "PT1H30M", "P1DT12H", "P4W", "PT0S", "PT36H", "P1M2D"],
            &[
                "", "P", "PT", "P1", "1Y", "P1Y1W", "P1D2H", "PT1D", "P1Y3D", "PT1H3S", "P1.5D", "P-1D", "P1W2D",
                "P2D1Y", "P1DT",
            ],
        );
    }

    #[test]
    fn hosts_and_addresses() {
        check(
            Format::Hostname,
            &["localhost", "a-b.example.com", "1.2.3.4", "xn--4gbwdl.xn--wgbh1c"],
            &["", ".", "a.", ".a", "-a", "a-", "a_b", "a..b", "\u{e9}.com", "ab--cd"],
        );
        check(
            Format::Ipv4,
            &["127.0.0.1", "255.255.255.255"],
            &["256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4.5", ""],
        );
        check(
            Format::Ipv6,
            &["::", "::1", "2001:db8::8a2e:370:7334", "::ffff:1.2.3.4"],
            &["1::2::3", "12345::", ":1", "fe80::1%eth0", ""],
        );
        check(
            Format::Email,
            &[
                "a@b",
                "joe.bloggs@example.com",
                "\"joe bloggs\"@example.com",
                "a+b@[127.0.0.1]",
                "a@[IPv6:::1]",
                "!#$%&'*+-/=?^_`{|}~@a.b",
            ],
            &[
                "",
                "a",
                "@b",
                "a@",
                ".a@b",
                "a.@b",
                "a..b@c",
                "a@b@c",
                "a b@c",
                "a@b_c",
                "a@[300.0.0.1]",
                "\u{e9}@b",
            ],
        );
    }

    #[test]
    fn uris() {
        check(
            Format::Uri,
            &[
                "http://a",
                "urn:isbn:1",
                "mailto:a@b",
                "http://u:p@h:80/p?q#f",
                "http://[::1]/",
                "file:///x",
                "a:",
                "http://a/%20",
            ],
            &[
                "",
                "a",
                "//a",
                "http://a b",
                "http://a/%2",
                "http://a/{x}",
                "1a:b",
                "http://[::1",
                "http://a:x/",
                "http://\u{e9}",
            ],
        );
        check(
            Format::UriReference,
            &["", "a", "/a", "//h", "?q", "#f", "./a:b"],
            &["a b", "%", "\\", "a\u{e9}", "1:b"],
        );
        check(Format::Iri, &["http://\u{e9}/\u{4e2d}"], &["\u{e9}", "http://a b"]);
        check(Format::IriReference, &["\u{e9}", ""], &["a b", "\u{e000}"]);
        check(
            Format::UriTemplate,
            &["", "/a/{b}", "{+x,y*}{?z:30}"],
            &["{", "}", "{}", "{x", "{-x}", "{x:0}", "a b"],
        );
    }

    #[test]
    fn pointers() {
        check(
            Format::JsonPointer,
            &["", "/", "/a/~0~1", "/\u{e9}"],
            &["a", "/~", "/~2", "#/a"],
        );
        check(
            Format::RelativeJsonPointer,
            &["0", "1/a", "10#", "0#"],
            &["", "01", "-1/a", "0##", "/a", "1a"],
        );
        check(Format::Regex, &["^a+$", ""], &["(", "[a"]);
    }
}
