//! Answering requests.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_nats::service;
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::error::{BoxError, Error};
use crate::headers::CORRELATION_ID;
use crate::message::{FromMessage, Message};
use crate::observe::{self, Kind, Timer};
use crate::outgoing::Outgoing;
use crate::payload::Payload;
use crate::request::ServiceError;
use crate::running::{Faults, Faulty, Running};
use crate::subject::answer::ReplyPlace;
use crate::subject::{AnsweredSubject, TypedSubject};
use crate::subscription::SubscribeError;
use crate::wind_down::Messages;

/// How many requests one service handles at a time. Further ones wait in the subscription, whose limit shows as
/// a slow consumer.
pub(crate) const CONCURRENT: usize = 1024;

/// A running service or handler, made by [`Endpoint::serve`](crate::Endpoint::serve) or
/// [`Endpoint::handle`](crate::Endpoint::handle). Dropping it stops it in the background.
#[must_use = "a dropped service is stopped"]
pub struct Serving {
    running: Running,
    report: Report,
}

impl Serving {
    /// Takes no more requests than those that are on their way, and waits until those taken are answered.
    pub async fn stop(self) {
        self.running.stop().await;
    }

    /// Lets the service run for as long as the connection.
    pub fn detach(self) {
        self.running.detach();
    }

    /// Whether the service has ended: stopped, or its connection closed.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.running.is_finished()
    }

    /// What goes wrong from now on. What is not read in time is only in [`error_count`](Self::error_count).
    #[must_use]
    pub fn errors(&self) -> Faults<ServeError> {
        self.report.faulty.listen()
    }

    /// How many errors there were so far.
    #[must_use]
    pub fn error_count(&self) -> u64 {
        self.report.count.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving")
            .field("finished", &self.is_finished())
            .field("errors", &self.error_count())
            .finish_non_exhaustive()
    }
}

/// Why one request was not answered as its requester hoped.
pub type ServeError = Error<ServeErrorKind>;

/// The kinds of [`ServeError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServeErrorKind {
    /// The request did not decode, and was answered with 400; the source is an
    /// [`InvalidMessage`](crate::InvalidMessage).
    InvalidRequest,
    /// The event did not decode, and the handler was not called; the source is an
    /// [`InvalidMessage`](crate::InvalidMessage).
    InvalidMessage,
    /// The handler returned an error, which is the source; a request was answered with it, a [`ServiceError`].
    Handler,
    /// The handler panicked; a request was answered with 500.
    Panic,
    /// The handler's answer is refused by its schema, and the request was answered with 500.
    InvalidReply,
    /// The message asks for no answer; the handler was not called.
    NoReplySubject,
    /// The answer could not be sent.
    Unsent,
}

impl ServeErrorKind {
    /// The kind in a word.
    fn label(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidMessage => "invalid_message",
            Self::Handler => "handler",
            Self::Panic => "panic",
            Self::InvalidReply => "invalid_reply",
            Self::NoReplySubject => "no_reply_subject",
            Self::Unsent => "unsent",
        }
    }
}

impl fmt::Display for ServeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidRequest => "the request does not keep the contract",
            Self::InvalidMessage => "the message does not keep the contract",
            Self::Handler => "the handler returned an error",
            Self::Panic => "the handler panicked",
            Self::InvalidReply => "the schema refuses the handler's answer",
            Self::NoReplySubject => "the message asks for no answer",
            Self::Unsent => "the answer could not be sent",
        })
    }
}

/// Where a service's errors go.
#[derive(Clone)]
pub(crate) struct Report {
    template: &'static str,
    faulty: Faulty<ServeError>,
    count: Arc<AtomicU64>,
}

impl Report {
    pub(crate) fn new(template: &'static str) -> Self {
        Self {
            template,
            faulty: Faulty::new(),
            count: Arc::new(AtomicU64::new(0)),
        }
    }

