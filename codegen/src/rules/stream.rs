//! Findings about streams, consumers and profiles.

use crate::diagnostics::Rule;

/// A stream that captures nothing, for it names no subject.
pub static NO_SUBJECTS: Rule = Rule::error("streams/no-subjects");
/// A stream subject that matches no subject of the taxonomy.
pub static CAPTURES_NOTHING: Rule = Rule::error("streams/captures-nothing");
/// A subject that two streams capture.
pub static OVERLAP: Rule = Rule::error("streams/overlap");
/// A stream that captures a request subject.
pub static CAPTURES_REQUEST: Rule = Rule::error("streams/captures-request");
/// A `max_msg_size` above the server's `max_payload`.
pub static MAX_MSG_SIZE: Rule = Rule::warning("streams/max-msg-size");
/// Replicas that no profile brings down to one server.
pub static REPLICAS: Rule = Rule::warning("streams/replicas");
/// A number of replicas that no server accepts.
pub static REPLICA_COUNT: Rule = Rule::error("streams/replica-count");
/// A duplicate window beyond the age that messages reach.
pub static DUPLICATE_WINDOW: Rule = Rule::error("streams/duplicate-window");
/// Streams that together exceed a limit of the contract.
pub static OVER_LIMIT: Rule = Rule::error("streams/over-limit");
/// A consumer filter that matches no subject of the taxonomy.
pub static FILTER_MATCHES_NOTHING: Rule = Rule::error("consumers/filter-matches-nothing");
/// A consumer filter that lies outside its stream.
pub static FILTER_OUTSIDE_STREAM: Rule = Rule::error("consumers/filter-outside-stream");
/// A consumer for a subject that no stream captures.
pub static SUBJECT_NOT_KEPT: Rule = Rule::error("consumers/subject-not-kept");
/// A consumer whose backoff is longer than its deliveries.
pub static BACKOFF: Rule = Rule::error("consumers/backoff");
