//! Numbers in a document.

use super::cursor::Cursor;
use super::decimal::Decimal;
use super::fault::{Fault, Parsed};
use super::rules::{Integer, Number};
use crate::payload::Keyword;

/// Longer whole numbers may not fit the fast way.
const FAST_DIGITS: usize = 18;

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
        let value = self.whole_number()?;
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
        if !matches!(self.peek(), b'-' | b'0'..=b'9') {
            return Err(self.wrong_type("a number"));
        }
        let start = self.at;
        let end = self.number_end().ok_or_else(|| self.syntax("a JSON number"))?;
        match self.slice(start, end).parse::<f64>() {
            Ok(value) if value.is_finite() => {
                self.at = end;
                Ok(value)
            }
            _ => Err(self.syntax("a number within the range of a 64-bit float")),
        }
    }

    /// A whole number, exactly; one beyond 128 bits is as good as the largest.
    #[inline]
    fn whole_number(&mut self) -> Parsed<i128> {
        let negative = self.peek() == b'-';
        let digits = self.bytes().get(self.at + usize::from(negative)..).unwrap_or_default();
        let mut value: u64 = 0;
        let mut length = 0;
        for &byte in digits.iter().take(FAST_DIGITS) {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            value = value * 10 + u64::from(digit);
            length += 1;
        }
        let leading_zero = length > 1 && digits.first() == Some(&b'0');
        let plain = !matches!(digits.get(length), Some(b'0'..=b'9' | b'.' | b'e' | b'E'));
        if length == 0 || leading_zero || !plain {
            return self.whole_number_slowly();
        }
        self.at += usize::from(negative) + length;
        let value = i128::from(value);
        Ok(if negative { -value } else { value })
    }

    #[inline(never)]
    fn whole_number_slowly(&mut self) -> Parsed<i128> {
        if !matches!(self.peek(), b'-' | b'0'..=b'9') {
            return Err(self.wrong_type("an integer"));
        }
        let start = self.at;
        let end = self.number_end().ok_or_else(|| self.syntax("a JSON number"))?;
        let value = Decimal::parse(self.slice(start, end)).and_then(|decimal| decimal.to_integer());
        match value {
            Some(value) => {
                self.at = end;
                Ok(value)
            }
            None => Err(Fault::at(start, Keyword::Type, "an integer")),
        }
    }

    /// Passes a number; the cursor stands on its first byte.
    #[inline]
    pub(super) fn skip_number(&mut self) -> Parsed<()> {
        let end = self.number_end().ok_or_else(|| self.syntax("a JSON number"))?;
        let token = self.slice(self.at, end);
        // Only an exponent or hundreds of digits lead beyond a float.
        if (token.len() > 300 || token.contains(['e', 'E'])) && !token.parse::<f64>().is_ok_and(f64::is_finite) {
            return Err(self.syntax("a number within the range of a 64-bit float"));
        }
        self.at = end;
        Ok(())
    }

    /// The end of the number at the cursor, if there is a number by JSON's grammar.
    #[inline]
    fn number_end(&self) -> Option<usize> {
        let bytes = self.bytes();
        let digits = |from: usize| {
            let rest = bytes.get(from..).unwrap_or_default();
            let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            (length > 0).then_some(from + length)
        };
        let mut at = self.at;
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
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            at += 1;
            if matches!(bytes.get(at), Some(b'+' | b'-')) {
                at += 1;
            }
            at = digits(at)?;
        }
        Some(at)
    }
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
