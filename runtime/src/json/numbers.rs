//! Numbers in a document.

use super::cursor::Cursor;
use super::decimal::Decimal;
use super::fault::{Fault, Parsed};
use super::rules::{Integer, Number};
use super::words::{Word, digits_end};
use crate::payload::Keyword;

/// Two words hold so many digits and the byte behind them. A float holds every whole number of so many digits, and every
/// power of ten up to it, so that one division rounds correctly.
const FAST_DIGITS: usize = 15;
const POWERS: [f64; FAST_DIGITS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// The digits of a number that is written without an exponent.
struct Digits {
    /// All digits as one whole number, of which the last ones stand behind the point.
    value: u64,
    decimals: usize,
    end: usize,
}

impl Cursor<'_> {
    /// Reads a whole number that follows rules.
    ///
    /// # Errors
    ///
    /// When something else stands here, the number breaks a rule, or the type cannot hold it.
    #[inline]
    pub fn integer<T: TryFrom<i128>>(&mut self, rules: &Integer) -> Parsed<T> {
        self.peek();
        let start = self.at;
        let value = match self.short_number() {
            Some(value) => i128::from(value),
            None => self.whole_number()?,
        };
        match (rules.check(value), T::try_from(value)) {
            (Ok(()), Ok(value)) => Ok(value),
            // Of a number beyond the type the digits are not all known.
            (Err(fault), Err(_)) if fault.keyword() != Keyword::MultipleOf => Err(fault.placed(start)),
            (Err(fault), Ok(_)) => Err(fault.placed(start)),
            (_, Err(_)) => Err(Fault::at(start, Keyword::IntegerRange, integer_range::<T>())),
        }
    }

    /// Reads a number that follows rules.
    ///
    /// # Errors
    ///
    /// When something else stands here, or the number breaks a rule.
    #[inline]
    pub fn number(&mut self, rules: &Number) -> Parsed<f64> {
        self.peek();
        let start = self.at;
        let value = self.float()?;
        match rules.check(value) {
            Ok(()) => Ok(value),
            Err(fault) => Err(fault.placed(start)),
        }
    }

    #[inline]
    fn float(&mut self) -> Parsed<f64> {
        let negative = self.peek() == b'-';
        match Digits::of(self.bytes(), self.at + usize::from(negative)) {
            Some(Digits { value, decimals, end }) => {
                self.at = end;
                #[allow(clippy::cast_precision_loss, reason = "fifteen digits are exact")]
                let value = value as f64 / POWERS.get(decimals).copied().unwrap_or(1.0);
                Ok(if negative { -value } else { value })
            }
            None => self.long_float(),
        }
    }

    #[inline(never)]
    fn long_float(&mut self) -> Parsed<f64> {
        if !matches!(self.peek(), b'-' | b'0'..=b'9') {
            return Err(self.wrong_type("a number"));
        }
        let start = self.at;
        let Some((end, _)) = token_end(self.bytes(), start) else {
            return Err(self.syntax("a JSON number"));
        };
        match self.slice(start, end).parse::<f64>() {
            Ok(value) if value.is_finite() => {
                self.at = end;
                Ok(value)
            }
            _ => Err(self.syntax("a number within the range of a 64-bit float")),
        }
    }

    /// A whole number of a few digits without a point, as most are.
    #[inline]
    fn short_number(&mut self) -> Option<i64> {
        let negative = self.peek() == b'-';
        let start = self.at + usize::from(negative);
        let (length, value, next) = digits(self.bytes(), start);
        let leading_zero = length > 1 && self.bytes().get(start) == Some(&b'0');
        if !(1..=FAST_DIGITS).contains(&length) || leading_zero || matches!(next, b'.' | b'e' | b'E') {
            return None;
        }
        self.at = start + length;
        let value = i64::try_from(value).ok()?;
        Some(if negative { -value } else { value })
    }

    /// A whole number, exactly; one beyond 128 bits is as good as the largest.
    #[inline(never)]
    fn whole_number(&mut self) -> Parsed<i128> {
        if !matches!(self.peek(), b'-' | b'0'..=b'9') {
            return Err(self.wrong_type("an integer"));
        }
        let start = self.at;
        let Some((end, _)) = token_end(self.bytes(), start) else {
            return Err(self.syntax("a JSON number"));
        };
        let value = Decimal::parse(self.slice(start, end)).and_then(|decimal| decimal.to_integer());
        match value {
            Some(value) => {
                self.at = end;
                Ok(value)
            }
            None => Err(Fault::at(start, Keyword::Type, "an integer")),
        }
    }

    /// The end of the number at a place that begins one.
    #[inline]
    pub(super) fn number_end(&mut self, at: usize) -> Parsed<usize> {
        match token_end(self.bytes(), at) {
            // Only an exponent or hundreds of digits lead beyond a float.
            Some((end, exponent)) if !exponent && end - at <= 300 => Ok(end),
            Some((end, _)) if self.slice(at, end).parse::<f64>().is_ok_and(f64::is_finite) => Ok(end),
            Some(_) => Err(self.number_fault(at, "a number within the range of a 64-bit float")),
            None => Err(self.number_fault(at, "a JSON number")),
        }
    }

    #[cold]
    #[inline(never)]
    fn number_fault(&mut self, at: usize, expected: &'static str) -> Fault {
        self.at = at;
        self.syntax(expected)
    }
}

