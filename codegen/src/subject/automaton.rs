//! Sets of texts as deterministic automata over bytes: what regular expressions are compared by.
//!
//! An automaton is made from a regular expression or a list, and combined with others state by state. None grows beyond
//! [`MAX_STATES`]; what would is not made, and whoever asked answers as if nothing were known.

use std::collections::{BTreeSet, HashMap, VecDeque};

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::{Anchored, Input};

/// The most states that an automaton may have: a thousand times those of a pattern such as `^[a-z]+-[0-9]+$`.
pub(super) const MAX_STATES: usize = 1 << 14;

/// What the automata of one pattern may take while they are made, in bytes.
const MAX_SIZE: usize = 8 << 20;

/// The state from which nothing is accepted.
const DEAD: u32 = 0;

/// A deterministic automaton; a text is in its set if its bytes lead from the start to an accepting state.
#[derive(Clone, Debug)]
pub(super) struct Automaton {
    /// The class of each byte: bytes of one class lead the same ways.
    classes: Box<[u8; 256]>,
    /// How many classes there are.
    width: usize,
    /// Where each state leads by each class; the first state is [`DEAD`].
    next: Vec<u32>,
    /// Whether a text may end in a state.
    accepts: Vec<bool>,
    start: u32,
}

impl Automaton {
    /// The texts in which a regular expression finds a match.
    ///
    /// `None` if it is none, needs the Unicode border of words, or has too many states.
    pub(super) fn of_pattern(pattern: &str) -> Option<Self> {
        let thompson = thompson::Config::new().nfa_size_limit(Some(MAX_SIZE));
        let config = DFA::config()
            .cache_capacity(MAX_SIZE)
            .minimum_cache_clear_count(Some(0));
        let dfa = DFA::builder()
            .configure(config)
            .thompson(thompson)
            .build(pattern)
            .ok()?;
        let mut cache = dfa.create_cache();
        explored(&dfa, &mut cache)
    }

