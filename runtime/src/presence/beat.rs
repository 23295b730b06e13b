//! Sending heartbeats.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use super::{HeartbeatOf, Presence, Timing};
use crate::access::MayPublish;
use crate::connection::{Link, WorkGuard};
use crate::endpoint::{Endpoint, PublishError};
use crate::random;
use crate::running::Running;

/// Heartbeats that are being sent. Dropping it ends them in the background.
#[must_use = "dropped heartbeats are no longer sent"]
pub struct Beating {
    running: Running,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    sent: AtomicU64,
    unsent: AtomicU64,
}

impl Beating {
    /// Ends the heartbeats; none is sent afterwards.
    pub async fn stop(self) {
        self.running.stop().await;
    }

    /// How many heartbeats were sent so far.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.counts.sent.load(Ordering::Relaxed)
    }

    /// How many could not be sent, because their schema refuses them or they make no subject.
    #[must_use]
    pub fn unsent(&self) -> u64 {
        self.counts.unsent.load(Ordering::Relaxed)
    }

    /// Whether they have ended: stopped, or the connection was drained or closed.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.running.is_finished()
    }
}

impl fmt::Debug for Beating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beating")
            .field("sent", &self.sent())
            .field("unsent", &self.unsent())
            .field("finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}

pub(super) async fn start<P, A, F>(
    endpoint: Endpoint<P::Heartbeat, A>,
    timing: Timing,
    mut heartbeat: F,
) -> Result<Beating, PublishError>
where
    P: Presence,
    A: MayPublish + Send + Sync + 'static,
    F: FnMut(u64) -> HeartbeatOf<P> + Send + 'static,
{
    let counts = Arc::new(Counts::default());
    let (stop, stopped) = watch::channel(false);
    let mut pace = Pace {
        timing,
        link: endpoint.connection().link(),
        guard: endpoint.connection().begin_work(),
        stopped,
    };
    endpoint.publish(&heartbeat(0)).await?;
    counts.sent.fetch_add(1, Ordering::Relaxed);
    let counted = counts.clone();
    let run = async move {
        let mut sequence = 1;
        while pace.next().await {
            match endpoint.publish(&heartbeat(sequence)).await {
                Ok(()) => {
                    sequence += 1;
                    counted.sent.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => {
                    tracing::warn!("a heartbeat of `{}` could not be sent: {error}", P::NAME);
                    counted.unsent.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    };
    Ok(Beating {
        running: Running::new(stop, tokio::spawn(run)),
        counts,
    })
}

/// When the next heartbeat is due.
struct Pace {
    timing: Timing,
    link: watch::Receiver<Link>,
    guard: WorkGuard,
    stopped: watch::Receiver<bool>,
}

impl Pace {
    /// Waits until the next heartbeat is due; `false` where there is none.
    async fn next(&mut self) -> bool {
        let Timing { interval, jitter, .. } = self.timing;
        let mut wait = interval.saturating_sub(jitter) + random::part_of(jitter.saturating_mul(2));
        loop {
            let link = *self.link.borrow_and_update();
            if link.closed {
                return false;
            }
            let due = async {
                if link.up {
                    tokio::time::sleep(wait).await;
                } else {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                biased;
                _ = self.stopped.wait_for(|stopped| *stopped) => return false,
                () = self.guard.stopping() => return false,
                changed = self.link.changed() => {
                    if changed.is_err() {
                        return false;
                    }
                    // Those who watch are to know soon, and not from everybody at one moment.
                    wait = random::part_of(jitter.min(interval)).max(Duration::from_millis(1));
                }
                () = due => return true,
            }
        }
    }
}
