//! What a contract says about deliveries that go wrong.

use std::time::Duration;

/// What becomes of a delivery that does not decode; it is an `Err` item or an error of the worker as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnInvalid {
    /// It is terminated with the fault as the reason: the server does not deliver it again, and says so in an advisory.
    Term,
    /// It is put back, to be delivered again after a delay that grows from 1 s to 60 s with every delivery, until
    /// the consumer's `max_deliver`.
    Nak,
    /// It goes into the stream of this name, with the fault as the reason, and is then terminated.
    DeadLetter(&'static str),
}

/// What becomes of a message that is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GiveUp {
    /// It is terminated with the reason: the server does not deliver it again, and says so in an advisory.
    Term,
    /// It goes into the stream of this name, with the reason, and is then terminated.
    DeadLetter(&'static str),
}

/// How a consumer's messages are worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkPolicy {
    /// How many messages one worker has in hand at a time.
    pub concurrency: usize,
    /// How often a message is tried before it is given up; without it, until the consumer's `max_deliver`.
    pub attempts: Option<u64>,
    /// The waits before the second attempt, the third and so on; the last one holds for all that follow. Where it is
    /// empty, they grow from 1 s to 60 s.
    pub backoff: &'static [Duration],
    /// What becomes of a message that was tried often enough, or that the handler gives up.
    pub give_up: GiveUp,
}

impl WorkPolicy {
    /// What holds where a contract says nothing: one message at a time, tried until the consumer's `max_deliver`.
    pub const DEFAULT: Self = Self {
        concurrency: 1,
        attempts: None,
        backoff: &[],
        give_up: GiveUp::Term,
    };

    /// The wait after the `delivered`-th delivery has failed.
    #[must_use]
    pub fn wait(&self, delivered: u64) -> Duration {
        let index = usize::try_from(delivered.saturating_sub(1)).unwrap_or(usize::MAX);
        let wait = self.backoff.get(index).or(self.backoff.last());
        wait.copied().unwrap_or_else(|| doubling(delivered))
    }
}

/// 1 s after the first delivery, twice as long after each further one, 60 s at most.
pub(super) fn doubling(delivered: u64) -> Duration {
    let doublings = u32::try_from(delivered.saturating_sub(1)).unwrap_or(u32::MAX);
    Duration::from_secs(1 << doublings.min(6)).min(Duration::from_secs(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_those_of_the_contract_or_grow() {
        const WAITS: &[Duration] = &[Duration::from_secs(3), Duration::from_secs(5)];
        let seconds = |policy: WorkPolicy| [1, 2, 3, 4, 9].map(|delivered| policy.wait(delivered).as_secs());
        assert_eq!(seconds(WorkPolicy::DEFAULT), [1, 2, 4, 8, 60]);
        let listed = WorkPolicy {
            backoff: WAITS,
            ..WorkPolicy::DEFAULT
        };
        assert_eq!(seconds(listed), [3, 5, 5, 5, 5]);
    }
}
