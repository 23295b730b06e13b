//! What a worker's handler is given, and what it says when it fails.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use super::info::DeliveryInfo;
use crate::error::BoxError;

/// One message in the hands of a worker.
///
/// It is settled by what the handler returns. While the handler runs, the server is told that the work goes on, so that
/// nobody else is given the message.
pub struct Job<M> {
    pub(super) message: M,
    pub(super) info: DeliveryInfo,
    pub(super) attempts: Option<u64>,
}

impl<M> Job<M> {
    /// The message.
    #[must_use]
    pub fn message(&self) -> &M {
        &self.message
    }

    /// The message, to be kept.
    #[must_use]
    pub fn into_message(self) -> M {
        self.message
    }

    /// Which attempt this is, counted from 1. A delivery to a worker that ended before it settled it counts as well.
    #[must_use]
    pub fn attempt(&self) -> u64 {
        self.info.delivered
    }

    /// Whether the message is given up if this attempt fails.
    #[must_use]
    pub fn is_last_attempt(&self) -> bool {
        self.attempts.is_some_and(|attempts| self.info.delivered >= attempts)
    }

    /// Its sequence number in the stream.
    #[must_use]
    pub fn stream_sequence(&self) -> u64 {
        self.info.stream_sequence
    }

    /// Everything that the server says about it.
    #[must_use]
    pub fn info(&self) -> &DeliveryInfo {
        &self.info
    }
}

impl<M> Deref for Job<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.message
    }
}

impl<M: fmt::Debug> fmt::Debug for Job<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("message", &self.message)
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

/// Why a handler did not do the work, and what is to become of the message.
///
/// Every error, boxed or not, becomes one that asks for another attempt, so `?` is all that a handler needs for what may go
/// better the next time. This type is no [`std::error::Error`] itself, which is what makes that possible.
///
/// ```
/// use natsmith_runtime::WorkError;
///
/// fn handle(document: &str) -> Result<u64, WorkError> {
///     if document.is_empty() {
///         return Err(WorkError::give_up("there is nothing to do")); // no attempt will go better
///     }
///     Ok(document.parse()?) // tried again after the contract's next wait
/// }
/// assert_eq!(handle("x").unwrap_err().to_string(), "invalid digit found in string");
/// ```
#[derive(Debug)]
pub struct WorkError {
    pub(super) then: Then,
    pub(super) reason: String,
}

/// What a handler asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Retry,
    RetryAfter(Duration),
    GiveUp,
}

impl WorkError {
    /// Another attempt, after the wait that the contract says.
    #[must_use]
    pub fn retry(reason: impl fmt::Display) -> Self {
        Self::new(Then::Retry, &reason)
    }

    /// Another attempt after `wait`, such as one that another service has asked for. It counts as the others do.
    #[must_use]
    pub fn retry_after(wait: Duration, reason: impl fmt::Display) -> Self {
        Self::new(Then::RetryAfter(wait), &reason)
    }

    /// No further attempt: the message is terminated or goes to the dead letters, as the contract says.
    #[must_use]
    pub fn give_up(reason: impl fmt::Display) -> Self {
        Self::new(Then::GiveUp, &reason)
    }

    fn new(then: Then, reason: &dyn fmt::Display) -> Self {
        Self {
            then,
            reason: reason.to_string(),
        }
    }
}

impl<E: Into<BoxError>> From<E> for WorkError {
    fn from(error: E) -> Self {
        Self::retry(error.into())
    }
}

impl fmt::Display for WorkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}
