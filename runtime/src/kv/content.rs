//! Buckets whose values are kept by the content of what they were made of.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::future::Future;

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{Bucket, BucketKey, KvError, KvErrorKind, TypedBucket};
use crate::endpoint::access::{MayRead, MayWrite};
use crate::payload::Payload;
use crate::subject::SubjectError;

/// A bucket that remembers what was made of a payload, by the content of the payload.
pub trait ContentBucket: TypedBucket {
    /// The payload whose content counts.
    type Content: Payload;
    /// A JSON pointer to the part of it that counts; empty for all of it.
    const PART: &'static str;

    /// The keys of one content among those of a scope.
    ///
    /// # Errors
    /// The key's token does not accept the hash.
    fn with_hash(
        scope: &<Self::Key as BucketKey>::Filter,
        hash: &str,
    ) -> Result<<Self::Key as BucketKey>::Filter, SubjectError>;
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered<V> {
    /// The value.
    pub value: V,
    /// Whether the bucket had it; otherwise it was made just now.
    pub known: bool,
}

impl<B: ContentBucket, A> Bucket<B, A> {
    /// The key under which the value for a content is kept.
    ///
    /// It holds the SHA-256 of the part of the payload that counts, in a form where the order of members and white space make no difference.
    /// A number is what it is written as: `1` and `1.0` are two.
    ///
    /// # Errors
    /// [`KvErrorKind::InvalidKey`] where the role knows too few tokens of the key.
    pub fn key_of(&self, content: &B::Content) -> Result<B::Key, KvError> {
        let invalid = |error: SubjectError| KvError::with_source(KvErrorKind::InvalidKey, error);
        let mut document = bytes::BytesMut::new();
        content.encode(&mut document);
        let hash = hash(&document, B::PART).map_err(|error| KvError::with_source(KvErrorKind::InvalidKey, error))?;
        let filter = B::with_hash(self.scope(), &hash).map_err(invalid)?;
        // A token that is still open is `*`, which no key has.
        filter.to_string().parse().map_err(invalid)
    }
}

impl<B: ContentBucket, A: MayRead + MayWrite> Bucket<B, A> {
    /// The value for a content: from the bucket, or made by `make` and kept there.
    ///
    /// Where two make the value for the same content at once, both get the one that was stored first. A stored value that does not keep the
    /// contract any more is made anew. What `make` fails with is not kept.
    ///
    /// ```no_run
    /// # use natsmith_runtime::kv::{Bucket, ContentBucket, KvError};
    /// # use natsmith_runtime::access;
    /// # async fn run<B: ContentBucket>(bucket: Bucket<B, access::ReadWrite>, task: B::Content, made: B::Value)
    /// # -> Result<(), KvError> {
    /// let result = bucket.remembered(&task, async || Ok::<_, KvError>(made)).await?;
    /// println!("{}", if result.known { "from memory" } else { "made just now" });
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What `make` fails with, and what [`get`](Bucket::get) and [`create`](Bucket::create) do.
    pub async fn remembered<E: From<KvError>, R: Future<Output = Result<B::Value, E>>>(
        &self,
        content: &B::Content,
        make: impl FnOnce() -> R,
    ) -> Result<Remembered<B::Value>, E> {
        let key = self.key_of(content)?;
        let known = |value| Remembered { value, known: true };
        let unreadable = match self.get(&key).await {
            Ok(Some(entry)) => return Ok(known(entry.value)),
            Ok(None) => false,
            Err(error) if matches!(error.kind(), KvErrorKind::Undecodable { .. }) => true,
            Err(error) => return Err(error.into()),
        };
        let value = make().await?;
        let stored = if unreadable {
            self.put(&key, &value).await
        } else {
            self.create(&key, &value).await
        };
        match stored {
            Ok(_) => Ok(Remembered { value, known: false }),
            Err(error) if error.kind() == KvErrorKind::AlreadyExists => {
                // Somebody was quicker, unless it is gone again.
                let first = self.get(&key).await?;
                Ok(first.map_or(Remembered { value, known: false }, |entry| known(entry.value)))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The SHA-256 of a part of a document, in lower case; a part that is left out is `null`.
fn hash(document: &[u8], pointer: &str) -> serde_json::Result<String> {
    let mut part: Option<&RawValue> = Some(serde_json::from_slice(document)?);
    for step in pointer.split('/').skip(1) {
        let name = step.replace("~1", "/").replace("~0", "~");
        part = match part {
            Some(object) => serde_json::from_str::<BTreeMap<String, &RawValue>>(object.get())?.remove(&name),
            None => None,
        };
    }
    let mut text = String::new();
    match part {
        Some(part) => canonical(part.get(), &mut text)?,
        None => text.push_str("null"),
    }
    let mut hash = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a String cannot fail.
        let _ = write!(hash, "{byte:02x}");
    }
    Ok(hash)
}

/// Writes a value without white space, with members in the order of their names, and with every text spelled in one way. Numbers stay as they
/// are, so that none of their digits is lost.
fn canonical(value: &str, out: &mut String) -> serde_json::Result<()> {
    match value.as_bytes().first() {
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(value)?;
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                canonical(item.get(), out)?;
            }
            out.push(']');
        }
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(value)?;
            out.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                out.push_str(&serde_json::to_string(name)?);
                out.push(':');
                canonical(member.get(), out)?;
            }
            out.push('}');
        }
        Some(b'"') => out.push_str(&serde_json::to_string(&serde_json::from_str::<String>(value)?)?),
        _ => out.push_str(value),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{canonical, hash};

    #[test]
    fn order_white_space_and_escapes_make_no_difference() {
        let text = |value: &str| {
            let mut text = String::new();
            canonical(value, &mut text).unwrap();
            text
        };
        let value = r#"{ "b": [1, 1.50, {}, [ ], "\u0041\n"], "a": {"y": null, "x": true} }"#;
        let expected = r#"{"a":{"x":true,"y":null},"b":[1,1.50,{},[],"A\n"]}"#;
        assert_eq!(text(value), expected);
        assert_eq!(text(expected), expected);
    }

    #[test]
    fn a_part_is_hashed_as_every_program_hashes_its_bytes() {
        // SHA-256 of `{}` and of `null`.
        for (document, pointer, expected) in [
            (
                "{}",
                "",
                "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            ),
            (
                r#"{"a":{"b/c": { }}}"#,
                "/a/b~1c",
                "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            ),
            (
                r#"{"a":1}"#,
                "/b/c",
                "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b",
            ),
        ] {
            assert_eq!(
                hash(document.as_bytes(), pointer).unwrap(),
                expected,
                "{document} {pointer}"
            );
        }
        let long = |digit: char| format!("[1234567890123456789012345678901{digit}]");
        assert_ne!(
            hash(long('1').as_bytes(), "").unwrap(),
            hash(long('2').as_bytes(), "").unwrap()
        );
    }
}