    /// The texts of a list.
    pub(super) fn of_texts<'t>(texts: impl Iterator<Item = &'t str>) -> Option<Self> {
        let mut edges: HashMap<(u32, u8), u32> = HashMap::new();
        let mut accepts = vec![false, false];
        let start = 1;
        for text in texts {
            let mut state = start;
            for byte in text.bytes() {
                let fresh = u32::try_from(accepts.len()).ok()?;
                state = *edges.entry((state, byte)).or_insert(fresh);
                if state == fresh {
                    accepts.push(false);
                }
            }
            *accepts.get_mut(state as usize)? = true;
            if accepts.len() > MAX_STATES {
                return None;
            }
        }
        let used = edges.keys().map(|(_, byte)| *byte);
        let (classes, width) = classes_of(used);
        let mut automaton = Self {
            next: vec![DEAD; accepts.len() * width],
            classes,
            width,
            accepts,
            start,
        };
        for ((state, byte), to) in edges {
            let class = automaton.class(byte);
            automaton.lead(state, class, to);
        }
        Some(automaton)
    }

    /// The texts of which one automaton says `a`, the other `b`, and `keep(a, b)` is true; `keep(false, false)` must not be.
    pub(super) fn combined(&self, other: &Self, keep: fn(bool, bool) -> bool) -> Option<Self> {
        let (classes, pairs) = self.common_classes(other);
        let mut made = Self {
            classes,
            width: pairs.len(),
            next: vec![DEAD; pairs.len()],
            accepts: vec![false],
            start: 1,
        };
        let mut known: HashMap<(u32, u32), u32> = HashMap::new();
        let mut waiting = VecDeque::new();
        let mut state_of = |pair: (u32, u32), made: &mut Self, waiting: &mut VecDeque<_>| -> Option<u32> {
            if let Some(state) = known.get(&pair) {
                return Some(*state);
            }
            let state = made.add(keep(self.is_accepting(pair.0), other.is_accepting(pair.1)))?;
            known.insert(pair, state);
            waiting.push_back((pair, state));
            Some(state)
        };
        made.start = state_of((self.start, other.start), &mut made, &mut waiting)?;
        while let Some(((ours, theirs), state)) = waiting.pop_front() {
            for (class, (our_class, their_class)) in pairs.iter().enumerate() {
                let pair = (self.step(ours, *our_class), other.step(theirs, *their_class));
                // What one of them alone could still accept may be nothing to keep.
                let lost = match pair {
                    (DEAD, DEAD) => true,
                    (DEAD, _) => !keep(false, true),
                    (_, DEAD) => !keep(true, false),
                    _ => false,
                };
                if lost {
                    continue;
                }
                let to = state_of(pair, &mut made, &mut waiting)?;
                made.lead(state, class, to);
            }
        }
        Some(made.without_dead_ends())
    }

    /// Texts of the parts in turn, with a dot between two; no text of a part but the last may hold a dot.
    pub(super) fn joined(parts: &[&Self]) -> Option<Self> {
        let mut classes = Self::of_texts([".", ""].into_iter())?;
        for part in parts {
            let (common, pairs) = classes.common_classes(part);
            classes = Self {
                classes: common,
                width: pairs.len(),
                ..classes
            };
        }
        let (classes, width) = (classes.classes, classes.width);
        // Classes are numbered by their first bytes.
        let mut byte_of: Vec<u8> = Vec::new();
        for byte in 0..=u8::MAX {
            if class_in(&classes, byte) == byte_of.len() {
                byte_of.push(byte);
            }
        }
        let mut made = Self {
            classes,
            width,
            next: vec![DEAD; width],
            accepts: vec![false],
            start: DEAD,
        };
        let mut offsets = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            offsets.push(made.accepts.len());
            for accepts in &part.accepts {
                made.add(*accepts && index + 1 == parts.len())?;
            }
        }
        for (index, part) in parts.iter().enumerate() {
            let offset = *offsets.get(index)?;
            let shifted = |state: u32| u32::try_from(offset + state as usize).ok();
            let following = parts.get(index + 1).zip(offsets.get(index + 1));
            let following = following.and_then(|(part, offset)| u32::try_from(offset + part.start as usize).ok());
            if index == 0 {
                made.start = shifted(part.start)?;
            }
            for state in 0..u32::try_from(part.accepts.len()).ok()? {
                for (class, byte) in byte_of.iter().enumerate() {
                    let to = match following {
                        Some(start) if *byte == b'.' && part.is_accepting(state) => start,
                        _ => shifted(part.step(state, part.class(*byte)))?,
                    };
                    made.lead(shifted(state)?, class, to);
                }
            }
        }
        Some(made.without_dead_ends())
    }

    /// Whether a text is in the set.
    pub(super) fn contains(&self, text: &str) -> bool {
        let last = text
            .bytes()
            .fold(self.start, |state, byte| self.step(state, self.class(byte)));
        self.is_accepting(last)
    }

    /// Whether no text is in the set.
    pub(super) fn is_empty(&self) -> bool {
        self.start == DEAD
    }

    /// One of the shortest texts of the set, made of letters and digits where there is a choice.
    pub(super) fn shortest(&self) -> Option<String> {
        let mut bytes: Vec<u8> = (0..=u8::MAX).collect();
        bytes.sort_by_key(|byte| (!byte.is_ascii_lowercase(), !byte.is_ascii_alphanumeric(), *byte));
        let mut came: HashMap<u32, (u32, u8)> = HashMap::new();
        let mut waiting = VecDeque::from([self.start]);
        while let Some(state) = waiting.pop_front() {
            if self.is_accepting(state) {
                return self.way_to(state, &came);
            }
            for byte in &bytes {
                let to = self.step(state, self.class(*byte));
                if to != DEAD && to != self.start && !came.contains_key(&to) {
                    came.insert(to, (state, *byte));
                    waiting.push_back(to);
                }
            }
        }
        None
    }

    fn way_to(&self, mut state: u32, came: &HashMap<u32, (u32, u8)>) -> Option<String> {
        let mut text = Vec::new();
        while state != self.start {
            let (from, byte) = came.get(&state)?;
            text.push(*byte);
            state = *from;
        }
        text.reverse();
        String::from_utf8(text).ok()
    }

    /// Leads everything that is accepted no more to [`DEAD`], so that an empty set is known by its start.
    fn without_dead_ends(mut self) -> Self {
        let states = self.accepts.len();
        let mut before: Vec<Vec<u32>> = vec![Vec::new(); states];
        for (from, ways) in self.next.chunks(self.width).enumerate() {
            for to in ways {
                if let (Some(before), Ok(from)) = (before.get_mut(*to as usize), u32::try_from(from)) {
                    before.push(from);
                }
            }
        }
        let mut alive = self.accepts.clone();
        let mut waiting: Vec<u32> = (0..)
            .zip(&alive)
            .filter(|(_, alive)| **alive)
            .map(|(state, _)| state)
            .collect();
        while let Some(state) = waiting.pop() {
            for from in before.get(state as usize).into_iter().flatten() {
                if let Some(alive) = alive.get_mut(*from as usize).filter(|alive| !**alive) {
                    *alive = true;
                    waiting.push(*from);
                }
            }
        }
        let is_dead = |state: u32| !alive.get(state as usize).copied().unwrap_or(false);
        for to in self.next.iter_mut().filter(|to| is_dead(**to)) {
            *to = DEAD;
        }
        if is_dead(self.start) {
            self.start = DEAD;
        }
        self
    }

    /// Classes of bytes that neither of two automata tells apart, each with its class in the one and in the other.
    fn common_classes(&self, other: &Self) -> (Box<[u8; 256]>, Vec<(usize, usize)>) {
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        let mut numbers: HashMap<(usize, usize), u8> = HashMap::new();
        let mut classes = Box::new([0; 256]);
        for (byte, class) in (0..=u8::MAX).zip(classes.iter_mut()) {
            let pair = (self.class(byte), other.class(byte));
            *class = *numbers.entry(pair).or_insert_with(|| {
                pairs.push(pair);
                // There are no more pairs than bytes.
                u8::try_from(pairs.len() - 1).unwrap_or(u8::MAX)
            });
        }
        (classes, pairs)
    }

    fn class(&self, byte: u8) -> usize {
        class_in(&self.classes, byte)
    }

    fn step(&self, state: u32, class: usize) -> u32 {
        let at = state as usize * self.width + class;
        self.next.get(at).copied().unwrap_or(DEAD)
    }

    fn is_accepting(&self, state: u32) -> bool {
        self.accepts.get(state as usize).copied().unwrap_or(false)
    }

    /// A further state, or `None` if there are too many.
    fn add(&mut self, accepts: bool) -> Option<u32> {
        if self.accepts.len() >= MAX_STATES {
            return None;
        }
        let state = u32::try_from(self.accepts.len()).ok()?;
        self.accepts.push(accepts);
        self.next.resize(self.next.len() + self.width, DEAD);
        Some(state)
    }

    fn lead(&mut self, state: u32, class: usize, to: u32) {
        if let Some(way) = self.next.get_mut(state as usize * self.width + class) {
            *way = to;
        }
    }
}

