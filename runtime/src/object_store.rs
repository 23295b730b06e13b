//! Typed object stores (ADR-20): names are made of tokens like subjects, contents are bytes of any length.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_nats::jetstream::{self, context, object_store};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};
use tokio::sync::OnceCell;

use crate::connection::Connection;
use crate::endpoint::access::{MayRead, MayWrite};
use crate::error::Error;
use crate::kv::{BucketKey, own_key};

/// An object store of a contract: what its names look like.
pub trait TypedObjectStore: Send + Sync + 'static {
    /// The names of objects.
    type Name: BucketKey;
    /// The store's name on the server.
    const NAME: &'static str;
}

/// An object store of a contract over a connection, with the functions that `A`, one of the [`access`](crate::access)
/// types, allows.
///
/// Objects are cut into chunks on the way to the server and put together again on the way back, so they need not fit into
/// memory or into `max_payload`. Their SHA-256 digest is checked when they are read.
///
/// ```no_run
/// use natsmith_runtime::access;
/// use natsmith_runtime::object_store::{ObjectStore, ObjectStoreError, TypedObjectStore};
///
/// async fn copy<O: TypedObjectStore>(
///     store: &ObjectStore<O, access::ReadWrite>,
///     from: &O::Name,
///     to: &O::Name,
/// ) -> Result<(), ObjectStoreError> {
///     let mut object = store.get(from).await?;
///     store.put(to, &mut object).await?;
///     Ok(())
/// }
/// ```
pub struct ObjectStore<O: TypedObjectStore, A> {
    connection: Connection,
    /// What may be written.
    scope: <O::Name as BucketKey>::Filter,
    store: Arc<OnceCell<object_store::ObjectStore>>,
    access: PhantomData<fn() -> A>,
}

impl<O: TypedObjectStore, A> ObjectStore<O, A> {
    /// The store `O` over a connection; only objects within `scope` can be written.
    #[must_use]
    pub fn new(connection: &Connection, scope: <O::Name as BucketKey>::Filter) -> Self {
        Self {
            connection: connection.clone(),
            scope,
            store: Arc::default(),
            access: PhantomData,
        }
    }

    async fn store(&self) -> Result<&object_store::ObjectStore, ObjectStoreError> {
        let open = || async {
            let context = jetstream::new(self.connection.client().clone());
            context.get_object_store(O::NAME).await.map_err(|error| {
                let kind = match error.kind() {
                    context::ObjectStoreErrorKind::GetStore => ObjectStoreErrorKind::NoStore,
                    context::ObjectStoreErrorKind::InvalidBucketName => ObjectStoreErrorKind::Refused,
                };
                ObjectStoreError::with_source(kind, error)
            })
        };
        self.store.get_or_try_init(open).await
    }

    fn own(&self, name: &O::Name) -> Result<String, ObjectStoreError> {
        own_key(&self.scope, name)
            .map_err(|fault| ObjectStoreError::with_source(ObjectStoreErrorKind::OutsideScope, fault))
    }
}

impl<O: TypedObjectStore, A: MayRead> ObjectStore<O, A> {
    /// Opens an object for reading.
    ///
    /// # Errors
    /// [`ObjectStoreErrorKind::NotFound`] where there is none; see [`ObjectStoreErrorKind`].
    pub async fn get(&self, name: &O::Name) -> Result<StoredObject<O>, ObjectStoreError> {
        use object_store::GetErrorKind as Kind;
        let name = name.to_string();
        let object = self.store().await?.get(name).await.map_err(|error| {
            let kind = match error.kind() {
                Kind::NotFound => return ObjectStoreError::new(ObjectStoreErrorKind::NotFound),
                Kind::TimedOut => ObjectStoreErrorKind::Unconfirmed,
                _ => ObjectStoreErrorKind::Refused,
            };
            ObjectStoreError::with_source(kind, error)
        })?;
        Ok(StoredObject {
            info: ObjectInfo::read(&object.info)?,
            object,
        })
    }

