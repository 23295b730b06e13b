//! What a schema asks of a value, as data that stands in a `static`.

use super::contains::Contains;
use super::decimal;
use super::fault::{Checked, Fault};
use super::phrases::{at_least, at_most, bound, counted, format_fault, pattern_fault};
use crate::format::Format;
use crate::pattern::Pattern;
use crate::payload::Keyword;

/// Rules for text.
#[derive(Debug)]
pub struct Text {
    min_length: usize,
    max_length: usize,
    pattern: Option<Pattern>,
    format: Option<Format>,
}

impl Text {
    /// Any text.
    #[must_use]
    pub const fn any() -> Self {
        Self {
            min_length: 0,
            max_length: usize::MAX,
            pattern: None,
            format: None,
        }
    }

    /// Text that matches.
    #[must_use]
    pub const fn matching(pattern: Pattern) -> Self {
        Self {
            min_length: 0,
            max_length: usize::MAX,
            pattern: Some(pattern),
            format: None,
        }
    }

    /// At least so many characters (Unicode code points).
    #[must_use]
    pub const fn min_length(mut self, min_length: usize) -> Self {
        self.min_length = min_length;
        self
    }

    /// At most so many characters (Unicode code points).
    #[must_use]
    pub const fn max_length(mut self, max_length: usize) -> Self {
        self.max_length = max_length;
        self
    }

    /// Text of a format.
    #[must_use]
    pub const fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Checks a text.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    #[inline]
    pub fn check(&self, text: &str) -> Checked {
        // A character takes one to four bytes, so most texts need no counting.
        if (text.len() > self.max_length || text.len() < self.min_length.saturating_mul(4)) && !self.has_length(text) {
            return Err(self.length_fault(text));
        }
        if let Some(pattern) = &self.pattern
            && !pattern.is_match(text)
        {
            return Err(pattern_fault(pattern, text));
        }
        if let Some(format) = self.format
            && !format.is_valid(text)
        {
            return Err(format_fault(format, text));
        }
        Ok(())
    }

    /// The length of a text that follows the rules, where a document has it behind an opening quote and before the
    /// closing one. `None` where it does not, or a closer look is needed.
    #[inline]
    pub(super) fn quoted_length(&self, document: &[u8]) -> Option<usize> {
        let pattern = self.pattern.as_ref()?;
        let length = pattern.quoted_length(document)?;
        (self.format.is_none() && length >= self.min_length && length <= self.max_length).then_some(length)
    }

    #[inline(never)]
    fn has_length(&self, text: &str) -> bool {
        (self.min_length..=self.max_length).contains(&text.chars().count())
    }

    #[cold]
    #[inline(never)]
    fn length_fault(&self, text: &str) -> Fault {
        let length = text.chars().count();
        let (keyword, expected) = if length < self.min_length {
            (Keyword::MinLength, at_least(self.min_length, "character"))
        } else {
            (Keyword::MaxLength, at_most(self.max_length, "character"))
        };
        Fault::of(keyword, expected, counted(length, "character"))
    }
}

/// Rules for a whole number.
#[derive(Debug)]
pub struct Integer {
    /// All bounds in two.
    low: i128,
    high: i128,
    /// Whether there is more to check than bounds.
    special: bool,
    minimum: i128,
    exclusive_minimum: i128,
    maximum: i128,
    exclusive_maximum: i128,
    multiple_of: i128,
    allowed: &'static [i128],
}

impl Integer {
    /// Any whole number.
    #[must_use]
    pub const fn any() -> Self {
        Self {
            low: i128::MIN,
            high: i128::MAX,
            special: false,
            minimum: i128::MIN,
            exclusive_minimum: i128::MIN,
            maximum: i128::MAX,
            exclusive_maximum: i128::MAX,
            multiple_of: 1,
            allowed: &[],
        }
    }

    /// Not smaller.
    #[must_use]
    pub const fn minimum(self, minimum: i128) -> Self {
        Self { minimum, ..self }.at_least(minimum)
    }

    /// Larger.
    #[must_use]
    pub const fn exclusive_minimum(self, exclusive_minimum: i128) -> Self {
        Self {
            exclusive_minimum,
            ..self
        }
        .at_least(exclusive_minimum.saturating_add(1))
    }

    /// Not larger.
    #[must_use]
    pub const fn maximum(self, maximum: i128) -> Self {
        Self { maximum, ..self }.at_most(maximum)
    }

