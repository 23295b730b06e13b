//! The algebra of subjects and filters, as the server defines it.
//!
//! A subject is tokens between dots; no token is empty and none holds white space. In a filter `*` stands for exactly
//! one token and a last `>` for one or more. A filter is thus a set of subjects, and everything here is a question about
//! sets: [`matches`] asks for an element, [`overlap`] whether two have one in common, [`contains`] whether one holds all
//! of another, [`intersection`] and [`subtract`] make the set that is left.
//!
//! | server | here |
//! |---|---|
//! | who hears a message | [`matches`] |
//! | `subjects overlap with an existing stream` (error 10065), overlapping filters of one stream (10052) or consumer (10138) | [`overlap`] |
//! | a consumer's filter outside of its stream, which the server accepts in silence | [`overlap`], [`contains`] |
//!
//! Templates say more than filters: `agents.{agent_id}.status` hears what `agents.*.status` does, but only agents' ids
//! can stand in the middle. A [`Shape`] is such a set of subjects, with a set of [`Texts`] at each place: a list, what a
//! regular expression matches, or any. The same questions are answered exactly for them, whichever expressions meet.
//!
//! An [`Index`] answers them for very many filters at once, without comparing each with each.
//!
//! The functions on text expect what [`check_filter`] and [`check_subject`] accept, and give an answer for any text.

mod automaton;
mod relation;
mod shape;
mod texts;
mod validity;

pub use relation::{contains, intersection, matches, overlap, subtract};
pub use shape::Shape;
pub use texts::Texts;
pub use validity::{Fault, check_filter, check_subject, is_literal};
