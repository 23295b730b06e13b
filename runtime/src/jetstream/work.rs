//! Working on what a consumer delivers: so many at a time, kept alive, settled as the contract says.

use std::collections::HashMap;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::{self, JoinSet};
use tokio::time::{Instant, MissedTickBehavior};

use super::dead_letter::{Letter, bury, identity};
use super::delivery::refuse;
use super::finished::{Fate, Finished};
use super::info::DeliveryInfo;
use super::job::{Job, Then, WorkError};
use super::persist::PersistErrorKind;
use super::policy::{GiveUp, WorkPolicy};
use super::pull::{ConsumeError, ConsumeErrorKind, PullOptions, Puller};
use super::settle::{ACK, PROGRESS, Settle, SettleErrorKind, nak, term};
use super::undelivered::InvalidDelivery;
use super::working::{Report, WorkFaultKind, Working};
use super::{TypedConsumer, settle};
use crate::connection::Connection;
use crate::headers::REPLAY_FOR;
use crate::message::FromMessage;
use crate::observe::{self, Timer};
use crate::serve::panic_text;

/// How long the server may take to note an acknowledgement, where the consumer's `ack_wait` is shorter.
const PATIENCE: Duration = Duration::from_secs(30);

/// Settings of a worker that are not the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct WorkOptions {
    concurrency: Option<usize>,
    memory: usize,
    pull: PullOptions,
}

impl Default for WorkOptions {
    fn default() -> Self {
        Self {
            concurrency: None,
            memory: 10_000,
            pull: PullOptions::default(),
        }
    }
}

impl WorkOptions {
    /// How many messages are in hand at a time, instead of what the contract says. At least one.
    pub fn with_concurrency(mut self, messages: usize) -> Self {
        self.concurrency = Some(messages.max(1));
        self
    }

    /// How many finished messages are remembered; 10,000 unless set. One that is delivered again is acknowledged
    /// without calling the handler. Messages are told apart by their `Nats-Msg-Id`, or else by their place in the stream.
    pub fn with_memory(mut self, messages: usize) -> Self {
        self.memory = messages;
        self
    }

    /// Settings for the pull requests. How many messages are asked for follows from the concurrency.
    pub fn with_pull(mut self, pull: PullOptions) -> Self {
        self.pull = pull;
        self
    }
}

/// Starts a worker for the consumer `C`.
pub(crate) async fn work<C, F, R>(
    connection: &Connection,
    options: WorkOptions,
    handler: F,
) -> Result<Working, ConsumeError>
where
    C: TypedConsumer,
    F: Fn(Job<C::Message>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), WorkError>> + Send + 'static,
{
    let concurrency = options.concurrency.unwrap_or(C::WORK.concurrency).max(1);
    let batch = u64::try_from(concurrency).unwrap_or(u64::MAX);
    let puller = Puller::open(
        connection,
        C::STREAM,
        C::NAME,
        C::Message::LABEL,
        options.pull.with_batch(batch),
    )
    .await?;
    let policy = puller.config().get("ack_policy").and_then(Value::as_str);
    if policy != Some("explicit") {
        let told = format!("`{}` has the ack policy `{}`", C::NAME, policy.unwrap_or("none"));
        return Err(ConsumeError::with_source(ConsumeErrorKind::AckPolicy, told));
    }
    let ack_wait = shortest_wait(puller.config());
    let report = Report::new();
    let (stop, stopped) = watch::channel(false);
    let worker = Worker::<C, F> {
        connection: connection.clone(),
        handler,
        finished: Finished::keeping(options.memory),
        patience: ack_wait.max(PATIENCE),
        report: report.clone(),
        stopped: stopped.clone(),
        consumer: PhantomData,
    };
    let run = run(puller, Arc::new(worker), concurrency, ack_wait / 3, stopped);
    Ok(Working::new(stop, tokio::spawn(run), report))
}

/// After what time the server gives a delivery to somebody else.
fn shortest_wait(config: &Value) -> Duration {
    let waits = config.get("backoff").and_then(Value::as_array).into_iter().flatten();
    let waits = waits.chain(config.get("ack_wait")).filter_map(Value::as_u64);
    let shortest = waits.filter(|wait| *wait > 0).min().map(Duration::from_nanos);
    // The server's own default.
    shortest.unwrap_or(Duration::from_secs(30))
}

/// A message in hand, as the server is told of it.
struct InHand {
    sequence: u64,
    settle: Arc<Settle>,
    /// Whether it was put back: a sign of life would then delay its next delivery.
    put_back: Arc<AtomicBool>,
}

