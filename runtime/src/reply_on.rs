//! Requests that are answered on a declared subject instead of an inbox: others may hear the answer too, and it may come when
//! nobody waits for it any more.
//!
//! An answer says which request it belongs to: by a field of its payload or a token of its subject where the contract says so, else by
//! the header `Natsmith-Correlation-Id`, which repeats that of the request. What is no answer goes to an inbox all the same,
//! for it concerns the requester alone: that nobody hears the request, and the errors of services.

mod asker;

use std::time::Duration;

pub use asker::Asker;

use crate::endpoint::Endpoint;
use crate::endpoint::access::MayAsk;
use crate::error::BoxError;
pub use crate::subject::answer::ReplyPlace;
use crate::subject::{AnsweredSubject, SubjectError, TypedSubject};
use crate::subscription::SubscribeError;

/// A subject whose requests are answered on another subject of the contract.
pub trait ReplyOnSubject: AnsweredSubject<Reply = <Self::ReplySubject as TypedSubject>::Payload> {
    /// Where the answers go.
    type ReplySubject: TypedSubject;
    /// How long a requester waits, unless it says otherwise.
    const TIMEOUT: Duration;

    /// What of the answer's subject the request says.
    ///
    /// # Errors
    /// Where a field of the request cannot be a token.
    fn reply_scope(
        &self,
        request: &Self::Payload,
    ) -> Result<<Self::ReplySubject as TypedSubject>::Filter, SubjectError>;

    /// The id of a request, where the contract names a field for it.
    #[must_use]
    fn request_id(request: &Self::Payload) -> Option<String> {
        let _ = request;
        None
    }

    /// The id of the request that an answer belongs to, where the contract says which token or field holds it.
    #[must_use]
    fn answered_id(subject: &Self::ReplySubject, reply: &Self::Reply) -> Option<String> {
        let _ = (subject, reply);
        None
    }

    /// Where a request is answered, for [`AnsweredSubject::reply_place`].
    ///
    /// # Errors
    /// Where a field of the request cannot be a token.
    fn declared_place(&self, request: &Self::Payload) -> Result<Option<ReplyPlace<Self::Reply>>, SubjectError> {
        let scope = self.reply_scope(request)?;
        let asked = Self::request_id(request);
        let find = move |reply: &Self::Reply| -> Result<String, BoxError> {
            let subject = Self::ReplySubject::resolve(&scope, reply)?;
            let answered = Self::answered_id(&subject, reply);
            match (&asked, answered) {
                (Some(asked), Some(answered)) if *asked != answered => {
                    Err(format!("the answer is for the request {answered:?}, and this one is {asked:?}").into())
                }
                _ => Ok(subject.to_string()),
            }
        };
        Ok(Some(ReplyPlace::new(Self::ReplySubject::TEMPLATE, Box::new(find))))
    }
}

impl<S: ReplyOnSubject, A: MayAsk> Endpoint<S, A> {
    /// Subscribes to the answers, for requests from now on.
    ///
    /// ```no_run
    /// # use natsmith_runtime::{Endpoint, ReplyOnSubject, access};
    /// # async fn run<S: ReplyOnSubject>(endpoint: Endpoint<S, access::Ask>, question: S::Payload)
    /// # -> Result<(), Box<dyn std::error::Error>> where S::Reply: std::fmt::Debug {
    /// let asker = endpoint.asker().await?; // one for all requests
    /// println!("{:?}", asker.request(&question).await?);
    /// println!("{} answers came too late", asker.late());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`SubscribeErrorKind`](crate::subscription::SubscribeErrorKind).
    pub async fn asker(&self) -> Result<Asker<S>, SubscribeError> {
        asker::open(self).await
    }
}
