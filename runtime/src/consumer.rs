//! Consumers: what a role works on.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use crate::connection::Connection;
use crate::jetstream::{
    ConsumeError, Deliveries, Fetch, Fetched, Job, PullOptions, TypedConsumer, WorkError, WorkOptions, Working, fetch,
    work,
};

/// A durable pull consumer of a contract over a connection.
pub struct ConsumerEndpoint<C: TypedConsumer> {
    connection: Connection,
    consumer: PhantomData<fn() -> C>,
}

impl<C: TypedConsumer> ConsumerEndpoint<C> {
    /// The consumer `C` over `connection`.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
            consumer: PhantomData,
        }
    }

    /// Receives what the consumer delivers, as [`Connection::consume`]: every message is settled by the caller.
    /// [`work`](Self::work) settles them as the contract says.
    ///
    /// # Errors
    /// See [`ConsumeErrorKind`](crate::jetstream::ConsumeErrorKind).
    pub async fn consume(&self) -> Result<Deliveries<C::Message>, ConsumeError> {
        self.connection.consume::<C>().await
    }

    /// Fetches so many messages, or what there is when the time is over. Each is settled by the caller.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use natsmith_runtime::{ConsumerEndpoint, TypedConsumer};
    /// use natsmith_runtime::jetstream::Fetch;
    ///
    /// # async fn run<C: TypedConsumer>(consumer: ConsumerEndpoint<C>) -> Result<(), Box<dyn std::error::Error>> {
    /// let batch = Fetch::of(500).with_max_bytes(1 << 20).within(Duration::from_secs(2));
    /// let fetched = consumer.fetch(batch).await?;
    /// for delivery in &fetched.deliveries {
    ///     delivery.ack().await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ConsumeErrorKind::NotFound`](crate::jetstream::ConsumeErrorKind::NotFound) where nobody answers for the consumer,
    /// [`ConsumeErrorKind::Closed`](crate::jetstream::ConsumeErrorKind::Closed).
    pub async fn fetch(&self, plan: Fetch) -> Result<Fetched<C::Message>, ConsumeError> {
        fetch::<C>(&self.connection, plan).await
    }

    /// Works on what the consumer delivers with `handler`, in tasks of their own, until [`Working`] is stopped or dropped.
    ///
    /// So many messages are in hand at a time as the contract says. While a handler runs, the server is told that the work
    /// goes on. A message whose handler succeeds is acknowledged, and the worker waits until the server has noted it. One
    /// whose handler fails or panics comes again after the contract's next wait; after the last attempt, or where the
    /// handler gives it up, it is terminated or goes to the dead letters. So does one that does not decode, if the
    /// contract says so.
    ///
    /// A message that is delivered again after it was handled is acknowledged without calling the handler, as long as
    /// this worker remembers it. Workers of other processes do not know of it: what must not happen twice is to be
    /// told apart by the handler, such as by a bucket's [`create`](crate::Bucket::create).
    ///
    /// ```no_run
    /// # use natsmith_runtime::{ConsumerEndpoint, TypedConsumer};
    /// # async fn resize<M>(_: &M) -> std::io::Result<()> { Ok(()) }
    /// # async fn run<C: TypedConsumer>(consumer: ConsumerEndpoint<C>) -> Result<(), Box<dyn std::error::Error>>
    /// # where C::Message: Sync {
    /// let working = consumer
    ///     .work(|job| async move {
    ///         resize(job.message()).await?; // an error means another attempt
    ///         Ok(())
    ///     })
    ///     .await?;
    /// let mut faults = working.faults();
    /// while let Some(fault) = faults.next().await {
    ///     eprintln!("{fault}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`ConsumeErrorKind`](crate::jetstream::ConsumeErrorKind).
    pub async fn work<F, R>(&self, handler: F) -> Result<Working, ConsumeError>
    where
        F: Fn(Job<C::Message>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), WorkError>> + Send + 'static,
    {
        self.work_with(WorkOptions::default(), handler).await
    }

    /// As [`work`](Self::work), with settings that are not the contract's.
    ///
    /// # Errors
    /// See [`ConsumeErrorKind`](crate::jetstream::ConsumeErrorKind).
    pub async fn work_with<F, R>(&self, options: WorkOptions, handler: F) -> Result<Working, ConsumeError>
    where
        F: Fn(Job<C::Message>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), WorkError>> + Send + 'static,
    {
        work::<C, F, R>(&self.connection, options, handler).await
    }

    /// As [`consume`](Self::consume), with settings for the pull requests.
    ///
    /// # Errors
    /// See [`ConsumeErrorKind`](crate::jetstream::ConsumeErrorKind).
    pub async fn consume_with(&self, options: PullOptions) -> Result<Deliveries<C::Message>, ConsumeError> {
        self.connection.consume_with::<C>(options).await
    }
}

impl<C: TypedConsumer> Clone for ConsumerEndpoint<C> {
    fn clone(&self) -> Self {
        Self::new(&self.connection)
    }
}

impl<C: TypedConsumer> fmt::Debug for ConsumerEndpoint<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsumerEndpoint")
            .field("stream", &C::STREAM)
            .field("consumer", &C::NAME)
            .finish_non_exhaustive()
    }
}