async fn run<C, F, R>(
    mut puller: Puller,
    worker: Arc<Worker<C, F>>,
    concurrency: usize,
    keep_alive: Duration,
    mut stopped: watch::Receiver<bool>,
) where
    C: TypedConsumer,
    F: Fn(Job<C::Message>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), WorkError>> + Send + 'static,
{
    let mut jobs = JoinSet::new();
    let mut in_hand: HashMap<task::Id, InHand> = HashMap::new();
    let mut ticks = tokio::time::interval(keep_alive.max(Duration::from_millis(5)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut taking = true;
    while taking || !jobs.is_empty() {
        let room = concurrency.saturating_sub(jobs.len());
        tokio::select! {
            biased;
            Some(ended) = jobs.join_next_with_id() => {
                let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                in_hand.remove(&id);
            }
            _ = ticks.tick() => keep(&in_hand).await,
            () = until_stopped(&mut stopped), if taking => {
                taking = false;
                put_back(&mut puller).await;
            }
            next = puller.next_within(u64::try_from(room).unwrap_or(u64::MAX)), if taking && room > 0 => match next {
                None => {
                    taking = false;
                    put_back(&mut puller).await;
                }
                Some(Err(error)) => worker.report.tell(WorkFaultKind::Delivery, error),
                Some(Ok(raw)) => {
                    let Some((reply, info)) = raw.reply.as_ref().and_then(|reply| Some((reply, DeliveryInfo::parse(reply)?))) else {
                        continue;
                    };
                    if in_hand.values().any(|job| job.sequence == info.stream_sequence) {
                        // Given out a second time before the first sign of life came; settling the first settles both.
                        continue;
                    }
                    observe::pending(C::STREAM, C::NAME, info.pending);
                    let settle = Arc::new(Settle::new(puller.connection(), reply, &puller.guard));
                    let put_back = Arc::new(AtomicBool::new(false));
                    let job = InHand { sequence: info.stream_sequence, settle: settle.clone(), put_back: put_back.clone() };
                    let worker = worker.clone();
                    let started = jobs.spawn(async move { worker.job(&raw, info, &settle, &put_back).await });
                    in_hand.insert(started.id(), job);
                }
            },
        }
    }
}

/// Completes when the worker is to stop.
async fn until_stopped(stopped: &mut watch::Receiver<bool>) {
    // An error means that nobody can tell any more, which is the same.
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// Tells the server that the work goes on.
async fn keep(in_hand: &HashMap<task::Id, InHand>) {
    for job in in_hand.values().filter(|job| !job.put_back.load(Ordering::Relaxed)) {
        // Fails only where the connection is closed, which the jobs find out themselves.
        let _ = job.settle.send(PROGRESS).await;
    }
}

/// Lets others have at once what has arrived and nobody has begun.
async fn put_back(puller: &mut Puller) {
    for message in puller.release().await {
        if let Some(reply) = message.reply {
            // Where it fails, the message is delivered again after `ack_wait`.
            let _ = puller.client().publish(reply, nak(None)).await;
        }
    }
}

struct Worker<C, F> {
    connection: Connection,
    handler: F,
    finished: Finished,
    /// How long is tried to settle a message.
    patience: Duration,
    report: Report,
    stopped: watch::Receiver<bool>,
    consumer: PhantomData<fn() -> C>,
}

/// A message as the functions below need it.
#[derive(Clone, Copy)]
struct Taken<'a> {
    raw: &'a async_nats::Message,
    info: &'a DeliveryInfo,
    settle: &'a Settle,
}

impl<C: TypedConsumer, F> Worker<C, F> {
    const POLICY: WorkPolicy = C::WORK;
    /// What the messages are counted under.
    const LABEL: &'static str = C::Message::LABEL;

    async fn job<R>(&self, raw: &async_nats::Message, info: DeliveryInfo, settle: &Settle, put_back: &AtomicBool)
    where
        F: Fn(Job<C::Message>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), WorkError>> + Send + 'static,
    {
        let taken = Taken {
            raw,
            info: &info,
            settle,
        };
        let headers = raw.headers.as_ref();
        let replayed_for = headers.and_then(|headers| headers.get(REPLAY_FOR));
        if replayed_for.is_some_and(|consumer| consumer.as_str() != C::NAME) {
            self.settled(taken, ACK).await;
            return;
        }
        let place = self.finished.place(identity(headers, &info));
        let mut fate = place.lock().await;
        match *fate {
            Fate::Handled => {
                observe::received(Self::LABEL, raw);
                self.report.count(|counts| &counts.repeated);
                self.settled(taken, ACK).await;
                return;
            }
            Fate::GivenUp(sequence) if sequence == info.stream_sequence => {
                self.settled(taken, term("given up before")).await;
                return;
            }
            Fate::GivenUp(_) | Fate::Open => {}
        }
        let message = match C::Message::from_message(raw) {
            Ok(message) => message,
            Err(invalid) => {
                put_back.store(true, Ordering::Relaxed);
                refuse(&self.connection, Self::LABEL, settle, &invalid, &info, C::ON_INVALID).await;
                self.report.count(|counts| &counts.invalid);
                let invalid = InvalidDelivery {
                    message: invalid,
                    info,
                    settled: C::ON_INVALID,
                };
                self.report.tell(WorkFaultKind::Invalid, invalid);
                return;
            }
        };
        let attempts = Self::POLICY.attempts;
        if attempts.is_some_and(|attempts| info.delivered > attempts) {
            // Whoever had it at the last attempt has ended; this message may be the reason.
            let reason = format!("delivered {} times and never settled", info.delivered - 1);
            self.give_up(taken, &reason, &mut fate).await;
            return;
        }
        let job = Job {
            message,
            info: info.clone(),
            attempts,
        };
        let timer = Timer::start();
        let handling = async { (self.handler)(job).await };
        let outcome = AssertUnwindSafe(observe::handling(Self::LABEL, raw, handling))
            .catch_unwind()
            .await;
        timer.handled(Self::LABEL, matches!(outcome, Ok(Ok(()))));
        let error = match outcome {
            Ok(Ok(())) => {
                *fate = Fate::Handled;
                drop(fate);
                self.report.count(|counts| &counts.done);
                self.settled(taken, ACK).await;
                return;
            }
            Ok(Err(error)) => {
                observe::handler_failed(Self::LABEL, "handler");
                error
            }
            Err(panic) => {
                observe::handler_failed(Self::LABEL, "panic");
                WorkError::retry(format_args!("the handler panicked: {}", panic_text(&*panic)))
            }
        };
        let last = attempts.is_some_and(|attempts| info.delivered >= attempts);
        let wait = match error.then {
            Then::Retry if !last => Self::POLICY.wait(info.delivered),
            Then::RetryAfter(wait) if !last => wait,
            Then::Retry | Then::RetryAfter(_) | Then::GiveUp => {
                self.give_up(taken, &error.reason, &mut fate).await;
                return;
            }
        };
        put_back.store(true, Ordering::Relaxed);
        // Not confirmed: where it is lost, the message comes again after `ack_wait`.
        if let Err(error) = settle.send(nak(Some(wait))).await {
            self.report.tell(WorkFaultKind::Unsettled, error);
        }
        self.report.count(|counts| &counts.retried);
        let told = format!("{}; again in {wait:?}", about(&info, &error.reason));
        self.report.tell(WorkFaultKind::Retried, told);
    }

    /// Terminates a message, once it is among the dead letters where the contract has them.
    async fn give_up(&self, taken: Taken<'_>, reason: &str, fate: &mut Fate) {
        if let GiveUp::DeadLetter(dead_letters) = Self::POLICY.give_up
            && !self.buried(taken, dead_letters, reason).await
        {
            // Whoever has it next puts it there at once. Where this fails, that is after `ack_wait`.
            let _ = taken.settle.send(nak(None)).await;
            return;
        }
        *fate = Fate::GivenUp(taken.info.stream_sequence);
        self.report.count(|counts| &counts.given_up);
        self.report.tell(WorkFaultKind::GivenUp, about(taken.info, reason));
        self.settled(taken, term(reason)).await;
    }

    /// Puts a message to the dead letters, as long as that takes. `false` where the worker is stopped before, and the
    /// message comes again.
    async fn buried(&self, taken: Taken<'_>, dead_letters: &'static str, reason: &str) -> bool {
        let letter = Letter {
            template: Self::LABEL,
            subject: &taken.raw.subject,
            headers: taken.raw.headers.as_ref(),
            payload: &taken.raw.payload,
            info: taken.info,
            reason,
        };
        let (mut stopped, mut guard) = (self.stopped.clone(), self.connection.begin_work());
        let mut wait = Duration::from_millis(250);
        loop {
            let Err(error) = bury(&self.connection, dead_letters, letter).await else {
                return true;
            };
            let closed = error.kind() == PersistErrorKind::Closed;
            let told = format!("{}: {error}", about(taken.info, reason));
            self.report.tell(WorkFaultKind::NotBuried, told);
            if closed {
                return false;
            }
            wait = (wait * 2).min(Duration::from_secs(10));
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = until_stopped(&mut stopped) => return false,
                () = guard.stopping() => return false,
            }
        }
    }

    /// Tells the server what has become of a message until it has noted it.
    async fn settled(&self, taken: Taken<'_>, document: Bytes) {
        let until = Instant::now() + self.patience;
        let mut wait = Duration::from_millis(50);
        loop {
            let error = match taken.settle.confirm(document.clone()).await {
                Ok(()) => return,
                Err(error) => error,
            };
            // A consumer that has no leader, or whose server restarts, is back after a moment.
            if error.kind() == SettleErrorKind::Closed || Instant::now() > until {
                let told = settle::About::new(taken.info, error);
                self.report.tell(WorkFaultKind::Unsettled, told);
                return;
            }
            wait = (wait * 2).min(Duration::from_secs(1));
            tokio::time::sleep(wait).await;
        }
    }
}

fn about(info: &DeliveryInfo, reason: &str) -> String {
    format!(
        "sequence {} of stream `{}`, attempt {}: {reason}",
        info.stream_sequence,
        info.stream(),
        info.delivered
    )
}
