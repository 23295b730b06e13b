//! Very many filters, and questions that would otherwise compare each with each.

mod layout;
mod table;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use layout::{Layout, STAR, TAIL, UNKNOWN};
use table::Table;

/// More layouts than this are not asked one by one: each may need a table for each other.
const MANY_LAYOUTS: usize = 1 << 8;

/// Many filters, to be asked which of them overlap, contain or hear what.
///
/// Filters are known by their places in the order in which they were given. An answer comes filter by filter, in an order that is
/// the same in every run, and costs nothing beyond the last one that was taken.
///
/// ```
/// use natsmith_codegen::subject::Index;
/// let index = Index::new(["agents.*.status", "tasks.>", "agents.a7.*", "agents.>"]);
/// assert_eq!(index.hearing("agents.a8.status").collect::<Vec<_>>(), [0, 3]);
/// assert_eq!(index.overlapping("*.a7.*").collect::<Vec<_>>(), [0, 1, 3, 2]);
/// assert_eq!(index.overlaps().collect::<Vec<_>>(), [(0, 2), (0, 3), (2, 3)]);
/// assert_eq!(index.containments().collect::<Vec<_>>(), [(3, 0), (3, 2)]);
/// ```
///
/// # How long it takes
///
/// Filters whose wildcards stand at the same places have one layout. Two filters of two layouts overlap if they agree where both have
/// fixed tokens, which a hash of these tokens tells: a question costs one look into a table for each layout, and what it finds. Contracts
/// have some tens of layouts, however many filters they have. Where there are more layouts than filters that share the rarest fixed token
/// of the question, or have a wildcard in its place, those are compared instead. Both can be many only where filters have more tokens than
/// their number has digits in base two, wildcards stand anywhere, and no token is rare; then it costs up to a comparison of each with each.
#[derive(Debug)]
pub struct Index {
    /// The numbers of all tokens.
    numbers: HashMap<Box<str>, u32>,
    /// The tokens of all filters, one filter behind the other.
    tokens: Vec<u32>,
    /// Where each filter ends among the tokens.
    ends: Vec<usize>,
    /// The layout of each filter.
    layout_of: Vec<usize>,
    layouts: Vec<Layout>,
    /// The filters of each layout.
    members: Vec<Vec<u32>>,
    /// The filters that have a certain token at a certain place.
    fixed: HashMap<(usize, u32), Vec<u32>>,
    /// The filters that have `*` at a place.
    stars: Vec<Vec<u32>>,
    /// The filters that have `>` at a place.
    tails: Vec<Vec<u32>>,
    /// The tables that a question of one layout looks into.
    plans: Mutex<HashMap<(Relation, Layout), Plan>>,
    /// The tables of each layout by the places that they go by.
    tables: Mutex<HashMap<TableKey, Arc<Table>>>,
}

/// The tables that a question of one layout looks into.
type Plan = Arc<[Arc<Table>]>;

/// A layout by its number, and the places that a table goes by.
type TableKey = (usize, Vec<usize>);

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Relation {
    /// Filters with a subject in common.
    Overlapping,
    /// Filters around the one in question.
    Containing,
    /// Filters within the one in question.
    Within,
}

impl Index {
    /// An index over filters.
    #[must_use]
    pub fn new<F: AsRef<str>>(filters: impl IntoIterator<Item = F>) -> Self {
        let mut index = Self {
            numbers: HashMap::new(),
            tokens: Vec::new(),
            ends: Vec::new(),
            layout_of: Vec::new(),
            layouts: Vec::new(),
            members: Vec::new(),
            fixed: HashMap::new(),
            stars: Vec::new(),
            tails: Vec::new(),
            plans: Mutex::default(),
            tables: Mutex::default(),
        };
        let mut numbers: HashMap<Layout, usize> = HashMap::new();
        for filter in filters {
            index.add(filter.as_ref(), &mut numbers);
        }
        index
    }