    /// Reads a whole object into memory.
    ///
    /// # Errors
    /// [`ObjectStoreErrorKind::NotFound`] where there is none; [`ObjectStoreErrorKind::Damaged`] where its content is not what
    /// was put; see [`ObjectStoreErrorKind`].
    pub async fn get_bytes(&self, name: &O::Name) -> Result<Vec<u8>, ObjectStoreError> {
        let mut object = self.get(name).await?;
        let mut content = Vec::new();
        object
            .read_to_end(&mut content)
            .await
            .map_err(|error| ObjectStoreError::with_source(ObjectStoreErrorKind::Damaged, error))?;
        Ok(content)
    }

    /// What the store knows about an object.
    ///
    /// # Errors
    /// [`ObjectStoreErrorKind::NotFound`] where there is none; see [`ObjectStoreErrorKind`].
    pub async fn info(&self, name: &O::Name) -> Result<ObjectInfo<O>, ObjectStoreError> {
        use object_store::InfoErrorKind as Kind;
        let info = self.store().await?.info(name.to_string()).await.map_err(|error| {
            let kind = match error.kind() {
                Kind::NotFound => return ObjectStoreError::new(ObjectStoreErrorKind::NotFound),
                Kind::TimedOut => ObjectStoreErrorKind::Unconfirmed,
                _ => ObjectStoreErrorKind::Refused,
            };
            ObjectStoreError::with_source(kind, error)
        })?;
        if info.deleted {
            return Err(ObjectStoreErrorKind::NotFound.into());
        }
        ObjectInfo::read(&info)
    }

    /// The objects that there are.
    ///
    /// # Errors
    /// See [`ObjectStoreErrorKind`]; [`ObjectStoreErrorKind::ForeignName`] for a name that is none of the contract's.
    pub async fn list(&self) -> Result<Vec<ObjectInfo<O>>, ObjectStoreError> {
        let refused = |error| ObjectStoreError::with_source(ObjectStoreErrorKind::Refused, error);
        let mut found = self.store().await?.list().await.map_err(refused)?;
        let mut objects = Vec::new();
        while let Some(info) = found.next().await {
            let info = info.map_err(|error| ObjectStoreError::with_source(ObjectStoreErrorKind::Refused, error))?;
            objects.push(ObjectInfo::read(&info)?);
        }
        Ok(objects)
    }
}

impl<O: TypedObjectStore, A: MayWrite> ObjectStore<O, A> {
    /// Stores what a reader gives, in the place of what the object held before. The former content stays until the new one
    /// is complete.
    ///
    /// # Errors
    /// [`ObjectStoreErrorKind::Source`] where the reader fails; see [`ObjectStoreErrorKind`].
    pub async fn put(
        &self,
        name: &O::Name,
        content: &mut (impl AsyncRead + Unpin),
    ) -> Result<ObjectInfo<O>, ObjectStoreError> {
        use object_store::PutErrorKind as Kind;
        let name = self.own(name)?;
        let info = self.store().await?.put(name.as_str(), content).await.map_err(|error| {
            let kind = match error.kind() {
                Kind::ReadChunks => ObjectStoreErrorKind::Source,
                Kind::InvalidName | Kind::Other => ObjectStoreErrorKind::Refused,
                _ => ObjectStoreErrorKind::Unconfirmed,
            };
            ObjectStoreError::with_source(kind, error)
        })?;
        ObjectInfo::read(&info)
    }

    /// Takes an object away.
    ///
    /// # Errors
    /// [`ObjectStoreErrorKind::NotFound`] where there is none; see [`ObjectStoreErrorKind`].
    pub async fn delete(&self, name: &O::Name) -> Result<(), ObjectStoreError> {
        use object_store::DeleteErrorKind as Kind;
        let name = self.own(name)?;
        self.store().await?.delete(name).await.map_err(|error| {
            let kind = match error.kind() {
                Kind::NotFound => return ObjectStoreError::new(ObjectStoreErrorKind::NotFound),
                Kind::InvalidName | Kind::Other => ObjectStoreErrorKind::Refused,
                _ => ObjectStoreErrorKind::Unconfirmed,
            };
            ObjectStoreError::with_source(kind, error)
        })
    }
}

