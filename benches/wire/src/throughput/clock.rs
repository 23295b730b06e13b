//! Processor time, which other programs on the same machine change less than the time on the wall.

use std::fs;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What a piece of work took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken {
    /// On the wall.
    pub wall: Duration,
    /// Of this program's processor time.
    pub own: Duration,
    /// Of the server's processor time. Counted in hundredths of a second: true only in sum.
    pub server: Duration,
}

/// Counts from when it was made.
pub struct Clock {
    wall: Instant,
    own: Duration,
    server: Duration,
}

impl Clock {
    pub fn start() -> Self {
        Self {
            server: of_children(),
            own: of_this_program(),
            wall: Instant::now(),
        }
    }

    pub fn taken(&self) -> Taken {
        Taken {
            wall: self.wall.elapsed(),
            own: of_this_program().saturating_sub(self.own),
            server: of_children().saturating_sub(self.server),
        }
    }
}

fn of_this_program() -> Duration {
    read(ClockId::ProcessCPUTime)
}

/// The processor time of the thread that asks.
pub fn of_this_thread() -> Duration {
    read(ClockId::ThreadCPUTime)
}

fn read(clock: ClockId) -> Duration {
    Duration::try_from(clock_gettime(clock)).unwrap_or_default()
}

/// The processor time of running child processes, which is the server alone. Linux tells; elsewhere no time passes.
fn of_children() -> Duration {
    let own = std::process::id().to_string();
    let Ok(processes) = fs::read_dir("/proc") else {
        return Duration::ZERO;
    };
    let ticks = processes.flatten().filter_map(|process| {
        let stat = fs::read_to_string(process.path().join("stat")).ok()?;
        // Behind the program's name, which may hold anything, comes the third field, see proc(5).
        let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
        if *fields.get(1)? != own {
            return None;
        }
        let user: u64 = fields.get(11)?.parse().ok()?;
        let system: u64 = fields.get(12)?.parse().ok()?;
        Some(user + system)
    });
    Duration::from_millis(ticks.sum::<u64>() * 10)
}
