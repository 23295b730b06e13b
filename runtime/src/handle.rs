//! Handling events.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use crate::access::MaySubscribe;
use crate::connection::Connection;
use crate::endpoint::{Endpoint, SetEndpoint};
use crate::error::BoxError;
use crate::message::{FromMessage, Message, MessageSet};
use crate::observe::{self, Timer};
use crate::serve::{Report, Requests, ServeErrorKind, Serving, panic_text, serve_each};
use crate::subject::TypedSubject;
use crate::subscription::SubscribeError;

impl<S: TypedSubject, A: MaySubscribe> Endpoint<S, A> {
    /// Gives each event within the scope to `handler`, at most `concurrent` at a time, until [`Serving`] is stopped or dropped,
    /// or the connection is drained. One at a time keeps their order.
    ///
    /// What was taken is handled: stopping and draining wait for it. An event that does not decode, and an error or panic of the
    /// handler, show in [`Serving::errors`]; the next event is handled all the same.
    ///
    /// ```no_run
    /// # use natsmith_runtime::{Endpoint, TypedSubject, access};
    /// # async fn run<S: TypedSubject>(endpoint: Endpoint<S, access::Subscribe>) -> Result<(), Box<dyn std::error::Error>> {
    /// let handling = endpoint
    ///     .handle(16, |event| async move {
    ///         println!("{}", event.subject);
    ///         Ok(())
    ///     })
    ///     .await?;
    /// handling.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`SubscribeErrorKind`](crate::subscription::SubscribeErrorKind).
    pub async fn handle<F, R>(&self, concurrent: usize, handler: F) -> Result<Serving, SubscribeError>
    where
        F: Fn(Message<S>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        let filter = self.scope().to_string();
        handle(self.connection(), filter, S::QUEUE_GROUP, concurrent, handler).await
    }
}

impl<M: MessageSet> SetEndpoint<M> {
    /// Gives each message that the set hears to `handler`, as [`Endpoint::handle`] does.
    ///
    /// # Errors
    /// See [`SubscribeErrorKind`](crate::subscription::SubscribeErrorKind).
    pub async fn handle<F, R>(&self, concurrent: usize, handler: F) -> Result<Serving, SubscribeError>
    where
        F: Fn(M) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        let filter = M::FILTER.to_owned();
        handle(self.connection(), filter, M::QUEUE_GROUP, concurrent, handler).await
    }
}

/// Handles what a subscription hears, at most `concurrent` messages at a time.
async fn handle<M, F, R>(
    connection: &Connection,
    filter: String,
    queue_group: Option<&str>,
    concurrent: usize,
    handler: F,
) -> Result<Serving, SubscribeError>
where
    M: FromMessage,
    F: Fn(M) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), BoxError>> + Send + 'static,
{
    let messages = Requests::heard(connection, M::LABEL, filter, queue_group).await?;
    let report = Report::new(M::LABEL);
    let handling = Arc::new((handler, report.clone()));
    Ok(serve_each(connection, messages, report, concurrent, move |incoming| {
        let handling = handling.clone();
        async move {
            let (handler, report) = &*handling;
            let raw = incoming.raw();
            observe::handling(M::LABEL, raw, handle_one(raw, handler, report)).await;
        }
    }))
}

async fn handle_one<M, F, R>(raw: &async_nats::Message, handler: &F, report: &Report)
where
    M: FromMessage,
    F: Fn(M) -> R,
    R: Future<Output = Result<(), BoxError>>,
{
    let message = match M::from_message(raw) {
        Ok(message) => message,
        Err(invalid) => return report.tell(&raw.subject, ServeErrorKind::InvalidMessage, invalid),
    };
    let timer = Timer::start();
    let outcome = AssertUnwindSafe(async { handler(message).await }).catch_unwind().await;
    timer.handled(M::LABEL, matches!(outcome, Ok(Ok(()))));
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(error)) => report.tell(&raw.subject, ServeErrorKind::Handler, error),
        Err(panic) => report.tell(&raw.subject, ServeErrorKind::Panic, panic_text(&*panic)),
    }
}
