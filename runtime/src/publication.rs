//! One payload on several subjects at once.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use async_nats::HeaderMap;
use bytes::Bytes;

use crate::connection::Connection;
use crate::endpoint::PublishError;
use crate::observe::{self, Kind};
use crate::outgoing::{Outgoing, Unsendable};
use crate::payload::Payload;
use crate::subject::{SubjectFilter, TypedSubject};

/// A publication of a contract over a connection: what it publishes goes to each of its subjects.
///
/// Generated role clients make them; this is what they do:
///
/// ```no_run
/// use natsmith_runtime::publication::PublicationEndpoint;
/// use natsmith_runtime::{Connection, TypedSubject};
///
/// async fn hand_over<Direct: TypedSubject, Tracking: TypedSubject>(
///     nats: &Connection,
///     task: &Tracking::Payload,
/// ) -> Result<(), Box<dyn std::error::Error>> {
///     let publication = PublicationEndpoint::new(nats)
///         .to(Direct::filter())
///         .to(Tracking::filter());
///     publication.publish(task).await?;
///     Ok(())
/// }
/// ```
pub struct PublicationEndpoint<P> {
    connection: Connection,
    targets: Vec<Target<P>>,
}

/// One of the subjects.
struct Target<P> {
    template: &'static str,
    filter: String,
    subject: Arc<Resolve<P>>,
}

/// Finds the subject of a payload, of which the document is made already.
type Resolve<P> = dyn Fn(&P, &Bytes) -> Result<String, Unsendable> + Send + Sync;

impl<P: Payload> PublicationEndpoint<P> {
    /// A publication without subjects.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
            targets: Vec::new(),
        }
    }

    /// The same publication, which goes to one more subject. `scope` names the tokens that the payload does not say.
    ///
    /// A subject that carries another payload gets the same document, which it has to accept.
    #[must_use]
    pub fn to<F: SubjectFilter>(mut self, scope: F) -> Self {
        self.targets.push(Target {
            template: F::Subject::TEMPLATE,
            filter: scope.to_string(),
            subject: Arc::new(move |payload: &P, document| {
                let subject = if let Some(same) = (payload as &dyn Any).downcast_ref() {
                    F::Subject::resolve(&scope, same)
                } else {
                    let other = <F::Subject as TypedSubject>::Payload::decode(document);
                    F::Subject::resolve(&scope, &other.map_err(Unsendable::Payload)?)
                };
                Ok(subject.map_err(Unsendable::Subject)?.to_string())
            }),
        });
        self
    }

    /// The connection it works over.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Publishes a payload on every subject.
    ///
    /// Payload and subjects are all checked before the first message is sent: where one of them cannot be, none is. `Ok`
    /// means that the client has taken all of them; who hears one need not hear the others.
    ///
    /// # Errors
    /// See [`PublishErrorKind`](crate::endpoint::PublishErrorKind).
    pub async fn publish(&self, payload: &P) -> Result<(), PublishError> {
        self.publish_with_headers(payload, HeaderMap::new()).await
    }

    /// As [`publish`](Self::publish), with headers.
    ///
    /// # Errors
    /// See [`PublishErrorKind`](crate::endpoint::PublishErrorKind).
    pub async fn publish_with_headers(&self, payload: &P, headers: HeaderMap) -> Result<(), PublishError> {
        let messages = self.messages(payload, &headers).inspect_err(|_| {
            for target in &self.targets {
                observe::unsent(target.template, Kind::Event);
            }
        })?;
        for message in messages {
            message.publish(self.connection.client()).await?;
        }
        Ok(())
    }

    fn messages(&self, payload: &P, headers: &HeaderMap) -> Result<Vec<Outgoing>, Unsendable> {
        let document = payload.to_bytes().map_err(Unsendable::Payload)?;
        let message = |target: &Target<P>| {
            let subject = (target.subject)(payload, &document)?;
            let message = Outgoing::to(target.template, Kind::Event, subject, document.clone());
            Ok(message.with_headers(headers.clone()))
        };
        self.targets.iter().map(message).collect()
    }
}

impl<P> Clone for PublicationEndpoint<P> {
    fn clone(&self) -> Self {
        Self {
            connection: self.connection.clone(),
            targets: self.targets.clone(),
        }
    }
}

impl<P> Clone for Target<P> {
    fn clone(&self) -> Self {
        Self {
            template: self.template,
            filter: self.filter.clone(),
            subject: self.subject.clone(),
        }
    }
}

impl<P> fmt::Debug for PublicationEndpoint<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let filters = self.targets.iter().map(|target| &target.filter);
        f.debug_struct("PublicationEndpoint")
            .field("to", &filters.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
