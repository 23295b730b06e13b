//! Telling many templates apart.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::text::{matches, next_token};

/// How many tokens of a subject are told apart by their hash. Fixed parts behind them are compared at the end.
const HASHED: usize = 16;
/// An empty slot of a table, and no filter at all.
const NONE: u32 = u32::MAX;

/// Finds, among many filters, the first one that hears a subject.
///
/// Filters that have their fixed parts at the same places make a group, and each group is one hash table: to find a
/// subject's filter takes as many lookups as there are groups of its length, which are few however many filters there
/// are. The tables are made when the first subject comes. Generated code asks for it where a set has so many subjects that
/// a `match` would compile slowly.
///
/// ```
/// use natsmith_runtime::subject::Routes;
///
/// static ROUTES: Routes = Routes::new(&["agents.*.status", "agents.*.commands.*", "files.>"]);
/// assert_eq!(ROUTES.find("agents.a7.commands.stop"), Some(1));
/// assert_eq!(ROUTES.find("files.etc.hosts"), Some(2));
/// assert_eq!(ROUTES.find("agents.a7"), None);
/// ```
#[derive(Debug)]
pub struct Routes {
    filters: &'static [&'static str],
    tables: OnceLock<Tables>,
}

impl Routes {
    /// The filters, of which the first one wins where several hear a subject.
    #[must_use]
    pub const fn new(filters: &'static [&'static str]) -> Self {
        Self {
            filters,
            tables: OnceLock::new(),
        }
    }

    /// The index of the first filter that hears the subject.
    #[must_use]
    pub fn find(&self, subject: &str) -> Option<usize> {
        let tables = self.tables.get_or_init(|| Tables::of(self.filters));
        tables.find(self.filters, subject)
    }
}

/// The groups of all filters.
#[derive(Debug)]
struct Tables {
    /// By how many tokens a subject has; the last ones are for all that are longer.
    by_length: Vec<ForLength>,
    slots: Vec<Slot>,
    /// The fixed parts of all filters, those of each in one piece.
    parts: Vec<&'static str>,
}

/// What could hear a subject of one length.
#[derive(Clone, Debug, Default)]
struct ForLength {
    groups: Vec<Group>,
    /// The places, one bit each, at which one of the groups has a fixed part.
    fixed: u32,
}

/// Filters with their fixed parts at the same places.
#[derive(Clone, Debug)]
struct Group {
    /// The places, one bit each.
    fixed: u32,
    /// The first of its filters.
    first: u32,
    /// Where its table begins among all slots.
    start: usize,
    /// One less than the size of its table, which is a power of two.
    mask: usize,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u64,
    filter: u32,
    /// Where its fixed parts begin among all parts.
    parts: u32,
}

