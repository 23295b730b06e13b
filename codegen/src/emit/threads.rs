//! Makes many things on all processors at once.
//!
//! Most of the time goes into parsing and printing Rust, and no file needs another. Each thread has memory of its own, so
//! that in a large contract too it is found at once.

use std::num::NonZero;
use std::panic;
use std::thread::{self, Builder};

use super::tree::{EmitError, Tree};

/// As much as a program starts with: schemas may nest deeply.
const STACK: usize = 8 << 20;

/// What is made of each thing, in the order of the things.
pub(super) fn map<T: Sync, R: Send>(things: &[T], make: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = things.len().div_ceil(threads).max(1);
    let all = &|share: &[T]| share.iter().map(&make).collect::<Vec<R>>();
    thread::scope(|scope| {
        let spawn = |share| {
            (
                share,
                Builder::new().stack_size(STACK).spawn_scoped(scope, move || all(share)),
            )
        };
        let shares: Vec<_> = things.chunks(share).map(spawn).collect();
        let results = shares.into_iter().flat_map(|(share, thread)| match thread {
            Ok(thread) => thread.join().unwrap_or_else(|fault| panic::resume_unwind(fault)),
            // The system has no thread left for us.
            Err(_) => all(share),
        });
        results.collect()
    })
}

/// Adds the files that are made of each thing to the tree.
///
/// # Errors
///
/// The first of the faults in the order of the things.
pub(super) fn emit_each<T: Sync>(
    things: &[T],
    tree: &mut Tree,
    emit: impl Fn(&T, &mut Tree) -> Result<(), EmitError> + Sync,
) -> Result<(), EmitError> {
    let made = map(things, |thing| {
        let mut files = Tree::default();
        emit(thing, &mut files).map(|()| files)
    });
    made.into_iter().try_for_each(|files| tree.append(files?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_keep_their_order() {
        for count in [0, 1, 2, 7, 100] {
            let things: Vec<usize> = (0..count).collect();
            let squares: Vec<usize> = things.iter().map(|thing| thing * thing).collect();
            assert_eq!(map(&things, |thing| thing * thing), squares);
        }
    }

    #[test]
    fn two_of_one_file_are_a_fault() {
        let mut tree = Tree::default();
        let emitted = emit_each(&["a", "b", "a"], &mut tree, |name, tree| tree.add(*name, ""));
        assert!(emitted.is_err());
    }
}
