//! Typed subscriptions.

pub(crate) mod error;

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

pub use error::{SubscribeError, SubscribeErrorKind};
use futures_util::{Stream, StreamExt};

use crate::connection::{Connection, Meter};
use crate::message::{FromMessage, InvalidMessage, Message, RawMessage};
use crate::subject::TypedSubject;

/// A running subscription: a stream of typed messages.
///
/// A message that does not keep the contract is an `Err` item, and the stream goes on. The client renews the
/// subscription after a lost connection; what was published meanwhile is not delivered (core NATS delivers at
/// most once). The stream ends when the subscription is unsubscribed or the connection is closed. Dropping it
/// unsubscribes.
///
/// Messages wait in a queue of bounded length (see
/// [`ConnectionBuilder::subscription_capacity`](crate::ConnectionBuilder::subscription_capacity)). When it is
/// full the client drops the newest message: that shows as
/// [`Event::SlowConsumer`](crate::connection::Event::SlowConsumer) and in [`missed`](Self::missed).
#[must_use = "a dropped subscription is unsubscribed"]
pub struct Subscription<T> {
    subscriber: async_nats::Subscriber,
    meter: Arc<Meter>,
    message: PhantomData<fn() -> T>,
}

impl<T: FromMessage> Subscription<T> {
    /// Subscribes to `filter`, and shares the messages with the queue group if there is one.
    pub(crate) async fn open(
        connection: &Connection,
        filter: String,
        queue_group: Option<&str>,
    ) -> Result<Self, SubscribeError> {
        let (subscriber, meter) = connection.subscribe_raw(T::LABEL, filter, queue_group).await?;
        Ok(Self {
            subscriber,
            meter,
            message: PhantomData,
        })
    }

    /// The next message; `None` once the subscription has ended.
    pub async fn next(&mut self) -> Option<Result<T, InvalidMessage>> {
        StreamExt::next(self).await
    }

    /// The filter that is subscribed to. (Not `filter`: that is a function of every stream.)
    #[must_use]
    pub fn subject_filter(&self) -> &str {
        self.meter.filter()
    }

    /// How many messages the client dropped because this subscription was slow.
    ///
    /// A lower bound: in a burst the client may report fewer than it dropped, but never none.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.meter.missed()
    }

    /// Ends the subscription at once; what waits in its queue can still be read.
    ///
    /// # Errors
    /// [`SubscribeErrorKind::Closed`] where the connection is closed, which ended the subscription too.
    pub async fn unsubscribe(&mut self) -> Result<(), SubscribeError> {
        self.subscriber
            .unsubscribe()
            .await
            .map_err(|error| SubscribeError::with_source(SubscribeErrorKind::Closed, error))
    }

    /// Asks the server for no more messages; those on their way are still delivered, then the stream ends.
    ///
    /// # Errors
    /// [`SubscribeErrorKind::Closed`] where the connection is closed, which ended the subscription too.
    pub async fn drain(&mut self) -> Result<(), SubscribeError> {
        self.subscriber
            .drain()
            .await
            .map_err(|error| SubscribeError::with_source(SubscribeErrorKind::Closed, error))
    }
}

impl<S: TypedSubject> Subscription<Message<S>> {
    /// The same subscription, with payloads left in the documents that arrive, for those of which the contract has a
    /// borrowed form.
    pub fn into_raw(self) -> Subscription<RawMessage<S>> {
        Subscription {
            subscriber: self.subscriber,
            meter: self.meter,
            message: PhantomData,
        }
    }
}

impl<T: FromMessage> Stream for Subscription<T> {
    type Item = Result<T, InvalidMessage>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.subscriber.poll_next_unpin(cx).map(|raw| raw.map(T::from_owned))
    }
}

impl<T> std::fmt::Debug for Subscription<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription")
            .field("filter", &self.meter.filter())
            .field("missed", &self.meter.missed())
            .finish_non_exhaustive()
    }
}
