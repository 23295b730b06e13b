//! Requests that may come twice and are done once.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::message::Message;
use crate::request::ServiceError;
use crate::subject::IdempotentSubject;

/// The answers that a service has given, by what tells requests apart.
///
/// A request with the same key is answered with the same answer, without running the handler again; one that comes while the
/// first is still being handled waits for that. An error is not kept: the next request runs the handler again. The
/// oldest answers are forgotten first. The memory is the process's own: members of a queue group do not share it.
///
/// ```no_run
/// use natsmith_runtime::idempotent::Answers;
/// use natsmith_runtime::subject::IdempotentSubject;
/// use natsmith_runtime::{Endpoint, ServiceError, access};
///
/// # async fn run<S: IdempotentSubject>(endpoint: Endpoint<S, access::Answer>) -> Result<(), Box<dyn std::error::Error>>
/// # where S::Reply: Clone {
/// let answers = Answers::keeping(10_000);
/// let serving = endpoint
///     .serve(answers.once(|request| async move { Err(ServiceError::new(501, "not yet")) }))
///     .await?;
/// # serving.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct Answers<S: IdempotentSubject> {
    memory: Arc<Mutex<Memory<S::Reply>>>,
}

struct Memory<R> {
    most: usize,
    answers: HashMap<String, Arc<OnceCell<R>>>,
    /// Oldest first.
    order: VecDeque<String>,
}

impl<R> Memory<R> {
    /// The place of a key's answer; the oldest place is given up where there are too many.
    fn place(&mut self, key: String) -> Arc<OnceCell<R>> {
        if let Some(place) = self.answers.get(&key) {
            return place.clone();
        }
        let place = Arc::<OnceCell<R>>::default();
        self.answers.insert(key.clone(), place.clone());
        self.order.push_back(key);
        if self.order.len() > self.most
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
        place
    }
}

/// What a handler gives.
type Answering<R> = Pin<Box<dyn Future<Output = Result<R, ServiceError>> + Send>>;

impl<S: IdempotentSubject> Answers<S>
where
    S::Reply: Clone,
{
    /// An empty memory for this many answers.
    #[must_use]
    pub fn keeping(most: usize) -> Self {
        Self {
            memory: Arc::new(Mutex::new(Memory {
                most,
                answers: HashMap::new(),
                order: VecDeque::new(),
            })),
        }
    }

    /// A handler that runs `handler` once for each key, for [`Endpoint::serve`](crate::Endpoint::serve) or a service.
    pub fn once<F, R>(&self, handler: F) -> impl Fn(Message<S>) -> Answering<S::Reply> + Send + Sync + 'static
    where
        F: Fn(Message<S>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<S::Reply, ServiceError>> + Send + 'static,
    {
        let (memory, handler) = (self.clone(), Arc::new(handler));
        move |message| {
            let place = memory.lock().place(S::idempotency_key(&message.payload));
            let handler = handler.clone();
            Box::pin(async move { place.get_or_try_init(|| handler(message)).await.cloned() })
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Memory<S::Reply>> {
        // A panic leaves the maps as they are between two statements, which is good enough for a memory.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: IdempotentSubject> Clone for Answers<S> {
    fn clone(&self) -> Self {
        Self {
            memory: self.memory.clone(),
        }
    }
}

impl<S: IdempotentSubject> fmt::Debug for Answers<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers")
            .field("subject", &S::NAME)
            .finish_non_exhaustive()
    }
}
