//! Why there is no delivery.

use std::fmt;

use super::info::DeliveryInfo;
use super::policy::OnInvalid;
use crate::error::Error;
use crate::message::InvalidMessage;

/// A delivery that did not decode, and what became of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct InvalidDelivery {
    /// What was delivered, and what is wrong with it.
    pub message: InvalidMessage,
    /// What the server says about it.
    pub info: DeliveryInfo,
    /// What became of it.
    pub settled: OnInvalid,
}

impl fmt::Display for InvalidDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settled = match self.settled {
            OnInvalid::Term => "terminated",
            OnInvalid::Nak => "put back",
            OnInvalid::DeadLetter(_) => "put to the dead letters",
        };
        write!(
            f,
            "{settled} sequence {} of stream `{}`, delivery {}: {}",
            self.info.stream_sequence,
            self.info.stream(),
            self.info.delivered,
            self.message
        )
    }
}

impl std::error::Error for InvalidDelivery {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.message)
    }
}

/// An item of [`Deliveries`](super::Deliveries) that is no delivery.
pub type DeliveryError = Error<DeliveryErrorKind>;

/// The kinds of [`DeliveryError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryErrorKind {
    /// A delivery did not decode; see [`DeliveryError::invalid`].
    Invalid,
    /// The connection was lost; the stream goes on when it is renewed.
    ConnectionLost,
    /// The consumer was deleted.
    ConsumerDeleted,
    /// Nobody answers for the consumer: it does not exist, or has no leader at this moment.
    NoConsumer,
    /// The connection stands, and the server was silent for longer than its heartbeats allow.
    MissedHeartbeat,
    /// The server refused to deliver.
    Refused,
    /// More was delivered than the subscription's queue could hold.
    Overrun,
    /// The connection is closed.
    Closed,
}

impl fmt::Display for DeliveryErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid => "a delivery does not keep the contract",
            Self::ConnectionLost => "the connection was lost",
            Self::ConsumerDeleted => "the consumer was deleted",
            Self::NoConsumer => "nobody answers for the consumer",
            Self::MissedHeartbeat => "the server is silent",
            Self::Refused => "the server refused to deliver",
            Self::Overrun => "more was delivered than could be held",
            Self::Closed => "the connection is closed",
        })
    }
}

impl DeliveryError {
    /// The delivery that did not decode, where that is the error.
    #[must_use]
    pub fn invalid(&self) -> Option<&InvalidDelivery> {
        self.cause()
    }
}
