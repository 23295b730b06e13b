//! Every setting of a stream, consumer, bucket or object store that a contract can say, in one table each.
//!
//! A setting keeps the name it has in the JetStream API's JSON (ADR-37, ADR-15 and the server's own documents); the
//! table says how it is written in a schema file and since which server it exists. Values are kept as the API wants
//! them: durations in nanoseconds, sizes in bytes.

use std::fmt;

use indexmap::IndexMap;
use serde_json::Value;

use crate::source::Span;

/// A server version as far as features depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerVersion {
    /// 2 in 2.11.
    pub major: u16,
    /// 11 in 2.11.
    pub minor: u16,
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// One setting of the JetStream API.
#[derive(Debug)]
pub struct Setting {
    /// Its name in the API's JSON and in a schema file.
    pub name: &'static str,
    /// How it is written.
    pub kind: Kind,
    /// The first server 2.x that knows it, as the minor version.
    pub since: u16,
    /// One sentence for editors and documents.
    pub about: &'static str,
}

/// How a setting is written in a schema file.
#[derive(Debug)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number from 0 on.
    Count,
    /// Text.
    Text,
    /// A duration with its unit; nanoseconds in the API.
    Duration,
    /// A list of durations.
    Durations,
    /// A size with its unit; bytes in the API.
    Size,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// Text by name.
    TextMap,
    /// A mapping of further settings.
    Object(&'static [Setting]),
    /// A list of such mappings.
    Objects(&'static [Setting]),
}

/// The settings of one asset, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    values: IndexMap<&'static str, SettingValue>,
}

/// A setting as the API wants it, and where it was said.
#[derive(Clone, Debug)]
pub struct SettingValue {
    /// Nanoseconds, bytes and words of the API.
    pub wire: Value,
    /// Where the key stands.
    pub key_span: Span,
    /// Where the value stands.
    pub span: Span,
}

impl Settings {
    /// Says a setting.
    pub(crate) fn insert(&mut self, name: &'static str, value: SettingValue) {
        self.values.insert(name, value);
    }

    /// A setting, if it was said.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&SettingValue> {
        self.values.get(name)
    }

    /// A number, if it was said.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.wire.as_u64()
    }

    /// A word or text, if it was said.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.wire.as_str()
    }

    /// A setting that was said to be one of its words.
    #[must_use]
    pub fn says(&self, name: &str, word: &str) -> Option<&SettingValue> {
        self.get(name).filter(|value| value.wire.as_str() == Some(word))
    }

    /// A setting that was said to be true.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&SettingValue> {
        self.get(name).filter(|value| value.wire == true)
    }

    /// A limit that was said, where the server takes it for one: 0 is none.
    #[must_use]
    pub fn limit(&self, name: &str) -> Option<u64> {
        self.number(name).filter(|limit| *limit > 0)
    }

    /// Every setting that was said, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &SettingValue)> {
        self.values.iter().map(|(name, value)| (*name, value))
    }

    /// These settings, with others said on top of them.
    #[must_use]
    pub fn overridden_by(&self, others: &Self) -> Self {
        let mut merged = self.clone();
        for (name, value) in others.iter() {
            merged.insert(name, value.clone());
        }
        merged
    }
}

/// A setting that every supported server knows.
const fn setting(name: &'static str, kind: Kind, about: &'static str) -> Setting {
    since(0, name, kind, about)
}

/// A setting that came with server 2.`minor`.
const fn since(minor: u16, name: &'static str, kind: Kind, about: &'static str) -> Setting {
    Setting {
        name,
        kind,
        since: minor,
        about,
    }
}

const PLACEMENT: &[Setting] = &[
    setting("cluster", Kind::Text, "The cluster to place the asset in."),
    setting("tags", Kind::Texts, "Tags that a server must carry."),
    since(11, "preferred", Kind::Text, "The server that should lead."),
];

const TRANSFORM: &[Setting] = &[
    setting("src", Kind::Text, "The filter of the subjects to transform."),
    setting("dest", Kind::Text, "What they become."),
];

const EXTERNAL: &[Setting] = &[
    setting("api", Kind::Text, "The API prefix of the other account or domain."),
    setting("deliver", Kind::Text, "The delivery prefix there."),
];

const SOURCE: &[Setting] = &[
    setting("name", Kind::Text, "The stream to copy from."),
    setting("opt_start_seq", Kind::Count, "The first sequence to copy."),
    setting(
        "opt_start_time",
        Kind::Text,
        "The first moment to copy from (RFC 3339).",
    ),
    setting("filter_subject", Kind::Text, "Copies only these subjects."),
    since(
        10,
        "subject_transforms",
        Kind::Objects(TRANSFORM),
        "Renames subjects while copying.",
    ),
    setting(
        "external",
        Kind::Object(EXTERNAL),
        "A stream of another account or domain.",
    ),
];

