//! Endpoints: one subject as one role may use it.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use async_nats::HeaderMap;

use crate::connection::Connection;
use crate::error::Error;
use crate::gather::{Gather, Gathered, gather, gathered};
use crate::headed::{self, HeadedSubject, HeadersError};
use crate::message::{Message, MessageSet};
use crate::observe::Kind;
use crate::outgoing::{Outgoing, Unsendable, merge};
use crate::reply_on::ReplyOnSubject;
use crate::request::{RequestError, ServiceError, request};
use crate::serve::{Requests, Serving, serve};
use crate::subject::{AnsweredSubject, GatherSubject, RequestSubject, SubjectError, SubjectFilter, TypedSubject};
use crate::subscription::{SubscribeError, SubscribeErrorKind, Subscription};

/// What a role may do with a subject, as types: an [`Endpoint`] offers only the functions of its own.
pub mod access {
    mod sealed {
        pub trait Sealed {}
    }

    /// Allows publishing.
    pub trait MayPublish: sealed::Sealed {}
    /// Allows subscribing.
    pub trait MaySubscribe: sealed::Sealed {}
    /// Allows sending requests.
    pub trait MayAsk: sealed::Sealed {}
    /// Allows answering requests.
    pub trait MayAnswer: sealed::Sealed {}
    /// Allows reading a bucket or an object store.
    pub trait MayRead: sealed::Sealed {}
    /// Allows writing to a bucket or an object store.
    pub trait MayWrite: sealed::Sealed {}

    macro_rules! access {
        ($($(#[$doc:meta])* $name:ident: $($may:ident)+;)*) => {$(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub enum $name {}
            impl sealed::Sealed for $name {}
            $(impl $may for $name {})+
        )*};
    }

    access! {
        /// May publish.
        Publish: MayPublish;
        /// May subscribe.
        Subscribe: MaySubscribe;
        /// May publish and subscribe.
        PublishSubscribe: MayPublish MaySubscribe;
        /// May send requests.
        Ask: MayAsk;
        /// May answer requests.
        Answer: MayAnswer;
        /// May send and answer requests.
        AskAnswer: MayAsk MayAnswer;
        /// May read.
        Read: MayRead;
        /// May write.
        Write: MayWrite;
        /// May read and write.
        ReadWrite: MayRead MayWrite;
    }
}

use access::{MayAnswer, MayAsk, MayPublish, MaySubscribe};

/// One subject of a contract over a connection, with the functions that `A`, one of the [`access`] types, allows.
///
/// The scope names the tokens that are fixed here, such as an agent's own id; the others come from the payload when
/// sending, and are open when subscribing. Generated role clients make endpoints; this is what they do:
///
/// ```no_run
/// use natsmith_runtime::{Connection, Endpoint, TypedSubject, access};
///
/// async fn repeat<S: TypedSubject>(nats: &Connection) -> Result<(), Box<dyn std::error::Error>> {
///     let endpoint = Endpoint::<S, access::PublishSubscribe>::new(nats, S::filter());
///     let mut messages = endpoint.subscribe().await?;
///     while let Some(message) = messages.next().await {
///         match message {
///             Ok(message) => endpoint.publish(&message.payload).await?,
///             Err(invalid) => eprintln!("{invalid}"), // the subscription goes on
///         }
///     }
///     Ok(())
/// }
/// ```
///
/// What the access does not allow does not compile:
///
/// ```compile_fail,E0599
/// # use natsmith_runtime::{Connection, Endpoint, TypedSubject, access};
/// async fn shout<S: TypedSubject>(nats: &Connection, payload: &S::Payload) {
///     let endpoint = Endpoint::<S, access::Subscribe>::new(nats, S::filter());
///     endpoint.publish(payload).await;
/// }
/// ```
pub struct Endpoint<S: TypedSubject, A> {
    connection: Connection,
    /// What is received.
    scope: S::Filter,
    /// What is sent.
    sending: S::Filter,
    /// Where answers are heard, for requests that are answered on a declared subject.
    answers: Option<String>,
    /// What everything that is sent carries.
    headers: Option<Arc<HeaderMap>>,
    access: PhantomData<fn() -> A>,
}

impl<S: TypedSubject, A> Endpoint<S, A> {
    /// An endpoint limited to `scope`.
    #[must_use]
    pub fn new(connection: &Connection, scope: S::Filter) -> Self {
        Self {
            connection: connection.clone(),
            sending: scope.clone(),
            answers: None,
            scope,
            headers: None,
            access: PhantomData,
        }
    }

