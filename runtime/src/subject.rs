//! Typed subjects: what a generated subject type promises, and the few functions its code stands on.
//!
//! A subject is made of tokens separated by `.`; a filter may hold `*` (exactly one token) and, as its last
//! token, `>` (one or more tokens). See the NATS documentation, "Subject-Based Messaging".

pub(crate) mod answer;
mod error;
mod routes;
mod text;
mod token;
mod writer;

use std::fmt::{Debug, Display};
use std::str::FromStr;
use std::time::Duration;

use async_nats::HeaderMap;
use bytes::BytesMut;

use crate::payload::{Payload, PayloadError};

use answer::{Gather, ReplyPlace};
pub use error::{SubjectError, SubjectErrorKind, TokenError};
pub use routes::Routes;
pub use text::{check_tail, check_token, matches, next_token, parse_template, write_filter};
pub use token::{Token, agree_token, within_token};
pub use writer::SubjectWriter;

/// One subject of a contract, with typed tokens.
///
/// A value is a concrete subject: [`Display`] writes it, [`FromStr`] reads it back.
pub trait TypedSubject:
    Clone + Debug + PartialEq + Display + FromStr<Err = SubjectError> + Send + Sync + 'static
{
    /// What travels on the subject; for a request subject, the request.
    type Payload: Payload;
    /// The filters over this subject: each token a value or anything.
    type Filter: SubjectFilter<Subject = Self>;
    /// The name in the contract, such as `agents.status`.
    const NAME: &'static str;
    /// The template, such as `agents.{agent_id}.status.{status_type}`.
    const TEMPLATE: &'static str;
    /// The filter that hears every subject of the template, such as `agents.*.status.*`.
    const WILDCARD: &'static str;
    /// The queue group that subscribers share, where the contract names one.
    const QUEUE_GROUP: Option<&'static str> = None;

    /// Writes the concrete subject for a payload: each token from the scope, else from the payload's bound field.
    ///
    /// # Errors
    /// Where a token is known from neither, where both know it and disagree, or where the payload's text cannot be
    /// a token. What was written by then is no subject.
    fn write(scope: &Self::Filter, payload: &Self::Payload, out: &mut SubjectWriter<'_>) -> Result<(), SubjectError>;

    /// The concrete subject for a payload, as [`write`](Self::write) finds it.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    fn resolve(scope: &Self::Filter, payload: &Self::Payload) -> Result<Self, SubjectError> {
        let mut text = BytesMut::new();
        Self::write(scope, payload, &mut SubjectWriter::new(&mut text))?;
        String::from_utf8_lossy(&text).parse()
    }

    /// Reads the payload of a message that came on this subject.
    ///
    /// # Errors
    /// What the payload's schema refuses.
    fn read(&self, headers: Option<&HeaderMap>, document: &[u8]) -> Result<Self::Payload, PayloadError> {
        let _ = headers;
        Self::Payload::decode(document)
    }

    /// The header that says which of several messages this is, where the contract has one for it.
    fn kind_header(payload: &Self::Payload) -> Option<(&'static str, &str)> {
        let _ = payload;
        None
    }

    /// Checks on receipt that the payload's bound fields say what the subject says.
    ///
    /// # Errors
    /// Names the token and the field that disagree.
    fn agree(&self, payload: &Self::Payload) -> Result<(), SubjectError> {
        let _ = payload;
        Ok(())
    }

    /// Checks the headers that the contract declares for the subject, if it does.
    ///
    /// # Errors
    /// What their schema refuses.
    fn check_headers(headers: Option<&HeaderMap>) -> Result<(), PayloadError> {
        let _ = headers;
        Ok(())
    }

    /// The value of the header `Nats-Msg-Id`, where the contract names a field for it.
    fn message_id(payload: &Self::Payload) -> Option<String> {
        let _ = payload;
        None
    }

    /// The filter that hears every subject of the template; its setters narrow it.
    #[must_use]
    fn filter() -> Self::Filter {
        Self::Filter::default()
    }
}

/// A subject whose payload may also be read as `P`, its borrowed form.
pub trait BorrowedSubject<P>: TypedSubject {
    /// Checks on receipt, as [`agree`](TypedSubject::agree) does.
    ///
    /// # Errors
    /// Names the token and the field that disagree.
    fn agree_borrowed(&self, payload: &P) -> Result<(), SubjectError> {
        let _ = payload;
        Ok(())
    }
}

/// A subject on which somebody asks and others answer.
pub trait AnsweredSubject: TypedSubject {
    /// What an answer carries.
    type Reply: Payload;

    /// The subject of the contract that a request is answered on; `None` where it is answered in the requester's inbox.
    ///
    /// # Errors
    /// Where a field of the request cannot be a token of that subject.
    fn reply_place(&self, request: &Self::Payload) -> Result<Option<ReplyPlace<Self::Reply>>, SubjectError> {
        let _ = request;
        Ok(None)
    }
}

/// A subject on which a request has one answer.
pub trait RequestSubject: AnsweredSubject {
    /// How long a requester waits, unless it says otherwise.
    const TIMEOUT: Duration;
}

/// A subject whose requests tell by a key whether they are the same one.
pub trait IdempotentSubject: AnsweredSubject {
    /// The key of a request.
    fn idempotency_key(payload: &Self::Payload) -> String;
}

/// A subject on which a request has several answers.
pub trait GatherSubject: AnsweredSubject {
    /// How many are expected, and how long they are waited for, unless a requester says otherwise.
    const GATHER: Gather;
}

/// A subject that a declared stream keeps.
pub trait PersistedSubject: TypedSubject {
    /// The stream's name on the server.
    const STREAM: &'static str;
}

/// A persisted subject whose messages carry an id: whoever persists one twice stores it once.
pub trait IdentifiedSubject: PersistedSubject {
    /// How long its stream remembers ids.
    const DUPLICATE_WINDOW: Duration;
}

/// Several subjects of a contract that one message type holds, told apart by their text.
pub trait SubjectSet {
    /// Their templates, in the order of the type's variants.
    const TEMPLATES: &'static [&'static str];

    /// Which of the [`TEMPLATES`](Self::TEMPLATES) a subject belongs to; the first one where it could be several.
    ///
    /// The tokens are not checked: a subject with a token that its type does not accept is found, and refused when it is
    /// read.
    fn find(subject: &str) -> Option<usize>;
}

/// A filter over one typed subject. [`Display`] writes it as NATS reads it, `*` for every open token.
pub trait SubjectFilter: Clone + Debug + Default + Display + Send + Sync + 'static {
    /// The subject that the filter selects from.
    type Subject: TypedSubject<Filter = Self>;

    /// The filter that names the tokens of both.
    ///
    /// # Errors
    /// Where the two name different values for one token: such a filter would leave the scope.
    fn within(&self, scope: &Self) -> Result<Self, SubjectError>;
}
