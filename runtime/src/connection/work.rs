//! What a drain waits for: services, consumers and deliveries in hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, watch};

/// Counts the work in progress and tells it to stop.
pub(super) struct Work {
    stopping: watch::Sender<bool>,
    pieces: Arc<Pieces>,
}

/// How many pieces of work are in progress. Each delivery of a consumer is one, so counting is an atomic and no lock.
#[derive(Default)]
struct Pieces {
    count: AtomicUsize,
    none: Notify,
}

impl Work {
    pub(super) fn new() -> Self {
        Self {
            stopping: watch::Sender::new(false),
            pieces: Arc::default(),
        }
    }

    pub(super) fn begin(&self) -> WorkGuard {
        WorkGuard {
            stopping: self.stopping.subscribe(),
            piece: Piece::begin(&self.pieces),
        }
    }

    pub(super) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    pub(super) fn count(&self) -> usize {
        self.pieces.count.load(Ordering::Acquire)
    }

    pub(super) async fn finished(&self) {
        loop {
            // Before the count is read: what ends in between is heard.
            let none = self.pieces.none.notified();
            if self.count() == 0 {
                return;
            }
            none.await;
        }
    }
}

/// A piece of work in progress; dropping it says that it is done.
pub(crate) struct WorkGuard {
    stopping: watch::Receiver<bool>,
    piece: Piece,
}

/// A part of a piece of work that a drain waits for as well, and that needs not hear of it.
pub(crate) struct Piece(Arc<Pieces>);

impl Piece {
    fn begin(pieces: &Arc<Pieces>) -> Self {
        pieces.count.fetch_add(1, Ordering::AcqRel);
        Self(pieces.clone())
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.none.notify_waiters();
        }
    }
}

impl WorkGuard {
    /// A part of this work that may outlive it.
    pub(crate) fn piece(&self) -> Piece {
        Piece::begin(&self.piece.0)
    }

    /// Whether the connection is to be drained.
    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Completes when the connection is to be drained, and at once where it is already.
    pub(crate) async fn stopping(&mut self) {
        if self.stopping.wait_for(|stopping| *stopping).await.is_err() {
            // The connection itself is gone without a drain: nobody will ever ask.
            std::future::pending::<()>().await;
        }
    }
}
