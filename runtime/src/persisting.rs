//! Publishing what a stream keeps.

use std::borrow::Borrow;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::publish::PublishAck;
use tokio::time::Instant;

use crate::endpoint::Endpoint;
use crate::endpoint::access::MayPublish;
use crate::jetstream::{AtomicBatch, AtomicSubject, PersistAllError, PersistError, PersistErrorKind, Window, persist};
use crate::observe::Kind;
use crate::subject::{IdentifiedSubject, PersistedSubject};

impl<S: PersistedSubject, A: MayPublish> Endpoint<S, A> {
    /// Publishes a payload and awaits the acknowledgement of the stream that keeps it.
    ///
    /// Sets `Nats-Msg-Id` where the contract names a field for it: within the stream's `duplicate_window` a second
    /// message with that id is acknowledged with [`duplicate`](PublishAck::duplicate) and not stored. Waits as long as
    /// the connection's request timeout. That another stream answers in place of the contract's is an error; the message
    /// is stored there then. (`Nats-Expected-Stream` would prevent it, and be stored and delivered with every message;
    /// send it with [`persist_with_headers`](Self::persist_with_headers) where that counts.)
    ///
    /// # Errors
    /// See [`PersistErrorKind`]. After a timeout the message may or may not be
    /// stored; with a message id it is safe to persist it again.
    pub async fn persist(&self, payload: &S::Payload) -> Result<PublishAck, PersistError> {
        self.persist_with_headers(payload, HeaderMap::new()).await
    }

    /// As [`persist`](Self::persist), with further headers.
    ///
    /// # Errors
    /// See [`PersistErrorKind`].
    pub async fn persist_with_headers(
        &self,
        payload: &S::Payload,
        headers: HeaderMap,
    ) -> Result<PublishAck, PersistError> {
        let message = self.outgoing_with(Kind::Persisted, headers, payload)?;
        persist(self.connection(), S::STREAM, S::message_id(payload), message).await
    }

    /// Publishes many payloads in order and awaits the stream's acknowledgements, of which at most `window` are
    /// outstanding at a time. Much faster than one [`persist`](Self::persist) after the other; some hundreds are a good
    /// window.
    ///
    /// ```no_run
    /// # use natsmith_runtime::subject::PersistedSubject;
    /// # use natsmith_runtime::{Endpoint, access};
    /// # async fn run<S: PersistedSubject>(tasks: Endpoint<S, access::Publish>, payloads: Vec<S::Payload>) {
    /// match tasks.persist_all(&payloads, 256).await {
    ///     Ok(acks) => println!("{} messages are stored", acks.len()),
    ///     Err(error) => {
    ///         for (number, error) in error.failed() {
    ///             eprintln!("message {number}: {error}");
    ///         }
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// Says of each message whether it is stored. One that cannot be sent does not hold up the others. Those that timed out
    /// may or may not be stored; with a message id it is safe to persist them again.
    pub async fn persist_all<P>(
        &self,
        payloads: impl IntoIterator<Item = P>,
        window: usize,
    ) -> Result<Vec<PublishAck>, PersistAllError>
    where
        P: Borrow<S::Payload>,
    {
        let mut window = Window::open(self.connection(), S::TEMPLATE, S::STREAM, window)
            .await
            .map_err(|error| PersistError::with_source(PersistErrorKind::Closed, error))
            .map_err(PersistAllError::nothing_sent)?;
        for payload in payloads {
            let payload = payload.borrow();
            match self.outgoing(Kind::Persisted, payload) {
                Ok(message) => window.send(message, S::message_id(payload)).await,
                Err(error) => window.refuse(error.into()),
            }
        }
        window.finish().await
    }
}

impl<S: AtomicSubject, A: MayPublish> Endpoint<S, A> {
    /// Publishes up to 1,000 payloads that the stream stores all together or not at all. [`AtomicBatch`] does so with
    /// several subjects.
    ///
    /// # Errors
    /// As [`AtomicBatch::add`] and [`AtomicBatch::commit`].
    pub async fn persist_atomic<P: Borrow<S::Payload>>(
        &self,
        payloads: impl IntoIterator<Item = P>,
    ) -> Result<PublishAck, PersistError> {
        let mut batch = AtomicBatch::new(self.connection());
        for payload in payloads {
            batch.add(self, payload.borrow())?;
        }
        batch.commit().await
    }
}

impl<S: IdentifiedSubject, A: MayPublish> Endpoint<S, A> {
    /// As [`persist`](Self::persist), tried again until the stream has the message or `time` is over: after a timeout, while the
    /// connection is lost, and while the stream has no leader. The message's id makes that safe, for as long as the
    /// stream remembers it: longer than its `duplicate_window` is not tried.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use natsmith_runtime::subject::IdentifiedSubject;
    /// # use natsmith_runtime::{Endpoint, access};
    /// # async fn run<S: IdentifiedSubject>(
    /// #     tasks: Endpoint<S, access::Publish>, task: S::Payload,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let ack = tasks.persist_within(&task, Duration::from_secs(30)).await?;
    /// println!("stored as number {} of {}", ack.sequence, ack.stream);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The last one, where the time is over; at once where another attempt would not go better. See
    /// [`PersistErrorKind`].
    pub async fn persist_within(&self, payload: &S::Payload, time: Duration) -> Result<PublishAck, PersistError> {
        let mut again = Again::within::<S>(time);
        loop {
            let error = match self.persist(payload).await {
                Ok(ack) => return Ok(ack),
                Err(error) => error,
            };
            if S::message_id(payload).is_none() || !error.is_passing() || !again.wait().await {
                return Err(error);
            }
        }
    }

    /// As [`persist_all`](Self::persist_all), where those that are not acknowledged are tried again as with
    /// [`persist_within`](Self::persist_within).
    ///
    /// # Errors
    /// As [`persist_all`](Self::persist_all).
    pub async fn persist_all_within<P: Borrow<S::Payload>>(
        &self,
        payloads: impl IntoIterator<Item = P>,
        window: usize,
        time: Duration,
    ) -> Result<Vec<PublishAck>, PersistAllError> {
        let payloads: Vec<P> = payloads.into_iter().collect();
        let mut again = Again::within::<S>(time);
        let mut outcomes = PersistAllError::default();
        let mut open: Vec<usize> = (0..payloads.len()).collect();
        loop {
            let round = open
                .iter()
                .filter_map(|number| payloads.get(*number))
                .map(Borrow::borrow);
            let round: Vec<&S::Payload> = round.collect();
            let failed = outcomes.note(&open, self.persist_all(round, window).await);
            open = failed
                .into_iter()
                .filter(|number| {
                    payloads
                        .get(*number)
                        .is_some_and(|payload| S::message_id(payload.borrow()).is_some())
                })
                .collect();
            if open.is_empty() || !again.wait().await {
                return outcomes.into_result();
            }
        }
    }
}

/// When another attempt is made.
struct Again {
    until: Instant,
    wait: Duration,
}

impl Again {
    fn within<S: IdentifiedSubject>(time: Duration) -> Self {
        Self {
            until: Instant::now() + time.min(S::DUPLICATE_WINDOW),
            wait: Duration::from_millis(25),
        }
    }

    /// Waits before the next attempt: 50 ms at first, then longer, a second at most. `false` where the time is over.
    async fn wait(&mut self) -> bool {
        self.wait = (self.wait * 2).min(Duration::from_secs(1));
        let next = Instant::now() + self.wait;
        if next > self.until {
            return false;
        }
        tokio::time::sleep_until(next).await;
        true
    }
}