/// What an object store knows about an object.
#[non_exhaustive]
pub struct ObjectInfo<O: TypedObjectStore> {
    /// The object's name.
    pub name: O::Name,
    /// Its length in bytes.
    pub size: usize,
    /// In how many messages it is kept.
    pub chunks: usize,
    /// Its digest, as `SHA-256=` and URL-safe base64.
    pub digest: Option<String>,
    /// When it was stored; the server's time.
    pub stored: Option<DateTime<Utc>>,
}

impl<O: TypedObjectStore> ObjectInfo<O> {
    fn read(info: &object_store::ObjectInfo) -> Result<Self, ObjectStoreError> {
        let name = info
            .name
            .parse()
            .map_err(|error| ObjectStoreError::with_source(ObjectStoreErrorKind::ForeignName, error))?;
        Ok(Self {
            name,
            size: info.size,
            chunks: info.chunks,
            digest: info.digest.clone(),
            stored: info
                .modified
                .map(|moment| crate::kv::moment(moment.unix_timestamp_nanos())),
        })
    }
}

impl<O: TypedObjectStore> Clone for ObjectInfo<O> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            size: self.size,
            chunks: self.chunks,
            digest: self.digest.clone(),
            stored: self.stored,
        }
    }
}

impl<O: TypedObjectStore> fmt::Debug for ObjectInfo<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectInfo")
            .field("name", &self.name)
            .field("size", &self.size)
            .field("chunks", &self.chunks)
            .field("digest", &self.digest)
            .field("stored", &self.stored)
            .finish()
    }
}

/// An object that is being read: an [`AsyncRead`].
///
/// The last read fails with [`InvalidData`](std::io::ErrorKind::InvalidData) where the content does not have the digest that
/// was stored with it.
pub struct StoredObject<O: TypedObjectStore> {
    info: ObjectInfo<O>,
    object: object_store::Object,
}

impl<O: TypedObjectStore> StoredObject<O> {
    /// What the store knows about it.
    #[must_use]
    pub fn info(&self) -> &ObjectInfo<O> {
        &self.info
    }
}

impl<O: TypedObjectStore> AsyncRead for StoredObject<O> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let filled = buffer.filled().len();
        let read = Pin::new(&mut self.object).poll_read(cx, buffer);
        if let Poll::Ready(Err(_)) = read {
            // The client has filled in the last bytes when it finds the digest wrong; a read that fails must give none.
            buffer.set_filled(filled);
        }
        read
    }
}

impl<O: TypedObjectStore> fmt::Debug for StoredObject<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredObject")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

impl<O: TypedObjectStore, A> Clone for ObjectStore<O, A> {
    fn clone(&self) -> Self {
        Self {
            connection: self.connection.clone(),
            scope: self.scope.clone(),
            store: self.store.clone(),
            access: PhantomData,
        }
    }
}

impl<O: TypedObjectStore, A> fmt::Debug for ObjectStore<O, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectStore")
            .field("store", &O::NAME)
            .field("scope", &format_args!("{}", self.scope))
            .finish_non_exhaustive()
    }
}

/// Why an object store did not do what it was asked.
pub type ObjectStoreError = Error<ObjectStoreErrorKind>;

/// The kinds of [`ObjectStoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectStoreErrorKind {
    /// The store is not on the server: apply the contract's provisioning plan.
    NoStore,
    /// There is no object of that name.
    NotFound,
    /// The name is outside of what this role may write.
    OutsideScope,
    /// A stored object has a name that is none of the contract's; the source is a [`SubjectError`](crate::SubjectError).
    ForeignName,
    /// The content could not be read, or does not have the digest that was stored with it.
    Damaged,
    /// What was to be stored could not be read.
    Source,
    /// The server did not answer in time, or the connection is closed; the object may or may not have been changed.
    Unconfirmed,
    /// The server refused, for the reason in the source.
    Refused,
}

impl fmt::Display for ObjectStoreErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoStore => "the object store is not on the server",
            Self::NotFound => "there is no such object",
            Self::OutsideScope => "the name is outside of what this role may write",
            Self::ForeignName => "a stored object has a name that is none of the contract's",
            Self::Damaged => "the content cannot be read or is not what was stored",
            Self::Source => "what was to be stored could not be read",
            Self::Unconfirmed => "the server did not confirm",
            Self::Refused => "the server refused",
        })
    }
}
