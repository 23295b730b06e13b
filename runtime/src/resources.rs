//! How much of what it may use an account uses.

use std::fmt;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use serde_json::Value;
use tokio::time::{Instant, MissedTickBehavior};

use crate::connection::Connection;
use crate::jetstream::{ApiError, api_request};
use crate::observe;

/// What the contract allows its account to use; `None` for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResourceLimits {
    /// Bytes of streams in memory.
    pub max_memory: Option<u64>,
    /// Bytes of streams on disk.
    pub max_storage: Option<u64>,
    /// Streams.
    pub max_streams: Option<u64>,
    /// Consumers of all streams.
    pub max_consumers: Option<u64>,
    /// Connections of clients.
    pub max_connections: Option<u64>,
    /// Subscriptions of all connections; the server counts its own for JetStream too.
    pub max_subscriptions: Option<u64>,
}

/// Something that an account uses up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// Bytes of streams in memory.
    Memory,
    /// Bytes of streams on disk.
    Storage,
    /// Streams.
    Streams,
    /// Consumers of all streams.
    Consumers,
    /// Connections of clients.
    Connections,
    /// Subscriptions of all connections.
    Subscriptions,
}

impl Resource {
    fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Storage => "storage",
            Self::Streams => "streams",
            Self::Consumers => "consumers",
            Self::Connections => "connections",
            Self::Subscriptions => "subscriptions",
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How much of one resource is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Which resource.
    pub resource: Resource,
    /// How much is used: bytes, or a number.
    pub used: u64,
    /// How much may be used: the smaller of what the contract and what the server's account allows.
    pub limit: Option<u64>,
}

impl Usage {
    /// How much of the limit is used, in percent; `None` without a limit.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // A percentage needs no more than 52 bits.
    pub fn percent(&self) -> Option<f64> {
        match (self.used, self.limit?) {
            (0, 0) => Some(0.0),
            (_, 0) => Some(f64::INFINITY),
            (used, limit) => Some(used as f64 * 100.0 / limit as f64),
        }
    }

    /// Whether more is used than allowed.
    #[must_use]
    pub fn is_exceeded(&self) -> bool {
        self.limit.is_some_and(|limit| self.used > limit)
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.resource, self.used)?;
        if let (Some(limit), Some(percent)) = (self.limit, self.percent()) {
            write!(f, " of {limit} ({percent:.1} %)")?;
        }
        Ok(())
    }
}

/// What an account uses at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceReport {
    usages: Vec<Usage>,
}

impl ResourceReport {
    /// Each resource that is known. Connections and subscriptions are missing where the server does not tell them.
    #[must_use]
    pub fn usages(&self) -> &[Usage] {
        &self.usages
    }

    /// How much of one resource is used, where that is known.
    #[must_use]
    pub fn usage(&self, resource: Resource) -> Option<Usage> {
        self.usages.iter().find(|usage| usage.resource == resource).copied()
    }

    /// Whether nothing is used beyond its limit.
    #[must_use]
    pub fn is_within_limits(&self) -> bool {
        self.exceeded().next().is_none()
    }

    /// What is used beyond its limit.
    pub fn exceeded(&self) -> impl Iterator<Item = Usage> {
        self.usages.iter().filter(|usage| usage.is_exceeded()).copied()
    }

    /// What is used beyond a share of its limit, in percent: the time for a warning.
    pub fn above(&self, percent: f64) -> impl Iterator<Item = Usage> {
        self.usages
            .iter()
            .filter(move |usage| usage.percent().is_some_and(|used| used > percent))
            .copied()
    }
}

impl fmt::Display for ResourceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, usage) in self.usages.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{usage}")?;
            if usage.is_exceeded() {
                f.write_str(", exceeded")?;
            }
        }
        Ok(())
    }
}

