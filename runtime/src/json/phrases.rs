//! What a fault says was expected and was found.

use super::fault::Fault;
use crate::format::Format;
use crate::pattern::Pattern;
use crate::payload::Keyword;

/// A number as people read it.
pub(super) trait Shown {
    fn shown(&self) -> String;
}

impl Shown for i128 {
    fn shown(&self) -> String {
        itoa::Buffer::new().format(*self).to_owned()
    }
}

impl Shown for f64 {
    fn shown(&self) -> String {
        // Numbers of a usual size are written alike, and faster.
        if !(1e-3..1e15).contains(&self.abs()) {
            return self.to_string();
        }
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(*self);
        text.strip_suffix(".0").unwrap_or(text).to_owned()
    }
}

/// A number beyond a bound.
#[cold]
#[inline(never)]
pub(super) fn bound<T: Shown + Copy>(keyword: Keyword, relation: &str, bound: T, value: T) -> Fault {
    let kind = if keyword == Keyword::MultipleOf {
        ""
    } else {
        "a number of "
    };
    Fault::of(keyword, [kind, relation, " ", &bound.shown()].concat(), value.shown())
}

#[cold]
#[inline(never)]
pub(super) fn pattern_fault(pattern: &Pattern, text: &str) -> Fault {
    let expected = ["text that matches ", pattern.as_str()].concat();
    Fault::of(Keyword::Pattern, expected, quoted(text))
}

#[cold]
#[inline(never)]
pub(super) fn format_fault(format: Format, text: &str) -> Fault {
    Fault::of(Keyword::Format, format.description(), quoted(text))
}

#[cold]
pub(super) fn at_least(count: usize, thing: &str) -> String {
    format!("at least {}", counted(count, thing))
}

#[cold]
pub(super) fn at_most(count: usize, thing: &str) -> String {
    format!("at most {}", counted(count, thing))
}

#[cold]
pub(super) fn counted(count: usize, thing: &str) -> String {
    match count {
        1 => format!("1 {thing}"),
        _ => format!("{count} {thing}s"),
    }
}

#[cold]
pub(super) fn quoted(text: &str) -> String {
    let mut out = bytes::BytesMut::with_capacity(text.len() + 2);
    super::write::text(text, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_the_standard_library_shows_them() {
        for value in [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.1,
            0.001,
            0.000_9,
            0.1 + 0.2,
            100.5,
            1e14,
            999_999_999_999_999.9,
            1e15,
            1e16,
            1e21,
            1e300,
            f64::MAX,
            f64::MIN_POSITIVE,
            f64::INFINITY,
            f64::NAN,
            -123_456.789,
            5e-324,
        ] {
            assert_eq!(value.shown(), value.to_string());
        }
        for value in [0, 1, -1, i128::MAX, i128::MIN] {
            assert_eq!(value.shown(), value.to_string());
        }
    }
}
