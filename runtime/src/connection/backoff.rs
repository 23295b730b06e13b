//! How long to wait before an attempt to reconnect.

use std::time::Duration;

use crate::random;

/// Growing delays with jitter, so that the clients of a server that failed do not all return at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    /// The delay of the first round of attempts.
    pub(super) first: Duration,
    /// The delay that is never exceeded.
    pub(super) max: Duration,
    /// How many servers make up one round: the delay doubles from round to round, not from server to server.
    pub(super) servers: usize,
}

impl Backoff {
    /// The delay before the n-th attempt, counted from 1: between half of the step and the whole of it.
    pub(super) fn delay(&self, attempt: usize) -> Duration {
        self.jittered(attempt, random::number())
    }

    fn step(&self, attempt: usize) -> Duration {
        let round = attempt.saturating_sub(1) / self.servers.max(1);
        let factor = u32::try_from(round)
            .ok()
            .and_then(|round| 1_u32.checked_shl(round))
            .unwrap_or(u32::MAX);
        self.first.saturating_mul(factor).min(self.max)
    }

    fn jittered(&self, attempt: usize, random: u64) -> Duration {
        let step = self.step(attempt);
        let half = step / 2;
        let spread = u64::try_from(half.as_nanos()).unwrap_or(u64::MAX);
        step.saturating_sub(half) + Duration::from_nanos(random.checked_rem(spread.saturating_add(1)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn delays_double_with_every_round_up_to_the_maximum() {
        let backoff = Backoff {
            first: Duration::from_secs(1),
            max: Duration::from_secs(10),
            servers: 2,
        };
        let steps: Vec<u64> = (1..=11).map(|attempt| backoff.step(attempt).as_secs()).collect();
        assert_eq!(steps, [1, 1, 2, 2, 4, 4, 8, 8, 10, 10, 10]);
        assert_eq!(backoff.step(usize::MAX), Duration::from_secs(10));
    }

    proptest! {
        #[test]
        fn jitter_stays_within_the_upper_half(attempt in 0_usize..200, random in any::<u64>(), first in 0_u64..5000, max in 0_u64..90_000) {
            let backoff = Backoff { first: Duration::from_millis(first), max: Duration::from_millis(max), servers: 1 };
            let (step, delay) = (backoff.step(attempt), backoff.jittered(attempt, random));
            prop_assert!(delay <= step && delay >= step / 2, "{delay:?} of {step:?}");
        }
    }
}
