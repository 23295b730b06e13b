//! Seeded chance, so that every run measures the same documents.

/// `SplitMix64`.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn within(&mut self, low: u64, high: u64) -> u64 {
        low + self.bits() % (high - low + 1)
    }

    pub fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let index = usize::try_from(self.bits() % words.len() as u64).unwrap_or(0);
        words[index]
    }

    /// A number below `limit` with so many decimals.
    pub fn decimal(&mut self, limit: u32, decimals: i32) -> f64 {
        let scale = 10_u32.pow(decimals.unsigned_abs());
        let units = u32::try_from(self.within(0, u64::from(limit) * u64::from(scale) - 1)).unwrap_or(0);
        f64::from(units) / f64::from(scale)
    }

    pub fn uuid(&mut self) -> String {
        let bits = (u128::from(self.bits()) << 64) | u128::from(self.bits());
        uuid::Builder::from_random_bytes(bits.to_be_bytes())
            .into_uuid()
            .to_string()
    }

    /// A moment with three, six or nine digits of a second, of which the last is no zero: every library writes it so.
    pub fn moment(&mut self) -> String {
        let digits = [3, 6, 9][usize::try_from(self.bits() % 3).unwrap_or(0)];
        let mut fraction = self.within(0, 10_u64.pow(digits) - 1);
        if fraction.is_multiple_of(10) {
            fraction += 1;
        }
        format!(
            "2026-{:02}-{:02}T{:02}:{:02}:{:02}.{fraction:0width$}Z",
            self.within(1, 12),
            self.within(1, 28),
            self.within(0, 23),
            self.within(0, 59),
            self.within(0, 59),
            width = digits as usize
        )
    }
}
