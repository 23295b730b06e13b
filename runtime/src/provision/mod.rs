//! Provisioning: bringing the server's streams and consumers into line with a contract.
//!
//! [`plan`] reads and compares, [`Plan::apply`] writes, reads back what the server stored, and compares again:
//! an older server silently drops settings that it does not know, and any server may change some. Both steps
//! can be repeated at any time; where nothing is to be done, nothing is. Assets that the profile does not name
//! are left alone, and nothing is ever deleted.
//!
//! A setting that the contract does not name is at the server's default. Two kinds are not compared then: those
//! that the server computes (such as `duplicate_window` from `max_age`), and metadata of the server's own
//! (`_nats.*`); an update keeps what is stored.

mod api;
mod apply;
mod compare;
mod plan;
mod show;

use std::fmt;

use serde_json::Value;

pub use apply::{Applied, Failure};
pub use plan::{Action, Plan, Verb, plan};

use crate::error::Error;

/// One profile of a contract: the streams and consumers that are to exist.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// The profile's name, such as `dev`.
    pub name: &'static str,
    /// The streams, in the order in which they are made: a stream that mirrors another comes after it.
    pub streams: &'static [StreamSpec],
}

/// One stream, as the JetStream API describes it.
#[derive(Clone, Copy, Debug)]
pub struct StreamSpec {
    /// The stream's name.
    pub name: &'static str,
    /// Its configuration: a JSON object of the API's own settings. The name may be left out.
    pub config: &'static str,
    /// The consumers of the stream.
    pub consumers: &'static [ConsumerSpec],
}

/// One durable consumer, as the JetStream API describes it.
#[derive(Clone, Copy, Debug)]
pub struct ConsumerSpec {
    /// The durable name.
    pub name: &'static str,
    /// Its configuration: a JSON object of the API's own settings. The names may be left out.
    pub config: &'static str,
}

/// A stream or consumer on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Asset {
    /// A stream.
    Stream {
        /// Its name.
        name: &'static str,
    },
    /// A consumer.
    Consumer {
        /// Its stream's name.
        stream: &'static str,
        /// Its durable name.
        name: &'static str,
    },
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream { name } => write!(f, "stream `{name}`"),
            Self::Consumer { stream, name } => write!(f, "consumer `{stream} > {name}`"),
        }
    }
}

/// One setting that has two values. `None` stands for a default that is nothing: no limit, no text, not on.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The setting's name in the JetStream API.
    pub field: String,
    /// The value before, as stored by the server.
    pub from: Option<Value>,
    /// The value after, as the contract wants it.
    pub to: Option<Value>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (
            show::value(&self.field, self.from.as_ref()),
            show::value(&self.field, self.to.as_ref()),
        );
        write!(f, "{}: {from} -> {to}", self.field)
    }
}

/// Why planning or applying failed.
pub type ProvisionError = Error<ProvisionErrorKind>;

/// The kinds of [`ProvisionError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProvisionErrorKind {
    /// A configuration of the profile is no JSON object.
    Config,
    /// The server could not be asked; the source is an [`ApiError`](crate::jetstream::ApiError).
    Read,
    /// Not everything could be brought into line; see [`ProvisionError::failures`].
    Apply,
}

impl fmt::Display for ProvisionErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Config => "a configuration of the profile cannot be read",
            Self::Read => "the server's streams and consumers cannot be read",
            Self::Apply => "not everything could be provisioned",
        })
    }
}

impl ProvisionError {
    /// What failed, where applying did.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        self.cause::<apply::Failures>()
            .map_or(&[], |failures| failures.all.as_slice())
    }

    /// What was done before and besides the failures, where applying failed.
    #[must_use]
    pub fn applied(&self) -> Option<&Applied> {
        self.cause::<apply::Failures>().map(|failures| &failures.applied)
    }
}
