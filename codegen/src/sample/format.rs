//! Texts of the formats that JSON Schema knows, and texts that only look like them.

use crate::contract::payload::Format;

/// Texts of a format, the usual one first and the shortest one last; another number makes other texts.
pub(super) fn texts(format: Format, salt: u64) -> Vec<String> {
    let (minute, second) = (salt / 60 % 60, salt % 60);
    let (high, low) = (salt / 256 % 256, salt % 256);
    let usual = match format {
        Format::DateTime => format!("2026-03-14T09:{minute:02}:{second:02}Z"),
        Format::Date => format!("{:04}-03-14", 2026 + salt % 7_000),
        Format::Time => format!("09:{minute:02}:{second:02}Z"),
        Format::Duration => format!("PT{}S", salt + 30),
        Format::Email => format!("user{}@example.com", number(salt)),
        Format::Hostname => format!("host{}.example.com", number(salt)),
        Format::Ipv4 => format!("192.0.{high}.{low}"),
        Format::Ipv6 => format!("2001:db8::{:x}", salt % 0xffff + 1),
        Format::Uri | Format::Iri => format!("https://example.com/{}", salt + 1),
        Format::UriReference | Format::IriReference => format!("items/{}", salt + 1),
        Format::UriTemplate => format!("https://example.com/{{item}}/{}", salt + 1),
        Format::Uuid => format!(
            "3f2b8c1e-5d4a-4e6f-9a7b-{:012x}",
            (0x1c2d_3e4f_5a6b + salt) & 0xffff_ffff_ffff
        ),
        Format::JsonPointer => format!("/items/{salt}"),
        Format::RelativeJsonPointer => format!("1/items/{salt}"),
        Format::Regex => format!("^[a-z]{{{}}}$", salt + 1),
    };
    let short = match format {
        Format::DateTime | Format::Date | Format::Time | Format::Uuid => return vec![usual],
        Format::Duration => format!("P{}D", salt + 1),
        Format::Email => format!("a{}@b.c", number(salt)),
        Format::Ipv4 => format!("1.1.{high}.{low}"),
        Format::Ipv6 => format!("::{:x}", salt % 0xffff + 1),
        Format::Uri | Format::Iri => format!("a:{}", number(salt)),
        Format::JsonPointer => format!("/{}", number(salt)),
        Format::RelativeJsonPointer => salt.to_string(),
        Format::Hostname | Format::UriReference | Format::IriReference | Format::UriTemplate | Format::Regex => {
            format!("a{}", number(salt))
        }
    };
    vec![usual, short]
}

/// Texts that are almost of a format.
pub(super) const fn almost(format: Format) -> &'static [&'static str] {
    match format {
        Format::DateTime => &["2026-02-30T09:26:53Z", "2026-03-14"],
        Format::Date => &["2026-02-30"],
        Format::Time => &["24:00:00Z"],
        Format::Duration => &["P", "30s"],
        Format::Email => &["user", "user@"],
        Format::Hostname => &["-host", "host_1.example.com", "-"],
        Format::Ipv4 => &["256.0.2.1"],
        Format::Ipv6 => &["2001:db8::g", "::g"],
        Format::Uri | Format::Iri => &["items/1", "a"],
        Format::UriReference | Format::IriReference => &["items\\1", "\\"],
        Format::UriTemplate => &["https://example.com/{item", "{"],
        Format::Uuid => &["3f2b8c1e5d4a4e6f9a7b1c2d3e4f5a6b"],
        Format::JsonPointer => &["items/0", "a"],
        Format::RelativeJsonPointer => &["-1/items", "-"],
        Format::Regex => &["^[a-z$", "("],
    }
}

/// Nothing for the first, then `2`, `3`, and so on.
fn number(salt: u64) -> String {
    match salt {
        0 => String::new(),
        _ => (salt + 1).to_string(),
    }
}
