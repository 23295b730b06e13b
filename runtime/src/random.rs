//! Numbers that nobody foresees well, for jitter and for ids.

use std::cell::Cell;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// A number that nobody else has drawn: the standard library's hash of a counter, under keys from the system's source of
/// randomness.
pub(crate) fn number() -> u64 {
    thread_local! {
        static DRAWN: Cell<u64> = const { Cell::new(0) };
    }
    let drawn = DRAWN.get().wrapping_add(1);
    DRAWN.set(drawn);
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(drawn);
    hasher.finish()
}

/// A part of a time, up to the whole of it.
pub(crate) fn part_of(time: Duration) -> Duration {
    let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(number().checked_rem(nanoseconds.saturating_add(1)).unwrap_or(0))
}