    /// A handler returned an error.
    pub(crate) fn failed(&self, subject: &str, error: &ServiceError) {
        self.tell(subject, ServeErrorKind::Handler, error.clone());
        if let Some(fault) = error.fault() {
            let what = format!("the payload of an error was left out: {fault}");
            self.tell(subject, ServeErrorKind::InvalidReply, what);
        }
    }

    pub(crate) fn tell(&self, subject: &str, kind: ServeErrorKind, source: impl Into<BoxError>) {
        let error = ServeError::with_source(kind, source);
        tracing::warn!("message on `{subject}`: {error}");
        self.count.fetch_add(1, Ordering::Relaxed);
        observe::handler_failed(self.template, kind.label());
        self.faulty.tell(error);
    }
}

/// Where requests come from.
pub(crate) enum Requests {
    /// A subscription.
    Plain(Box<Messages>),
    /// An endpoint of a discoverable service, which counts what it is asked and how that goes.
    Counted(Box<service::endpoint::Endpoint>),
}

impl Requests {
    /// Subscribes, as a member of the subject's queue group where the contract names one.
    pub(crate) async fn plain<S: TypedSubject>(
        connection: &Connection,
        scope: &S::Filter,
    ) -> Result<Self, SubscribeError> {
        Self::heard(connection, S::TEMPLATE, scope.to_string(), S::QUEUE_GROUP).await
    }

    /// Subscribes to a filter, and counts under `label`.
    pub(crate) async fn heard(
        connection: &Connection,
        label: &'static str,
        filter: String,
        queue_group: Option<&str>,
    ) -> Result<Self, SubscribeError> {
        let messages = Messages::heard(connection, label, filter, queue_group).await?;
        Ok(Self::Plain(Box::new(messages)))
    }

    /// The next request, once there is room to handle it. Waits for room first, so that being cancelled loses no message.
    async fn next(&mut self, permits: &Arc<Semaphore>) -> Option<(Incoming, OwnedSemaphorePermit)> {
        let permit = permits.clone().acquire_owned().await.ok()?;
        let request = match self {
            Self::Plain(messages) => Incoming::Plain(messages.next().await?),
            Self::Counted(endpoint) => Incoming::counted(endpoint.next().await?),
        };
        Some((request, permit))
    }

    /// Takes no more than what has arrived.
    async fn drain(&mut self) {
        match self {
            Self::Plain(messages) => messages.wind_down().await,
            // Refused only where the connection is closed, which ends the requests too.
            Self::Counted(endpoint) => _ = endpoint.stop().await,
        }
    }
}

/// A request that waits for its answer.
pub(crate) enum Incoming {
    Plain(async_nats::Message),
    Counted {
        raw: Box<async_nats::Message>,
        /// Until it is counted.
        request: Mutex<Option<Box<service::Request>>>,
    },
}

impl Incoming {
    fn counted(request: service::Request) -> Self {
        Self::Counted {
            raw: Box::new(request.message.clone()),
            request: Mutex::new(Some(Box::new(request))),
        }
    }

    pub(crate) fn raw(&self) -> &async_nats::Message {
        match self {
            Self::Plain(raw) => raw,
            Self::Counted { raw, .. } => raw,
        }
    }

    /// Answers with a document.
    pub(crate) async fn answer(
        &self,
        template: &'static str,
        client: &async_nats::Client,
        document: Bytes,
    ) -> Result<(), async_nats::PublishError> {
        // One without a place for the answer was refused before.
        let Some(reply) = self.raw().reply.clone() else {
            return Ok(());
        };
        let message = Outgoing::to(template, Kind::Reply, reply, document.clone());
        match self.uncounted() {
            None => message.publish(client).await,
            Some(request) => {
                let way = |headers: Option<_>| {
                    let headers = headers.unwrap_or_default();
                    async move { request.respond_with_headers(Ok(document), headers).await }
                };
                message.leave_by(way).await
            }
        }
    }

