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
    error ACK_WAIT = "consumers/ack-wait", fixable;
    /// Dead letters that have no place, or a place that does not keep them.
    error DEAD_LETTER = "consumers/dead-letter";
    /// Work that the consumer's own settings do not let happen.
    error WORK = "consumers/work";
    /// A message that the server forgets before it is given up.
    error MAX_DELIVER = "consumers/max-deliver";
    /// A role that replays dead letters of a stream that has none.
    error REPLAY = "streams/replay";
    /// A limit for each subject that the stream is not told to keep.
    error DISCARD_PER_SUBJECT = "streams/discard-per-subject";
    /// Two or four replicas.
    warning EVEN_REPLICAS = "streams/even-replicas";
    /// A stream that must purge and must not.
    error PURGE = "streams/purge";
    /// A stream that is sealed before anything is in it.
    error SEALED = "streams/sealed";
    /// A stream of counters that cannot count.
    error COUNTER = "streams/counter";
    /// A stream that would write behind its acknowledgements and cannot.
    error PERSIST_MODE = "streams/persist-mode";
    /// A time that is shorter than the server counts.
    error TOO_SHORT = "streams/too-short";
    /// A name, description or metadata longer than the server takes.
    error TOO_LONG = "streams/too-long";
    /// More consumers than the stream allows.
    error MAX_CONSUMERS = "streams/max-consumers";
    /// A stream in the memory of one server.
    info IN_MEMORY = "streams/in-memory";
    /// A stream that nothing is ever removed from.
    warning UNLIMITED = "streams/unlimited";
    /// A stream that drops what no consumer wants, and a subject that none wants.
    warning INTEREST_UNHEARD = "streams/interest-unheard";
    /// A queue that keeps what no consumer takes.
    warning QUEUE_UNREAD = "streams/queue-unread";
    /// A queue that throws work away when it is full.
    info QUEUE_DROPS = "streams/queue-drops";
    /// A stream that refuses messages whose publishers do not wait for its answer.
    warning DISCARD_NEW = "streams/discard-new";
    /// A stream that does not acknowledge what is to be persisted.
    warning NO_ACK = "streams/no-ack";
    /// A stream that would acknowledge what the server is asked.
    error NEEDS_NO_ACK = "streams/needs-no-ack";
    /// A message id that no stream reads.
    warning MESSAGE_ID = "streams/message-id";
    /// A mirror that is more than a copy.
    error MIRROR = "streams/mirror";
    /// Sources that cannot be copied as they are said.
    error SOURCES = "streams/sources";
    /// A stream that copies what its origin never holds.
    error COPIES_NOTHING = "streams/copies-nothing";
    /// Streams that copy from each other.
    error COPY_CIRCLE = "streams/copy-circle";
    /// What is published again and comes back, cannot be named, or never is.
    error REPUBLISH = "streams/republish";
    /// Streams between which a message goes round for ever.
    error REPUBLISH_CIRCLE = "streams/republish-circle";
    /// Subjects that cannot be renamed, or never are.
    error TRANSFORM = "streams/transform";
    /// A stream with the name of the one behind a bucket.
    error STORE_NAME = "streams/store-name";
    /// A stream that looks like the one behind a bucket.
    warning STORE_PREFIX = "streams/store-prefix";
    /// Two consumers for one message of a queue.
    error QUEUE_OVERLAP = "consumers/queue-overlap";
    /// A consumer of a queue that does not acknowledge one by one.
    error QUEUE_ACK = "consumers/queue-ack";
    /// A consumer of a queue that does not begin at its beginning.
    error QUEUE_START = "consumers/queue-start";
    /// A start that is said twice, not at all, or not as a moment.
    error START = "consumers/start";
    /// What nobody acknowledges, and what waits for it.
    warning ACK_NONE = "consumers/ack-none", fixable;
    /// A consumer beyond what its stream allows.
    error OVER_STREAM_LIMIT = "consumers/over-stream-limit";
    /// A consumer on other servers than its stream.
    error CONSUMER_REPLICAS = "consumers/replicas";
    /// Groups without a policy, a policy without groups, or a client without one.
    error PRIORITY = "consumers/priority";
    /// A share of acknowledgements that is none.
    error SAMPLE_FREQ = "consumers/sample-freq";
    /// A consumer that the server removes.
    warning INACTIVE_THRESHOLD = "consumers/inactive-threshold";
    /// A message that is gone before it comes again.
    warning OUTLIVES = "consumers/outlives-messages";
    /// A filter for subjects that have another name when they are stored.
    error RENAMED_FILTER = "consumers/renamed-filter";
    /// Dead letters that go round for ever.
    error DEAD_LETTER_LOOP = "consumers/dead-letter-loop";
    /// A consumer that takes dead letters for work.
    warning TAKES_DEAD_LETTERS = "consumers/takes-dead-letters";
    /// A message that comes for ever.
    info WITHOUT_END = "consumers/without-end";
}
