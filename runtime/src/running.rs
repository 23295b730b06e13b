//! What runs in the background until it is stopped, and tells what goes wrong meanwhile.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

/// How many faults wait for each who listens; older ones are dropped.
const WAITING: usize = 256;

/// A task that ends once it is told to, or once nobody holds this.
pub(crate) struct Running {
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl Running {
    /// A task that hears of its end through `stop`.
    pub(crate) fn new(stop: watch::Sender<bool>, task: JoinHandle<()>) -> Self {
        Self { stop, task: Some(task) }
    }

    /// Tells it to end, and waits until it has.
    pub(crate) async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            // Fails where the task panicked, which was reported, or was aborted by the end of the runtime.
            let _ = task.await;
        }
    }

    /// Lets it run for as long as it wants to.
    pub(crate) fn detach(mut self) {
        let stop = self.stop.clone();
        if let Some(task) = self.task.take() {
            tokio::spawn(async move {
                let _keep = stop;
                let _ = task.await;
            });
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.task.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.task.is_some() {
            self.stop.send_replace(true);
        }
    }
}

/// Where faults are told to everybody who listens.
pub(crate) struct Faulty<E>(broadcast::Sender<Arc<E>>);

impl<E: Send + Sync + 'static> Faulty<E> {
    pub(crate) fn new() -> Self {
        Self(broadcast::Sender::new(WAITING))
    }

    pub(crate) fn tell(&self, fault: E) {
        // Fails only where nobody listens.
        let _ = self.0.send(Arc::new(fault));
    }

    /// What is told from now on.
    pub(crate) fn listen(&self) -> Faults<E> {
        let stream = stream::unfold(self.0.subscribe(), |mut receiver| async move {
            loop {
                match receiver.recv().await {
                    Ok(fault) => return Some((fault, receiver)),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            }
        });
        Faults(Box::pin(stream.fuse()))
    }
}

impl<E> Clone for Faulty<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// What goes wrong with a service or a worker from a certain moment on: a stream.
///
/// Who does not read it misses all but the last 256; what runs counts them all.
pub struct Faults<E>(Pin<Box<dyn Stream<Item = Arc<E>> + Send + Sync>>);

impl<E> Faults<E> {
    /// The next fault; `None` once what told of them is gone.
    pub async fn next(&mut self) -> Option<Arc<E>> {
        self.0.next().await
    }
}

impl<E> Stream for Faults<E> {
    type Item = Arc<E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(cx)
    }
}

impl<E> fmt::Debug for Faults<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").finish_non_exhaustive()
    }
}
