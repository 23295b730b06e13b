//! The algebra of subjects and filters, as the server defines it.
//!
//! A subject is tokens between dots; no token is empty and none holds white space. In a filter `*` stands for exactly
//! one token and a last `>` for one or more. A filter is thus a set of subjects, and everything here is a question about
//! sets: [`matches()`] asks for an element, [`overlap`] whether two have one in common, [`contains`] whether one holds all
//! of another, [`intersection`] and [`subtract`] make the set that is left.
//!
//! | server | here |
//! |---|---|
//! | who hears a message | [`matches()`] |
//! | subjects that overlap with another stream's (error 10065) or within one stream (10052) | [`overlap`] |
//! | filters of a consumer of which one lies within another (error 10138) | [`contains`] |
//! | a consumer's filter outside of its stream, which the server accepts in silence | [`overlap`], [`contains`] |
//!
//! A token with a wildcard beside other characters, such as `>b`, is fixed text, and heard as such. JetStream is not of one mind
//! about it: its check for overlaps takes `>b` for `>` where a real wildcard stands in the same filter, and a consumer's count of
//! pending messages takes a last `b>` for it.
//!
//! Templates say more than filters: `agents.{agent_id}.status` hears what `agents.*.status` does, but only agents' ids
//! can stand in the middle. A [`Shape`] is such a set of subjects, with a set of [`Texts`] at each place: a list, what a
//! regular expression matches, or any. The same questions are answered exactly for them, whichever expressions meet.
//!
//! An [`Index`] answers the first three for very many filters at once, without comparing each with each.
//!
//! The functions on text expect what [`check_filter`] and [`check_subject`] accept, and give an answer for any text.

mod automaton;
mod index;
mod relation;
mod shape;
mod texts;
mod validity;

pub use index::Index;
pub use relation::{contains, intersection, matches, overlap, subtract};
pub use shape::Shape;
pub use texts::Texts;
pub use validity::{Fault, check_filter, check_subject, is_literal};

/// How many times two filters were compared, for tests that hold the growth of passes.
#[cfg(test)]
pub(crate) mod counted {
    use std::cell::Cell;

    thread_local! {
        static COMPARISONS: Cell<u64> = const { Cell::new(0) };
    }

    pub(super) fn compare() {
        COMPARISONS.set(COMPARISONS.get() + 1);
    }

    /// How many there were in this thread.
    pub(crate) fn comparisons() -> u64 {
        COMPARISONS.get()
    }
}
