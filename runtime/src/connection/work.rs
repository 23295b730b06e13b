//! What a drain waits for: services, consumers and deliveries in hand.

use tokio::sync::watch;

/// Counts the work in progress and tells it to stop.
pub(super) struct Work {
    stopping: watch::Sender<bool>,
    count: watch::Sender<usize>,
}

impl Work {
    pub(super) fn new() -> Self {
        Self {
            stopping: watch::Sender::new(false),
            count: watch::Sender::new(0),
        }
    }

    pub(super) fn begin(&self) -> WorkGuard {
        self.count.send_modify(|count| *count += 1);
        WorkGuard {
            stopping: self.stopping.subscribe(),
            count: self.count.clone(),
        }
    }

    pub(super) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    pub(super) fn count(&self) -> usize {
        *self.count.borrow()
    }

    pub(super) async fn finished(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// A piece of work in progress; dropping it says that it is done.
pub(crate) struct WorkGuard {
    stopping: watch::Receiver<bool>,
    count: watch::Sender<usize>,
}

impl WorkGuard {
    /// Completes when the connection is to be drained, and at once where it is already.
    pub(crate) async fn stopping(&mut self) {
        if self.stopping.wait_for(|stopping| *stopping).await.is_err() {
            // The connection itself is gone without a drain: nobody will ever ask.
            std::future::pending::<()>().await;
        }
    }
}

impl Clone for WorkGuard {
    fn clone(&self) -> Self {
        self.count.send_modify(|count| *count += 1);
        Self {
            stopping: self.stopping.clone(),
            count: self.count.clone(),
        }
    }
}

impl Drop for WorkGuard {
    fn drop(&mut self) {
        self.count.send_modify(|count| *count = count.saturating_sub(1));
    }
}
