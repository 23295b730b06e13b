//! The names of an object's members that its schema does not name.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::marker::PhantomData;

/// So few names are compared with each other sooner than they are put into a set.
const FEW: usize = 16;

/// The names of the members of an object that the schema does not name; the values of the members are of type `T`.
///
/// Few of them, as most objects have, take no memory of their own.
#[derive(Debug)]
pub struct Names<'a, T> {
    few: [Cow<'a, str>; FEW],
    count: usize,
    /// Those that are not among the few.
    many: BTreeSet<Cow<'a, str>>,
    values: PhantomData<fn() -> T>,
}

impl<'a, T> Names<'a, T> {
    /// No names.
    #[must_use]
    pub fn new() -> Self {
        Self {
            few: [const { Cow::Borrowed("") }; FEW],
            count: 0,
            many: BTreeSet::new(),
            values: PhantomData,
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a name, and says whether it is a new one.
    pub(super) fn insert(&mut self, name: Cow<'a, str>) -> bool {
        if self.few.iter().take(self.count).any(|other| *other == name) {
            return false;
        }
        match self.few.get_mut(self.count) {
            Some(place) => *place = name,
            None if !self.many.insert(name) => return false,
            None => {}
        }
        self.count += 1;
        true
    }
}

impl<T> Default for Names<'_, T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_however_many_there_are() {
        let mut names = Names::<()>::new();
        for number in 0..3 * FEW {
            assert!(names.insert(Cow::Owned(number.to_string())));
        }
        for number in 0..3 * FEW {
            assert!(!names.insert(Cow::Owned(number.to_string())), "{number}");
        }
        assert_eq!(names.len(), 3 * FEW);
    }
}
