//! Decimal numbers, exactly.

/// `digits` times ten to the power of `exponent`; no digits are zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// Without zeros at either end.
    digits: Vec<u8>,
    exponent: i64,
}

/// An `i128` holds every number of this many digits.
const MOST_DIGITS: usize = 38;

impl Decimal {
    /// Reads a number that is written by JSON's grammar.
    pub(super) fn parse(token: &str) -> Option<Self> {
        let (negative, token) = match token.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, token),
        };
        let (mantissa, exponent) = token.split_once(['e', 'E']).unwrap_or((token, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        // An exponent beyond 64 bits is as good as the largest one.
        let sign = if exponent.starts_with('-') { -1 } else { 1 };
        let size = exponent
            .trim_start_matches(['+', '-'])
            .parse::<i64>()
            .unwrap_or(i64::MAX / 4);
        let mut exponent = sign * size.min(i64::MAX / 4);
        exponent -= i64::try_from(fraction.len()).ok()?;

        let mut digits: Vec<u8> = whole
            .bytes()
            .chain(fraction.bytes())
            .skip_while(|&digit| digit == b'0')
            .map(|digit| digit.wrapping_sub(b'0'))
            .collect();
        while digits.last() == Some(&0) {
            digits.pop();
            exponent += 1;
        }
        if digits.is_empty() {
            exponent = 0;
        }
        Some(Self {
            // `-0.0` is the number `0`.
            negative: negative && !digits.is_empty(),
            digits,
            exponent,
        })
    }

    /// The shortest decimal that reads as this float.
    pub(super) fn from_float(value: f64) -> Option<Self> {
        Self::parse(&format!("{value:e}"))
    }

    /// The number as an integer, if it is one; the nearest integer of 128 bits where it is larger than that.
    pub(super) fn to_integer(&self) -> Option<i128> {
        let exponent = u64::try_from(self.exponent).ok()?;
        let size = u64::try_from(self.digits.len()).ok()?.saturating_add(exponent);
        if size > MOST_DIGITS as u64 {
            return Some(if self.negative { i128::MIN } else { i128::MAX });
        }
        self.scaled(u32::try_from(exponent).ok()?)
    }

    /// Whether this is a whole multiple of the other; `None` where 128 bits are too few to tell.
    pub(super) fn is_multiple_of(&self, divisor: &Self) -> Option<bool> {
        if self.digits.is_empty() {
            return Some(true);
        }
        let common = self.exponent.min(divisor.exponent);
        let ours = self.scaled(u32::try_from(self.exponent.checked_sub(common)?).ok()?)?;
        let theirs = divisor.scaled(u32::try_from(divisor.exponent.checked_sub(common)?).ok()?)?;
        Some(ours.checked_rem(theirs)? == 0)
    }

    fn scaled(&self, zeros: u32) -> Option<i128> {
        let mut value: i128 = 0;
        for &digit in &self.digits {
            value = value.checked_mul(10)?.checked_add(i128::from(digit))?;
        }
        let value = value.checked_mul(10_i128.checked_pow(zeros)?)?;
        Some(if self.negative { -value } else { value })
    }
}

/// Whether a float is a whole multiple of another, each read as the shortest decimal that stands for it.
pub(super) fn is_multiple_of(value: f64, divisor: f64) -> bool {
    let exact = Decimal::from_float(value)
        .zip(Decimal::from_float(divisor))
        .and_then(|(value, divisor)| value.is_multiple_of(&divisor));
    // Far apart in size, the quotient of the floats is all there is to tell by.
    exact.unwrap_or_else(|| (value / divisor).fract() == 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiples_are_decimal() {
        for (value, divisor, expected) in [
            (0.3, 0.1, true),
            (0.35, 0.1, false),
            (4.02, 0.01, true),
            (0.0, 0.1, true),
            (-0.75, 0.25, true),
            (1e30, 10.0, true),
            (7.5, 2.5, true),
            (7.0, 2.5, false),
            (0.000_1, 1e-8, true),
            (0.000_000_075, 0.000_1, false),
        ] {
            assert_eq!(is_multiple_of(value, divisor), expected, "{value} {divisor}");
        }
    }
}