const REPUBLISH: &[Setting] = &[
    setting("src", Kind::Text, "The filter of what is published again."),
    setting("dest", Kind::Text, "The subject it is published to."),
    setting("headers_only", Kind::Bool, "Publishes headers without the payload."),
];

const CONSUMER_LIMITS: &[Setting] = &[
    setting(
        "inactive_threshold",
        Kind::Duration,
        "How long any consumer may be idle.",
    ),
    setting(
        "max_ack_pending",
        Kind::Count,
        "How many unacknowledged messages any consumer may have.",
    ),
];

/// The settings of a stream.
pub const STREAM: &[Setting] = &[
    setting("description", Kind::Text, "What operators read about the stream."),
    setting(
        "retention",
        Kind::OneOf(&["limits", "interest", "workqueue"]),
        "When messages go: at the limits, when every consumer has acknowledged them, or when one has.",
    ),
    setting("storage", Kind::OneOf(&["file", "memory"]), "Where messages are kept."),
    setting("discard", Kind::OneOf(&["old", "new"]), "What gives way at a limit."),
    setting(
        "discard_new_per_subject",
        Kind::Bool,
        "With `discard: new`, refuses new messages also at `max_msgs_per_subject`.",
    ),
    setting("max_msgs", Kind::Count, "The most messages the stream keeps."),
    setting(
        "max_msgs_per_subject",
        Kind::Count,
        "The most messages it keeps of one subject.",
    ),
    setting("max_bytes", Kind::Size, "The most bytes it keeps."),
    setting("max_age", Kind::Duration, "How long it keeps a message."),
    setting(
        "max_msg_size",
        Kind::Size,
        "The largest message it takes, headers included.",
    ),
    setting("max_consumers", Kind::Count, "The most consumers it may have."),
    setting("num_replicas", Kind::Count, "On how many servers it is kept: 1 to 5."),
    setting(
        "duplicate_window",
        Kind::Duration,
        "How long a `Nats-Msg-Id` is remembered.",
    ),
    setting("no_ack", Kind::Bool, "Does not acknowledge what is published."),
    setting("deny_delete", Kind::Bool, "Refuses to delete single messages."),
    setting("deny_purge", Kind::Bool, "Refuses to purge."),
    setting("sealed", Kind::Bool, "Takes no further message and loses none."),
    setting(
        "allow_rollup_hdrs",
        Kind::Bool,
        "Lets a message replace all before it (`Nats-Rollup`).",
    ),
    setting(
        "allow_direct",
        Kind::Bool,
        "Lets every replica answer direct gets (ADR-31).",
    ),
    setting("mirror_direct", Kind::Bool, "Lets a mirror answer direct gets."),
    setting("placement", Kind::Object(PLACEMENT), "Where in the cluster it is kept."),
    setting("mirror", Kind::Object(SOURCE), "The stream it is a copy of."),
    setting("sources", Kind::Objects(SOURCE), "The streams it copies from."),
    setting(
        "republish",
        Kind::Object(REPUBLISH),
        "Publishes again what it has stored (ADR-28).",
    ),
    since(
        10,
        "subject_transform",
        Kind::Object(TRANSFORM),
        "Renames subjects before they are stored (ADR-36).",
    ),
    since(
        10,
        "compression",
        Kind::OneOf(&["none", "s2"]),
        "Compression of the files.",
    ),
    since(10, "first_seq", Kind::Count, "The first sequence of an empty stream."),
    since(
        10,
        "consumer_limits",
        Kind::Object(CONSUMER_LIMITS),
        "Limits for every consumer.",
    ),
    since(10, "metadata", Kind::TextMap, "Notes for tools (ADR-33)."),
    since(
        11,
        "allow_msg_ttl",
        Kind::Bool,
        "Lets a message say its own time to live (ADR-43).",
    ),
    since(
        11,
        "subject_delete_marker_ttl",
        Kind::Duration,
        "How long a marker tells that a subject's last message aged out.",
    ),
    since(
        12,
        "allow_msg_counter",
        Kind::Bool,
        "Makes subjects distributed counters (ADR-49).",
    ),
    since(
        12,
        "allow_atomic",
        Kind::Bool,
        "Takes batches that are stored whole or not at all (ADR-50).",
    ),
    since(
        12,
        "allow_msg_schedules",
        Kind::Bool,
        "Takes messages to be delivered later (ADR-51).",
    ),
    since(
        12,
        "persist_mode",
        Kind::OneOf(&["default", "async"]),
        "Whether the acknowledgement awaits the write.",
    ),
    since(14, "allow_batched", Kind::Bool, "Takes fast batches."),
];

