//! Pull requests: asking a consumer for messages, and noticing when it no longer answers (ADR-13, ADR-37).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_nats::{HeaderMap, StatusCode};
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::api::{ApiError, ApiErrorKind, api_request};
use super::undelivered::{DeliveryError, DeliveryErrorKind};
use crate::connection::{Connection, Link, Meter, WorkGuard};
use crate::error::Error;

/// How long the end of a subscription may take.
const RELEASE: Duration = Duration::from_millis(500);

/// How messages are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct PullOptions {
    batch: u64,
    expires: Duration,
    idle_heartbeat: Duration,
}

impl Default for PullOptions {
    fn default() -> Self {
        Self {
            batch: 64,
            expires: Duration::from_secs(30),
            idle_heartbeat: Duration::from_secs(5),
        }
    }
}

impl PullOptions {
    /// How many messages may be on their way at a time; 64 unless set. Those waiting count against the consumer's
    /// `ack_wait`: for slow work, few.
    pub fn with_batch(mut self, messages: u64) -> Self {
        self.batch = messages.max(1);
        self
    }

    /// How long one pull request lives on the server, from 1 s to a day; 30 s unless set. The consumer's own
    /// `max_expires` is never exceeded.
    pub fn with_expires(mut self, expires: Duration) -> Self {
        self.expires = expires.clamp(Duration::from_secs(1), Duration::from_secs(24 * 60 * 60));
        self
    }

    /// How often an idle server shows that it is there; 5 s unless set, and at most half of the expiry. Two misses
    /// are an error item.
    pub fn with_idle_heartbeat(mut self, interval: Duration) -> Self {
        self.idle_heartbeat = interval.max(Duration::from_millis(100));
        self
    }

    /// Stays within what the consumer allows: a request beyond is refused as a whole.
    fn within(mut self, config: &Value) -> Self {
        let limit = |name: &str| config.get(name).and_then(Value::as_u64).filter(|limit| *limit > 0);
        if let Some(max) = limit("max_batch") {
            self.batch = self.batch.min(max);
        }
        if let Some(max) = limit("max_expires") {
            self.expires = self.expires.min(Duration::from_nanos(max));
        }
        self.idle_heartbeat = self.idle_heartbeat.min(self.expires / 2);
        self
    }
}

/// Why a consumer cannot be listened to.
pub type ConsumeError = Error<ConsumeErrorKind>;

/// The kinds of [`ConsumeError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConsumeErrorKind {
    /// There is no such consumer, or no such stream.
    NotFound,
    /// The consumer pushes its messages to a subject.
    PushConsumer,
    /// The consumer does not ask for an acknowledgement of each message, so its messages cannot be worked on one by one.
    AckPolicy,
    /// JetStream could not be asked; the source is an [`ApiError`].
    Api,
    /// The connection is closed.
    Closed,
}

impl fmt::Display for ConsumeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "the consumer does not exist; provision it first",
            Self::PushConsumer => "the consumer is a push consumer",
            Self::AckPolicy => "a worker needs a consumer with `ack_policy: explicit`",
            Self::Api => "the consumer cannot be looked up",
            Self::Closed => "the connection is closed",
        })
    }
}

/// What a puller yields.
pub(super) type Pulled = Result<async_nats::Message, DeliveryError>;

/// Asks one consumer for messages, for as long as the connection lives.
pub(super) struct Puller {
    connection: Connection,
    config: Value,
    consumer: String,
    next_subject: String,
    options: PullOptions,
    inbox: String,
    subscriber: async_nats::Subscriber,
    meter: Arc<Meter>,
    link: watch::Receiver<Link>,
    /// How often the link had been made when messages were last asked for.
    connects: u64,
    /// How many messages the server may still send for what was asked.
    pending: u64,
    /// When the server was last heard, or asked. Kept here, for who is cancelled again and again must notice silence too.
    heard: Instant,
    failures: u32,
    /// When to ask again after a failure.
    retry_at: Option<Instant>,
    /// Whether this outage of the link was told.
    told_lost: bool,
    missed: u64,
    pub(super) guard: WorkGuard,
    ended: bool,
}

/// What woke the puller up.
enum Wake {
    Message(Option<async_nats::Message>),
    Silence,
    Retry,
    Link,
    Stop,
}