    /// Smaller.
    #[must_use]
    pub const fn exclusive_maximum(self, exclusive_maximum: i128) -> Self {
        Self {
            exclusive_maximum,
            ..self
        }
        .at_most(exclusive_maximum.saturating_sub(1))
    }

    const fn at_least(self, low: i128) -> Self {
        let low = if low > self.low { low } else { self.low };
        Self { low, ..self }
    }

    const fn at_most(self, high: i128) -> Self {
        let high = if high < self.high { high } else { self.high };
        Self { high, ..self }
    }

    /// A whole multiple.
    #[must_use]
    pub const fn multiple_of(self, multiple_of: i128) -> Self {
        Self {
            multiple_of,
            special: true,
            ..self
        }
    }

    /// One of these.
    #[must_use]
    pub const fn one_of(self, allowed: &'static [i128]) -> Self {
        Self {
            allowed,
            special: true,
            ..self
        }
    }

    /// Checks a number.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    #[inline]
    pub fn check(&self, value: impl Into<i128>) -> Checked {
        let value = value.into();
        if value < self.low || value > self.high || self.special {
            return self.check_each(value);
        }
        Ok(())
    }

    #[inline(never)]
    fn check_each(&self, value: i128) -> Checked {
        if value < self.minimum {
            return Err(bound(Keyword::Minimum, "at least", self.minimum, value));
        }
        if value > self.maximum {
            return Err(bound(Keyword::Maximum, "at most", self.maximum, value));
        }
        if value <= self.exclusive_minimum && self.exclusive_minimum != i128::MIN {
            return Err(bound(
                Keyword::ExclusiveMinimum,
                "more than",
                self.exclusive_minimum,
                value,
            ));
        }
        if value >= self.exclusive_maximum && self.exclusive_maximum != i128::MAX {
            return Err(bound(
                Keyword::ExclusiveMaximum,
                "less than",
                self.exclusive_maximum,
                value,
            ));
        }
        if self.multiple_of != 1 && value.checked_rem(self.multiple_of) != Some(0) {
            return Err(bound(Keyword::MultipleOf, "a multiple of", self.multiple_of, value));
        }
        if !self.allowed.is_empty() && !self.allowed.contains(&value) {
            return Err(self.unlisted(value));
        }
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn unlisted(&self, value: i128) -> Fault {
        let names: Vec<String> = self.allowed.iter().map(i128::to_string).collect();
        match names.as_slice() {
            [only] => Fault::of(Keyword::Const, only.clone(), value.to_string()),
            _ => Fault::of(Keyword::Enum, format!("one of {}", names.join(", ")), value.to_string()),
        }
    }
}

/// Rules for a number.
#[derive(Debug)]
pub struct Number {
    minimum: f64,
    exclusive_minimum: f64,
    maximum: f64,
    exclusive_maximum: f64,
    multiple_of: f64,
}

impl Number {
    /// Any number that JSON can write; infinities and "not a number" are none.
    #[must_use]
    pub const fn any() -> Self {
        Self {
            minimum: f64::MIN,
            exclusive_minimum: f64::NEG_INFINITY,
            maximum: f64::MAX,
            exclusive_maximum: f64::INFINITY,
            multiple_of: 0.0,
        }
    }

    /// Not smaller.
    #[must_use]
    pub const fn minimum(self, minimum: f64) -> Self {
        Self { minimum, ..self }
    }

    /// Larger.
    #[must_use]
    pub const fn exclusive_minimum(self, exclusive_minimum: f64) -> Self {
        Self {
            exclusive_minimum,
            ..self
        }
    }

    /// Not larger.
    #[must_use]
    pub const fn maximum(self, maximum: f64) -> Self {
        Self { maximum, ..self }
    }

    /// Smaller.
    #[must_use]
    pub const fn exclusive_maximum(self, exclusive_maximum: f64) -> Self {
        Self {
            exclusive_maximum,
            ..self
        }
    }

    /// A whole multiple; both numbers are taken as the decimals that people write for them.
    #[must_use]
    pub const fn multiple_of(self, multiple_of: f64) -> Self {
        Self { multiple_of, ..self }
    }