    fn add(&mut self, filter: &str, layouts: &mut HashMap<Layout, usize>) {
        let start = self.tokens.len();
        let id = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        for token in layout::tokens(filter) {
            let number = layout::wildcard(token).unwrap_or_else(|| self.number(token));
            self.tokens.push(number);
        }
        let tokens = self.tokens.get(start..).unwrap_or_default();
        for (place, token) in tokens.iter().enumerate() {
            match *token {
                STAR => push_at(&mut self.stars, place, id),
                TAIL => push_at(&mut self.tails, place, id),
                token => self.fixed.entry((place, token)).or_default().push(id),
            }
        }
        let layout = Layout::of(tokens);
        let number = *layouts.entry(layout).or_insert_with_key(|layout| {
            self.layouts.push(layout.clone());
            self.layouts.len() - 1
        });
        self.layout_of.push(number);
        push_at(&mut self.members, number, id);
        self.ends.push(self.tokens.len());
    }

    /// The number of a fixed token, which it is given where it has none yet.
    fn number(&mut self, token: &str) -> u32 {
        if let Some(number) = self.numbers.get(token) {
            return *number;
        }
        let number = UNKNOWN + 1 + u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(token.into(), number);
        number
    }

    /// How many filters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The filters that hear a subject.
    pub fn hearing<'i>(&'i self, subject: &str) -> impl Iterator<Item = usize> + use<'i> {
        self.containing(subject)
    }

    /// The filters that some subject of another filter matches too.
    pub fn overlapping<'i>(&'i self, filter: &str) -> impl Iterator<Item = usize> + use<'i> {
        self.asked(Relation::Overlapping, self.numbered(filter).into())
    }

    /// The filters that match every subject of another filter; an equal one does.
    pub fn containing<'i>(&'i self, filter: &str) -> impl Iterator<Item = usize> + use<'i> {
        self.asked(Relation::Containing, self.numbered(filter).into())
    }

    /// The filters whose every subject another filter matches; an equal one's does.
    pub fn within<'i>(&'i self, filter: &str) -> impl Iterator<Item = usize> + use<'i> {
        self.asked(Relation::Within, self.numbered(filter).into())
    }

    /// Every two filters that overlap, the earlier one first.
    pub fn overlaps(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.len()).flat_map(|second| {
            let found = self.asked(Relation::Overlapping, self.filter(second).into());
            found
                .filter(move |first| second < *first)
                .map(move |first| (second, first))
        })
    }

    /// Every two filters of which the first contains the second; equal ones contain each other.
    pub fn containments(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.len()).flat_map(|narrow| {
            let found = self.asked(Relation::Containing, self.filter(narrow).into());
            found
                .filter(move |wide| *wide != narrow)
                .map(move |wide| (wide, narrow))
        })
    }

    /// The tokens of a filter by their numbers.
    fn numbered(&self, filter: &str) -> Vec<u32> {
        let number = |token: &str| self.numbers.get(token).copied().unwrap_or(UNKNOWN);
        let tokens = layout::tokens(filter);
        tokens
            .map(|token| layout::wildcard(token).unwrap_or_else(|| number(token)))
            .collect()
    }

    /// The tokens of one of the filters.
    fn filter(&self, id: usize) -> &[u32] {
        let start = id
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0);
        let end = self.ends.get(id).copied().unwrap_or(start);
        self.tokens.get(start..end).unwrap_or_default()
    }

    /// The filters that stand in a relation to one, whose tokens these are.
    fn asked(&self, relation: Relation, tokens: Box<[u32]>) -> impl Iterator<Item = usize> + use<'_> {
        let (mut listed, mut planned) = (None, None);
        match self.few(&tokens) {
            Some(few) => listed = Some(few),
            None => planned = Some(self.plan(relation, Layout::of(&tokens))),
        }
        let looked_up = Found {
            tables: planned,
            table: 0,
            next: None,
            tokens: tokens.clone(),
        };
        listed
            .into_iter()
            .flatten()
            .chain(looked_up)
            .map(|id| id as usize)
            .filter(move |id| {
                let other = self.filter(*id);
                match relation {
                    Relation::Overlapping => layout::overlap(&tokens, other),
                    Relation::Containing => layout::contains(other, &tokens),
                    Relation::Within => layout::contains(&tokens, other),
                }
            })
    }

    /// The filters that share the rarest fixed token, or have a wildcard in its place, where they are fewer than the layouts, or those are too many.
    fn few(&self, tokens: &[u32]) -> Option<impl Iterator<Item = u32> + use<'_>> {
        let mut tails = 0;
        let mut best: Option<(usize, usize, u32)> = None;
        for (place, token) in tokens.iter().enumerate() {
            tails += self.tails.get(place).map_or(0, Vec::len);
            if *token == STAR || *token == TAIL {
                continue;
            }
            let same = self.fixed.get(&(place, *token)).map_or(0, Vec::len);
            let found = same + self.stars.get(place).map_or(0, Vec::len) + tails;
            if best.is_none_or(|(fewest, ..)| found < fewest) {
                best = Some((found, place, *token));
            }
        }
        let all = self.len();
        let (found, place, token) = best.unwrap_or((all, usize::MAX, UNKNOWN));
        if found > self.layouts.len() && self.layouts.len() <= MANY_LAYOUTS {
            return None;
        }
        let nothing_fixed = place == usize::MAX;
        let every = if nothing_fixed {
            0..u32::try_from(all).unwrap_or(u32::MAX)
        } else {
            0..0
        };
        let same = self.fixed.get(&(place, token)).into_iter().flatten();
        let stars = self.stars.get(place).into_iter().flatten();
        let tails = self
            .tails
            .iter()
            .take(if nothing_fixed { 0 } else { place + 1 })
            .flatten();
        Some(every.chain(same.chain(stars).chain(tails).copied()))
    }

    /// The tables that a question of a layout looks into.
    fn plan(&self, relation: Relation, layout: Layout) -> Plan {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        let plan = plans.entry((relation, layout)).or_insert_with_key(|(_, layout)| {
            let theirs = self.layouts.iter().enumerate();
            let tables = theirs.filter_map(|(number, other)| {
                let places = match relation {
                    Relation::Overlapping => layout.common(other)?,
                    Relation::Containing => other.around(layout)?,
                    Relation::Within => layout.around(other)?,
                };
                Some(self.table(number, places))
            });
            tables.collect()
        });
        plan.clone()
    }

    /// The filters of a layout by their tokens at some places.
    fn table(&self, layout: usize, places: Vec<usize>) -> Arc<Table> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let table = tables.entry((layout, places)).or_insert_with_key(|(layout, places)| {
            let members = self.members.get(*layout).map_or(&[][..], Vec::as_slice);
            Arc::new(Table::new(places, members, |id| self.filter(id as usize)))
        });
        table.clone()
    }
}

/// What is in some tables at the place where one filter's tokens lead, and perhaps what others' lead to.
struct Found {
    tables: Option<Plan>,
    /// The table that comes next.
    table: usize,
    /// The entry of the table before that comes next.
    next: Option<u32>,
    tokens: Box<[u32]>,
}

impl Iterator for Found {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let tables = self.tables.as_ref()?;
        loop {
            let before = self.table.checked_sub(1).and_then(|before| tables.get(before));
            if let (Some(entry), Some(table)) = (self.next, before) {
                let (member, next) = table.entry(entry)?;
                self.next = next;
                return Some(member);
            }
            self.next = tables.get(self.table)?.first(&self.tokens);
            self.table += 1;
        }
    }
}

/// Adds to the list at a place.
fn push_at(lists: &mut Vec<Vec<u32>>, place: usize, id: u32) {
    if lists.len() <= place {
        lists.resize_with(place + 1, Vec::new);
    }
    if let Some(list) = lists.get_mut(place) {
        list.push(id);
    }
}
