//! Numbers as people write them in Rust.

use std::str::FromStr;

use proc_macro2::TokenStream;

/// A whole number, with underscores where it is long.
pub(super) fn integer(value: i128) -> TokenStream {
    let digits = grouped(&value.unsigned_abs().to_string());
    tokens(&if value < 0 { format!("-{digits}") } else { digits })
}

/// A length or a number of things.
pub(super) fn size(value: u64) -> TokenStream {
    tokens(&grouped(&value.to_string()))
}

/// A float, with a point or an exponent.
pub(super) fn float(value: f64) -> TokenStream {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        return tokens(&format!("{value:e}"));
    }
    let plain = format!("{size:?}");
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, "0"));
    let sign = if value < 0.0 { "-" } else { "" };
    tokens(&format!("{sign}{}.{}", grouped(whole), grouped_from_left(fraction)))
}

fn tokens(text: &str) -> TokenStream {
    TokenStream::from_str(text).unwrap_or_default()
}

/// Digits in groups of three, counted from the right.
fn grouped(digits: &str) -> String {
    let first = digits.len() % 3;
    match digits.split_at_checked(first) {
        Some(("", rest)) => grouped_from_left(rest),
        Some((head, rest)) if digits.len() >= 6 => format!("{head}_{}", grouped_from_left_always(rest)),
        _ => digits.to_owned(),
    }
}

/// Digits in groups of three, counted from the left; few digits need no groups.
fn grouped_from_left(digits: &str) -> String {
    if digits.len() < 6 {
        digits.to_owned()
    } else {
        grouped_from_left_always(digits)
    }
}

fn grouped_from_left_always(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % 3 == 0 {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (value, expected) in [
            (0, "0"),
            (-5, "- 5"),
            (4096, "4096"),
            (65535, "65535"),
            (100_000, "100_000"),
            (9_007_199_254_740_991, "9_007_199_254_740_991"),
        ] {
            assert_eq!(integer(value).to_string(), expected);
        }
        for (value, expected) in [
            (0.0, "0.0"),
            (100.0, "100.0"),
            (-0.5, "- 0.5"),
            (1e300, "1e300"),
            (1_234_567.0, "1_234_567.0"),
            (0.123_456_789, "0.123_456_789"),
        ] {
            assert_eq!(float(value).to_string(), expected);
        }
    }
}
