//! The one way out: every message of a contract leaves through [`Outgoing`], so that it is checked, traced and counted.

mod written;

use std::future::Future;
use std::time::Duration;

use async_nats::{Client, HeaderMap, PublishError, Subject};
use bytes::Bytes;

use crate::observe::{self, Departure, Kind};
use crate::payload::PayloadError;
use crate::subject::{SubjectError, TypedSubject};
use written::written;

/// Why nothing was sent.
#[derive(Debug)]
pub(crate) enum Unsendable {
    Subject(SubjectError),
    Payload(PayloadError),
    Headers(PayloadError),
}

/// A message that is ready to be sent.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// What it is counted under.
    template: &'static str,
    kind: Kind,
    subject: Subject,
    headers: Option<HeaderMap>,
    document: Bytes,
}

impl Outgoing {
    /// The message of a payload: its subject, headers and document, all checked.
    pub(crate) fn of<S: TypedSubject>(
        kind: Kind,
        scope: &S::Filter,
        headers: Option<HeaderMap>,
        payload: &S::Payload,
    ) -> Result<Self, Unsendable> {
        match written::<S>(scope, headers.as_ref(), payload) {
            Ok((subject, document)) => {
                let message = Self::to(S::TEMPLATE, kind, subject, document);
                let mut message = Self { headers, ..message };
                if let Some((name, value)) = S::kind_header(payload) {
                    message.headers().insert(name, value);
                }
                Ok(message)
            }
            Err(unsendable) => {
                observe::unsent(S::TEMPLATE, kind);
                Err(unsendable)
            }
        }
    }

    /// A message to a subject that is known already, such as that of an answer. `template` is the one of the subject that
    /// the message belongs to: the request's, for an answer.
    pub(crate) fn to(template: &'static str, kind: Kind, subject: impl Into<Subject>, document: Bytes) -> Self {
        Self {
            template,
            kind,
            subject: subject.into(),
            headers: None,
            document,
        }
    }

    /// The headers, to be added to.
    pub(crate) fn headers(&mut self) -> &mut HeaderMap {
        self.headers.get_or_insert_default()
    }

    /// The same message with these headers too.
    pub(crate) fn with_headers(mut self, headers: HeaderMap) -> Self {
        match &mut self.headers {
            None => self.headers = (!headers.is_empty()).then_some(headers),
            Some(own) => merge(own, &headers),
        }
        self
    }

    /// What the message is counted under.
    pub(crate) fn template(&self) -> &'static str {
        self.template
    }

    /// Sends it.
    pub(crate) async fn publish(mut self, client: &Client) -> Result<(), PublishError> {
        let departure = self.depart();
        let bytes = self.document.len();
        let sent = match self.headers {
            None => client.publish(self.subject, self.document).await,
            Some(headers) => client.publish_with_headers(self.subject, headers, self.document).await,
        };
        drop(departure);
        count(self.template, self.kind, bytes, sent)
    }

    /// Has it sent by what knows the subject and the document itself and asks for the headers only.
    pub(crate) async fn leave_by<F: Future<Output = Result<(), PublishError>>>(
        mut self,
        way: impl FnOnce(Option<HeaderMap>) -> F,
    ) -> Result<(), PublishError> {
        let _departure = self.depart();
        let sent = way(self.headers).await;
        count(self.template, self.kind, self.document.len(), sent)
    }

    /// Sends it, and says where answers are awaited.
    pub(crate) async fn publish_with_reply(
        mut self,
        client: &Client,
        reply: impl Into<Subject>,
    ) -> Result<(), PublishError> {
        let departure = self.depart();
        let (bytes, reply) = (self.document.len(), reply.into());
        let sent = match self.headers {
            None => client.publish_with_reply(self.subject, reply, self.document).await,
            Some(headers) => {
                client
                    .publish_with_reply_and_headers(self.subject, reply, headers, self.document)
                    .await
            }
        };
        drop(departure);
        count(self.template, self.kind, bytes, sent)
    }

    /// Sends it and awaits one answer, for as long as `timeout` or else the client's request timeout.
    pub(crate) async fn request(
        mut self,
        client: &Client,
        timeout: Option<Duration>,
    ) -> Result<async_nats::Message, async_nats::RequestError> {
        use async_nats::RequestErrorKind as Failure;
        let _departure = self.depart();
        let bytes = self.document.len();
        let mut request = async_nats::Request::new().payload(self.document);
        if let Some(headers) = self.headers {
            request = request.headers(headers);
        }
        if timeout.is_some() {
            request = request.timeout(timeout);
        }
        let answer = client.send_request(self.subject, request).await;
        match answer.as_ref().map_err(async_nats::RequestError::kind) {
            // It has left, whatever became of it.
            Ok(_) | Err(Failure::TimedOut | Failure::NoResponders) => observe::sent(self.template, self.kind, bytes),
            Err(Failure::InvalidSubject | Failure::MaxPayloadExceeded | Failure::Other) => {
                observe::unsent(self.template, self.kind);
            }
        }
        answer
    }

    fn depart(&mut self) -> Departure {
        Departure::of(self.template, &self.subject, self.kind, &mut self.headers)
    }
}

/// Adds headers to others, and replaces those of the same name.
pub(crate) fn merge(headers: &mut HeaderMap, more: &HeaderMap) {
    for (name, values) in more.iter() {
        let mut values = values.iter().cloned();
        if let Some(first) = values.next() {
            headers.insert(name.clone(), first);
        }
        values.for_each(|value| headers.append(name.clone(), value));
    }
}

fn count(template: &'static str, kind: Kind, bytes: usize, sent: Result<(), PublishError>) -> Result<(), PublishError> {
    match &sent {
        Ok(()) => observe::sent(template, kind, bytes),
        Err(_) => observe::unsent(template, kind),
    }
    sent
}
