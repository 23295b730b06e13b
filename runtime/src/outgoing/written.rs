//! Where messages are written: into memory that the client takes them from.

use std::cell::Cell;

use async_nats::{HeaderMap, Subject};
use bytes::{Bytes, BytesMut};

use super::Unsendable;
use crate::payload::Payload;
use crate::subject::{SubjectErrorKind, SubjectWriter, TypedSubject};

/// How many bytes of messages share a piece of memory. `BytesMut` takes as much again by itself when it is full, up to
/// this size.
const SHARED: usize = 64 * 1024;

thread_local! {
    /// Where this thread writes its messages, one behind the other. The client is given parts of it, so that a message
    /// costs neither an allocation nor a copy; it holds them for as long as it takes to send them.
    static BUFFER: Cell<BytesMut> = Cell::new(BytesMut::with_capacity(SHARED));
}

/// Writes the subject and the document of a payload; both are checked, and the headers too.
pub(super) fn written<S: TypedSubject>(
    scope: &S::Filter,
    headers: Option<&HeaderMap>,
    payload: &S::Payload,
) -> Result<(Subject, Bytes), Unsendable> {
    let mut buffer = BUFFER.take();
    let written = write::<S>(scope, headers, payload, &mut buffer);
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
    headers: Option<&HeaderMap>,
    payload: &S::Payload,
    buffer: &mut BytesMut,
) -> Result<(Subject, Bytes), Unsendable> {
    S::write(scope, payload, &mut SubjectWriter::new(buffer)).map_err(Unsendable::Subject)?;
    let subject = Subject::from_utf8(buffer.split()).map_err(|_| {
        // Never so: a writer takes nothing but text.
        let (template, subject) = (S::TEMPLATE, String::new());
        Unsendable::Subject(SubjectErrorKind::Template { template, subject }.into())
    })?;
    S::check_headers(headers).map_err(Unsendable::Headers)?;
    payload.validate().map_err(Unsendable::Payload)?;
    payload.encode(buffer);
    Ok((subject, buffer.split().freeze()))
}
