//! The side that answers.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_nats::{StatusCode, Subscriber};
use futures_util::{FutureExt, StreamExt};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at, sleep_until};

use super::sink::{ChunkSink, Flow};
use super::{Streamed, StreamedSubject};
use crate::connection::Connection;
use crate::headers::{self, CANCEL, CREDIT};
use crate::message::{FromMessage, Message};
use crate::observe::{self, Timer};
use crate::request::ServiceError;
use crate::serve::{CONCURRENT, Incoming, Report, Requests, ServeErrorKind, Serving, panic_text, serve_each};

pub(super) fn serve<S, F, R>(connection: &Connection, requests: Requests, handler: F) -> Serving
where
    S: StreamedSubject,
    F: Fn(Message<S>, ChunkSink<S>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), ServiceError>> + Send + 'static,
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

struct Service<F> {
    client: async_nats::Client,
    handler: F,
    report: Report,
}

impl<F> Service<F> {
    async fn answer<S, R>(&self, request: &Incoming)
    where
        S: StreamedSubject,
        F: Fn(Message<S>, ChunkSink<S>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), ServiceError>> + Send + 'static,
    {
        let raw = request.raw();
        let subject = raw.subject.as_str();
        let Some(inbox) = raw.reply.clone() else {
            self.report
                .tell(subject, ServeErrorKind::NoReplySubject, "it has no reply subject");
            return;
        };
        let message = match Message::<S>::from_message(raw) {
            Ok(message) => message,
            Err(invalid) => {
                let refused = ServiceError::new(400, invalid.to_string());
                self.report.tell(subject, ServeErrorKind::InvalidRequest, invalid);
                if let Err(error) = request.refuse(S::TEMPLATE, &self.client, &refused).await {
                    self.report.tell(subject, ServeErrorKind::Unsent, error);
                }
                return;
            }
        };
        let credit = headers::number(raw.headers.as_ref(), CREDIT);
        let control = self.client.new_inbox();
        let heard = match self.client.subscribe(format!("{control}.*")).await {
            Ok(heard) => heard,
            Err(error) => {
                self.report.tell(subject, ServeErrorKind::Unsent, error);
                return;
            }
        };
        let flow = Arc::new(Flow::new(
            S::TEMPLATE,
            self.client.clone(),
            inbox,
            control,
            credit.unwrap_or(u64::MAX),
        ));
        // Aborts the keeper when it is dropped.
        let mut keeper = JoinSet::new();
        keeper.spawn(keep(flow.clone(), heard, S::STREAMED, credit.is_some()));
        let outcome = self.handled(subject, message, &flow).await;
        let cancelled = flow.room.borrow().gone;
        flow.close();
        drop(keeper);
        if cancelled {
            // Nobody is there to be told.
            tracing::debug!("the answer to the request on `{subject}` is no longer wanted");
            return;
        }
        let mut ended = flow.end(&outcome).await;
        // An error whose payload cannot be sent is sent without: somebody waits for it.
        if let (Err(_), Some(bare)) = (&ended, outcome.as_ref().err().and_then(ServiceError::bare)) {
            ended = flow.end(&Err(bare)).await;
        }
        if let Err(error) = ended {
            self.report.tell(subject, ServeErrorKind::Unsent, error);
        }
    }

    /// Runs the handler. An error that is only a consequence of being cancelled is not reported.
    async fn handled<S, R>(&self, subject: &str, message: Message<S>, flow: &Arc<Flow>) -> Result<(), ServiceError>
    where
        S: StreamedSubject,
        F: Fn(Message<S>, ChunkSink<S>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), ServiceError>> + Send + 'static,
    {
        let sink = ChunkSink::new(flow.clone());
        let handling = AssertUnwindSafe(async { (self.handler)(message, sink).await });
        let timer = Timer::start();
        let handled = handling.catch_unwind().await;
        timer.handled(S::TEMPLATE, matches!(handled, Ok(Ok(()))));
        match handled {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                if !flow.room.borrow().gone {
                    self.report.failed(subject, &error);
                }
                Err(error)
            }
            Err(panic) => {
                self.report.tell(subject, ServeErrorKind::Panic, panic_text(&*panic));
                Err(ServiceError::new(500, "the service failed"))
            }
        }
    }
}

/// Gives signs of life, and hears what the requester allows. `watched` says that the requester gives signs of life as well.
async fn keep(flow: Arc<Flow>, mut heard: Subscriber, plan: Streamed, watched: bool) {
    let mut beat = interval_at(Instant::now() + plan.beat(), plan.beat());
    let mut lost = Instant::now() + plan.silence;
    // The first one tells the requester at once where it is heard.
    let mut alive = flow.idle().await.is_ok();
    while alive {
        tokio::select! {
            _ = beat.tick() => alive = flow.idle().await.is_ok(),
            () = sleep_until(lost), if watched => alive = false,
            message = heard.next() => match message {
                Some(message) if is_farewell(&message) => alive = false,
                Some(message) => {
                    lost = Instant::now() + plan.silence;
                    if let Some(allowed) = headers::number(message.headers.as_ref(), CREDIT) {
                        flow.answer_to(message.reply);
                        flow.room.send_modify(|room| room.allowed = room.allowed.max(allowed));
                    }
                }
                None => alive = false,
            },
        }
    }
    flow.close();
}

/// Whether the requester wants no more, or the server says that nobody reads its inbox.
fn is_farewell(message: &async_nats::Message) -> bool {
    message.status == Some(StatusCode::NO_RESPONDERS) || headers::has(message.headers.as_ref(), CANCEL)
}
