//! Calls to the facade `metrics`. The names are listed in the documentation of the module above.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use super::Kind;
use crate::jetstream::info::delivered_before;

const SENT: &str = "natsmith_sent_total";
const SENT_BYTES: &str = "natsmith_sent_bytes_total";
const SEND_ERRORS: &str = "natsmith_send_errors_total";
const RECEIVED: &str = "natsmith_received_total";
const RECEIVED_BYTES: &str = "natsmith_received_bytes_total";
const REDELIVERED: &str = "natsmith_redelivered_total";
const DECODE_ERRORS: &str = "natsmith_decode_errors_total";
const HANDLER_ERRORS: &str = "natsmith_handler_errors_total";
const DEAD_LETTERS: &str = "natsmith_dead_letters_total";
const MISSED: &str = "natsmith_missed_total";
const SLOW_CONSUMERS: &str = "natsmith_slow_consumers_total";
const PENDING: &str = "natsmith_pending";
const PARTIES: &str = "natsmith_parties";
const SUBSCRIPTIONS: &str = "natsmith_subscriptions";
const USED: &str = "natsmith_account_used";
const LIMIT: &str = "natsmith_account_limit";
const READY: &str = "natsmith_ready_timestamp_seconds";
const CONNECTIONS: &str = "natsmith_connections";
const DISCONNECTS: &str = "natsmith_disconnects_total";

/// Gives every metric its unit and description, for recorders that show them. Call it once, after the recorder is installed.
pub fn describe_metrics() {
    describe_counter!(SENT, Unit::Count, "messages that the client has taken");
    describe_counter!(SENT_BYTES, Unit::Bytes, "bytes of the payloads of messages sent");
    describe_counter!(SEND_ERRORS, Unit::Count, "messages that were not sent");
    describe_counter!(RECEIVED, Unit::Count, "messages that were received and read");
    describe_counter!(
        RECEIVED_BYTES,
        Unit::Bytes,
        "bytes of the payloads of messages received"
    );
    describe_counter!(
        REDELIVERED,
        Unit::Count,
        "messages received that a consumer delivered before"
    );
    describe_counter!(
        DECODE_ERRORS,
        Unit::Count,
        "messages received that do not keep the contract"
    );
    describe_counter!(
        HANDLER_ERRORS,
        Unit::Count,
        "what went wrong while messages were handled"
    );
    describe_counter!(DEAD_LETTERS, Unit::Count, "messages that were given up and put aside");
    describe_counter!(MISSED, Unit::Count, "messages dropped because a subscription was slow");
    describe_counter!(
        SLOW_CONSUMERS,
        Unit::Count,
        "bursts of messages dropped because a subscription was slow"
    );
    describe_counter!(DISCONNECTS, Unit::Count, "connections that were lost");
    describe_gauge!(PENDING, Unit::Count, "messages that a consumer has still to deliver");
    describe_gauge!(PARTIES, Unit::Count, "who is watched and online, late or offline");
    describe_gauge!(SUBSCRIPTIONS, Unit::Count, "subscriptions that are open");
    describe_gauge!(USED, "what the account uses of a resource");
    describe_gauge!(LIMIT, "what the account may use of a resource");
    describe_gauge!(READY, Unit::Seconds, "when the program was ready, since 1970");
    describe_gauge!(CONNECTIONS, Unit::Count, "connections that stand");
    describe_histogram!("natsmith_handler_seconds", Unit::Seconds, "how long handlers take");
    describe_histogram!(
        "natsmith_request_seconds",
        Unit::Seconds,
        "from a request to its answer"
    );
    describe_histogram!(
        "natsmith_persist_seconds",
        Unit::Seconds,
        "from a message to its acknowledgement"
    );
}

pub(super) fn sent(template: &'static str, kind: Kind, bytes: usize) {
    counter!(SENT, "subject" => template, "kind" => kind.label()).increment(1);
    counter!(SENT_BYTES, "subject" => template, "kind" => kind.label()).increment(bytes as u64);
}

pub(super) fn unsent(template: &'static str, kind: Kind) {
    counter!(SEND_ERRORS, "subject" => template, "kind" => kind.label()).increment(1);
}

pub(super) fn received(template: &'static str, raw: &async_nats::Message) {
    counter!(RECEIVED, "subject" => template).increment(1);
    counter!(RECEIVED_BYTES, "subject" => template).increment(raw.payload.len() as u64);
    if delivered_before(raw) {
        counter!(REDELIVERED, "subject" => template).increment(1);
    }
}

pub(super) fn undecodable(template: &'static str, cause: &'static str) {
    counter!(DECODE_ERRORS, "subject" => template, "cause" => cause).increment(1);
}

pub(super) fn handler_failed(template: &'static str, cause: &'static str) {
    counter!(HANDLER_ERRORS, "subject" => template, "cause" => cause).increment(1);
}

pub(super) fn dead_letter(template: &'static str) {
    counter!(DEAD_LETTERS, "subject" => template).increment(1);
}

pub(super) fn missed(template: &'static str) {
    counter!(MISSED, "subject" => template).increment(1);
}

pub(super) fn slow(template: &'static str) {
    counter!(SLOW_CONSUMERS, "subject" => template).increment(1);
}

#[allow(clippy::cast_precision_loss, reason = "a gauge is a float")]
pub(super) fn pending(stream: &str, consumer: &str, messages: u64) {
    gauge!(PENDING, "stream" => stream.to_owned(), "consumer" => consumer.to_owned()).set(messages as f64);
}

#[allow(clippy::cast_precision_loss, reason = "a gauge is a float")]
pub(super) fn parties(presence: &'static str, state: &'static str, parties: u64) {
    gauge!(PARTIES, "presence" => presence, "state" => state).set(parties as f64);
}

pub(super) fn listening(template: &'static str, more: f64) {
    gauge!(SUBSCRIPTIONS, "subject" => template).increment(more);
}

#[allow(clippy::cast_precision_loss, reason = "a gauge is a float")]
pub(super) fn used(resource: &'static str, used: u64, limit: Option<u64>) {
    gauge!(USED, "resource" => resource).set(used as f64);
    if let Some(limit) = limit {
        gauge!(LIMIT, "resource" => resource).set(limit as f64);
    }
}

pub(super) fn ready() {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    gauge!(READY).set(since.as_secs_f64());
}

pub(super) fn connected() {
    gauge!(CONNECTIONS).increment(1.0);
}

pub(super) fn disconnected(lost: bool) {
    gauge!(CONNECTIONS).decrement(1.0);
    if lost {
        counter!(DISCONNECTS).increment(1);
    }
}

pub(super) fn took(name: &'static str, template: &'static str, outcome: &'static str, elapsed: Duration) {
    histogram!(name, "subject" => template, "outcome" => outcome).record(elapsed);
}
