//! The headers that this crate writes beside those of NATS itself.

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
