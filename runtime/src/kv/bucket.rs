//! Reading and writing a bucket, as far as a role may.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use async_nats::jetstream::{self, context, kv};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::OnceCell;

use super::{BucketKey, Change, Changes, Entry, KvError, KvErrorKind, TypedBucket, own_key};
use crate::connection::Connection;
use crate::endpoint::access::{MayRead, MayWrite};
use crate::payload::Payload;
use crate::subject::matches;

/// A bucket of a contract over a connection, with the functions that `A`, one of the [`access`](crate::access) types, allows.
///
/// The bucket is looked up on the server at the first use. Every function asks the server; none is retried, so that a
/// program decides what an error means to it.
///
/// ```no_run
/// use natsmith_runtime::kv::{Bucket, KvError, KvErrorKind, TypedBucket};
/// use natsmith_runtime::access;
///
/// /// Changes a value without overwriting what somebody else has written in the meantime.
/// async fn change<B: TypedBucket>(
///     bucket: &Bucket<B, access::ReadWrite>,
///     key: &B::Key,
///     change: impl Fn(B::Value) -> B::Value,
/// ) -> Result<Option<u64>, KvError> {
///     while let Some(entry) = bucket.get(key).await? {
///         match bucket.update(key, &change(entry.value), entry.revision).await {
///             Err(error) if error.kind() == KvErrorKind::WrongRevision => {} // somebody was quicker: read it again
///             result => return result.map(Some),
///         }
///     }
///     Ok(None)
/// }
/// ```
pub struct Bucket<B: TypedBucket, A> {
    connection: Connection,
    /// What may be written.
    scope: <B::Key as BucketKey>::Filter,
    store: Arc<OnceCell<kv::Store>>,
    access: PhantomData<fn() -> A>,
}

impl<B: TypedBucket, A> Bucket<B, A> {
    /// The bucket `B` over a connection; only keys within `scope` can be written.
    #[must_use]
    pub fn new(connection: &Connection, scope: <B::Key as BucketKey>::Filter) -> Self {
        Self {
            connection: connection.clone(),
            scope,
            store: Arc::default(),
            access: PhantomData,
        }
    }

    /// What may be written.
    pub(super) fn scope(&self) -> &<B::Key as BucketKey>::Filter {
        &self.scope
    }

    async fn store(&self) -> Result<&kv::Store, KvError> {
        let open = || async {
            let context = jetstream::new(self.connection.client().clone());
            context
                .get_key_value(B::NAME)
                .await
                .map_err(|error| match error.kind() {
                    context::KeyValueErrorKind::GetBucket => KvError::with_source(KvErrorKind::NoBucket, error),
                    context::KeyValueErrorKind::JetStream => KvError::with_source(KvErrorKind::Unconfirmed, error),
                    context::KeyValueErrorKind::InvalidStoreName => KvError::with_source(KvErrorKind::Refused, error),
                })
        };
        self.store.get_or_try_init(open).await
    }

    /// The document of a value that may be written under a key.
    fn writable(&self, key: &B::Key, value: &B::Value) -> Result<(String, Bytes), KvError> {
        let document = value
            .to_bytes()
            .map_err(|error| KvError::with_source(KvErrorKind::InvalidValue, error))?;
        Ok((self.own(key)?, document))
    }

    fn own(&self, key: &B::Key) -> Result<String, KvError> {
        own_key(&self.scope, key).map_err(|fault| KvError::with_source(KvErrorKind::OutsideScope, fault))
    }
}

impl<B: TypedBucket, A: MayRead> Bucket<B, A> {
    /// The value of a key, unless it has none or was deleted.
    ///
    /// # Errors
    /// See [`KvErrorKind`]; [`KvErrorKind::Undecodable`] where what is stored does not keep the contract.
    pub async fn get(&self, key: &B::Key) -> Result<Option<Entry<B>>, KvError> {
        let entry = self.store().await?.entry(key.to_string()).await?;
        match entry {
            None => Ok(None),
            Some(entry) => Ok(Change::read(&entry)?.into_entry()),
        }
    }