    /// The same endpoint, which sends within another scope than it receives in: a party that hears what is meant for it
    /// sends to others.
    #[must_use]
    pub fn sending(mut self, scope: S::Filter) -> Self {
        self.sending = scope;
        self
    }

    /// The tokens that are fixed for what is received here, and for what is sent unless [`sending`](Self::sending) says
    /// otherwise.
    #[must_use]
    pub fn scope(&self) -> &S::Filter {
        &self.scope
    }

    /// The subject that a payload is sent on from here.
    ///
    /// # Errors
    /// A token has no value, or one that the payload contradicts.
    pub fn subject(&self, payload: &S::Payload) -> Result<S, SubjectError> {
        S::resolve(&self.sending, payload)
    }

    /// The connection it works over.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The same endpoint with other access.
    fn with<B>(&self) -> Endpoint<S, B> {
        Endpoint {
            connection: self.connection.clone(),
            scope: self.scope.clone(),
            sending: self.sending.clone(),
            answers: self.answers.clone(),
            headers: self.headers.clone(),
            access: PhantomData,
        }
    }

    /// The message of a payload, ready to be sent.
    pub(crate) fn outgoing(&self, kind: Kind, payload: &S::Payload) -> Result<Outgoing, Unsendable> {
        self.outgoing_with(kind, HeaderMap::new(), payload)
    }

    /// The message of a payload with headers of its own beside those of the endpoint.
    pub(crate) fn outgoing_with(
        &self,
        kind: Kind,
        mut headers: HeaderMap,
        payload: &S::Payload,
    ) -> Result<Outgoing, Unsendable> {
        if let Some(own) = &self.headers {
            merge(&mut headers, own);
        }
        let headers = (!headers.is_empty()).then_some(headers);
        Outgoing::of::<S>(kind, &self.sending, headers, payload)
    }
}

impl<S: HeadedSubject, A> Endpoint<S, A> {
    /// The same endpoint, whose messages carry these headers: `endpoint.headed(&headers)?.publish(&payload)`.
    ///
    /// Where the contract asks for headers, nothing is sent without them.
    ///
    /// # Errors
    /// See [`HeadersErrorKind`](crate::headed::HeadersErrorKind).
    pub fn headed(mut self, headers: &S::Headers) -> Result<Self, HeadersError> {
        self.headers = Some(Arc::new(headed::write::<S>(headers)?));
        Ok(self)
    }
}

impl<S: ReplyOnSubject, A> Endpoint<S, A> {
    /// The same endpoint, which hears answers within this scope only: those that are meant for the requester.
    #[must_use]
    pub fn hearing(mut self, answers: &<S::ReplySubject as TypedSubject>::Filter) -> Self {
        self.answers = Some(answers.to_string());
        self
    }

    /// Where answers are heard.
    pub(crate) fn heard(&self) -> Option<&str> {
        self.answers.as_deref()
    }

    /// The same endpoint, for who asks.
    pub(crate) fn asking(&self) -> Endpoint<S, access::Ask> {
        self.with()
    }
}

impl<S: TypedSubject, A> Clone for Endpoint<S, A> {
    fn clone(&self) -> Self {
        self.with()
    }
}

impl<S: TypedSubject, A> fmt::Debug for Endpoint<S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("subject", &S::NAME)
            .field("scope", &format_args!("{}", self.scope))
            .field("sending", &format_args!("{}", self.sending))
            .finish_non_exhaustive()
    }
}

impl<S: TypedSubject, A: MayPublish> Endpoint<S, A> {
    /// Publishes a payload, which is validated first, on the subject that scope and payload name.
    ///
    /// `Ok` means that the client has taken the message: core NATS acknowledges nothing, and while the connection
    /// is lost the message waits in the client. Where a stream keeps the subject, [`persist`](Self::persist) awaits
    /// the stream's word.
    ///
    /// # Errors
    /// See [`PublishErrorKind`].
    pub async fn publish(&self, payload: &S::Payload) -> Result<(), PublishError> {
        let message = self.outgoing(Kind::Event, payload)?;
        Ok(message.publish(self.connection.client()).await?)
    }

    /// Publishes a payload with headers.
    ///
    /// # Errors
    /// See [`PublishErrorKind`].
    pub async fn publish_with_headers(&self, payload: &S::Payload, headers: HeaderMap) -> Result<(), PublishError> {
        let message = self.outgoing_with(Kind::Event, headers, payload)?;
        Ok(message.publish(self.connection.client()).await?)
    }
}

