//! Why a bucket did not do what it was asked.

use std::fmt;

use async_nats::jetstream::kv;

use crate::error::Error;

/// Why a bucket did not do what it was asked.
pub type KvError = Error<KvErrorKind>;

/// The kinds of [`KvError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KvErrorKind {
    /// The bucket is not on the server: apply the contract's provisioning plan.
    NoBucket,
    /// The key holds a character that keys cannot have: they are made of letters, digits, `-`, `_`, `=`, `/` and dots
    /// (ADR-8).
    InvalidKey,
    /// The key is outside of what this role may write.
    OutsideScope,
    /// The value was not stored: its schema refuses it; the source is a [`PayloadError`](crate::PayloadError).
    InvalidValue,
    /// What is stored is not what the contract says; the source is a [`PayloadError`](crate::PayloadError) or a
    /// [`SubjectError`](crate::SubjectError).
    Undecodable {
        /// The revision that holds it.
        revision: u64,
    },
    /// The key has a value already.
    AlreadyExists,
    /// Somebody else has changed the key since the revision that was expected.
    WrongRevision,
    /// The server did not answer in time, or the connection is closed; a value may or may not have been stored.
    Unconfirmed,
    /// The server refused, for the reason in the source.
    Refused,
}

impl fmt::Display for KvErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoBucket => "the bucket is not on the server",
            Self::InvalidKey => "keys are made of letters, digits, `-`, `_`, `=`, `/` and dots",
            Self::OutsideScope => "the key is outside of what this role may write",
            Self::InvalidValue => "the schema refuses the value",
            Self::Undecodable { .. } => "what is stored does not keep the contract",
            Self::AlreadyExists => "the key has a value already",
            Self::WrongRevision => "the key was changed since the expected revision",
            Self::Unconfirmed => "the server did not confirm",
            Self::Refused => "the server refused",
        })
    }
}

impl From<kv::PutError> for KvError {
    fn from(error: kv::PutError) -> Self {
        let kind = match error.kind() {
            kv::PutErrorKind::InvalidKey => KvErrorKind::InvalidKey,
            kv::PutErrorKind::Publish | kv::PutErrorKind::Ack => KvErrorKind::Unconfirmed,
        };
        Self::with_source(kind, error)
    }
}

impl From<kv::CreateError> for KvError {
    fn from(error: kv::CreateError) -> Self {
        let kind = match error.kind() {
            kv::CreateErrorKind::AlreadyExists => return Self::new(KvErrorKind::AlreadyExists),
            kv::CreateErrorKind::InvalidKey => KvErrorKind::InvalidKey,
            kv::CreateErrorKind::Publish | kv::CreateErrorKind::Ack => KvErrorKind::Unconfirmed,
            kv::CreateErrorKind::Other => KvErrorKind::Refused,
        };
        Self::with_source(kind, error)
    }
}

impl From<kv::UpdateError> for KvError {
    fn from(error: kv::UpdateError) -> Self {
        let kind = match error.kind() {
            kv::UpdateErrorKind::WrongLastRevision => return Self::new(KvErrorKind::WrongRevision),
            kv::UpdateErrorKind::InvalidKey => KvErrorKind::InvalidKey,
            kv::UpdateErrorKind::TimedOut => KvErrorKind::Unconfirmed,
            kv::UpdateErrorKind::Other => KvErrorKind::Refused,
        };
        Self::with_source(kind, error)
    }
}

impl From<kv::EntryError> for KvError {
    fn from(error: kv::EntryError) -> Self {
        let kind = match error.kind() {
            kv::EntryErrorKind::InvalidKey => KvErrorKind::InvalidKey,
            kv::EntryErrorKind::TimedOut => KvErrorKind::Unconfirmed,
            kv::EntryErrorKind::Other => KvErrorKind::Refused,
        };
        Self::with_source(kind, error)
    }
}

impl From<kv::WatchError> for KvError {
    fn from(error: kv::WatchError) -> Self {
        let kind = match error.kind() {
            kv::WatchErrorKind::InvalidKey => KvErrorKind::InvalidKey,
            kv::WatchErrorKind::TimedOut => KvErrorKind::Unconfirmed,
            kv::WatchErrorKind::ConsumerCreate | kv::WatchErrorKind::Other => KvErrorKind::Refused,
        };
        Self::with_source(kind, error)
    }
}
