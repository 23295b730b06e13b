//! Typed key-value buckets (ADR-8): keys are made of tokens like subjects, values are payloads.

mod bucket;
mod content;
mod entry;
mod error;

use std::fmt;
use std::str::FromStr;

use crate::payload::Payload;
use crate::subject::{SubjectError, matches};

pub use bucket::Bucket;
pub use content::{ContentBucket, Remembered};
pub(crate) use entry::moment;
pub use entry::{Change, Changes, Entry, Operation};
pub use error::{KvError, KvErrorKind};

/// A bucket of a contract: what its keys look like and what its values are.
pub trait TypedBucket: Send + Sync + 'static {
    /// The keys.
    type Key: BucketKey;
    /// The values.
    type Value: Payload;
    /// The bucket's name on the server.
    const NAME: &'static str;
}

/// The key of a bucket or the name in an object store, made of tokens.
pub trait BucketKey:
    Clone + fmt::Debug + PartialEq + fmt::Display + FromStr<Err = SubjectError> + Send + Sync + Unpin + 'static
{
    /// A pattern over keys: what is not narrowed matches anything.
    type Filter: Clone + fmt::Debug + Default + fmt::Display + Send + Sync + 'static;
    /// The key with its tokens in braces.
    const TEMPLATE: &'static str;
}

/// The text of a key that a role may write; otherwise what is wrong with it.
pub(crate) fn own_key<K: BucketKey>(scope: &K::Filter, key: &K) -> Result<String, String> {
    let key = key.to_string();
    if matches(&scope.to_string(), &key) {
        Ok(key)
    } else {
        Err(format!("`{key}` is not among `{scope}`"))
    }
}