impl<S: TypedSubject, A: MaySubscribe> Endpoint<S, A> {
    /// Subscribes to everything within the scope, sharing with the subject's queue group where the contract names one.
    ///
    /// # Errors
    /// See [`SubscribeErrorKind`].
    pub async fn subscribe(&self) -> Result<Subscription<Message<S>>, SubscribeError> {
        Subscription::open(&self.connection, self.scope.to_string(), S::QUEUE_GROUP).await
    }

    /// Subscribes to a part of the scope.
    ///
    /// # Errors
    /// [`SubscribeErrorKind::OutsideScope`] where the filter names a token otherwise than the scope; see
    /// [`SubscribeErrorKind`].
    pub async fn subscribe_to(&self, filter: S::Filter) -> Result<Subscription<Message<S>>, SubscribeError> {
        let filter = filter
            .within(&self.scope)
            .map_err(|error| SubscribeError::with_source(SubscribeErrorKind::OutsideScope, error))?;
        Subscription::open(&self.connection, filter.to_string(), S::QUEUE_GROUP).await
    }
}

impl<S: RequestSubject, A: MayAsk> Endpoint<S, A> {
    /// Sends a request and awaits its answer for as long as the contract allows.
    ///
    /// # Errors
    /// See [`RequestErrorKind`](crate::request::RequestErrorKind).
    pub async fn request(&self, payload: &S::Payload) -> Result<S::Reply, RequestError> {
        self.request_within(payload, S::TIMEOUT).await
    }

    /// Sends a request and awaits its answer for as long as `timeout`.
    ///
    /// # Errors
    /// See [`RequestErrorKind`](crate::request::RequestErrorKind).
    pub async fn request_within(&self, payload: &S::Payload, timeout: Duration) -> Result<S::Reply, RequestError> {
        let message = self.outgoing(Kind::Request, payload)?;
        request(&self.connection, message, timeout).await
    }
}

impl<S: RequestSubject, A: MayAsk> Endpoint<S, A> {
    /// Sends several requests at once, as to each of some named parties, and gathers their answers until all have come or the
    /// time that the contract allows is over.
    ///
    /// The answers stand in the order of the requests. A request that cannot be sent, that nobody hears or that is not answered in time is
    /// among the [`faults`](crate::gather::Partial::faults).
    ///
    /// ```no_run
    /// # use natsmith_runtime::gather::Gathered;
    /// # use natsmith_runtime::subject::RequestSubject;
    /// # use natsmith_runtime::{Endpoint, access};
    /// # async fn ask<S: RequestSubject>(endpoint: Endpoint<S, access::Ask>, proposals: Vec<S::Payload>) {
    /// match endpoint.request_each(&proposals).await {
    ///     Gathered::Complete(answers) => println!("all {} have answered", answers.len()),
    ///     Gathered::Partial(part) => println!("{} have answered: {}", part.replies.len(), part.ended),
    /// }
    /// # }
    /// ```
    pub async fn request_each<'p>(&self, payloads: impl IntoIterator<Item = &'p S::Payload>) -> Gathered<S::Reply> {
        let answers = payloads.into_iter().map(|payload| self.request(payload));
        gathered(futures_util::future::join_all(answers).await)
    }
}

impl<S: GatherSubject, A: MayAsk> Endpoint<S, A> {
    /// Sends a request that several answer, and gathers the answers as the contract says.
    ///
    /// # Errors
    /// See [`RequestErrorKind`](crate::request::RequestErrorKind); [`NoResponders`](crate::request::RequestErrorKind::NoResponders)
    /// where nobody hears the request. An answer that is an error or is not valid is among the
    /// [`faults`](crate::gather::Partial::faults) instead.
    pub async fn gather(&self, payload: &S::Payload) -> Result<Gathered<S::Reply>, RequestError> {
        self.gather_within(payload, S::GATHER).await
    }

    /// As [`gather`](Self::gather), where the requester knows better how many will answer and how long that may take.
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    pub async fn gather_within(&self, payload: &S::Payload, plan: Gather) -> Result<Gathered<S::Reply>, RequestError> {
        let message = self.outgoing(Kind::Request, payload)?;
        gather(&self.connection, message, plan).await
    }
}

