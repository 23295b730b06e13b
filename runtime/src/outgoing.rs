//! The one way out: every message of a contract leaves through [`Outgoing`], so that it is checked, traced and counted.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use async_nats::{Client, HeaderMap, PublishError, Subject};
use bytes::{Bytes, BytesMut};

use crate::observe::{self, Departure, Kind};
use crate::payload::{Payload, PayloadError};
use crate::subject::{SubjectError, SubjectErrorKind, SubjectWriter, TypedSubject};

/// Why nothing was sent.
#[derive(Debug)]
pub(crate) enum Unsendable {
    Subject(SubjectError),
    Payload(PayloadError),
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
    /// The message of a payload: its subject and document, both checked.
    pub(crate) fn of<S: TypedSubject>(kind: Kind, scope: &S::Filter, payload: &S::Payload) -> Result<Self, Unsendable> {
        match written::<S>(scope, payload) {
            Ok((subject, document)) => Ok(Self::to(S::TEMPLATE, kind, subject, document)),
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

    /// The same message with these headers.
    pub(crate) fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.headers = (!headers.is_empty()).then_some(headers);
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

/// How many bytes of messages share a piece of memory. `BytesMut` takes as much again by itself when it is full, up to
/// this size.
const SHARED: usize = 64 * 1024;

thread_local! {
    /// Where this thread writes its messages, one behind the other. The client is given parts of it, so that a message
    /// costs neither an allocation nor a copy; it holds them for as long as it takes to send them.
    static BUFFER: Cell<BytesMut> = Cell::new(BytesMut::with_capacity(SHARED));
}

/// Writes the subject and the document of a payload, both checked.
fn written<S: TypedSubject>(scope: &S::Filter, payload: &S::Payload) -> Result<(Subject, Bytes), Unsendable> {
    let mut buffer = BUFFER.take();
    let written = write::<S>(scope, payload, &mut buffer);
    // A message that takes much of it would keep the memory of all.
    if written.as_ref().is_ok_and(|(_, document)| document.len() > SHARED / 4) {
        buffer = BytesMut::with_capacity(SHARED);
    }
    buffer.clear();
    BUFFER.set(buffer);
    written
}

fn write<S: TypedSubject>(
    scope: &S::Filter,
    payload: &S::Payload,
    buffer: &mut BytesMut,
) -> Result<(Subject, Bytes), Unsendable> {
    S::write(scope, payload, &mut SubjectWriter::new(buffer)).map_err(Unsendable::Subject)?;
    let subject = Subject::from_utf8(buffer.split()).map_err(|_| {
        // Never so: a writer takes nothing but text.
        let (template, subject) = (S::TEMPLATE, String::new());
        Unsendable::Subject(SubjectErrorKind::Template { template, subject }.into())
    })?;
    payload.validate().map_err(Unsendable::Payload)?;
    payload.encode(buffer);
    Ok((subject, buffer.split().freeze()))
}

fn count(template: &'static str, kind: Kind, bytes: usize, sent: Result<(), PublishError>) -> Result<(), PublishError> {
    match &sent {
        Ok(()) => observe::sent(template, kind, bytes),
        Err(_) => observe::unsent(template, kind),
    }
    sent
}
