//! Processor time, which other programs on the same machine change less than the time on the wall.

use std::fs;
use std::time::Duration;

/// Counts from when it was made. Linux alone tells; elsewhere no time passes.
#[derive(Clone, Copy)]
pub struct Clock {
    /// The first of two neighbouring fields of `/proc/self/stat`, see proc(5): user and system time.
    field: usize,
    start: Duration,
}

impl Clock {
    /// What this program takes itself.
    #[allow(dead_code, reason = "one of the programs asks for it")]
    pub fn of_this_program() -> Self {
        Self::of(14)
    }

    /// What the programs take that this one has started and waited for.
    #[allow(dead_code, reason = "one of the programs asks for it")]
    pub fn of_children() -> Self {
        Self::of(16)
    }

    fn of(field: usize) -> Self {
        let start = read(field);
        Self { field, start }
    }

    pub fn elapsed(self) -> Duration {
        read(self.field).saturating_sub(self.start)
    }
}

fn read(field: usize) -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the program's name, which may hold anything, comes the third field. A tick is a hundredth of a second.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks = fields.skip(field - 3).take(2);
    let ticks: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
