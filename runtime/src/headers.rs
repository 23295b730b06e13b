//! The headers that natsmith itself sets. Their names begin with `Natsmith-`; those of the server begin with `Nats-`.

use async_nats::HeaderMap;
use async_nats::header::IntoHeaderValue;

/// The number of a chunk in a streamed reply, from 1; of its end, one more than that of the last chunk.
pub const SEQUENCE: &str = "Natsmith-Sequence";
/// Marks the end of a streamed reply; its value is `complete`.
pub const END: &str = "Natsmith-End";
/// A sign of life of who answers in chunks; its value is the number of the last chunk that was sent.
pub const IDLE: &str = "Natsmith-Idle";
/// The number of the last chunk that may be sent before more is allowed. In a request, and then as a sign of life of who
/// asked.
pub const CREDIT: &str = "Natsmith-Credit";
/// Says that no more chunks are wanted.
pub const CANCEL: &str = "Natsmith-Cancel";
/// The id of a request that is answered on a declared subject; the answer repeats it.
pub const CORRELATION_ID: &str = "Natsmith-Correlation-Id";

/// On a dead letter: why it was given up.
pub const DEAD_REASON: &str = "Natsmith-Dead-Reason";
/// On a dead letter: the subject that the message came on.
pub const DEAD_SUBJECT: &str = "Natsmith-Dead-Subject";
/// On a dead letter: the stream that the message was delivered from.
pub const DEAD_STREAM: &str = "Natsmith-Dead-Stream";
/// On a dead letter: the consumer that gave it up.
pub const DEAD_CONSUMER: &str = "Natsmith-Dead-Consumer";
/// On a dead letter: the message's sequence number in its stream.
pub const DEAD_SEQUENCE: &str = "Natsmith-Dead-Sequence";
/// On a dead letter: how often the message was delivered.
pub const DEAD_DELIVERED: &str = "Natsmith-Dead-Delivered";
/// On a dead letter without its payload: why it has none.
pub const DEAD_PAYLOAD: &str = "Natsmith-Dead-Payload";
/// On a dead letter: what stands before the name of a header of the message that means something to the server, such as
/// `Natsmith-Kept-Nats-TTL`.
pub const KEPT: &str = "Natsmith-Kept-";
/// On a message that was published again: the `Nats-Msg-Id` that it had at first.
pub const MESSAGE_ID: &str = "Natsmith-Message-Id";
/// On a dead letter that was published again: the consumer that is to have it. Others acknowledge it and do nothing.
pub const REPLAY_FOR: &str = "Natsmith-Replay-For";

/// One header.
pub(crate) fn of(name: &'static str, value: impl IntoHeaderValue) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(name, value);
    headers
}

/// A header that is a number.
pub(crate) fn number(headers: Option<&HeaderMap>, name: &'static str) -> Option<u64> {
    headers?.get(name)?.as_str().trim().parse().ok()
}

/// Whether a header is there.
pub(crate) fn has(headers: Option<&HeaderMap>, name: &'static str) -> bool {
    headers.is_some_and(|headers| headers.get(name).is_some())
}
