//! Deliveries of a consumer, and how they are settled.

use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};

use super::dead_letter::{Letter, bury};
use super::info::DeliveryInfo;
use super::policy::{OnInvalid, doubling};
use super::pull::Puller;
use super::settle::{ACK, PROGRESS, Settle, SettleError, nak, term};
use super::undelivered::{DeliveryError, DeliveryErrorKind, InvalidDelivery};
use crate::connection::{Connection, WorkGuard};
use crate::message::{FromMessage, InvalidMessage};

/// What a consumer delivers: a stream that lives as long as the connection.
///
/// Whatever goes wrong is an `Err` item, and the stream goes on: a delivery that does not decode, a lost
/// connection, a consumer that was deleted or is not there. After an error that asking again cannot mend at
/// once, the stream waits, from 0.5 s up to 10 s, and asks again. It ends when the connection is drained or
/// closed.
#[must_use = "deliveries come only to who asks for the next"]
pub struct Deliveries<M> {
    stream: Pin<Box<dyn Stream<Item = Result<Delivery<M>, DeliveryError>> + Send>>,
}

impl<M: FromMessage> Deliveries<M> {
    pub(super) fn new(puller: Puller, on_invalid: OnInvalid) -> Self {
        // Moved for each delivery, so it is a pointer that moves.
        let puller = Box::new(puller);
        let stream = stream::unfold(puller, move |mut puller| async move {
            let item = match puller.next().await? {
                Err(error) => Err(error),
                Ok(raw) => open(puller.connection(), &puller.guard, &raw, on_invalid).await,
            };
            Some((item, puller))
        });
        Self {
            stream: Box::pin(stream.fuse()),
        }
    }
}

/// Decodes a delivery; what does not decode is settled here, as the contract says.
pub(super) async fn open<M: FromMessage>(
    connection: &Connection,
    guard: &WorkGuard,
    raw: &async_nats::Message,
    on_invalid: OnInvalid,
) -> Result<Delivery<M>, DeliveryError> {
    let (Some(reply), Some(info)) = (&raw.reply, raw.reply.as_ref().and_then(DeliveryInfo::parse)) else {
        return Err(DeliveryError::with_source(
            DeliveryErrorKind::Refused,
            format!(
                "a message on `{}` came without the subject for its acknowledgement",
                raw.subject
            ),
        ));
    };
    // Without metrics nobody asks for the names.
    #[cfg(feature = "metrics")]
    crate::observe::pending(info.stream(), info.consumer(), info.pending);
    let settle = Settle::new(connection, reply, guard);
    let cause = match M::from_message(raw) {
        Ok(message) => {
            return Ok(Delivery { message, info, settle });
        }
        Err(cause) => cause,
    };
    // Apart, for it is rare and large, and what waits for a delivery is moved with each.
    Box::pin(refuse(connection, M::LABEL, &settle, &cause, &info, on_invalid)).await;
    let invalid = InvalidDelivery {
        message: cause,
        info,
        settled: on_invalid,
    };
    Err(DeliveryError::with_source(DeliveryErrorKind::Invalid, invalid))
}

/// Settles a delivery that does not decode. Where that fails it comes again, and is settled then.
pub(super) async fn refuse(
    connection: &Connection,
    template: &'static str,
    settle: &Settle,
    message: &InvalidMessage,
    info: &DeliveryInfo,
    on_invalid: OnInvalid,
) {
    let reason = message.to_string();
    let document = match on_invalid {
        OnInvalid::Term => term(&reason),
        OnInvalid::Nak => nak(Some(doubling(info.delivered))),
        OnInvalid::DeadLetter(dead_letters) => {
            let letter = Letter {
                template,
                subject: message.subject(),
                headers: Some(message.headers()),
                payload: message.payload(),
                info,
                reason: &reason,
            };
            match bury(connection, dead_letters, letter).await {
                Ok(_) => term(&reason),
                Err(error) => {
                    tracing::warn!("a delivery that does not decode could not be put to the dead letters: {error}");
                    nak(Some(doubling(info.delivered)))
                }
            }
        }
    };
    if let Err(error) = settle.send(document).await {
        tracing::warn!("a delivery that does not decode could not be settled, and will come again: {error}");
    }
}

impl<M> Deliveries<M> {
    /// The next delivery or error; `None` once the connection is drained or closed.
    pub async fn next(&mut self) -> Option<Result<Delivery<M>, DeliveryError>> {
        self.stream.next().await
    }
}

impl<M> Stream for Deliveries<M> {
    type Item = Result<Delivery<M>, DeliveryError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.poll_next_unpin(cx)
    }
}

impl<M> fmt::Debug for Deliveries<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliveries").finish_non_exhaustive()
    }
}

/// One delivery of a consumer: the message, and the means to settle it.
///
/// One that is dropped unsettled is delivered again after the consumer's `ack_wait`.
pub struct Delivery<M> {
    message: M,
    info: DeliveryInfo,
    settle: Settle,
}

impl<M> Delivery<M> {
    /// Says that the work is done. Sent without waiting: see [`ack_confirmed`](Self::ack_confirmed).
    ///
    /// # Errors
    /// [`Closed`](super::SettleErrorKind::Closed).
    pub async fn ack(&self) -> Result<(), SettleError> {
        self.settle.send(ACK).await
    }

    /// Says that the work is done, and waits until the server has noted it (a "double ack"): it will not be
    /// delivered again.
    ///
    /// # Errors
    /// [`TimedOut`](super::SettleErrorKind::TimedOut) after the connection's request timeout, [`NoConsumer`](super::SettleErrorKind::NoConsumer),
    /// [`Closed`](super::SettleErrorKind::Closed).
    pub async fn ack_confirmed(&self) -> Result<(), SettleError> {
        self.settle.confirm(ACK).await
    }

    /// Puts it back, to be delivered again after `delay`, or at once.
    ///
    /// # Errors
    /// [`Closed`](super::SettleErrorKind::Closed).
    pub async fn nak(&self, delay: Option<Duration>) -> Result<(), SettleError> {
        self.settle.send(nak(delay)).await
    }

    /// Gives it up: it is not delivered again, and the server says so in an advisory, with the reason.
    ///
    /// # Errors
    /// [`Closed`](super::SettleErrorKind::Closed).
    pub async fn term(&self, reason: &str) -> Result<(), SettleError> {
        self.settle.send(term(reason)).await
    }

    /// Says that the work goes on: the consumer's `ack_wait` begins anew.
    ///
    /// # Errors
    /// [`Closed`](super::SettleErrorKind::Closed).
    pub async fn progress(&self) -> Result<(), SettleError> {
        self.settle.send(PROGRESS).await
    }

    /// How often it was delivered, this time included.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.info.delivered
    }

    /// Its sequence number in the stream.
    #[must_use]
    pub fn stream_sequence(&self) -> u64 {
        self.info.stream_sequence
    }

    /// Everything that the server says about it.
    #[must_use]
    pub fn info(&self) -> &DeliveryInfo {
        &self.info
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &M {
        &self.message
    }
}

impl<M> Deref for Delivery<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.message
    }
}

impl<M: fmt::Debug> fmt::Debug for Delivery<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("message", &self.message)
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}
