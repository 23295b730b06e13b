//! Deliveries of a consumer, and how they are settled.

use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_nats::Subject;
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt, stream};

use super::dead_letter::{Letter, bury};
use super::policy::{OnInvalid, doubling};
use super::pull::Puller;
use super::settle::{ACK, PROGRESS, Settle, SettleError, nak, term};
use crate::connection::{Connection, WorkGuard};
use crate::error::Error;
use crate::message::{FromMessage, InvalidMessage};
use crate::subject::next_token;

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

/// What the server says about a delivery, in the subject for its acknowledgement (ADR-15).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveryInfo {
    /// Where all of it stands. The names are looked for when they are asked for.
    reply: Subject,
    /// How often it was delivered, this time included.
    pub delivered: u64,
    /// Its sequence number in the stream.
    pub stream_sequence: u64,
    /// Its sequence number among the consumer's deliveries.
    pub consumer_sequence: u64,
    /// When the stream stored it.
    pub stored: DateTime<Utc>,
    /// How many messages the consumer has still to deliver.
    pub pending: u64,
}

impl DeliveryInfo {
    pub(super) fn parse(reply: &Subject) -> Option<Self> {
        // Behind the names.
        let mut fields = fields(reply)?.skip(2);
        Some(Self {
            reply: reply.clone(),
            delivered: fields.next()?.parse().ok()?,
            stream_sequence: fields.next()?.parse().ok()?,
            consumer_sequence: fields.next()?.parse().ok()?,
            stored: DateTime::from_timestamp_nanos(fields.next()?.parse().ok()?),
            pending: fields.next()?.parse().ok()?,
        })
    }

    /// The stream's name.
    #[must_use]
    pub fn stream(&self) -> &str {
        self.name(0)
    }

    /// The consumer's name.
    #[must_use]
    pub fn consumer(&self) -> &str {
        self.name(1)
    }

    fn name(&self, place: usize) -> &str {
        // Never without, for numbers were found behind it.
        fields(&self.reply)
            .and_then(|mut fields| fields.nth(place))
            .unwrap_or_default()
    }
}

/// What stands in the subject of an acknowledgement, from the stream's name on.
fn fields(reply: &str) -> Option<impl Iterator<Item = &str>> {
    let fields = reply.strip_prefix("$JS.ACK.")?;
    // Servers before 2.8 leave out domain and account.
    let dots = fields.bytes().filter(|byte| *byte == b'.').count();
    let skipped = if dots == 6 { 0 } else { 2 };
    let mut rest = Some(fields);
    let fields = std::iter::from_fn(move || {
        let (field, behind) = next_token(rest)?;
        rest = behind;
        Some(field)
    });
    Some(fields.skip(skipped))
}

/// Whether a consumer has delivered this message before.
#[cfg(feature = "metrics")]
pub(crate) fn delivered_before(raw: &async_nats::Message) -> bool {
    let delivered = raw.reply.as_deref().and_then(|reply| fields(reply)?.nth(2));
    delivered.is_some_and(|delivered| delivered != "1")
}

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

/// An item of [`Deliveries`] that is no delivery.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acknowledgement_subjects_of_all_servers_are_read() {
        let long = "$JS.ACK._.ACCHASH.tasks.worker.3.17.42.1700000000000000001.5";
        let with_token = format!("{long}.r4nd0m");
        let short = "$JS.ACK.tasks.worker.3.17.42.1700000000000000001.5";
        for reply in [long, with_token.as_str(), short] {
            let info = DeliveryInfo::parse(&reply.into()).unwrap();
            assert_eq!((info.stream(), info.consumer()), ("tasks", "worker"), "{reply}");
            let numbers = [
                info.delivered,
                info.stream_sequence,
                info.consumer_sequence,
                info.pending,
            ];
            assert_eq!(numbers, [3, 17, 42, 5], "{reply}");
            assert_eq!(info.stored.timestamp_nanos_opt(), Some(1_700_000_000_000_000_001));
        }
        for bad in [
            "",
            "_INBOX.a.b",
            "$JS.ACK.tasks",
            "$JS.ACK.a.b.x.1.1.1.1",
            "$JS.ACK.a.b.1.1.1.1",
            "$JS.ACK..b.1.1.1.1.1",
        ] {
            assert_eq!(DeliveryInfo::parse(&bad.into()), None, "{bad}");
        }
    }
}