/// The settings of a pull consumer.
pub const CONSUMER: &[Setting] = &[
    setting("description", Kind::Text, "What operators read about the consumer."),
    setting(
        "deliver_policy",
        Kind::OneOf(&[
            "all",
            "last",
            "new",
            "by_start_sequence",
            "by_start_time",
            "last_per_subject",
        ]),
        "Where it starts.",
    ),
    setting(
        "opt_start_seq",
        Kind::Count,
        "The first sequence, with `deliver_policy: by_start_sequence`.",
    ),
    setting(
        "opt_start_time",
        Kind::Text,
        "The first moment (RFC 3339), with `deliver_policy: by_start_time`.",
    ),
    setting(
        "ack_policy",
        Kind::OneOf(&["explicit", "none", "all"]),
        "What has to be acknowledged.",
    ),
    setting(
        "ack_wait",
        Kind::Duration,
        "How long a delivery may stay unacknowledged before it is repeated.",
    ),
    setting(
        "max_deliver",
        Kind::Count,
        "How often one message is delivered at most.",
    ),
    setting(
        "backoff",
        Kind::Durations,
        "The waits before each further delivery; overrides `ack_wait`.",
    ),
    setting(
        "replay_policy",
        Kind::OneOf(&["instant", "original"]),
        "At full speed, or at the speed of arrival.",
    ),
    setting(
        "max_ack_pending",
        Kind::Count,
        "How many deliveries may be unacknowledged at once.",
    ),
    setting("max_waiting", Kind::Count, "How many pull requests may wait at once."),
    setting(
        "max_batch",
        Kind::Count,
        "The most messages one pull request may ask for.",
    ),
    setting("max_bytes", Kind::Size, "The most bytes one pull request may ask for."),
    setting("max_expires", Kind::Duration, "The longest a pull request may wait."),
    setting(
        "inactive_threshold",
        Kind::Duration,
        "Removes the consumer after so long without a client.",
    ),
    setting(
        "num_replicas",
        Kind::Count,
        "On how many servers its state is kept; 0 follows the stream.",
    ),
    setting("mem_storage", Kind::Bool, "Keeps its state in memory."),
    setting("headers_only", Kind::Bool, "Delivers headers without payloads."),
    setting(
        "sample_freq",
        Kind::Text,
        "The share of acknowledgements to report, such as `10%`.",
    ),
    since(10, "metadata", Kind::TextMap, "Notes for tools (ADR-33)."),
    since(
        11,
        "pause_until",
        Kind::Text,
        "Delivers nothing before this moment (RFC 3339).",
    ),
    since(
        11,
        "priority_groups",
        Kind::Texts,
        "Groups that clients pull for (ADR-42).",
    ),
    since(
        11,
        "priority_policy",
        Kind::OneOf(&["none", "overflow", "pinned_client", "prioritized"]),
        "How the groups share the work.",
    ),
    since(
        11,
        "priority_timeout",
        Kind::Duration,
        "How long a silent client stays pinned.",
    ),
];

/// The settings of a key-value bucket.
pub const BUCKET: &[Setting] = &[
    setting("description", Kind::Text, "What operators read about the bucket."),
    setting("history", Kind::Count, "How many values of a key are kept: 1 to 64."),
    setting("ttl", Kind::Duration, "How long a value is kept."),
    setting("max_bytes", Kind::Size, "The most bytes the bucket keeps."),
    setting("max_value_size", Kind::Size, "The largest value it takes."),
    setting("storage", Kind::OneOf(&["file", "memory"]), "Where values are kept."),
    setting("num_replicas", Kind::Count, "On how many servers it is kept: 1 to 5."),
    setting("placement", Kind::Object(PLACEMENT), "Where in the cluster it is kept."),
    setting(
        "republish",
        Kind::Object(REPUBLISH),
        "Publishes again what it has stored (ADR-28).",
    ),
    since(
        10,
        "compression",
        Kind::OneOf(&["none", "s2"]),
        "Compression of the files.",
    ),
    since(10, "metadata", Kind::TextMap, "Notes for tools (ADR-33)."),
    since(
        11,
        "limit_marker_ttl",
        Kind::Duration,
        "How long a marker tells watchers that a value aged out (ADR-48).",
    ),
];

/// The settings of an object store.
pub const OBJECT_STORE: &[Setting] = &[
    setting("description", Kind::Text, "What operators read about the store."),
    setting("ttl", Kind::Duration, "How long an object is kept."),
    setting("max_bytes", Kind::Size, "The most bytes the store keeps."),
    setting("storage", Kind::OneOf(&["file", "memory"]), "Where objects are kept."),
    setting("num_replicas", Kind::Count, "On how many servers it is kept: 1 to 5."),
    setting("placement", Kind::Object(PLACEMENT), "Where in the cluster it is kept."),
    since(
        10,
        "compression",
        Kind::OneOf(&["none", "s2"]),
        "Compression of the files.",
    ),
    since(10, "metadata", Kind::TextMap, "Notes for tools (ADR-33)."),
];
