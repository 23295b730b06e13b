//! Filters as numbers, and where their wildcards stand.

/// `*`
pub(super) const STAR: u32 = 0;

/// `>`, behind which nothing is read.
pub(super) const TAIL: u32 = 1;

/// A token that no filter of the index has; the others have greater numbers.
pub(super) const UNKNOWN: u32 = 2;

/// Where filters have fixed tokens, how many tokens they have, and whether a tail follows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Layout {
    /// The places of fixed tokens, ascending.
    fixed: Vec<usize>,
    /// How many tokens there are before the tail.
    length: usize,
    tail: bool,
}

/// The tokens of a filter up to its tail.
pub(super) fn tokens(filter: &str) -> impl Iterator<Item = &str> {
    let mut ended = false;
    filter.split('.').take_while(move |token| {
        let goes_on = !ended;
        ended = *token == ">";
        goes_on
    })
}

/// The number of a wildcard.
pub(super) fn wildcard(token: &str) -> Option<u32> {
    match token {
        "*" => Some(STAR),
        ">" => Some(TAIL),
        _ => None,
    }
}

/// Whether some subject matches both filters.
pub(super) fn overlap(a: &[u32], b: &[u32]) -> bool {
    #[cfg(test)]
    crate::subject::counted::compare();
    for (x, y) in a.iter().zip(b) {
        if *x == TAIL || *y == TAIL {
            return true;
        }
        if *x != STAR && *y != STAR && x != y {
            return false;
        }
    }
    a.len() == b.len()
}

/// Whether every subject of the second filter matches the first.
pub(super) fn contains(wide: &[u32], narrow: &[u32]) -> bool {
    #[cfg(test)]
    crate::subject::counted::compare();
    for (x, y) in wide.iter().zip(narrow) {
        if *x == TAIL {
            return true;
        }
        if *y == TAIL || (*x != STAR && x != y) {
            return false;
        }
    }
    wide.len() == narrow.len()
}

impl Layout {
    pub(super) fn of(tokens: &[u32]) -> Self {
        let tail = tokens.last() == Some(&TAIL);
        let fixed = tokens.iter().enumerate().filter(|(_, token)| **token >= UNKNOWN);
        Self {
            fixed: fixed.map(|(place, _)| place).collect(),
            length: tokens.len() - usize::from(tail),
            tail,
        }
    }

    /// Where two filters of two layouts must have the same tokens to overlap; `None` if they never do.
    pub(super) fn common(&self, other: &Self) -> Option<Vec<usize>> {
        // A tail is one token at least.
        let fits = match (self.tail, other.tail) {
            (false, false) => self.length == other.length,
            (true, false) => self.length < other.length,
            (false, true) => other.length < self.length,
            (true, true) => true,
        };
        let shared = self
            .fixed
            .iter()
            .filter(|place| other.fixed.binary_search(place).is_ok());
        fits.then(|| shared.copied().collect())
    }

    /// Where a filter of this layout must have the same tokens as one of the other to contain it; `None` if it never does.
    pub(super) fn around(&self, other: &Self) -> Option<Vec<usize>> {
        let fits = match (self.tail, other.tail) {
            (false, tail) => !tail && self.length == other.length,
            (true, false) => self.length < other.length,
            (true, true) => self.length <= other.length,
        };
        let fixed = || self.fixed.iter().all(|place| other.fixed.binary_search(place).is_ok());
        (fits && fixed()).then(|| self.fixed.clone())
    }
}
