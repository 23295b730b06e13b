//! The side that asks: one subscription for the answers to many requests.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::{HeaderValue, StatusCode};
use futures_util::StreamExt;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::ReplyOnSubject;
use crate::connection::{Connection, Meter};
use crate::endpoint::{Endpoint, access};
use crate::headers::CORRELATION_ID;
use crate::message::{FromMessage, Message};
use crate::observe::{Kind, Timer};
use crate::outgoing::Outgoing;
use crate::request::{RequestError, RequestErrorKind, ServiceError, outcome};
use crate::subject::TypedSubject;
use crate::subscription::SubscribeError;

/// How many requests that were given up are remembered, so that their answers are known as late ones.
const REMEMBERED: usize = 1024;

/// Sends requests and finds their answers among all that come on the declared subject. Any number of requests may be under way.
#[must_use = "a dropped asker hears no answers"]
pub struct Asker<S: ReplyOnSubject> {
    endpoint: Endpoint<S, access::Ask>,
    /// What is no answer comes here, followed by the number of the request.
    inbox: String,
    waiting: Arc<Waiting<S::Reply>>,
    meter: Arc<Meter>,
    /// Ends with this.
    _hearing: JoinSet<()>,
}

impl<S: ReplyOnSubject> Asker<S> {
    /// Sends a request and awaits its answer for as long as the contract allows.
    ///
    /// # Errors
    /// See [`RequestErrorKind`]; [`AlreadyAsked`](RequestErrorKind::AlreadyAsked) where a request with the same id is still unanswered.
    pub async fn request(&self, payload: &S::Payload) -> Result<S::Reply, RequestError> {
        self.request_within(payload, S::TIMEOUT).await
    }

    /// Sends a request and awaits its answer for as long as `timeout`.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub async fn request_within(&self, payload: &S::Payload, timeout: Duration) -> Result<S::Reply, RequestError> {
        let timer = Timer::start();
        let message = self.endpoint.outgoing(Kind::Request, payload)?;
        let answer = self.ask(message, S::request_id(payload), timeout).await;
        timer.asked(S::TEMPLATE, outcome(&answer));
        answer
    }

    async fn ask(
        &self,
        mut message: Outgoing,
        id: Option<String>,
        timeout: Duration,
    ) -> Result<S::Reply, RequestError> {
        let (place, answer) = self.waiting.begin(&self.inbox, id)?;
        // An id that no header can hold is found in the answer itself.
        if let Ok(id) = place.id.parse::<HeaderValue>() {
            message.headers().insert(CORRELATION_ID, id);
        }
        let inbox = format!("{}.{}", self.inbox, place.number);
        let connection = self.endpoint.connection();
        message.publish_with_reply(connection.client(), inbox).await?;
        match tokio::time::timeout(timeout, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(RequestErrorKind::Closed.into()),
            Err(_) => Err(RequestError::timed_out(connection, timeout)),
        }
    }

    /// How many answers came after their requests were given up.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.waiting.late.load(Ordering::Relaxed)
    }

    /// How many answers came that belong to no request of this asker, such as those to other parties that ask under the same
    /// name.
    #[must_use]
    pub fn unknown(&self) -> u64 {
        self.waiting.unknown.load(Ordering::Relaxed)
    }

    /// How many answers the client dropped because too many came at a time.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.meter.missed()
    }

    /// The connection it works over.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        self.endpoint.connection()
    }
}

impl<S: ReplyOnSubject> fmt::Debug for Asker<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asker")
            .field("subject", &S::NAME)
            .field("late", &self.late())
            .field("unknown", &self.unknown())
            .finish_non_exhaustive()
    }
}

/// Subscribes to the answers.
pub(super) async fn open<S: ReplyOnSubject, A>(endpoint: &Endpoint<S, A>) -> Result<Asker<S>, SubscribeError> {
    let connection = endpoint.connection();
    let template = S::ReplySubject::TEMPLATE;
    let filter = endpoint.heard().unwrap_or(S::ReplySubject::WILDCARD).to_owned();
    let (mut answers, meter) = connection.subscribe_raw(template, filter, None).await?;
    let inbox = connection.client().new_inbox();
    let (mut asides, aside_meter) = connection
        .subscribe_raw(S::TEMPLATE, format!("{inbox}.*"), None)
        .await?;
    let waiting = Arc::new(Waiting::default());
    let mut hearing = JoinSet::new();
    hearing.spawn({
        let waiting = waiting.clone();
        async move {
            loop {
                tokio::select! {
                    answer = answers.next() => match answer {
                        Some(raw) => {
                            let (said, answer) = read::<S>(&raw);
                            waiting.answered(&raw, said, answer);
                        }
                        None => break,
                    },
                    aside = asides.next() => match aside {
                        Some(aside) => waiting.told(&aside),
                        None => break,
                    },
                }
            }
            waiting.close();
            // It lives as long as the subscription that it counts for.
            drop(aside_meter);
        }
    });
    Ok(Asker {
        endpoint: endpoint.asking(),
        inbox,
        waiting,
        meter,
        _hearing: hearing,
    })
}

type Answer<R> = Result<R, RequestError>;