    /// Checks a number.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    #[inline]
    pub fn check(&self, value: f64) -> Checked {
        // Written so that "not a number" fails.
        if !(value >= self.minimum && value <= self.maximum) {
            return Err(self.range_fault(value));
        }
        if value <= self.exclusive_minimum {
            return Err(bound(
                Keyword::ExclusiveMinimum,
                "more than",
                self.exclusive_minimum,
                value,
            ));
        }
        if value >= self.exclusive_maximum {
            return Err(bound(
                Keyword::ExclusiveMaximum,
                "less than",
                self.exclusive_maximum,
                value,
            ));
        }
        if self.multiple_of != 0.0 && !decimal::is_multiple_of(value, self.multiple_of) {
            return Err(bound(Keyword::MultipleOf, "a multiple of", self.multiple_of, value));
        }
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn range_fault(&self, value: f64) -> Fault {
        if !value.is_finite() {
            Fault::of(Keyword::Type, "a number that JSON can write", value.to_string())
        } else if value < self.minimum {
            bound(Keyword::Minimum, "at least", self.minimum, value)
        } else {
            bound(Keyword::Maximum, "at most", self.maximum, value)
        }
    }
}

/// Rules for a list, beside those of its items.
#[derive(Debug)]
pub struct Items {
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) unique: bool,
    pub(super) closed: bool,
    pub(super) contains: Option<&'static Contains>,
}

impl Items {
    /// Any number of items.
    #[must_use]
    pub const fn any() -> Self {
        Self {
            min: 0,
            max: usize::MAX,
            unique: false,
            closed: false,
            contains: None,
        }
    }

    /// At least so many.
    #[must_use]
    pub const fn min(self, min: usize) -> Self {
        Self { min, ..self }
    }

    /// At most so many.
    #[must_use]
    pub const fn max(self, max: usize) -> Self {
        Self { max, ..self }
    }

    /// No two alike.
    #[must_use]
    pub const fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    /// No item at all.
    #[must_use]
    pub const fn closed(self) -> Self {
        Self {
            max: 0,
            closed: true,
            ..self
        }
    }

    /// So many items of some kind.
    #[must_use]
    pub const fn containing(self, contains: &'static Contains) -> Self {
        Self {
            contains: Some(contains),
            ..self
        }
    }

    #[inline]
    pub(super) fn check_length(&self, length: usize) -> Checked {
        if length < self.min || length > self.max {
            return Err(self.length_fault(length));
        }
        Ok(())
    }

    #[cold]
    #[inline(never)]
    pub(super) fn length_fault(&self, length: usize) -> Fault {
        let (keyword, expected) = if length < self.min {
            (Keyword::MinItems, at_least(self.min, "item"))
        } else {
            (Keyword::MaxItems, at_most(self.max, "item"))
        };
        Fault::of(keyword, expected, counted(length, "item"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyword(checked: Checked) -> Option<Keyword> {
        checked.err().map(|fault| fault.into_built_error().keyword())
    }

    #[test]
    fn lengths_count_code_points() {
        let rules = Text::any().min_length(2).max_length(3);
        for (text, expected) in [
            ("", Some(Keyword::MinLength)),
            ("\u{1F600}", Some(Keyword::MinLength)),
            ("\u{1F600}\u{1F600}", None),
            ("\u{1F600}\u{1F600}\u{1F600}", None),
            ("abcd", Some(Keyword::MaxLength)),
            ("e\u{301}e\u{301}", Some(Keyword::MaxLength)),
        ] {
            assert_eq!(keyword(rules.check(text)), expected, "{text}");
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(keyword(Number::any().check(f64::NAN)), Some(Keyword::Type));
        assert_eq!(keyword(Number::any().check(f64::INFINITY)), Some(Keyword::Type));
        assert_eq!(keyword(Number::any().minimum(0.5).check(0.4)), Some(Keyword::Minimum));
        assert_eq!(
            keyword(Number::any().exclusive_maximum(1.0).check(1.0)),
            Some(Keyword::ExclusiveMaximum)
        );
        assert_eq!(
            keyword(Number::any().exclusive_minimum(1.0).check(1.0)),
            Some(Keyword::ExclusiveMinimum)
        );
        assert_eq!(keyword(Number::any().multiple_of(0.1).check(0.3)), None);
    }

    #[test]
    fn integers() {
        assert_eq!(
            keyword(Integer::any().exclusive_minimum(0).check(0_u8)),
            Some(Keyword::ExclusiveMinimum)
        );
        assert_eq!(keyword(Integer::any().maximum(4).check(5_u8)), Some(Keyword::Maximum));
        assert_eq!(
            keyword(Integer::any().multiple_of(5).check(12_i64)),
            Some(Keyword::MultipleOf)
        );
        assert_eq!(
            keyword(Integer::any().one_of(&[1, 2]).check(3_i64)),
            Some(Keyword::Enum)
        );
        assert_eq!(keyword(Integer::any().one_of(&[1, 2]).check(2_i64)), None);
    }
}
