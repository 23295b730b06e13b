//! Things by the filters that hear them, so that few are looked at for each question: those that begin alike.

use std::collections::HashMap;

use crate::subject::overlap;

/// Things with a filter each, by the filter's first token.
pub(super) struct ByFirst<T> {
    fixed: HashMap<String, Vec<(String, T)>>,
    /// Those that begin with a wildcard.
    any: Vec<(String, T)>,
}

impl<T> ByFirst<T> {
    pub(super) fn new() -> Self {
        Self {
            fixed: HashMap::new(),
            any: Vec::new(),
        }
    }

    pub(super) fn insert(&mut self, filter: String, thing: T) {
        match fixed_first(&filter) {
            Some(first) => self.fixed.entry(first.to_owned()).or_default().push((filter, thing)),
            None => self.any.push((filter, thing)),
        }
    }

    /// The things whose filters overlap with one.
    pub(super) fn overlapping<'t>(&'t self, filter: &'t str) -> impl Iterator<Item = &'t T> {
        let first = fixed_first(filter);
        let fixed = self
            .fixed
            .iter()
            .filter(move |_| first.is_none())
            .flat_map(|(_, things)| things);
        let same = first.and_then(|first| self.fixed.get(first)).into_iter().flatten();
        let all = fixed.chain(same).chain(&self.any);
        all.filter(move |(other, _)| overlap(other, filter))
            .map(|(_, thing)| thing)
    }
}

fn fixed_first(filter: &str) -> Option<&str> {
    filter.split('.').next().filter(|first| *first != "*" && *first != ">")
}

#[cfg(test)]
mod tests {
    use super::ByFirst;

    #[test]
    fn nothing_that_overlaps_is_missed() {
        let filters = ["a.b", "a.*", "b.>", "*.b", ">", "c"];
        let mut things = ByFirst::new();
        for filter in filters {
            things.insert(filter.to_owned(), filter);
        }
        for asked in filters {
            let mut found: Vec<&str> = things.overlapping(asked).copied().collect();
            let mut expected: Vec<&str> = filters
                .into_iter()
                .filter(|one| crate::subject::overlap(one, asked))
                .collect();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{asked}");
        }
    }
}