/// Reads an answer, and which request it is for where it says so itself.
fn read<S: ReplyOnSubject>(raw: &async_nats::Message) -> (Option<String>, Answer<S::Reply>) {
    if let Some(error) = ServiceError::of(raw) {
        let kind = RequestErrorKind::Service { code: error.code };
        return (None, Err(RequestError::with_source(kind, error)));
    }
    match Message::<S::ReplySubject>::from_message(raw) {
        Ok(message) => (S::answered_id(&message.subject, &message.payload), Ok(message.payload)),
        Err(invalid) => {
            let kind = RequestErrorKind::InvalidReply;
            (None, Err(RequestError::with_source(kind, invalid)))
        }
    }
}

/// The requests that wait for their answers.
struct Waiting<R> {
    requests: Mutex<Requests<R>>,
    numbers: AtomicU64,
    late: AtomicU64,
    unknown: AtomicU64,
}

struct Requests<R> {
    by_number: HashMap<u64, (String, oneshot::Sender<Answer<R>>)>,
    by_id: HashMap<String, u64>,
    /// Oldest first.
    given_up: VecDeque<String>,
    closed: bool,
}

impl<R> Default for Waiting<R> {
    fn default() -> Self {
        Self {
            requests: Mutex::new(Requests {
                by_number: HashMap::new(),
                by_id: HashMap::new(),
                given_up: VecDeque::new(),
                closed: false,
            }),
            numbers: AtomicU64::new(1),
            late: AtomicU64::new(0),
            unknown: AtomicU64::new(0),
        }
    }
}

/// A request that waits; dropping it gives the request up, if it is unanswered.
struct Place<'w, R> {
    waiting: &'w Waiting<R>,
    number: u64,
    id: String,
}

impl<R> Drop for Place<'_, R> {
    fn drop(&mut self) {
        let mut requests = self.waiting.lock();
        if let Some((id, _)) = requests.take(self.number) {
            requests.given_up.push_back(id);
            if requests.given_up.len() > REMEMBERED {
                requests.given_up.pop_front();
            }
        }
    }
}

impl<R> Requests<R> {
    fn take(&mut self, number: u64) -> Option<(String, oneshot::Sender<Answer<R>>)> {
        let (id, sender) = self.by_number.remove(&number)?;
        self.by_id.remove(&id);
        Some((id, sender))
    }
}

impl<R> Waiting<R> {
    fn lock(&self) -> MutexGuard<'_, Requests<R>> {
        // A panic leaves the maps as they are between two statements, of which at most one request suffers.
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a request. Without an id of its own it gets one that no other has.
    fn begin(
        &self,
        inbox: &str,
        id: Option<String>,
    ) -> Result<(Place<'_, R>, oneshot::Receiver<Answer<R>>), RequestError> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let id = id.unwrap_or_else(|| {
            let unique = inbox.rsplit('.').next().unwrap_or(inbox);
            format!("{unique}-{number}")
        });
        let mut requests = self.lock();
        if requests.closed {
            return Err(RequestErrorKind::Closed.into());
        }
        if requests.by_id.contains_key(&id) {
            return Err(RequestError::with_source(
                RequestErrorKind::AlreadyAsked,
                format!("the id is {id:?}"),
            ));
        }
        requests.given_up.retain(|given_up| *given_up != id);
        let (sender, receiver) = oneshot::channel();
        requests.by_id.insert(id.clone(), number);
        requests.by_number.insert(number, (id.clone(), sender));
        let place = Place {
            waiting: self,
            number,
            id,
        };
        Ok((place, receiver))
    }

    /// Nobody will be answered any more.
    fn close(&self) {
        let mut requests = self.lock();
        requests.closed = true;
        requests.by_id.clear();
        requests.by_number.clear();
    }

    /// An answer has come on the declared subject.
    fn answered(&self, raw: &async_nats::Message, said: Option<String>, answer: Answer<R>) {
        let header = || {
            let id = raw.headers.as_ref()?.get(CORRELATION_ID)?;
            Some(id.as_str().to_owned())
        };
        let id = said.or_else(header);
        let mut requests = self.lock();
        let number = id.as_ref().and_then(|id| requests.by_id.get(id).copied());
        if let Some((_, sender)) = number.and_then(|number| requests.take(number)) {
            // Fails only where the request is given up at this moment.
            let _ = sender.send(answer);
            return;
        }
        let late = id.as_ref().is_some_and(|id| requests.given_up.contains(id));
        let counter = if late { &self.late } else { &self.unknown };
        counter.fetch_add(1, Ordering::Relaxed);
        let which = if late { "late" } else { "unknown" };
        tracing::debug!("{which} answer on `{}`, id {id:?}", raw.subject);
    }

    /// Something that is no answer has come to the inbox.
    fn told(&self, raw: &async_nats::Message) {
        let error = if raw.status == Some(StatusCode::NO_RESPONDERS) {
            RequestError::new(RequestErrorKind::NoResponders)
        } else if let Some(error) = ServiceError::of(raw) {
            RequestError::with_source(RequestErrorKind::Service { code: error.code }, error)
        } else {
            // A stream that keeps the request has acknowledged it.
            return;
        };
        let number = raw.subject.rsplit('.').next().and_then(|number| number.parse().ok());
        if let Some((_, sender)) = number.and_then(|number| self.lock().take(number)) {
            // Fails only where the request is given up at this moment.
            let _ = sender.send(Err(error));
        }
    }
}
