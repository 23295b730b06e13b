//! Which subjects a filter hears, and which streams keep a subject, without asking all of them.

use std::sync::{Arc, OnceLock};

use super::{Contract, Stream, Subject};
use crate::subject::Index;

/// What is looked up, made when somebody asks for the first time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookup {
    /// The wildcards of all subjects, in the contract's order.
    subjects: OnceLock<Arc<Index>>,
    /// The filters of all streams one after the other, and the stream of each.
    captures: OnceLock<Arc<(Index, Vec<usize>)>>,
}

impl Contract {
    /// Whether it is certain that a filter hears no subject.
    #[must_use]
    pub fn hears_nothing(&self, filter: &str) -> bool {
        self.all_subjects && self.wildcards().overlapping(filter).next().is_none()
    }

    /// The subjects that a filter can hear, in the contract's order.
    pub fn heard_by(&self, filter: &str) -> impl Iterator<Item = &Subject> + use<'_> {
        let mut heard: Vec<usize> = self.wildcards().overlapping(filter).collect();
        heard.sort_unstable();
        heard
            .into_iter()
            .filter_map(|place| Some(self.subjects.get_index(place)?.1))
    }

    /// The streams that capture every subject of a filter, in the contract's order.
    pub fn capturing(&self, filter: &str) -> impl Iterator<Item = &Stream> + use<'_> {
        let made = self.lookup.captures.get_or_init(|| {
            let captures = || {
                let streams = self.streams.values().enumerate();
                streams.flat_map(|(place, stream)| stream.subjects.iter().map(move |capture| (place, &capture.filter)))
            };
            let index = Index::new(captures().map(|(_, filter)| filter));
            Arc::new((index, captures().map(|(place, _)| place).collect()))
        });
        let (index, streams) = &**made;
        let mut found: Vec<usize> = index
            .containing(filter)
            .filter_map(|capture| streams.get(capture).copied())
            .collect();
        found.sort_unstable();
        found.dedup();
        found
            .into_iter()
            .filter_map(|place| Some(self.streams.get_index(place)?.1))
    }

    fn wildcards(&self) -> &Index {
        self.lookup.subjects.get_or_init(|| {
            let wildcards = self.subjects.values().map(|subject| subject.template.wildcard());
            Arc::new(Index::new(wildcards))
        })
    }
}