impl Puller {
    pub(super) async fn open(
        connection: &Connection,
        stream: &str,
        name: &str,
        label: &'static str,
        options: PullOptions,
    ) -> Result<Self, ConsumeError> {
        let consumer = format!("{stream} > {name}");
        let info = api_request(connection, &format!("CONSUMER.INFO.{stream}.{name}"), None)
            .await
            .map_err(|error| {
                let kind = match error.kind() {
                    ApiErrorKind::Refused {
                        code: ApiErrorKind::STREAM_NOT_FOUND | ApiErrorKind::CONSUMER_NOT_FOUND,
                    } => ConsumeErrorKind::NotFound,
                    ApiErrorKind::Closed => ConsumeErrorKind::Closed,
                    _ => ConsumeErrorKind::Api,
                };
                ConsumeError::with_source(
                    kind,
                    About {
                        consumer: consumer.clone(),
                        error,
                    },
                )
            })?;
        let config = info.get("config").cloned().unwrap_or_default();
        if config.get("deliver_subject").is_some() {
            return Err(ConsumeError::with_source(ConsumeErrorKind::PushConsumer, consumer));
        }
        let inbox = connection.client().new_inbox();
        let (subscriber, meter) = connection
            .subscribe_raw(label, inbox.clone(), None)
            .await
            .map_err(|error| ConsumeError::with_source(ConsumeErrorKind::Closed, error))?;
        let mut link = connection.link();
        let connects = link.borrow_and_update().connects;
        Ok(Self {
            guard: connection.begin_work(),
            connection: connection.clone(),
            next_subject: format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}"),
            consumer,
            options: options.within(&config),
            config,
            inbox,
            subscriber,
            meter,
            link,
            connects,
            pending: 0,
            heard: Instant::now(),
            failures: 0,
            retry_at: None,
            told_lost: false,
            missed: 0,
            ended: false,
        })
    }

    pub(super) fn client(&self) -> &async_nats::Client {
        self.connection.client()
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The consumer's settings as the server had them at the beginning.
    pub(super) fn config(&self) -> &Value {
        &self.config
    }

    /// The next message or error; `None` once the connection is closed or being drained. Asks for the next batch before
    /// the last one has come to its end.
    pub(super) async fn next(&mut self) -> Option<Pulled> {
        let batch = self.options.batch;
        self.pull(|pending| if pending <= batch / 2 { batch } else { 0 }).await
    }

    /// As [`next`](Self::next), without ever asking for more than there is room for. May be cancelled.
    pub(super) async fn next_within(&mut self, room: u64) -> Option<Pulled> {
        let room = room.min(self.options.batch);
        self.pull(|pending| if pending == 0 { room } else { 0 }).await
    }

    /// Takes no more, and returns what has arrived and nobody has taken.
    pub(super) async fn release(&mut self) -> Vec<async_nats::Message> {
        self.ended = true;
        // Refused only where the connection is closed.
        let _ = self.subscriber.drain().await;
        let mut messages = Vec::new();
        // Without a link the end of the subscription is not told.
        while let Ok(Some(message)) = tokio::time::timeout(RELEASE, self.subscriber.next()).await {
            messages.push(message);
        }
        messages
    }

    /// The next message or error; `want` says for how many to ask while so many are on their way.
    async fn pull(&mut self, want: impl Fn(u64) -> u64) -> Option<Pulled> {
        while !self.ended {
            let missed = self.meter.missed();
            if missed > self.missed {
                // The server has counted them as delivered: they come again after `ack_wait`.
                let count = missed - self.missed;
                self.missed = missed;
                self.pending = self.pending.saturating_sub(count);
                let told = format!("{count} messages were dropped, and come again after `ack_wait`");
                return Some(Err(self.error(DeliveryErrorKind::Overrun, &told)));
            }
            // An outage is told before anything is asked of the new link.
            if self.link.has_changed().unwrap_or(false)
                && let Some(lost) = self.note_link()
            {
                return Some(Err(lost));
            }
            let up = self.link.borrow().up;
            let wanted = if up && self.retry_at.is_none() {
                want(self.pending)
            } else {
                0
            };
            if wanted > 0
                // Apart, for it is rare.
                && let Err(error) = Box::pin(self.ask(wanted)).await
            {
                self.ended = true;
                return Some(Err(error));
            }
            let pulled = match self.wake(up).await {
                Wake::Message(Some(message)) => {
                    self.heard = Instant::now();
                    self.sort(message)
                }
                Wake::Message(None) | Wake::Stop => {
                    self.ended = true;
                    None
                }
                Wake::Link => self.note_link().map(Err),
                Wake::Retry => {
                    self.heard = Instant::now();
                    self.retry_at = None;
                    None
                }
                Wake::Silence => {
                    self.heard = Instant::now();
                    self.pending = 0;
                    let told = format!("nothing was heard for {:?}; asking again", self.silence());
                    Some(Err(self.error(DeliveryErrorKind::MissedHeartbeat, &told)))
                }
            };
            if pulled.is_some() {
                return pulled;
            }
        }
        None
    }

    /// How long a healthy server is never silent.
    fn silence(&self) -> Duration {
        self.options.idle_heartbeat.saturating_mul(2) + Duration::from_millis(500)
    }

    /// What is there already is taken without a timer or a place in anybody's queue of listeners.
    async fn wake(&mut self, up: bool) -> Wake {
        if !self.guard.is_stopping()
            && let Some(message) = self.subscriber.next().now_or_never()
        {
            return Wake::Message(message);
        }
        self.wait(up).await
    }

    async fn wait(&mut self, up: bool) -> Wake {
        let (until, wake) = match self.retry_at {
            Some(at) => (at, Wake::Retry),
            None => (self.heard + self.silence(), Wake::Silence),
        };
        let timer = async move {
            if up {
                tokio::time::sleep_until(until).await;
            } else {
                // Without a link there is nothing to be heard; the link itself wakes us.
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = self.guard.stopping() => Wake::Stop,
            // What arrived before the link went down is still good.
            message = self.subscriber.next() => Wake::Message(message),
            changed = self.link.changed() => match changed {
                Ok(()) => Wake::Link,
                Err(_) => Wake::Message(None),
            },
            () = timer => wake,
        }
    }

    /// The server forgets the requests of a connection that is gone: each outage is told once, and followed by
    /// asking anew.
    fn note_link(&mut self) -> Option<DeliveryError> {
        let link = *self.link.borrow_and_update();
        if link.closed {
            self.ended = true;
            return None;
        }
        let renewed = std::mem::replace(&mut self.connects, link.connects) != link.connects;
        if link.up && !renewed {
            return None;
        }
        self.heard = Instant::now();
        self.pending = 0;
        self.retry_at = None;
        let told = std::mem::replace(&mut self.told_lost, !renewed);
        (!told).then(|| {
            self.error(
                DeliveryErrorKind::ConnectionLost,
                "messages are asked for again once it is back",
            )
        })
    }

    async fn ask(&mut self, messages: u64) -> Result<(), DeliveryError> {
        let nanos = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let request = json!({
            "batch": messages,
            "expires": nanos(self.options.expires),
            "idle_heartbeat": nanos(self.options.idle_heartbeat),
        });
        self.connection
            .client()
            .publish_with_reply(
                self.next_subject.clone(),
                self.inbox.clone(),
                request.to_string().into(),
            )
            .await
            .map_err(|error| DeliveryError::with_source(DeliveryErrorKind::Closed, error))?;
        self.heard = Instant::now();
        self.pending += messages;
        Ok(())
    }

    /// A message of the stream, an error, or nothing where the server only says how it stands.
    fn sort(&mut self, message: async_nats::Message) -> Option<Pulled> {
        let status = message.status.unwrap_or(StatusCode::OK);
        let description = message.description.as_deref().unwrap_or_default();
        match status {
            StatusCode::OK => {
                self.pending = self.pending.saturating_sub(1);
                self.failures = 0;
                Some(Ok(message))
            }
            StatusCode::IDLE_HEARTBEAT => {
                self.failures = 0;
                None
            }
            // The request came to its end: what it did not deliver is no longer to be expected.
            StatusCode::TIMEOUT | StatusCode::NOT_FOUND => {
                self.settle_pending(message.headers.as_ref());
                None
            }
            StatusCode::REQUEST_TERMINATED if description == "Batch Completed" => {
                self.settle_pending(message.headers.as_ref());
                None
            }
            // Another server takes the consumer over; it is asked after a moment.
            StatusCode::REQUEST_TERMINATED if matches!(description, "Server Shutdown" | "Leadership Change") => {
                self.pending = 0;
                self.retry_at = Some(Instant::now() + Duration::from_millis(250));
                None
            }
            StatusCode::REQUEST_TERMINATED if description == "Consumer Deleted" => Some(Err(self.failed(
                DeliveryErrorKind::ConsumerDeleted,
                "asking again, in case it is made again",
            ))),
            StatusCode::NO_RESPONDERS => Some(Err(self.failed(
                DeliveryErrorKind::NoConsumer,
                "it does not exist, or has no leader now; asking again",
            ))),
            _ => {
                let told = format!("{status} {description}");
                Some(Err(self.failed(DeliveryErrorKind::Refused, &told)))
            }
        }
    }

    fn settle_pending(&mut self, headers: Option<&HeaderMap>) {
        let unsent = headers
            .and_then(|headers| headers.get("Nats-Pending-Messages"))
            .and_then(|count| count.as_str().parse().ok())
            .unwrap_or(self.pending);
        self.pending = self.pending.saturating_sub(unsent);
    }

    /// An error after which asking again at once would only fail again: the wait grows from 0.5 s to 10 s.
    fn failed(&mut self, kind: DeliveryErrorKind, told: &str) -> DeliveryError {
        self.pending = 0;
        self.failures = self.failures.saturating_add(1);
        let wait = Duration::from_millis(250).saturating_mul(1 << self.failures.min(6));
        self.retry_at = Some(Instant::now() + wait.min(Duration::from_secs(10)));
        self.error(kind, told)
    }

    fn error(&self, kind: DeliveryErrorKind, told: &str) -> DeliveryError {
        DeliveryError::with_source(kind, format!("consumer `{}`: {told}", self.consumer))
    }
}

/// An API error, with the consumer's name before it.
#[derive(Debug)]
struct About {
    consumer: String,
    error: ApiError,
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.consumer, self.error)
    }
}

impl std::error::Error for About {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
