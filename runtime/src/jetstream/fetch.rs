//! Fetching a bounded number of messages, for programs that work in batches.

use std::time::Duration;

use async_nats::StatusCode;
use futures_util::StreamExt;
use serde_json::json;
use tokio::time::Instant;

use super::TypedConsumer;
use super::delivery::{Delivery, open};
use super::pull::{ConsumeError, ConsumeErrorKind};
use super::undelivered::{DeliveryError, DeliveryErrorKind};
use crate::connection::Connection;
use crate::message::FromMessage;

/// How long after its own end a fetch waits for the server's word.
const GRACE: Duration = Duration::from_secs(1);

/// How much is fetched, and how long that may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Fetch {
    messages: u64,
    bytes: Option<u64>,
    within: Duration,
}

impl Fetch {
    /// So many messages, or what there is after 5 s.
    pub fn of(messages: u64) -> Self {
        Self {
            messages: messages.max(1),
            bytes: None,
            within: Duration::from_secs(5),
        }
    }

    /// Not more bytes than these, subjects and headers included. A message that is larger by itself is never fetched.
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.bytes = Some(bytes.max(1));
        self
    }

    /// How long the messages are waited for; with [`Duration::ZERO`], only what is there already.
    pub fn within(mut self, time: Duration) -> Self {
        self.within = time.min(Duration::from_secs(24 * 60 * 60));
        self
    }
}

/// What was fetched.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fetched<M> {
    /// What keeps the contract, in the order of the stream. Each is to be settled.
    pub deliveries: Vec<Delivery<M>>,
    /// What does not keep the contract, and is settled as the contract says; and whatever ended the fetch before its time.
    pub faults: Vec<DeliveryError>,
}

/// Fetches from the consumer `C`.
pub(crate) async fn fetch<C: TypedConsumer>(
    connection: &Connection,
    plan: Fetch,
) -> Result<Fetched<C::Message>, ConsumeError> {
    let mut guard = connection.begin_work();
    let closed = |error| ConsumeError::with_source(ConsumeErrorKind::Closed, error);
    let inbox = connection.client().new_inbox();
    let label = C::Message::LABEL;
    let (mut messages, _meter) = connection
        .subscribe_raw(label, inbox.clone(), None)
        .await
        .map_err(|error| ConsumeError::with_source(ConsumeErrorKind::Closed, error))?;
    let expires = u64::try_from(plan.within.as_nanos()).unwrap_or(u64::MAX);
    // Zero means that nothing was said, to the server as well.
    let request = json!({
        "batch": plan.messages,
        "max_bytes": plan.bytes.unwrap_or(0),
        "expires": expires,
        "no_wait": expires == 0,
    });
    let next = format!("$JS.API.CONSUMER.MSG.NEXT.{}.{}", C::STREAM, C::NAME);
    let client = connection.client();
    let asked = client.publish_with_reply(next, inbox, request.to_string().into());
    asked.await.map_err(closed)?;

    let until = Instant::now() + plan.within + GRACE;
    let mut fetched = Fetched {
        deliveries: Vec::new(),
        faults: Vec::new(),
    };
    let mut left = plan.messages;
    while left > 0 {
        let message = tokio::select! {
            message = messages.next() => message,
            () = tokio::time::sleep_until(until) => None,
            () = guard.stopping() => None,
        };
        let Some(message) = message else {
            return Ok(fetched);
        };
        let told = message.description.as_deref().unwrap_or_default();
        match message.status.unwrap_or(StatusCode::OK) {
            StatusCode::OK => {
                left -= 1;
                match open(connection, &guard, &message, C::ON_INVALID).await {
                    Ok(delivery) => fetched.deliveries.push(delivery),
                    Err(fault) => fetched.faults.push(fault),
                }
            }
            StatusCode::IDLE_HEARTBEAT => {}
            // All there is, or all there was time or room for.
            StatusCode::NOT_FOUND | StatusCode::TIMEOUT => return Ok(fetched),
            StatusCode::REQUEST_TERMINATED if told == "Batch Completed" || told.contains("MaxBytes") => {
                return Ok(fetched);
            }
            StatusCode::NO_RESPONDERS => {
                let consumer = format!("`{} > {}`", C::STREAM, C::NAME);
                return Err(ConsumeError::with_source(ConsumeErrorKind::NotFound, consumer));
            }
            status => {
                let told = format!("consumer `{} > {}`: {status} {told}", C::STREAM, C::NAME);
                fetched
                    .faults
                    .push(DeliveryError::with_source(DeliveryErrorKind::Refused, told));
                return Ok(fetched);
            }
        }
    }
    Ok(fetched)
}
