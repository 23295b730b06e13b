//! Many bytes of a document at a time, as numbers.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Eight bytes, the first one in the lowest place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word(u64);

#[allow(
    clippy::cast_possible_truncation,
    reason = "a word has eight places, and a byte of it is taken by casting"
)]
impl Word {
    /// The bytes from a place on; zeros stand for those behind the end.
    #[inline]
    pub(crate) fn at(bytes: &[u8], at: usize) -> Self {
        match bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            Some(word) => Self(u64::from_le_bytes(*word)),
            None => Self::last(bytes, at),
        }
    }

    #[cold]
    #[inline(never)]
    fn last(bytes: &[u8], at: usize) -> Self {
        let rest = bytes.get(at..).unwrap_or_default();
        Self(rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)))
    }

    /// The bytes that come first, if there are so many.
    #[inline]
    pub(crate) fn first(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk::<8>().map(|word| Self(u64::from_le_bytes(*word)))
    }

    /// The byte at a place from 0 to 7.
    #[inline]
    pub(crate) const fn byte(self, at: usize) -> u8 {
        (self.0 >> (8 * (at & 7))) as u8
    }

    /// Marks by their high bit the bytes that end plain text: `"`, `\` and control characters.
    ///
    /// Only the lowest mark is exact, and that is the one that is used.
    #[inline]
    const fn stops(self) -> u64 {
        // With one bit turned, the quote follows the control characters, and the space and `!` come behind it.
        let low = (self.0 ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
        let backslash = (self.0 ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
        (low | backslash) & !self.0 & HIGH
    }

    /// How many digits come first.
    #[inline]
    pub(crate) const fn digits(self) -> usize {
        let values = self.values();
        // What is above nine reaches the high bit; a sum runs over into the next byte only where it has a mark itself.
        let others = (values | values.wrapping_add(ONES * 0x76)) & HIGH;
        (others.trailing_zeros() / 8) as usize
    }

    /// How many digits come first, and the number that they make.
    #[inline]
    pub(crate) const fn number(self) -> (usize, u64) {
        let digits = self.digits();
        // They become the last ones of eight, behind zeros.
        match self.values().checked_shl(64 - 8 * digits as u32) {
            Some(eight) => (digits, eight_digits(eight)),
            None => (0, 0),
        }
    }

    /// How many digits come first, and the number that they make if zeros follow up to the eighth.
    #[inline]
    pub(crate) const fn fraction(self) -> (usize, u64) {
        let digits = self.digits();
        let eight = match u64::MAX.checked_shl(8 * digits as u32) {
            Some(others) => self.values() & !others,
            None => self.values(),
        };
        (digits, eight_digits(eight))
    }

    /// The value of each digit, and something above nine for what is no digit.
    #[inline]
    const fn values(self) -> u64 {
        self.0 ^ (ONES * b'0' as u64)
    }
}

/// The number of eight digits, each the value of a byte, the first one in the lowest.
#[inline]
const fn eight_digits(digits: u64) -> u64 {
    let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (fours * 10_000 + (fours >> 32)) & 0xffff_ffff
}

/// What follows plain text: a byte that ends it and all behind it, or nothing.
#[inline]
pub(crate) fn behind_plain(mut text: &[u8]) -> &[u8] {
    while let Some((word, rest)) = text.split_first_chunk::<8>() {
        let stops = Word(u64::from_le_bytes(*word)).stops();
        if stops != 0 {
            return text.get((stops.trailing_zeros() / 8) as usize..).unwrap_or_default();
        }
        text = rest;
    }
    behind_last_plain(text)
}

/// The same for less than a word.
#[inline(never)]
fn behind_last_plain(text: &[u8]) -> &[u8] {
    // Behind the end are zeros, which no text holds.
    let stops = Word::at(text, 0).stops();
    text.get((stops.trailing_zeros() / 8) as usize..).unwrap_or_default()
}

/// Whether all of a text is plain.
#[inline]
pub(crate) fn is_plain(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk::<8>() else {
        return behind_last_plain(text).is_empty();
    };
    // The last word overlaps the one before it, so that nothing shorter than a word is left.
    let (words, _) = text.as_chunks::<8>();
    let stops = |word: &[u8; 8]| Word(u64::from_le_bytes(*word)).stops();
    words.iter().fold(stops(last), |found, word| found | stops(word)) == 0
}

/// The next byte from `at` on that ends plain text, or the end.
#[inline]
pub(crate) fn plain_end(bytes: &[u8], at: usize) -> usize {
    bytes.len() - behind_plain(bytes.get(at..).unwrap_or_default()).len()
}

/// The end of the digits from `at` on.
#[inline]
pub(crate) fn digits_end(bytes: &[u8], mut at: usize) -> usize {
    loop {
        let digits = Word::at(bytes, at).digits();
        at += digits;
        if digits < 8 {
            return at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every byte at every place of texts of every length around the sizes of words.
    #[test]
    fn ends_as_byte_by_byte() {
        for length in 0..40 {
            for at in 0..length {
                for other in 0..=u8::MAX {
                    let mut text = vec![b'7'; length];
                    text[at] = other;
                    text[length - 1] = if at == length - 1 { other } else { b'/' };
                    for start in [0, 1, length] {
                        assert_eq!(is_plain(&text[start..]), plain_end(&text, start) == length);
                        let rest = || text.iter().skip(start);
                        let plain = rest().take_while(|byte| **byte >= b' ' && !b"\"\\".contains(byte));
                        assert_eq!(plain_end(&text, start), start + plain.count(), "{text:?}");
                        let digits = rest().take_while(|byte| byte.is_ascii_digit());
                        assert_eq!(digits_end(&text, start), start + digits.count(), "{text:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn numbers_of_words() {
        for (text, number, fraction) in [
            ("", (0, 0), (0, 0)),
            ("x1", (0, 0), (0, 0)),
            ("7", (1, 7), (1, 70_000_000)),
            ("0", (1, 0), (1, 0)),
            ("12.5", (2, 12), (2, 12_000_000)),
            ("0009999}", (7, 9_999), (7, 99_990)),
            ("98765432", (8, 98_765_432), (8, 98_765_432)),
            ("123456789", (8, 12_345_678), (8, 12_345_678)),
            ("12\u{ff}\u{ff}3456", (2, 12), (2, 12_000_000)),
        ] {
            let word = Word::at(text.as_bytes(), 0);
            assert_eq!((word.number(), word.fraction()), (number, fraction), "{text}");
            assert_eq!(word.byte(1), text.as_bytes().get(1).copied().unwrap_or(0));
        }
    }
}
