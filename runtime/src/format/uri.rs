//! URIs as of RFC 3986 and IRIs as of RFC 3987.

use super::internet;

/// Which characters stand for themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// RFC 3986.
    Ascii,
    /// RFC 3987.
    International,
}

pub(super) fn is_uri(text: &str, alphabet: Alphabet) -> bool {
    scheme_end(text).is_some() && is_reference(text, alphabet)
}

pub(super) fn is_reference(text: &str, alphabet: Alphabet) -> bool {
    let (text, fragment) = split(text, '#');
    let (text, query) = split(text, '?');
    let (has_scheme, rest) = match scheme_end(text).and_then(|end| text.get(end + 1..)) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            match rest.split_at_checked(end) {
                Some((authority, path)) => (Some(authority), path),
                None => return false,
            }
        }
        None => (None, rest),
    };
    // `a:b` without a scheme would read as one.
    let first_segment = path.split('/').next().unwrap_or_default();
    let ambiguous = !has_scheme && authority.is_none() && first_segment.contains(':');
    !ambiguous
        && authority.is_none_or(|authority| is_authority(authority, alphabet))
        && is_text(path, ":@/", alphabet)
        && query.is_none_or(|query| is_query(query, alphabet))
        && fragment.is_none_or(|fragment| is_text(fragment, ":@/?", alphabet))
}

fn split(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.split_once(separator) {
        Some((head, tail)) => (head, Some(tail)),
        None => (text, None),
    }
}

/// Where the colon behind a scheme stands.
fn scheme_end(text: &str) -> Option<usize> {
    let end = text.find(|character: char| !(character.is_ascii_alphanumeric() || "+-.".contains(character)))?;
    (text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.get(end..)?.starts_with(':')).then_some(end)
}

fn is_authority(authority: &str, alphabet: Alphabet) -> bool {
    let (user, host_port) = match authority.split_once('@') {
        Some((user, host_port)) => (user, host_port),
        None => ("", authority),
    };
    let (host_fits, port) = if let Some(literal) = host_port.strip_prefix('[') {
        match literal.split_once(']') {
            Some((address, "")) => (is_ip_literal(address), ""),
            Some((address, rest)) => match rest.strip_prefix(':') {
                Some(port) => (is_ip_literal(address), port),
                None => return false,
            },
            None => return false,
        }
    } else {
        let (host, port) = split(host_port, ':');
        (is_text(host, "", alphabet), port.unwrap_or_default())
    };
    host_fits && is_text(user, ":", alphabet) && port.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_ip_literal(address: &str) -> bool {
    match address.strip_prefix(['v', 'V']) {
        Some(future) => future.split_once('.').is_some_and(|(version, rest)| {
            !version.is_empty()
                && !rest.is_empty()
                && version.bytes().all(|byte| byte.is_ascii_hexdigit())
                && !rest.contains('%')
                && is_text(rest, ":", Alphabet::Ascii)
        }),
        None => internet::is_ipv6(address),
    }
}

fn is_query(query: &str, alphabet: Alphabet) -> bool {
    match alphabet {
        Alphabet::Ascii => is_text(query, ":@/?", alphabet),
        // A query alone may hold private characters.
        Alphabet::International => {
            let rest: String = query.chars().filter(|character| !is_private(*character)).collect();
            is_text(&rest, ":@/?", alphabet)
        }
    }
}

/// Whether the text is made of unreserved characters, sub-delimiters, these others, and percent-encodings.
fn is_text(text: &str, others: &str, alphabet: Alphabet) -> bool {
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = match character {
            '%' => match rest.as_bytes().get(1..3) {
                Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => 3,
                _ => return false,
            },
            _ if character.is_ascii_alphanumeric()
                || "-._~!$&'()*+,;=".contains(character)
                || others.contains(character) =>
            {
                1
            }
            _ if alphabet == Alphabet::International && is_international(character) => character.len_utf8(),
            _ => return false,
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    true
}

/// RFC 3987, `ucschar`.
fn is_international(character: char) -> bool {
    let code = u32::from(character);
    matches!(code, 0xA0..=0xD7FF | 0xF900..=0xFDCF | 0xFDF0..=0xFFEF | 0xE1000..=0xEFFFD)
        || (0x10000..0xE0000).contains(&code) && code & 0xffff <= 0xFFFD
}

/// RFC 3987, `iprivate`.
fn is_private(character: char) -> bool {
    matches!(u32::from(character), 0xE000..=0xF8FF | 0xF0000..=0xFFFFD | 0x0010_0000..=0x0010_FFFD)
}