/// How many digits follow, the number that they make, and the byte behind them; no more than sixteen are looked at.
#[inline]
fn digits(bytes: &[u8], start: usize) -> (usize, u64, u8) {
    let word = Word::at(bytes, start);
    let (length, value) = word.number();
    if length < 8 {
        (length, value, word.byte(length))
    } else {
        many_digits(bytes, start, value)
    }
}

#[inline(never)]
fn many_digits(bytes: &[u8], start: usize, first: u64) -> (usize, u64, u8) {
    let word = Word::at(bytes, start + 8);
    let (length, value) = word.number();
    (8 + length, first * whole_power(length) + value, word.byte(length))
}

#[inline]
fn whole_power(exponent: usize) -> u64 {
    const POWERS: [u64; FAST_DIGITS + 1] = [
        1,
        10,
        100,
        1_000,
        10_000,
        100_000,
        1_000_000,
        10_000_000,
        100_000_000,
        1_000_000_000,
        10_000_000_000,
        100_000_000_000,
        1_000_000_000_000,
        10_000_000_000_000,
        100_000_000_000_000,
        1_000_000_000_000_000,
    ];
    POWERS.get(exponent).copied().unwrap_or(0)
}

impl Digits {
    /// Those of a number without its sign, if they are few and follow JSON's grammar.
    #[inline]
    fn of(bytes: &[u8], start: usize) -> Option<Self> {
        let (whole, value, next) = digits(bytes, start);
        if !(1..=FAST_DIGITS).contains(&whole) || whole > 1 && bytes.get(start) == Some(&b'0') {
            return None;
        }
        let point = start + whole;
        match next {
            b'.' => {
                let (decimals, fraction, next) = digits(bytes, point + 1);
                let fits = decimals > 0 && whole + decimals <= FAST_DIGITS && !matches!(next, b'e' | b'E');
                fits.then(|| Self {
                    value: value * whole_power(decimals) + fraction,
                    decimals,
                    end: point + 1 + decimals,
                })
            }
            b'e' | b'E' => None,
            _ => Some(Self {
                value,
                decimals: 0,
                end: point,
            }),
        }
    }
}

/// The end of the number that begins at a place, if there is a number by JSON's grammar, and whether it has an exponent.
#[inline]
fn token_end(bytes: &[u8], mut at: usize) -> Option<(usize, bool)> {
    let digits = |start: usize| {
        let end = digits_end(bytes, start);
        (end > start).then_some(end)
    };
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    at = if bytes.get(at) == Some(&b'0') {
        at + 1
    } else {
        digits(at)?
    };
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    let exponent = matches!(bytes.get(at), Some(b'e' | b'E'));
    if exponent {
        at += 1;
        if matches!(bytes.get(at), Some(b'+' | b'-')) {
            at += 1;
        }
        at = digits(at)?;
    }
    Some((at, exponent))
}

#[cold]
fn integer_range<T>() -> &'static str {
    match std::mem::size_of::<T>() {
        1 => "an integer that 8 bits hold",
        2 => "an integer that 16 bits hold",
        4 => "an integer that 32 bits hold",
        _ => "an integer that 64 bits hold",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read_document;

    fn integer<T: TryFrom<i128>>(text: &str) -> Result<T, Keyword> {
        read_document(text.as_bytes(), |cursor| cursor.integer(&Integer::any())).map_err(|error| error.keyword())
    }

    #[test]
    fn integers_in_every_spelling() {
        for (text, expected) in [
            ("0", 0),
            ("-0", 0),
            ("1.0", 1),
            ("1.50e1", 15),
            ("1e3", 1000),
            ("1E+3", 1000),
            ("1200e-2", 12),
            ("-12.000", -12),
            ("0.0", 0),
            ("0e99999999999999999999", 0),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("9223372036854775807.0", i64::MAX),
        ] {
            assert_eq!(integer::<i64>(text), Ok(expected), "{text}");
        }
        assert_eq!(integer::<u64>("18446744073709551615"), Ok(u64::MAX));
    }

    #[test]
    fn what_is_no_integer_or_too_large() {
        for text in ["1.5", "1e-1", "true", "\"1\"", "null", "{}", "1e-400"] {
            assert_eq!(integer::<i64>(text), Err(Keyword::Type), "{text}");
        }
        for text in ["9223372036854775808", "1e30", "1e99999999999999999999", "-1e400"] {
            assert_eq!(integer::<i64>(text), Err(Keyword::IntegerRange), "{text}");
        }
        for text in ["01", "-", "1.", "1e", "-01", "00"] {
            assert_eq!(integer::<i64>(text), Err(Keyword::Syntax), "{text}");
        }
        assert_eq!(integer::<u8>("256"), Err(Keyword::IntegerRange));
        assert_eq!(integer::<u8>("-1"), Err(Keyword::IntegerRange));
    }

    #[test]
    fn numbers_agree_with_serde_json() {
        for text in [
            "0",
            "-0.0",
            "1.5",
            "1e308",
            "1e309",
            "-1e309",
            "5e-324",
            "1e-400",
            "0.1",
            "123456789012345678901234567890",
            "01",
            ".1",
            "1.",
            "--1",
        ] {
            let ours = read_document(text.as_bytes(), |cursor| cursor.number(&Number::any())).ok();
            assert_eq!(ours, serde_json::from_str::<f64>(text).ok(), "{text}");
        }
    }
}
