//! From a payload to what goes out: a subject and a document, both checked before anything is sent.

use bytes::Bytes;

use crate::payload::{Payload, PayloadError};
use crate::subject::{SubjectError, TypedSubject};

/// Why nothing was sent.
#[derive(Debug)]
pub(crate) enum Unsendable {
    Subject(SubjectError),
    Payload(PayloadError),
}

/// The subject and document of a payload.
pub(crate) fn outgoing<S: TypedSubject>(
    scope: &S::Filter,
    payload: &S::Payload,
) -> Result<(String, Bytes), Unsendable> {
    let subject = S::resolve(scope, payload).map_err(Unsendable::Subject)?;
    let document = payload.to_bytes().map_err(Unsendable::Payload)?;
    Ok((subject.to_string(), document))
}
