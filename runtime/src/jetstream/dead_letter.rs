//! Dead letters: what becomes of a message that nobody can work on, with everything that is known about it.

use std::fmt::Write as _;

use async_nats::header::{HeaderMap, HeaderName, NATS_MESSAGE_ID};
use async_nats::jetstream::publish::PublishAck;
use bytes::Bytes;

use super::info::DeliveryInfo;
use super::persist::{PersistError, PersistErrorKind, persist};
use super::settle::one_line;
use crate::connection::Connection;
use crate::headers::{
    DEAD_CONSUMER, DEAD_DELIVERED, DEAD_PAYLOAD, DEAD_REASON, DEAD_SEQUENCE, DEAD_STREAM, DEAD_SUBJECT, KEPT,
    MESSAGE_ID, REPLAY_FOR,
};
use crate::observe::{self, Kind};
use crate::outgoing::Outgoing;

/// The longest reason that a letter carries, in characters.
const LONGEST_REASON: usize = 1024;

/// A message that is given up.
#[derive(Clone, Copy)]
pub(super) struct Letter<'a> {
    /// What the message is counted under.
    pub template: &'static str,
    pub subject: &'a str,
    pub headers: Option<&'a HeaderMap>,
    pub payload: &'a Bytes,
    pub info: &'a DeliveryInfo,
    pub reason: &'a str,
}

/// The subject of a consumer's dead letters.
pub(super) fn subject(dead_letters: &str, stream: &str, consumer: &str) -> String {
    format!("dead_letters.{dead_letters}.{stream}.{consumer}")
}

/// Puts a letter into a stream and awaits the stream's word. A second try within the stream's duplicate window adds nothing.
pub(super) async fn bury(
    connection: &Connection,
    dead_letters: &'static str,
    letter: Letter<'_>,
) -> Result<PublishAck, PersistError> {
    let info = letter.info;
    let id = format!("{}:{}:{}", info.stream(), info.stream_sequence, info.consumer());
    let subject = subject(dead_letters, info.stream(), info.consumer());
    let put = async |payload: &Bytes, headers: HeaderMap| {
        let message = Outgoing::to(letter.template, Kind::Persisted, subject.clone(), payload.clone());
        persist(
            connection,
            dead_letters,
            Some(id.clone()),
            message.with_headers(headers),
        )
        .await
    };
    let mut stored = put(letter.payload, headers(letter)).await;
    if stored.as_ref().is_err_and(|error| is_too_large(error.kind())) {
        // A letter is larger than its message. Better one without a payload, which its stream still has, than none.
        let mut headers = headers(letter);
        headers.insert(DEAD_PAYLOAD, "left out: too large for a letter");
        stored = put(&Bytes::new(), headers).await;
    }
    if stored.is_ok() {
        observe::dead_letter(letter.template);
    }
    stored
}

fn is_too_large(kind: PersistErrorKind) -> bool {
    /// The message is larger than its stream takes.
    const EXCEEDS_MAXIMUM: u64 = 10_054;
    kind == PersistErrorKind::MaxPayloadExceeded || kind == (PersistErrorKind::Refused { code: EXCEEDS_MAXIMUM })
}

/// The message's own headers, and what is known of its end. What means something to the server is kept under another name: a
/// letter must not expire with its message, nor be held against what the message expected of its stream.
fn headers(letter: Letter<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, values) in letter.headers.into_iter().flat_map(HeaderMap::iter) {
        let text: &str = name.as_ref();
        let name = if text == REPLAY_FOR || is_of_a_dead_letter(text) {
            // From an earlier death, which this one replaces.
            continue;
        } else if text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("nats-")) {
            HeaderName::try_from(format!("{KEPT}{text}")).ok()
        } else {
            Some(name.clone())
        };
        for (name, value) in name
            .iter()
            .flat_map(|name| values.iter().map(move |value| (name, value)))
        {
            headers.append(name.clone(), value.clone());
        }
    }
    let info = letter.info;
    headers.insert(DEAD_REASON, one_line(letter.reason, LONGEST_REASON));
    headers.insert(DEAD_SUBJECT, letter.subject);
    headers.insert(DEAD_STREAM, info.stream());
    headers.insert(DEAD_CONSUMER, info.consumer());
    headers.insert(DEAD_SEQUENCE, info.stream_sequence.to_string());
    headers.insert(DEAD_DELIVERED, info.delivered.to_string());
    headers
}

