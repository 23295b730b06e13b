//! Key-value buckets and object stores, and the streams that the server keeps them in.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::settings::{BUCKET, OBJECT_STORE, Setting, SettingValue, Settings};
use super::streams::{Capture, Stream};
use super::subjects::Template;
use crate::source::Spanned;

/// A key-value bucket or an object store.
#[derive(Clone, Debug)]
pub struct Store {
    /// Its name on the server.
    pub name: Spanned<String>,
    /// One sentence.
    pub summary: Option<String>,
    /// What it keeps.
    pub kind: StoreKind,
    /// What its keys, or the names of its objects, look like.
    pub key: Template,
    /// Who may read.
    pub read: Vec<Spanned<String>>,
    /// Who may write.
    pub write: Vec<Spanned<String>>,
    /// Its settings, without those of a profile.
    pub settings: Settings,
    /// The stream that the server keeps it in, without settings.
    pub backing: Stream,
}

/// What a store keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// Values of a payload by key (ADR-8).
    KeyValue {
        /// The payload.
        value: Spanned<String>,
        /// By the content of which payload they are kept, if they are.
        by_content: Option<ByContent>,
    },
    /// Bytes of any length by name (ADR-20).
    Object,
}

/// Values that are kept by the content of what they were made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByContent {
    /// The payload whose content counts.
    pub of: Spanned<String>,
    /// A JSON pointer to the part of it that counts; all of it without one.
    pub part: Option<Spanned<String>>,
    /// The token of the key that is the SHA-256 of the content.
    pub token: Spanned<String>,
}

/// What both kinds of store call otherwise than the stream behind them.
const RENAMED: &[(&str, &str)] = &[
    ("history", "max_msgs_per_subject"),
    ("ttl", "max_age"),
    ("max_value_size", "max_msg_size"),
    ("limit_marker_ttl", "subject_delete_marker_ttl"),
];

/// Two minutes in nanoseconds: how long the server remembers message ids unless it is told otherwise.
const DUPLICATE_WINDOW: u64 = 120_000_000_000;

impl StoreKind {
    /// The settings that a contract can say.
    #[must_use]
    pub fn table(&self) -> &'static [Setting] {
        match self {
            Self::KeyValue { .. } => BUCKET,
            Self::Object => OBJECT_STORE,
        }
    }
}

impl Store {
    /// The stream behind a store of this name: what it is called, and what it keeps.
    pub(crate) fn backing(name: &Spanned<String>, kind: &StoreKind) -> Stream {
        let bucket = &name.value;
        let (prefix, filters) = match kind {
            StoreKind::KeyValue { .. } => ("KV", vec![format!("$KV.{bucket}.>")]),
            StoreKind::Object => ("OBJ", vec![format!("$O.{bucket}.C.>"), format!("$O.{bucket}.M.>")]),
        };
        Stream {
            name: Spanned::new(format!("{prefix}_{bucket}"), name.span),
            summary: None,
            subjects: filters
                .into_iter()
                .map(|filter| Capture {
                    filter,
                    subject: None,
                    span: name.span,
                })
                .collect(),
            keeps_dead_letters: false,
            replay: Vec::new(),
            settings: Settings::default(),
            consumers: IndexMap::new(),
        }
    }

    /// The settings of the stream behind the store, as clients of every language expect them (ADR-8, ADR-20).
    #[must_use]
    pub fn stream_settings(&self, settings: &Settings) -> Settings {
        let place = |wire: Value| SettingValue {
            wire,
            key_span: self.name.span,
            span: self.name.span,
        };
        let mut stream = Settings::default();
        for (name, value) in settings.iter() {
            let renamed = RENAMED.iter().find(|(ours, _)| *ours == name);
            stream.insert(renamed.map_or(name, |(_, theirs)| theirs), value.clone());
        }
        stream.insert("discard", place(json!("new")));
        stream.insert("allow_rollup_hdrs", place(json!(true)));
        stream.insert("allow_direct", place(json!(true)));
        if matches!(self.kind, StoreKind::KeyValue { .. }) {
            if stream.get("max_msgs_per_subject").is_none() {
                stream.insert("max_msgs_per_subject", place(json!(1)));
            }
            stream.insert("deny_delete", place(json!(true)));
            if stream.get("subject_delete_marker_ttl").is_some() {
                stream.insert("allow_msg_ttl", place(json!(true)));
            }
        }
        if let Some(age) = stream
            .number("max_age")
            .filter(|age| (1..DUPLICATE_WINDOW).contains(age))
        {
            stream.insert("duplicate_window", place(json!(age)));
        }
        stream
    }

    /// Whether a role may read.
    #[must_use]
    pub fn is_read_by(&self, role: &str) -> bool {
        self.read.iter().any(|name| name.value == role)
    }

    /// Whether a role may write.
    #[must_use]
    pub fn is_written_by(&self, role: &str) -> bool {
        self.write.iter().any(|name| name.value == role)
    }
}