/// The class of a byte.
fn class_in(classes: &[u8; 256], byte: u8) -> usize {
    classes.get(usize::from(byte)).copied().map_or(0, usize::from)
}

/// Classes in which each of some bytes is alone, and how many they are.
fn classes_of(bytes: impl Iterator<Item = u8>) -> (Box<[u8; 256]>, usize) {
    let alone: BTreeSet<u8> = bytes.collect();
    let mut classes = Box::new([0; 256]);
    // The first class is that of all other bytes. Text never has all 256.
    let mut width = 1;
    for (byte, class) in (0..=u8::MAX).zip(classes.iter_mut()) {
        if alone.contains(&byte) {
            *class = u8::try_from(width).unwrap_or(u8::MAX);
            width += 1;
        }
    }
    (classes, width)
}

/// Every state of an automaton that is made as it is asked.
fn explored(dfa: &DFA, cache: &mut Cache) -> Option<Automaton> {
    let byte_classes = dfa.byte_classes();
    let mut classes = Box::new([0; 256]);
    let mut byte_of: Vec<u8> = Vec::new();
    for (byte, class) in (0..=u8::MAX).zip(classes.iter_mut()) {
        *class = byte_classes.get(byte);
        if usize::from(*class) == byte_of.len() {
            byte_of.push(byte);
        }
    }
    let mut made = Automaton {
        width: byte_of.len(),
        next: vec![DEAD; byte_of.len()],
        classes,
        accepts: vec![false],
        start: 1,
    };
    // Behind a match the rest of the text does not matter.
    let found = 2;
    let start = dfa
        .start_state_forward(cache, &Input::new("").anchored(Anchored::No))
        .ok()?;
    let ends = |cache: &mut Cache, state| Some(dfa.next_eoi_state(cache, state).ok()?.is_match());
    let accepts = ends(cache, start)?;
    made.add(accepts)?;
    made.add(true)?;
    for class in 0..made.width {
        made.lead(found, class, found);
    }
    let mut known = HashMap::from([(start, made.start)]);
    let mut waiting = vec![(start, made.start)];
    while let Some((from, state)) = waiting.pop() {
        for (class, byte) in byte_of.iter().enumerate() {
            let next = dfa.next_state(cache, from, *byte).ok()?;
            if next.is_quit() {
                return None;
            }
            if next.is_dead() {
                continue;
            }
            let to = if next.is_match() {
                found
            } else if let Some(known) = known.get(&next) {
                *known
            } else {
                let accepts = ends(cache, next)?;
                let to = made.add(accepts)?;
                known.insert(next, to);
                waiting.push((next, to));
                to
            };
            made.lead(state, class, to);
        }
    }
    Some(made.without_dead_ends())
}
