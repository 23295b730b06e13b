//! Findings about key-value buckets and object stores.

use super::rules;

rules! {
    /// A bucket by content whose key cannot hold the hash, or whose content is not there.
    error BY_CONTENT = "kv/by-content";
    /// A history that no client makes a bucket with.
    warning HISTORY = "kv/history";
}
