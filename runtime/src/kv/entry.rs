//! What a bucket holds and what happens to it.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use async_nats::jetstream::kv;
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt};

use super::{KvError, KvErrorKind, TypedBucket};
use crate::payload::Payload;

/// The value of a key.
pub struct Entry<B: TypedBucket> {
    /// The key.
    pub key: B::Key,
    /// The value.
    pub value: B::Value,
    /// The number of this change in the whole bucket, for [`Bucket::update`](super::Bucket::update).
    pub revision: u64,
    /// When it was stored.
    pub stored: DateTime<Utc>,
}

/// What happened to a key.
pub struct Change<B: TypedBucket> {
    /// The key.
    pub key: B::Key,
    /// What happened to it.
    pub operation: Operation<B::Value>,
    /// The number of this change in the whole bucket.
    pub revision: u64,
    /// When it was stored.
    pub stored: DateTime<Utc>,
    /// How many further changes the server had ready behind this one; 0 means that the watcher is up to date.
    pub pending: u64,
}

/// The three things that can happen to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation<V> {
    /// It has this value.
    Put(V),
    /// Its value was taken away; the history stays.
    Delete,
    /// Its value and its history were taken away.
    Purge,
}

impl<V> Operation<V> {
    /// The value, if there is one.
    pub fn value(self) -> Option<V> {
        match self {
            Self::Put(value) => Some(value),
            Self::Delete | Self::Purge => None,
        }
    }
}

impl<B: TypedBucket> Change<B> {
    pub(super) fn read(entry: &kv::Entry) -> Result<Self, KvError> {
        let undecodable = KvErrorKind::Undecodable {
            revision: entry.revision,
        };
        Ok(Self {
            key: entry
                .key
                .parse()
                .map_err(|error| KvError::with_source(undecodable, error))?,
            operation: match entry.operation {
                kv::Operation::Put => Operation::Put(
                    B::Value::decode(&entry.value).map_err(|error| KvError::with_source(undecodable, error))?,
                ),
                kv::Operation::Delete => Operation::Delete,
                kv::Operation::Purge => Operation::Purge,
            },
            revision: entry.revision,
            stored: moment(entry.created.unix_timestamp_nanos()),
            pending: entry.delta,
        })
    }

    pub(super) fn into_entry(self) -> Option<Entry<B>> {
        Some(Entry {
            key: self.key,
            value: self.operation.value()?,
            revision: self.revision,
            stored: self.stored,
        })
    }
}

/// The client counts in another crate's moments.
pub(crate) fn moment(nanoseconds: i128) -> DateTime<Utc> {
    let since = Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(0));
    SystemTime::UNIX_EPOCH
        .checked_add(since)
        .unwrap_or(SystemTime::UNIX_EPOCH)
        .into()
}

/// The changes of a bucket, made by [`Bucket::watch`](super::Bucket::watch): a stream that lives as long as the connection.
///
/// What does not keep the contract is an `Err` item, and the stream goes on.
#[must_use = "changes come only to who asks for the next"]
pub struct Changes<B: TypedBucket> {
    stream: Pin<Box<dyn Stream<Item = Result<Change<B>, KvError>> + Send>>,
}

impl<B: TypedBucket> Changes<B> {
    pub(super) fn new<S, E>(entries: S) -> Self
    where
        S: Stream<Item = Result<kv::Entry, E>> + Send + 'static,
        E: Into<crate::error::BoxError>,
    {
        let stream = entries.map(|entry| match entry {
            Ok(entry) => Change::read(&entry),
            Err(error) => Err(KvError::with_source(KvErrorKind::Refused, error)),
        });
        Self {
            stream: Box::pin(stream.fuse()),
        }
    }

    /// The next change or error; `None` once the connection is closed.
    pub async fn next(&mut self) -> Option<Result<Change<B>, KvError>> {
        self.stream.next().await
    }
}

impl<B: TypedBucket> Stream for Changes<B> {
    type Item = Result<Change<B>, KvError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.poll_next_unpin(cx)
    }
}

impl<B: TypedBucket> fmt::Debug for Changes<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("bucket", &B::NAME)
            .finish_non_exhaustive()
    }
}

impl<B: TypedBucket> fmt::Debug for Entry<B>
where
    B::Value: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("key", &self.key)
            .field("value", &self.value)
            .field("revision", &self.revision)
            .field("stored", &self.stored)
            .finish()
    }
}

impl<B: TypedBucket> fmt::Debug for Change<B>
where
    B::Value: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("key", &self.key)
            .field("operation", &self.operation)
            .field("revision", &self.revision)
            .field("stored", &self.stored)
            .field("pending", &self.pending)
            .finish()
    }
}
