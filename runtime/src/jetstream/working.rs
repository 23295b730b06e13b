//! A worker that runs: how it is stopped, and what it has to tell.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::error::{BoxError, Error};
use crate::running::{Faults, Faulty, Running};

/// A running worker, made by [`ConsumerEndpoint::work`](crate::ConsumerEndpoint::work). Dropping it stops it in the background.
#[must_use = "a dropped worker is stopped"]
pub struct Working {
    running: Running,
    report: Report,
}

impl Working {
    pub(super) fn new(stop: watch::Sender<bool>, task: JoinHandle<()>, report: Report) -> Self {
        Self {
            running: Running::new(stop, task),
            report,
        }
    }

    /// Takes no more messages, and waits until those in hand are settled. What has arrived and nobody has begun is put
    /// back for others.
    pub async fn stop(self) {
        self.running.stop().await;
    }

    /// Lets the worker run for as long as the connection.
    pub fn detach(self) {
        self.running.detach();
    }

    /// Whether the worker has ended: stopped, or its connection closed.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.running.is_finished()
    }

    /// What goes wrong from now on. What is not read in time is only among the [`counts`](Self::counts).
    #[must_use]
    pub fn faults(&self) -> Faults<WorkFault> {
        self.report.faulty.listen()
    }

    /// What has become of the messages so far.
    #[must_use]
    pub fn counts(&self) -> WorkCounts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = &self.report.counts;
        WorkCounts {
            done: read(&counts.done),
            retried: read(&counts.retried),
            given_up: read(&counts.given_up),
            invalid: read(&counts.invalid),
            repeated: read(&counts.repeated),
        }
    }
}

impl fmt::Debug for Working {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Working")
            .field("finished", &self.is_finished())
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

/// What has become of a worker's messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkCounts {
    /// Handled and acknowledged.
    pub done: u64,
    /// Failed, and put back for another attempt.
    pub retried: u64,
    /// Given up: terminated or put to the dead letters.
    pub given_up: u64,
    /// Not decoded, and settled as the contract says.
    pub invalid: u64,
    /// Delivered again after they were handled, and acknowledged without being handled again.
    pub repeated: u64,
}

/// The counts while they are made.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub done: AtomicU64,
    pub retried: AtomicU64,
    pub given_up: AtomicU64,
    pub invalid: AtomicU64,
    pub repeated: AtomicU64,
}

/// Something that went wrong with a worker or one of its messages.
pub type WorkFault = Error<WorkFaultKind>;

/// The kinds of [`WorkFault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorkFaultKind {
    /// A message does not decode, and was settled as the contract says; the source is an
    /// [`InvalidDelivery`](super::InvalidDelivery).
    Invalid,
    /// The handler failed, and the message comes again.
    Retried,
    /// A message was given up.
    GivenUp,
    /// The stream of dead letters did not take a message; the worker tries again, and the message is not lost.
    NotBuried,
    /// The server did not note what has become of a message, which therefore comes again.
    Unsettled,
    /// No messages come at this moment; the source is a [`DeliveryError`](super::DeliveryError).
    Delivery,
}

impl fmt::Display for WorkFaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid => "a message does not keep the contract",
            Self::Retried => "the handler failed",
            Self::GivenUp => "a message was given up",
            Self::NotBuried => "a message could not be put to the dead letters",
            Self::Unsettled => "a message could not be settled",
            Self::Delivery => "no messages are delivered",
        })
    }
}

/// Where a worker's faults and counts go.
#[derive(Clone)]
pub(super) struct Report {
    faulty: Faulty<WorkFault>,
    counts: Arc<Counts>,
}

impl Report {
    pub(super) fn new() -> Self {
        Self {
            faulty: Faulty::new(),
            counts: Arc::default(),
        }
    }

    pub(super) fn tell(&self, kind: WorkFaultKind, source: impl Into<BoxError>) {
        let fault = WorkFault::with_source(kind, source);
        tracing::warn!("{fault}");
        self.faulty.tell(fault);
    }

    pub(super) fn count(&self, of: impl FnOnce(&Counts) -> &AtomicU64) {
        of(&self.counts).fetch_add(1, Ordering::Relaxed);
    }
}
