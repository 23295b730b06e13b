//! Filters of one layout by their tokens at some places.

use std::hash::{BuildHasher, RandomState};

/// No entry.
const NONE: u32 = u32::MAX;

/// A hash table with chains: what is in one chain has the same tokens, or has them by chance at the same place.
///
/// The hashes are keyed, so that nobody can write a contract whose filters all come to one chain.
#[derive(Debug)]
pub(super) struct Table {
    /// The places of the tokens.
    places: Box<[usize]>,
    keys: RandomState,
    /// The first entry of each chain.
    chains: Vec<u32>,
    /// A filter, and the entry behind it in its chain.
    entries: Vec<(u32, u32)>,
}

impl Table {
    pub(super) fn new<'f>(places: &[usize], members: &[u32], filter: impl Fn(u32) -> &'f [u32]) -> Self {
        let chains = if places.is_empty() {
            1
        } else {
            members.len().next_power_of_two()
        };
        let mut table = Self {
            places: places.into(),
            keys: RandomState::new(),
            chains: vec![NONE; chains],
            entries: members.iter().map(|member| (*member, NONE)).collect(),
        };
        // The last one first, so that a chain is in the order of the filters.
        for (entry, member) in (0..NONE).zip(members).rev() {
            let chain = table.chain(filter(*member));
            if let (Some(first), Some((_, next))) = (table.chains.get_mut(chain), table.entries.get_mut(entry as usize))
            {
                *next = std::mem::replace(first, entry);
            }
        }
        table
    }

    /// The first entry of the chain to which a filter's tokens lead.
    pub(super) fn first(&self, tokens: &[u32]) -> Option<u32> {
        let first = self.chains.get(self.chain(tokens)).copied();
        first.filter(|first| *first != NONE)
    }

    /// The filter of an entry, and the entry behind it.
    pub(super) fn entry(&self, entry: u32) -> Option<(u32, Option<u32>)> {
        let (member, next) = self.entries.get(entry as usize)?;
        Some((*member, Some(*next).filter(|next| *next != NONE)))
    }

    fn chain(&self, tokens: &[u32]) -> usize {
        let mut mixed = 0_u64;
        for place in &self.places {
            let token = tokens.get(*place).copied().unwrap_or_default();
            mixed = self.keys.hash_one((mixed, token));
        }
        // There is a power of two of chains.
        usize::try_from(mixed & (self.chains.len() as u64 - 1)).unwrap_or_default()
    }
}
