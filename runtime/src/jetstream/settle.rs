//! What the server is told of a delivery (ADR-13).

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::info::DeliveryInfo;
use crate::connection::{Connection, Piece, WorkGuard};
use crate::error::Error;

/// The work is done.
pub(super) const ACK: Bytes = Bytes::from_static(b"+ACK");
/// The work goes on.
pub(super) const PROGRESS: Bytes = Bytes::from_static(b"+WPI");

/// The work has failed and may succeed later: after `delay`, or at once.
pub(super) fn nak(delay: Option<Duration>) -> Bytes {
    match delay {
        None => Bytes::from_static(b"-NAK"),
        Some(delay) => {
            // The server reads a signed number.
            let nanos = i64::try_from(delay.as_nanos()).unwrap_or(i64::MAX);
            format!("-NAK {{\"delay\":{nanos}}}").into()
        }
    }
}

/// Nobody is to try again. The client's own ack kinds have no reason; the server reads one after `+TERM`.
pub(super) fn term(reason: &str) -> Bytes {
    format!("+TERM {}", one_line(reason, 512)).trim_end().to_owned().into()
}

/// A text for one line of a protocol: without control characters, and not longer than so many characters.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(most)
        .collect();
    line.trim().to_owned()
}

/// The place where the server hears of one delivery.
pub(super) struct Settle {
    /// Cheaper to clone for each delivery than the client.
    connection: Connection,
    reply: async_nats::Subject,
    _piece: Piece,
}

impl Settle {
    /// Keeps a drain waiting for as long as it lives.
    pub(super) fn new(connection: &Connection, reply: &async_nats::Subject, guard: &WorkGuard) -> Self {
        Self {
            connection: connection.clone(),
            reply: reply.clone(),
            _piece: guard.piece(),
        }
    }

    /// Tells the server, without waiting.
    pub(super) async fn send(&self, document: Bytes) -> Result<(), SettleError> {
        self.connection
            .client()
            .publish(self.reply.clone(), document)
            .await
            .map_err(|error| SettleError::with_source(SettleErrorKind::Closed, error))
    }

    /// Tells the server, and waits until it has noted it.
    pub(super) async fn confirm(&self, document: Bytes) -> Result<(), SettleError> {
        use async_nats::RequestErrorKind as Kind;
        let request = async_nats::Request::new().payload(document);
        // Not the client's `double_ack`: it takes "no responders" for a confirmation.
        match self.connection.client().send_request(self.reply.clone(), request).await {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.kind() {
                Kind::TimedOut => SettleErrorKind::TimedOut.into(),
                Kind::NoResponders => SettleErrorKind::NoConsumer.into(),
                _ => SettleError::with_source(SettleErrorKind::Closed, error),
            }),
        }
    }
}

/// Why a delivery could not be settled.
pub type SettleError = Error<SettleErrorKind>;

/// The kinds of [`SettleError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettleErrorKind {
    /// The server did not confirm within the connection's request timeout.
    TimedOut,
    /// Nobody takes the acknowledgement: the consumer is gone.
    NoConsumer,
    /// The connection is closed.
    Closed,
}

impl fmt::Display for SettleErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "the server did not confirm in time",
            Self::NoConsumer => "nobody takes the acknowledgement: the consumer is gone",
            Self::Closed => "the connection is closed",
        })
    }
}

/// An error, with the message before it that could not be settled.
#[derive(Debug)]
pub(super) struct About {
    message: String,
    error: SettleError,
}

impl About {
    pub(super) fn new(info: &DeliveryInfo, error: SettleError) -> Self {
        Self {
            message: format!("sequence {} of stream `{}`", info.stream_sequence, info.stream()),
            error,
        }
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message, self.error)
    }
}

impl std::error::Error for About {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settling_is_written_as_the_server_reads_it() {
        assert_eq!(nak(None), "-NAK");
        assert_eq!(nak(Some(Duration::from_millis(1500))), r#"-NAK {"delay":1500000000}"#);
        assert_eq!(nak(Some(Duration::MAX)), r#"-NAK {"delay":9223372036854775807}"#);
        assert_eq!(term("no such\r\ntask"), "+TERM no such  task");
        assert_eq!(term(""), "+TERM");
    }
}