    /// What has happened to a key, oldest first, as far as the bucket's `history` goes.
    ///
    /// # Errors
    /// See [`KvErrorKind`].
    pub async fn history(&self, key: &B::Key) -> Result<Vec<Change<B>>, KvError> {
        let mut entries = self.store().await?.history(key.to_string()).await?;
        let mut changes = Vec::new();
        while let Some(entry) = entries.next().await {
            let entry = entry.map_err(|error| KvError::with_source(KvErrorKind::Refused, error))?;
            changes.push(Change::read(&entry)?);
        }
        Ok(changes)
    }

    /// Watches the keys that a filter names: what they hold now, then everything that happens to them.
    ///
    /// A key that was deleted before shows as [`Operation::Delete`](super::Operation::Delete). After a lost connection the
    /// watcher goes on with what it has missed.
    ///
    /// # Errors
    /// See [`KvErrorKind`].
    pub async fn watch(&self, filter: &<B::Key as BucketKey>::Filter) -> Result<Changes<B>, KvError> {
        let watch = self.store().await?.watch_with_history(filter.to_string()).await?;
        Ok(Changes::new(watch))
    }

    /// The keys within a filter that have a value now, each once.
    ///
    /// # Errors
    /// See [`KvErrorKind`]; [`KvErrorKind::Refused`] for a key that is none of the contract's.
    pub async fn keys(&self, filter: &<B::Key as BucketKey>::Filter) -> Result<Vec<B::Key>, KvError> {
        let filter = filter.to_string();
        let mut found = self
            .store()
            .await?
            .keys()
            .await
            .map_err(|error| KvError::with_source(KvErrorKind::Refused, error))?;
        let mut keys = Vec::new();
        while let Some(key) = found.next().await {
            let key = key.map_err(|error| KvError::with_source(KvErrorKind::Refused, error))?;
            if matches(&filter, &key) {
                keys.push(
                    key.parse()
                        .map_err(|error| KvError::with_source(KvErrorKind::Refused, error))?,
                );
            }
        }
        Ok(keys)
    }
}

impl<B: TypedBucket, A: MayWrite> Bucket<B, A> {
    /// Gives a key a value, whatever it had before, and says the revision.
    ///
    /// # Errors
    /// See [`KvErrorKind`].
    pub async fn put(&self, key: &B::Key, value: &B::Value) -> Result<u64, KvError> {
        let (key, document) = self.writable(key, value)?;
        Ok(self.store().await?.put(key, document).await?)
    }

    /// Gives a key a value that it does not have yet.
    ///
    /// # Errors
    /// [`KvErrorKind::AlreadyExists`] where it has one; see [`KvErrorKind`].
    pub async fn create(&self, key: &B::Key, value: &B::Value) -> Result<u64, KvError> {
        let (key, document) = self.writable(key, value)?;
        Ok(self.store().await?.create(key, document).await?)
    }

    /// Replaces the value of a key if nobody has changed it since `revision` (compare-and-set).
    ///
    /// # Errors
    /// [`KvErrorKind::WrongRevision`] where somebody has; see [`KvErrorKind`].
    pub async fn update(&self, key: &B::Key, value: &B::Value, revision: u64) -> Result<u64, KvError> {
        let (key, document) = self.writable(key, value)?;
        Ok(self.store().await?.update(key, document, revision).await?)
    }

    /// Takes the value of a key away; its history stays.
    ///
    /// # Errors
    /// See [`KvErrorKind`].
    pub async fn delete(&self, key: &B::Key) -> Result<(), KvError> {
        let key = self.own(key)?;
        Ok(self.store().await?.delete(key).await?)
    }

    /// Takes the value and the history of a key away.
    ///
    /// # Errors
    /// See [`KvErrorKind`].
    pub async fn purge(&self, key: &B::Key) -> Result<(), KvError> {
        let key = self.own(key)?;
        Ok(self.store().await?.purge(key).await?)
    }
}

impl<B: TypedBucket, A> Clone for Bucket<B, A> {
    fn clone(&self) -> Self {
        Self {
            connection: self.connection.clone(),
            scope: self.scope.clone(),
            store: self.store.clone(),
            access: PhantomData,
        }
    }
}

impl<B: TypedBucket, A> fmt::Debug for Bucket<B, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket")
            .field("bucket", &B::NAME)
            .field("scope", &format_args!("{}", self.scope))
            .finish_non_exhaustive()
    }
}