impl Tables {
    fn of(filters: &[&'static str]) -> Self {
        // By length, whether the tail is open, and the places of fixed parts: the filters with their hashes.
        let mut grouped: BTreeMap<(usize, bool, u32), Vec<Slot>> = BTreeMap::new();
        let (mut longest, mut parts) = (0, Vec::new());
        for (filter, index) in filters.iter().zip(0..) {
            let closed = filter.strip_suffix(">").and_then(|filter| filter.strip_suffix("."));
            let open = closed.is_some() || *filter == ">";
            let closed = if open { closed } else { Some(*filter) };
            // Such a filter hears nothing.
            if closed.is_some_and(|closed| closed.split('.').any(|part| part == ">")) {
                continue;
            }
            let (mut fixed, mut hash, mut length) = (0, 0_u64, 0);
            let start = u32::try_from(parts.len()).unwrap_or(NONE);
            for (place, part) in closed.into_iter().flat_map(|closed| closed.split('.')).enumerate() {
                length += 1;
                if part != "*" && place < HASHED {
                    fixed |= 1 << place;
                    hash = hash.wrapping_add(hash_of(place, part));
                    parts.push(part);
                }
            }
            longest = longest.max(length);
            let slot = Slot {
                hash,
                filter: index,
                parts: start,
            };
            grouped.entry((length, open, fixed)).or_default().push(slot);
        }
        let mut tables = Self {
            by_length: vec![ForLength::default(); longest + 2],
            slots: Vec::new(),
            parts,
        };
        for ((length, open, fixed), slots) in grouped {
            let group = tables.group(fixed, &slots);
            let lengths = if open {
                length + 1..longest + 2
            } else {
                length..length + 1
            };
            for of_length in tables.by_length.get_mut(lengths).into_iter().flatten() {
                of_length.fixed |= group.fixed;
                of_length.groups.push(group.clone());
            }
        }
        for of_length in &mut tables.by_length {
            of_length.groups.sort_by_key(|group| group.first);
        }
        tables
    }

    /// Makes the table of one group, at most half full.
    fn group(&mut self, fixed: u32, members: &[Slot]) -> Group {
        let size = (members.len() * 2).next_power_of_two();
        let group = Group {
            fixed,
            first: members.iter().map(|member| member.filter).min().unwrap_or(NONE),
            start: self.slots.len(),
            mask: size - 1,
        };
        let empty = Slot {
            hash: 0,
            filter: NONE,
            parts: NONE,
        };
        self.slots.resize(group.start + size, empty);
        for member in members {
            let mut place = group.place(member.hash);
            while let Some(slot) = self.slots.get_mut(place) {
                if slot.filter == NONE {
                    *slot = *member;
                    break;
                }
                place = group.behind(place);
            }
        }
        group
    }

    fn find(&self, filters: &[&str], subject: &str) -> Option<usize> {
        let mut tokens = [""; HASHED];
        let (mut length, mut rest) = (0, Some(subject));
        while rest.is_some() {
            let (token, behind) = next_token(rest)?;
            if let Some(place) = tokens.get_mut(length) {
                *place = token;
            }
            length += 1;
            rest = behind;
        }
        let last = self.by_length.last()?;
        let of_length = self.by_length.get(length).unwrap_or(last);
        let mut hashes = [0; HASHED];
        for (place, (hash, token)) in hashes.iter_mut().zip(&tokens).enumerate() {
            if of_length.fixed >> place == 0 {
                break;
            }
            if of_length.fixed >> place & 1 == 1 {
                *hash = hash_of(place, token);
            }
        }
        let mut found = NONE;
        for group in &of_length.groups {
            if group.first > found {
                break;
            }
            let hash = places(group.fixed).fold(0_u64, |sum, place| {
                sum.wrapping_add(hashes.get(place).copied().unwrap_or_default())
            });
            let mut place = group.place(hash);
            while let Some(slot) = self.slots.get(place).filter(|slot| slot.filter != NONE) {
                let hears = || {
                    let parts = self.parts.get(slot.parts as usize..).unwrap_or_default();
                    let mut pairs = places(group.fixed).zip(parts);
                    pairs.all(|(place, part)| tokens.get(place) == Some(part))
                        && (length <= HASHED
                            || filters
                                .get(slot.filter as usize)
                                .is_some_and(|filter| matches(filter, subject)))
                };
                if slot.hash == hash && slot.filter < found && hears() {
                    found = slot.filter;
                }
                place = group.behind(place);
            }
        }
        (found != NONE).then_some(found as usize)
    }
}

impl Group {
    /// Where what has this hash is looked for first.
    #[allow(clippy::cast_possible_truncation, reason = "a hash may lose bits")]
    fn place(&self, hash: u64) -> usize {
        self.start + ((hash >> 32) as usize & self.mask)
    }

    /// Where it is looked for next.
    fn behind(&self, place: usize) -> usize {
        self.start + ((place - self.start + 1) & self.mask)
    }
}

/// The places of the bits that are set.
fn places(mut bits: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = bits.trailing_zeros() as usize;
        bits &= bits.checked_sub(1)?;
        Some(place)
    })
}

/// The hash of a token at its place, eight bytes at a time.
fn hash_of(place: usize, token: &str) -> u64 {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(MIX);
    let bytes = token.as_bytes();
    let (words, rest) = bytes.as_chunks::<8>();
    let seed = (place as u64) << 32 ^ token.len() as u64;
    let hash = words
        .iter()
        .fold(seed, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    // What is left overlaps with what was read, where there is enough of it.
    let left = match (bytes.last_chunk::<8>(), rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        (Some(last), ..) => u64::from_le_bytes(*last),
        (None, Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
        }
        _ => rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    let hash = mix(hash, left);
    hash ^ hash >> 29
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Parts of filters and subjects: few, so that they meet; some of them long.
    fn part() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "a",
            "b",
            "cd",
            "efghijk",
            "abcdefgh",
            "abcdefgi",
            "a-token-of-some-length",
            "*",
            ">",
            "",
        ])
    }

    proptest! {
        #[test]
        fn the_first_filter_that_hears_a_subject_is_found(
            filters in prop::collection::vec(prop::collection::vec(part(), 1..20), 0..40),
            subjects in prop::collection::vec(prop::collection::vec(part(), 1..20), 1..20),
        ) {
            let filters: Vec<&'static str> = filters.iter().map(|parts| &*parts.join(".").leak()).collect();
            let routes = Routes::new(filters.clone().leak());
            let heard = filters.iter().map(|filter| filter.replace('*', "x").replace('>', "y.z"));
            for subject in subjects.iter().map(|parts| parts.join(".")).chain(heard) {
                let expected = filters.iter().position(|filter| matches(filter, &subject));
                prop_assert_eq!(routes.find(&subject), expected, "{}", subject);
            }
        }
    }

    #[test]
    fn short_tokens_have_hashes_of_their_own() {
        let tokens = [
            "",
            "a",
            "b",
            "aa",
            "ab",
            "abc",
            "abcd",
            "abcde",
            "abcdefg",
            "abcdefgh",
            "abcdefghi",
        ];
        for (at, token) in tokens.iter().enumerate() {
            for other in &tokens[at + 1..] {
                assert_ne!(hash_of(1, token), hash_of(1, other), "{token} {other}");
            }
            assert_ne!(hash_of(1, token), hash_of(2, token), "{token}");
        }
    }
}