impl<S: AnsweredSubject, A: MayAnswer> Endpoint<S, A> {
    /// Answers the requests within the scope with `handler`, in tasks of their own, until [`Serving`] is stopped or
    /// dropped.
    ///
    /// A request that does not decode is answered with code 400, a handler's [`ServiceError`] with its code and
    /// description, a panic of the handler or an answer that its own schema refuses with 500, all in the headers of
    /// NATS services (ADR-32); each also shows in [`Serving::errors`]. No request is left to time out.
    ///
    /// ```no_run
    /// # use natsmith_runtime::subject::AnsweredSubject;
    /// # use natsmith_runtime::{Connection, Endpoint, ServiceError, access};
    /// # async fn run<S: AnsweredSubject>(endpoint: Endpoint<S, access::Answer>) -> Result<(), Box<dyn std::error::Error>> {
    /// let serving = endpoint
    ///     .serve(|request| async move {
    ///         Err(ServiceError::new(501, format!("{} is not done yet", request.subject)))
    ///     })
    ///     .await?;
    /// let mut errors = serving.errors();
    /// while let Some(error) = errors.next().await {
    ///     eprintln!("{error}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`SubscribeErrorKind`].
    pub async fn serve<F, R>(&self, handler: F) -> Result<Serving, SubscribeError>
    where
        F: Fn(Message<S>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<S::Reply, ServiceError>> + Send + 'static,
    {
        let requests = Requests::plain::<S>(&self.connection, self.scope()).await?;
        Ok(serve(&self.connection, requests, handler))
    }
}

/// A named wildcard subscription of a contract over a connection.
pub struct SetEndpoint<M: MessageSet> {
    connection: Connection,
    set: PhantomData<fn() -> M>,
}

impl<M: MessageSet> SetEndpoint<M> {
    /// The set `M` over `connection`.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
            set: PhantomData,
        }
    }

    /// The connection it works over.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Subscribes to the set's filter, sharing with its queue group where the contract names one.
    ///
    /// # Errors
    /// See [`SubscribeErrorKind`].
    pub async fn subscribe(&self) -> Result<Subscription<M>, SubscribeError> {
        Subscription::open(&self.connection, M::FILTER.to_owned(), M::QUEUE_GROUP).await
    }
}

impl<M: MessageSet> Clone for SetEndpoint<M> {
    fn clone(&self) -> Self {
        Self::new(&self.connection)
    }
}

impl<M: MessageSet> fmt::Debug for SetEndpoint<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetEndpoint")
            .field("set", &M::NAME)
            .field("filter", &M::FILTER)
            .finish_non_exhaustive()
    }
}

/// Why a payload was not published.
pub type PublishError = Error<PublishErrorKind>;

/// The kinds of [`PublishError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishErrorKind {
    /// Scope and payload make no subject; the source is a [`SubjectError`].
    Subject,
    /// The payload's schema refuses it; the source is a [`PayloadError`](crate::PayloadError).
    InvalidPayload,
    /// The schema of the headers refuses them; the source is a [`PayloadError`](crate::PayloadError).
    InvalidHeaders,
    /// The message is larger than the server's `max_payload`, which counts payload and headers.
    MaxPayloadExceeded,
    /// The connection is closed.
    Closed,
}

impl fmt::Display for PublishErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subject => "scope and payload make no subject",
            Self::InvalidPayload => "the schema refuses the payload",
            Self::InvalidHeaders => "the schema of the headers refuses them",
            Self::MaxPayloadExceeded => "the message is larger than the server accepts",
            Self::Closed => "the connection is closed",
        })
    }
}

impl From<Unsendable> for PublishError {
    fn from(unsendable: Unsendable) -> Self {
        match unsendable {
            Unsendable::Subject(error) => Self::with_source(PublishErrorKind::Subject, error),
            Unsendable::Payload(error) => Self::with_source(PublishErrorKind::InvalidPayload, error),
            Unsendable::Headers(error) => Self::with_source(PublishErrorKind::InvalidHeaders, error),
        }
    }
}

impl From<async_nats::PublishError> for PublishError {
    fn from(error: async_nats::PublishError) -> Self {
        let kind = match error.kind() {
            async_nats::PublishErrorKind::MaxPayloadExceeded => PublishErrorKind::MaxPayloadExceeded,
            async_nats::PublishErrorKind::InvalidSubject => PublishErrorKind::Subject,
            async_nats::PublishErrorKind::Send => PublishErrorKind::Closed,
        };
        Self::with_source(kind, error)
    }
}
