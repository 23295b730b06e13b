//! Hosts, addresses and mailboxes.

use std::net::{Ipv4Addr, Ipv6Addr};

/// RFC 1123: labels of letters, digits and inner hyphens, 253 characters in all. A label with hyphens at its third and
/// fourth place must be an A-label (RFC 5891); what it decodes to is not looked at.
pub(super) fn is_hostname(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    let plain = bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    let reserved = bytes.get(2..4) == Some(b"--");
    let ascii_encoded = label.strip_prefix("xn--").is_some_and(|rest| !rest.is_empty());
    plain
        && (1..=63).contains(&bytes.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && (!reserved || ascii_encoded)
}

pub(super) fn is_ipv4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

pub(super) fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

/// RFC 5321, `Mailbox`, with the length limits of section 4.5.3.1.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    (1..=64).contains(&local.len())
        && domain.len() <= 254
        && (is_dot_string(local) || is_quoted_string(local))
        && is_domain(domain)
}

fn is_domain(domain: &str) -> bool {
    let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return is_hostname(domain);
    };
    match literal.split_at_checked(5) {
        Some((tag, address)) if tag.eq_ignore_ascii_case("IPv6:") => is_ipv6(address),
        _ => is_ipv4(literal),
    }
}

fn is_dot_string(local: &str) -> bool {
    local
        .split('.')
        .all(|atom| !atom.is_empty() && atom.bytes().all(is_atom_byte))
}

fn is_atom_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_quoted_string(local: &str) -> bool {
    let inside = local
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|_| local.len() >= 2);
    let Some(inside) = inside else {
        return false;
    };
    let mut bytes = inside.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'\\' => bytes.next().is_some_and(|escaped| (0x20..0x7f).contains(&escaped)),
            b'"' => false,
            byte => (0x20..0x7f).contains(&byte),
        };
        if !fits {
            return false;
        }
    }
    true
}
