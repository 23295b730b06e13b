//! JetStream: messages that streams keep, and consumers that deliver them.

mod api;
mod atomic;
mod dead_letter;
mod delivery;
mod fetch;
mod finished;
pub(crate) mod info;
mod job;
mod persist;
mod persist_all;
mod policy;
mod pull;
mod replay;
mod settle;
mod undelivered;
mod work;
mod working;

pub(crate) use api::api_request;
pub use api::{ApiError, ApiErrorKind, ServerRefusal};
pub use async_nats::jetstream::publish::PublishAck;
pub use atomic::{AtomicBatch, AtomicSubject};
pub use delivery::{Deliveries, Delivery};
pub(crate) use fetch::fetch;
pub use fetch::{Fetch, Fetched};
pub use info::DeliveryInfo;
pub use job::{Job, WorkError};
pub(crate) use persist::persist;
pub use persist::{PersistError, PersistErrorKind};
pub use persist_all::PersistAllError;
pub(crate) use persist_all::Window;
pub use policy::{GiveUp, OnInvalid, WorkPolicy};
pub use pull::{ConsumeError, ConsumeErrorKind, PullOptions};
pub use replay::{DeadLetter, DeadLetterStream, DeadLetters, ReplayError, ReplayErrorKind};
pub use settle::{SettleError, SettleErrorKind};
pub use undelivered::{DeliveryError, DeliveryErrorKind, InvalidDelivery};
pub use work::WorkOptions;
pub(crate) use work::work;
pub use working::{WorkCounts, WorkFault, WorkFaultKind, Working};

use crate::connection::Connection;
use crate::message::FromMessage;

/// A durable pull consumer of a contract, as a type.
pub trait TypedConsumer: 'static {
    /// What it delivers.
    type Message: FromMessage;
    /// The name of its stream on the server.
    const STREAM: &'static str;
    /// Its durable name on the server.
    const NAME: &'static str;
    /// What becomes of a delivery that does not decode.
    const ON_INVALID: OnInvalid;
    /// How its messages are worked on.
    const WORK: WorkPolicy = WorkPolicy::DEFAULT;
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
