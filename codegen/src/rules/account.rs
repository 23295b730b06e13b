//! Findings about contracts that share an account.

use super::rules;

rules! {
    /// A subject that two contracts understand differently.
    warning SUBJECT = "accounts/subject", across;
    /// A stream of one contract that answers the requests of another.
    error CAPTURES_REQUEST = "accounts/captures-request", across;
    /// A queue group in which two contracts take messages from each other.
    warning QUEUE_GROUP = "accounts/queue-group", across;
    /// Two streams of one name.
    error STREAM = "accounts/stream", across;
    /// Two streams of two contracts that capture the same subject.
    error OVERLAP = "accounts/stream-overlap", across;
    /// Two consumers of one name.
    error CONSUMER = "accounts/consumer", across;
    /// Two buckets or object stores of one name.
    error STORE = "accounts/store", across;
    /// Two services of one name.
    warning SERVICE = "accounts/service", across;
    /// Heartbeats on one subject at different paces.
    warning PRESENCE = "accounts/presence", across;
    /// Contracts that together ask for more than their account allows.
    error BUDGET = "accounts/budget", across;
    /// Contracts that say different things of one account.
    warning LIMITS = "accounts/limits", across;
    /// A stream that copies from one that no contract declares.
    warning UNKNOWN_ORIGIN = "streams/unknown-origin";
}
