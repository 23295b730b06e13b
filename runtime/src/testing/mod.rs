//! Real servers for tests: never a mock, never skipped.
//!
//! ```no_run
//! # async fn test() -> Result<(), Box<dyn std::error::Error>> {
//! use natsmith_runtime::Connection;
//! use natsmith_runtime::testing::Server;
//!
//! let mut server = Server::start().await?;
//! let nats = Connection::builder(server.url()).connect().await?;
//! server.restart().await?; // on the same port, with the same streams
//! # Ok(())
//! # }
//! ```

mod binary;
mod cluster;
mod install;
#[cfg(feature = "metrics")]
mod recorder;
mod server;

use std::fmt;

pub use binary::{MINIMUM_VERSION, server_binary};
pub use cluster::Cluster;
pub use install::PINNED_VERSION;
#[cfg(feature = "metrics")]
pub use recorder::Recorder;
pub use server::{Server, ServerBuilder};

use crate::error::Error;

/// Why no server runs.
pub type ServerError = Error<ServerErrorKind>;

/// The kinds of [`ServerError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerErrorKind {
    /// No usable nats-server can be found or installed.
    NoServer,
    /// The server did not come up, or did not go down.
    Process,
    /// Files for the server cannot be written or read.
    Files,
    /// This platform has no signals.
    NotSupported,
}

impl fmt::Display for ServerErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoServer => "no nats-server can be had",
            Self::Process => "the nats-server does not do what it should",
            Self::Files => "the files of the nats-server cannot be handled",
            Self::NotSupported => "this needs signals, which this platform does not have",
        })
    }
}

impl ServerError {
    fn files(error: std::io::Error) -> Self {
        Self::with_source(ServerErrorKind::Files, error)
    }

    fn process(told: impl Into<String>) -> Self {
        Self::with_source(ServerErrorKind::Process, told.into())
    }
}