    /// Answers with an error. One whose payload cannot be sent is sent without: somebody waits for it.
    pub(crate) async fn refuse(
        &self,
        template: &'static str,
        client: &async_nats::Client,
        error: &ServiceError,
    ) -> Result<(), async_nats::PublishError> {
        let Some(reply) = self.raw().reply.clone() else {
            return Ok(());
        };
        let message = |error: &ServiceError| {
            let message = Outgoing::to(template, Kind::Reply, reply.clone(), error.document());
            message.with_headers(error.headers())
        };
        if let Some(mut request) = self.uncounted() {
            // What counts errors sends them without payload, so it sends them where nobody is.
            request.message.reply = Some(client.new_inbox().into());
            let counted = service::error::Error {
                status: error.one_line(),
                code: usize::from(error.code),
            };
            request.respond(Err(counted)).await?;
        }
        let sent = message(error).publish(client).await;
        match error.bare() {
            Some(bare) if sent.is_err() => message(&bare).publish(client).await,
            _ => sent,
        }
    }

    /// What counts the request, once.
    fn uncounted(&self) -> Option<Box<service::Request>> {
        match self {
            Self::Plain(_) => None,
            // Nothing that holds the lock panics.
            Self::Counted { request, .. } => request.lock().ok()?.take(),
        }
    }
}

pub(crate) fn serve<S, F, R>(connection: &Connection, requests: Requests, handler: F) -> Serving
where
    S: AnsweredSubject,
    F: Fn(Message<S>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<S::Reply, ServiceError>> + Send + 'static,
{
    let report = Report::new(S::TEMPLATE);
    let service = Arc::new(Service {
        client: connection.client().clone(),
        handler,
        report: report.clone(),
    });
    serve_each(connection, requests, report, CONCURRENT, move |request| {
        let service = service.clone();
        async move { observe::handling(S::TEMPLATE, request.raw(), service.answer(&request)).await }
    })
}

/// Gives each request to `answer`, in a task of its own and at most `concurrent` at a time, until it is told to stop.
pub(crate) fn serve_each<H, R>(
    connection: &Connection,
    mut requests: Requests,
    report: Report,
    concurrent: usize,
    answer: H,
) -> Serving
where
    H: Fn(Incoming) -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let (stop, mut stopped) = watch::channel(false);
    let mut guard = connection.begin_work();
    let run = async move {
        let permits = Arc::new(Semaphore::new(concurrent.clamp(1, Semaphore::MAX_PERMITS)));
        let mut answering = JoinSet::new();
        let mut draining = false;
        let mut stopping = pin!(async {
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => {}
                () = guard.stopping() => {}
            }
        });
        loop {
            tokio::select! {
                () = &mut stopping, if !draining => {
                    draining = true;
                    requests.drain().await;
                }
                request = requests.next(&permits) => match request {
                    Some((request, permit)) => {
                        // Those that are done are not awaited: each would wake this task before its answer is on its way.
                        while answering.try_join_next().is_some() {}
                        let answered = answer(request);
                        answering.spawn(async move {
                            answered.await;
                            drop(permit);
                        });
                    }
                    None => break,
                },
            }
        }
        while answering.join_next().await.is_some() {}
        // What counts for a subscription lives as long as its requests are answered.
        drop(requests);
    };
    Serving {
        running: Running::new(stop, tokio::spawn(run)),
        report,
    }
}

struct Service<F> {
    client: async_nats::Client,
    handler: F,
    report: Report,
}