impl Connection {
    /// What the account uses now, from the JetStream account information and, for connections and subscriptions,
    /// the account's statistics.
    ///
    /// # Errors
    /// Where JetStream does not answer; see [`ApiErrorKind`](crate::jetstream::ApiErrorKind).
    pub async fn resources(&self, limits: &ResourceLimits) -> Result<ResourceReport, ApiError> {
        let account = api_request(self, "INFO", None).await?;
        let number = |value: &Value, name: &str| value.get(name).and_then(Value::as_u64);
        let allowed = account.get("limits").cloned().unwrap_or_default();
        // The server writes -1 for no limit, and 0 for limits that a tier sets elsewhere.
        let limit = |name: &str, own: Option<u64>| {
            let servers = number(&allowed, name).filter(|limit| *limit > 0);
            own.into_iter().chain(servers).min()
        };
        let mut usages: Vec<Usage> = [
            (Resource::Memory, "memory", limit("max_memory", limits.max_memory)),
            (Resource::Storage, "storage", limit("max_storage", limits.max_storage)),
            (Resource::Streams, "streams", limit("max_streams", limits.max_streams)),
            (
                Resource::Consumers,
                "consumers",
                limit("max_consumers", limits.max_consumers),
            ),
        ]
        .into_iter()
        .map(|(resource, name, limit)| Usage {
            resource,
            used: number(&account, name).unwrap_or(0),
            limit,
        })
        .collect();
        if let Some((connections, subscriptions)) = self.account_statistics().await {
            usages.push(Usage {
                resource: Resource::Connections,
                used: connections,
                limit: limits.max_connections,
            });
            usages.push(Usage {
                resource: Resource::Subscriptions,
                used: subscriptions,
                limit: limits.max_subscriptions,
            });
        }
        for usage in &usages {
            observe::used(usage.resource.name(), usage.used, usage.limit);
        }
        Ok(ResourceReport { usages })
    }

    /// What the account uses, now and then after every `interval`. Ends with the connection; an `Err` item is not
    /// the end.
    pub fn watch_resources(
        &self,
        limits: ResourceLimits,
        interval: Duration,
    ) -> impl Stream<Item = Result<ResourceReport, ApiError>> + Send + Unpin + 'static {
        let mut ticks = tokio::time::interval(interval.max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let state = (self.clone(), ticks);
        let reports = stream::unfold(state, move |(connection, mut ticks)| async move {
            let mut watched = connection.watch_state();
            tokio::select! {
                _ = ticks.tick() => {}
                _ = watched.wait_for(|state| *state == crate::connection::State::Closed) => return None,
            }
            let report = connection.resources(&limits).await;
            Some((report, (connection, ticks)))
        });
        Box::pin(reports.fuse())
    }

    /// The account's connections and subscriptions, summed over the servers of a cluster. `None` where no server
    /// tells: it is too old, or the user may not ask.
    async fn account_statistics(&self) -> Option<(u64, u64)> {
        const SUBJECT: &str = "$SYS.REQ.ACCOUNT.PING.STATZ";
        /// How long the answers of a cluster's servers may be apart.
        const APART: Duration = Duration::from_millis(200);
        let client = self.client();
        let inbox = client.new_inbox();
        let mut answers = client.subscribe(inbox.clone()).await.ok()?;
        client.publish_with_reply(SUBJECT, inbox, "".into()).await.ok()?;
        let alone = client.server_info().cluster.is_none();
        let mut until = Instant::now() + self.request_timeout().min(Duration::from_secs(1));
        let mut sum = None;
        while let Ok(Some(answer)) = tokio::time::timeout_at(until, answers.next()).await {
            if answer.status.is_some() {
                break;
            }
            let Some(account) = own_account(&answer.payload) else {
                continue;
            };
            let number = |name: &str| account.get(name).and_then(Value::as_u64).unwrap_or(0);
            let (connections, subscriptions) = sum.unwrap_or((0, 0));
            sum = Some((
                connections + number("conns"),
                subscriptions + number("num_subscriptions"),
            ));
            if alone {
                break;
            }
            until = Instant::now() + APART;
        }
        sum
    }
}

/// The one account in a server's answer.
fn own_account(answer: &[u8]) -> Option<Value> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    answer.get("data")?.get("account_statz")?.get(0).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(used: u64, limit: Option<u64>) -> Usage {
        Usage {
            resource: Resource::Memory,
            used,
            limit,
        }
    }

    #[test]
    fn percentages_and_limits() {
        assert_eq!(usage(5, None).percent(), None);
        assert_eq!(usage(5, Some(20)).percent(), Some(25.0));
        assert_eq!(usage(0, Some(0)).percent(), Some(0.0));
        assert_eq!(usage(1, Some(0)).percent(), Some(f64::INFINITY));
        assert!(!usage(20, Some(20)).is_exceeded() && usage(21, Some(20)).is_exceeded());
        assert_eq!(usage(5, Some(20)).to_string(), "memory: 5 of 20 (25.0 %)");
        let report = ResourceReport {
            usages: vec![usage(19, Some(20)), usage(1, None)],
        };
        assert!(report.is_within_limits());
        assert_eq!(report.above(90.0).count(), 1);
    }
}
