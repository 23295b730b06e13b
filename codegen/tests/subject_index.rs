//! The index over many filters against the comparison of each with each.

#![allow(clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use natsmith_codegen::subject::{Index, contains, matches, overlap};
use proptest::prelude::*;

/// Filters of up to six tokens: few different ones, so that many meet, and many wildcards.
fn filters(tokens: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> {
    let row = prop::collection::vec(prop::sample::select(tokens), 1..6);
    let filter = (row, prop::bool::weighted(0.3)).prop_map(|(mut row, tail)| {
        if tail {
            row.push(">");
        }
        row.join(".")
    });
    prop::collection::vec(filter, 0..most)
}

fn pairs(filters: &[String], related: impl Fn(usize, usize) -> bool) -> BTreeSet<(usize, usize)> {
    let every = |first| (0..filters.len()).map(move |second| (first, second));
    (0..filters.len())
        .flat_map(every)
        .filter(|(first, second)| first != second && related(*first, *second))
        .collect()
}

/// A list of what is found, each once.
fn once<T: Ord + Copy + std::fmt::Debug>(found: impl Iterator<Item = T>) -> BTreeSet<T> {
    let found: Vec<T> = found.collect();
    let set: BTreeSet<T> = found.iter().copied().collect();
    assert_eq!(set.len(), found.len(), "each is found once: {found:?}");
    set
}

fn agree(filters: &[String], questions: &[String]) -> Result<(), TestCaseError> {
    let index = Index::new(filters);
    prop_assert_eq!(index.len(), filters.len());
    let overlaps = pairs(filters, |a, b| a < b && overlap(&filters[a], &filters[b]));
    prop_assert_eq!(once(index.overlaps()), overlaps);
    let containments = pairs(filters, |a, b| contains(&filters[a], &filters[b]));
    prop_assert_eq!(once(index.containments()), containments);
    for question in questions {
        let found = |holds: &dyn Fn(&str) -> bool| -> BTreeSet<usize> {
            (0..filters.len()).filter(|id| holds(&filters[*id])).collect()
        };
        prop_assert_eq!(
            once(index.overlapping(question)),
            found(&|filter| overlap(filter, question))
        );
        prop_assert_eq!(
            once(index.containing(question)),
            found(&|filter| contains(filter, question))
        );
        prop_assert_eq!(
            once(index.within(question)),
            found(&|filter| contains(question, filter))
        );
        let subject = question.replace(['*', '>'], "d");
        prop_assert_eq!(
            once(index.hearing(&subject)),
            found(&|filter| matches(filter, &subject))
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// Few tokens: the tables of layouts are asked.
    #[test]
    fn an_index_finds_what_comparing_finds(
        filters in filters(&["a", "b", "*"], 60),
        questions in filters(&["a", "b", "c", "*"], 10),
    ) {
        agree(&filters, &questions)?;
    }

    /// Many tokens: the lists of the rarest are asked.
    #[test]
    fn an_index_of_rare_tokens_finds_what_comparing_finds(
        filters in filters(&["a", "b", "c", "d", "e", "f", "g", "h", "i", "*", "*"], 60),
        questions in filters(&["a", "b", "c", "*", "x"], 10),
    ) {
        agree(&filters, &questions)?;
    }
}

/// More layouts than are asked one by one.
#[test]
fn an_index_of_very_many_layouts_finds_what_comparing_finds() {
    let filters: Vec<String> = (0_u32..700)
        .map(|number| {
            let token = |bit| if (number >> bit) & 1 == 1 { "*" } else { "a" };
            let tokens: Vec<&str> = (0_u32..10).map(token).collect();
            tokens.join(".")
        })
        .collect();
    let questions = [">", "a.>", "a.*.a.*.a.*.a.*.a.*", "*.*.*.*.*.*.*.*.*.*"].map(str::to_owned);
    agree(&filters, &questions).unwrap_or_else(|fault| unreachable!("{fault}"));
}

/// Whoever wants one pair does not pay for all.
#[test]
fn pairs_are_taken_one_by_one() {
    let index = Index::new(std::iter::repeat_n("a.*", 200_000));
    assert_eq!(index.overlaps().take(3).collect::<Vec<_>>(), [(0, 1), (0, 2), (0, 3)]);
    assert_eq!(index.containments().next(), Some((1, 0)));
}