/// An answer, and its place where that is not the requester's inbox.
type Answer = (Bytes, Option<(&'static str, String)>);

impl<F> Service<F> {
    async fn answer<S, R>(&self, request: &Incoming)
    where
        S: AnsweredSubject,
        F: Fn(Message<S>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<S::Reply, ServiceError>> + Send + 'static,
    {
        let raw = request.raw();
        let subject = raw.subject.as_str();
        let outcome = match self.accepted(subject, raw) {
            Ok(None) => return,
            Ok(Some((message, place))) => self.handled(subject, message, place).await,
            Err(refused) => Err(refused),
        };
        let refused = match outcome {
            Ok(answer) => match self.send::<S>(request, answer).await {
                Ok(()) => return,
                Err(error) => {
                    // Most likely too large: the requester learns why instead of waiting.
                    let told = ServiceError::new(500, error.to_string());
                    self.report.tell(subject, ServeErrorKind::Unsent, error);
                    told
                }
            },
            Err(error) => error,
        };
        if let Err(error) = request.refuse(S::TEMPLATE, &self.client, &refused).await {
            self.report.tell(subject, ServeErrorKind::Unsent, error);
        }
    }

    /// The request and where its answer goes; `None` where nobody awaits one.
    #[allow(clippy::type_complexity, reason = "used once")]
    fn accepted<S: AnsweredSubject>(
        &self,
        subject: &str,
        raw: &async_nats::Message,
    ) -> Result<Option<(Message<S>, Option<ReplyPlace<S::Reply>>)>, ServiceError> {
        let invalid = |error: BoxError| {
            let told = ServiceError::new(400, error.to_string());
            self.report.tell(subject, ServeErrorKind::InvalidRequest, error);
            told
        };
        let message = Message::<S>::from_message(raw).map_err(|error| invalid(error.into()))?;
        let place = message.subject.reply_place(&message.payload);
        let place = place.map_err(|error| invalid(error.into()))?;
        if place.is_none() && raw.reply.is_none() {
            self.report
                .tell(subject, ServeErrorKind::NoReplySubject, "it has no reply subject");
            return Ok(None);
        }
        Ok(Some((message, place)))
    }

    async fn handled<S, R>(
        &self,
        subject: &str,
        message: Message<S>,
        place: Option<ReplyPlace<S::Reply>>,
    ) -> Result<Answer, ServiceError>
    where
        S: AnsweredSubject,
        F: Fn(Message<S>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<S::Reply, ServiceError>> + Send + 'static,
    {
        let timer = Timer::start();
        let handling = AssertUnwindSafe(async { (self.handler)(message).await });
        let handled = handling.catch_unwind().await;
        timer.handled(S::TEMPLATE, matches!(handled, Ok(Ok(_))));
        let reply = match handled {
            Ok(Ok(reply)) => reply,
            Ok(Err(error)) => {
                self.report.failed(subject, &error);
                return Err(error);
            }
            Err(panic) => {
                self.report.tell(subject, ServeErrorKind::Panic, panic_text(&*panic));
                return Err(ServiceError::new(500, "the service failed"));
            }
        };
        let answer = || -> Result<Answer, BoxError> {
            let place = match place {
                Some(place) => Some((place.template(), place.subject(&reply)?)),
                None => None,
            };
            Ok((reply.to_bytes()?, place))
        };
        answer().map_err(|error| {
            let told = ServiceError::new(500, format!("the service's answer does not keep the contract: {error}"));
            self.report.tell(subject, ServeErrorKind::InvalidReply, error);
            told
        })
    }

    async fn send<S: AnsweredSubject>(
        &self,
        request: &Incoming,
        (document, place): Answer,
    ) -> Result<(), async_nats::PublishError> {
        let Some((template, subject)) = place else {
            return request.answer(S::TEMPLATE, &self.client, document).await;
        };
        let mut message = Outgoing::to(template, Kind::Reply, subject, document);
        let headers = request.raw().headers.as_ref();
        if let Some(id) = headers.and_then(|headers| headers.get(CORRELATION_ID)) {
            message.headers().insert(CORRELATION_ID, id.clone());
        }
        message.publish(&self.client).await
    }
}

/// What a panic says.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "of an unknown kind".to_owned())
}
