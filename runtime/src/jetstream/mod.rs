//! JetStream: messages that streams keep, and consumers that deliver them.

mod api;
mod delivery;
mod persist;
mod pull;

pub(crate) use api::api_request;
pub use api::{ApiError, ApiErrorKind, ServerRefusal};
pub use async_nats::jetstream::publish::PublishAck;
#[cfg(feature = "metrics")]
pub(crate) use delivery::delivered_before;
pub use delivery::{
    Deliveries, Delivery, DeliveryError, DeliveryErrorKind, DeliveryInfo, InvalidDelivery, SettleError, SettleErrorKind,
};
pub(crate) use persist::persist;
pub use persist::{PersistError, PersistErrorKind};
pub use pull::{ConsumeError, ConsumeErrorKind, PullOptions};

use crate::connection::Connection;
use crate::message::FromMessage;

/// A durable pull consumer of a contract, as a type.
pub trait TypedConsumer {
    /// What it delivers.
    type Message: FromMessage;
    /// The name of its stream on the server.
    const STREAM: &'static str;
    /// Its durable name on the server.
    const NAME: &'static str;
    /// What becomes of a delivery that does not decode.
    const ON_INVALID: OnInvalid;
}

/// What becomes of a delivery that does not decode; it is an `Err` item as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnInvalid {
    /// It is terminated with the fault as the reason: the server does not deliver it again, and says so in an advisory.
    Term,
    /// It is put back, to be delivered again after a delay that grows from 1 s to 60 s with every delivery, until
    /// the consumer's `max_deliver`.
    Nak,
}

impl Connection {
    /// Receives what the consumer `C` delivers, asking for 64 messages ahead.
    ///
    /// The consumer must exist: provisioning makes it, this does not.
    ///
    /// ```no_run
    /// # use natsmith_runtime::{Connection, TypedConsumer};
    /// # async fn run<TaskProcessor: TypedConsumer>(nats: Connection) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut tasks = nats.consume::<TaskProcessor>().await?;
    /// while let Some(delivery) = tasks.next().await {
    ///     match delivery {
    ///         Ok(task) => task.ack().await?,
    ///         Err(error) => eprintln!("{error}"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`ConsumeErrorKind`].
    pub async fn consume<C: TypedConsumer>(&self) -> Result<Deliveries<C::Message>, ConsumeError> {
        self.consume_with::<C>(PullOptions::default()).await
    }

    /// As [`consume`](Self::consume), with settings for the pull requests.
    ///
    /// # Errors
    /// See [`ConsumeErrorKind`].
    pub async fn consume_with<C: TypedConsumer>(
        &self,
        options: PullOptions,
    ) -> Result<Deliveries<C::Message>, ConsumeError> {
        let puller = pull::Puller::open(self, C::STREAM, C::NAME, C::Message::LABEL, options).await?;
        Ok(Deliveries::new(puller, C::ON_INVALID))
    }
}
