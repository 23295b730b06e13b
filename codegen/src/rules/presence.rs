//! Findings about presence.

use super::rules;

rules! {
    /// Heartbeats that do not say who is there.
    error HEARTBEAT = "presence/heartbeat";
    /// A pace that no party can keep.
    error TIMING = "presence/timing";
    /// A message that cannot say who comes or leaves.
    error NOTICE = "presence/notice";
}