/// Whether a header says something about the end of a message.
fn is_of_a_dead_letter(name: &str) -> bool {
    [
        DEAD_REASON,
        DEAD_SUBJECT,
        DEAD_STREAM,
        DEAD_CONSUMER,
        DEAD_SEQUENCE,
        DEAD_DELIVERED,
        DEAD_PAYLOAD,
    ]
    .contains(&name)
}

/// The headers that the message of a letter had.
pub(super) fn original_headers(letter: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, values) in letter.iter() {
        let text: &str = name.as_ref();
        let name = match text.strip_prefix(KEPT) {
            Some(kept) => HeaderName::try_from(kept).ok(),
            // The letter's own, and those that the server has added.
            None if is_of_a_dead_letter(text) || text.starts_with("Nats-") => None,
            None => Some(name.clone()),
        };
        for (name, value) in name
            .iter()
            .flat_map(|name| values.iter().map(move |value| (name, value)))
        {
            headers.append(name.clone(), value.clone());
        }
    }
    headers
}

/// What tells a message apart from all others: the id that its publisher gave it, or else its place in the stream.
pub(super) fn identity(headers: Option<&HeaderMap>, info: &DeliveryInfo) -> String {
    let mut identity = String::new();
    let given = headers.and_then(|headers| headers.get(MESSAGE_ID).or_else(|| headers.get(NATS_MESSAGE_ID)));
    // Writing to a string cannot fail.
    let _ = match given {
        Some(id) => write!(identity, "={id}"),
        None => write!(identity, "#{}", info.stream_sequence),
    };
    identity
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info() -> DeliveryInfo {
        let reply = "$JS.ACK._.account.tasks.worker.3.17.42.0.0";
        DeliveryInfo::parse(&reply.into()).unwrap()
    }

    #[test]
    fn a_letter_keeps_the_headers_of_its_message_and_says_how_it_ended() {
        let mut original = HeaderMap::new();
        original.append("Trace", "a");
        original.append("Trace", "b");
        original.insert("Nats-Msg-Id", "id-1");
        original.insert("Nats-TTL", "1h");
        let mut told = original.clone();
        told.insert(DEAD_REASON, "an earlier reason");
        told.insert(REPLAY_FOR, "worker");
        let letter = Letter {
            template: "tasks.{agent}.assignment",
            subject: "tasks.a1.assignment",
            headers: Some(&told),
            payload: &Bytes::new(),
            info: &info(),
            reason: "no such\r\nagent",
        };
        let headers = headers(letter);
        let text = |name: &str| headers.get(name).map(|value| value.as_str().to_owned());
        assert_eq!(text(DEAD_REASON).as_deref(), Some("no such  agent"));
        assert_eq!(text(DEAD_SUBJECT).as_deref(), Some("tasks.a1.assignment"));
        assert_eq!(text(DEAD_SEQUENCE).as_deref(), Some("17"));
        assert_eq!(text("Natsmith-Kept-Nats-TTL").as_deref(), Some("1h"));
        assert_eq!(
            (text("Nats-TTL"), text("Nats-Msg-Id"), text(REPLAY_FOR)),
            (None, None, None)
        );
        assert_eq!(headers.get_all("Trace").count(), 2);
        assert_eq!(original_headers(&headers), original);
    }

    #[test]
    fn a_message_is_known_by_the_first_id_that_it_had() {
        let mut headers = HeaderMap::new();
        assert_eq!(identity(None, &info()), "#17");
        assert_eq!(identity(Some(&headers), &info()), "#17");
        headers.insert("Nats-Msg-Id", "replay:dead:3");
        assert_eq!(identity(Some(&headers), &info()), "=replay:dead:3");
        headers.insert(MESSAGE_ID, "id-1");
        assert_eq!(identity(Some(&headers), &info()), "=id-1");
    }
}
