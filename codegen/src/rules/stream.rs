//! Findings about streams, consumers and profiles.

use super::rules;

rules! {
    /// A stream that captures nothing, for it names no subject.
    error NO_SUBJECTS = "streams/no-subjects";
    /// A stream subject that matches no subject of the taxonomy.
    error CAPTURES_NOTHING = "streams/captures-nothing";
    /// A subject that two streams capture.
    error OVERLAP = "streams/overlap";
    /// A stream that captures a request subject.
    error CAPTURES_REQUEST = "streams/captures-request";
    /// A `max_msg_size` above the server's `max_payload`.
    warning MAX_MSG_SIZE = "streams/max-msg-size";
    /// Replicas that no profile brings down to one server.
    warning REPLICAS = "streams/replicas";
    /// A number of replicas that no server accepts.
    error REPLICA_COUNT = "streams/replica-count";
    /// A duplicate window beyond the age that messages reach.
    error DUPLICATE_WINDOW = "streams/duplicate-window";
    /// Streams that together exceed a limit of the contract.
    error OVER_LIMIT = "streams/over-limit";
    /// A consumer filter that matches no subject of the taxonomy.
    error FILTER_MATCHES_NOTHING = "consumers/filter-matches-nothing";
    /// A consumer filter that lies outside its stream.
    error FILTER_OUTSIDE_STREAM = "consumers/filter-outside-stream";
    /// A consumer with two filters for one subject.
    error FILTERS_OVERLAP = "consumers/filters-overlap";
    /// A consumer for a subject that no stream captures.
    error SUBJECT_NOT_KEPT = "consumers/subject-not-kept";
    /// A consumer whose backoff is longer than its deliveries.
    error BACKOFF = "consumers/backoff";
    /// An `ack_wait` that the server replaces.
    error ACK_WAIT = "consumers/ack-wait";
    /// Dead letters that have no place, or a place that does not keep them.
    error DEAD_LETTER = "consumers/dead-letter";
    /// Work that the consumer's own settings do not let happen.
    error WORK = "consumers/work";
    /// A message that the server forgets before it is given up.
    error MAX_DELIVER = "consumers/max-deliver";
    /// A role that replays dead letters of a stream that has none.
    error REPLAY = "streams/replay";
}
