//! Discoverable services (ADR-32): requests under a name and a version, which any client can find, ask for its numbers, and call.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;

use async_nats::service::{self, ServiceExt};

use crate::connection::Connection;
use crate::message::Message;
use crate::payload::Payload;
use crate::request::ServiceError;
use crate::serve::{Requests, Serving, serve};
use crate::subject::{AnsweredSubject, SubjectFilter, TypedSubject};
use crate::subscription::{SubscribeError, SubscribeErrorKind};

/// What a service says of itself to those who look for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceDescription {
    /// Its name: letters, digits, `-` and `_`.
    pub name: &'static str,
    /// Its version, `major.minor.patch`.
    pub version: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Notes for tools.
    pub metadata: &'static [(&'static str, &'static str)],
}

/// A service that is being put together; the generated clients of roles do that.
///
/// ```no_run
/// use natsmith_runtime::service::{Provider, ServiceDescription};
/// use natsmith_runtime::subject::AnsweredSubject;
/// use natsmith_runtime::{Connection, ServiceError};
///
/// const CLOCK: ServiceDescription = ServiceDescription {
///     name: "clock",
///     version: "1.0.0",
///     description: "Tells the time.",
///     metadata: &[],
/// };
///
/// async fn run<S: AnsweredSubject>(nats: &Connection) -> Result<(), Box<dyn std::error::Error>> {
///     let clock = Provider::start(nats, &CLOCK)
///         .await?
///         .endpoint("time", S::filter(), |_| async { Err(ServiceError::new(501, "not yet")) })
///         .await?
///         .finish();
///     clock.stop().await;
///     Ok(())
/// }
/// ```
#[must_use = "a service without endpoints answers nothing"]
pub struct Provider {
    connection: Connection,
    service: service::Service,
    endpoints: Vec<Serving>,
}

impl Provider {
    /// Makes the service known; it answers `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS` from now on.
    ///
    /// # Errors
    /// See [`SubscribeErrorKind`].
    pub async fn start(connection: &Connection, description: &ServiceDescription) -> Result<Self, SubscribeError> {
        let metadata = description.metadata.iter();
        let metadata = metadata.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let service = connection
            .client()
            .service_builder()
            .description(description.description)
            .metadata(metadata.collect())
            .start(description.name, description.version)
            .await
            .map_err(refused)?;
        Ok(Self {
            connection: connection.clone(),
            service,
            endpoints: Vec::new(),
        })
    }

    /// Answers requests of one subject, as [`Endpoint::serve`](crate::Endpoint::serve) does, and counts them.
    ///
    /// Members of the subject's queue group share the requests; where the contract names none, those of the group `q` do, as
    /// of every service.
    ///
    /// # Errors
    /// See [`SubscribeErrorKind`].
    pub async fn endpoint<T, F, R>(mut self, name: &'static str, scope: T, handler: F) -> Result<Self, SubscribeError>
    where
        T: SubjectFilter,
        T::Subject: AnsweredSubject,
        F: Fn(Message<T::Subject>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<<T::Subject as AnsweredSubject>::Reply, ServiceError>> + Send + 'static,
    {
        let metadata = HashMap::from([
            (
                "request".to_owned(),
                <T::Subject as TypedSubject>::Payload::NAME.to_owned(),
            ),
            (
                "reply".to_owned(),
                <T::Subject as AnsweredSubject>::Reply::NAME.to_owned(),
            ),
        ]);
        let mut endpoint = self.service.endpoint_builder().name(name).metadata(metadata);
        if let Some(group) = T::Subject::QUEUE_GROUP {
            endpoint = endpoint.queue_group(group);
        }
        let requests = endpoint.add(scope.to_string()).await.map_err(refused)?;
        self.endpoints
            .push(serve(&self.connection, Requests::Counted(Box::new(requests)), handler));
        Ok(self)
    }

    /// The running service.
    pub fn finish(self) -> Providing {
        Providing {
            service: self.service,
            endpoints: self.endpoints,
        }
    }
}

fn refused(error: async_nats::Error) -> SubscribeError {
    SubscribeError::with_source(SubscribeErrorKind::Refused, error)
}

/// A running service. Dropping it stops it in the background.
#[must_use = "a dropped service is stopped"]
pub struct Providing {
    service: service::Service,
    endpoints: Vec<Serving>,
}

impl Providing {
    /// The endpoints, in the order in which they were added.
    pub fn endpoints(&self) -> &[Serving] {
        &self.endpoints
    }

    /// The id that tells this instance of the service from the others.
    pub async fn id(&self) -> String {
        self.service.info().await.id
    }

    /// What the service has done so far, by endpoint.
    pub async fn stats(&self) -> HashMap<String, service::endpoint::Stats> {
        self.service.stats().await
    }

    /// Takes no more requests, waits until those taken are answered, and is known no longer.
    pub async fn stop(self) {
        for endpoint in self.endpoints {
            endpoint.stop().await;
        }
        // Fails only where nobody listens any more.
        let _ = self.service.stop().await;
    }
}

impl fmt::Debug for Providing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Providing")
            .field("endpoints", &self.endpoints)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("endpoints", &self.endpoints)
            .finish_non_exhaustive()
    }
}
