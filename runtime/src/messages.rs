//! Several messages on one subject: what tells them apart, and what becomes of one that is none of them.

use std::borrow::Cow;

use bytes::Bytes;

use crate::json::{Cursor, Fault, Kind, Parsed, read_document};
use crate::payload::{Keyword, PayloadError};

/// A message of a kind that the contract does not name: the document as it came.
///
/// It is received so that a program can log it, count it or pass its bytes on, for others may know more kinds than this
/// version of the contract. It cannot be sent: nobody knows what its kind asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMessage {
    /// What it says of its kind; `None` where it says nothing, or no text.
    pub kind: Option<String>,
    /// The bytes that it carries.
    pub document: Bytes,
}

impl UnknownMessage {
    /// A message of another kind.
    #[must_use]
    pub fn new(kind: Option<&str>, document: &[u8]) -> Self {
        Self {
            kind: kind.map(ToOwned::to_owned),
            document: Bytes::copy_from_slice(document),
        }
    }

    /// Why it is not sent; `known` are the kinds of the contract.
    #[must_use]
    pub fn refused(&self, known: &[&str]) -> PayloadError {
        let known: Vec<String> = known.iter().map(|kind| format!("`{kind}`")).collect();
        let found = match &self.kind {
            Some(kind) => format!("the kind {kind:?}"),
            None => "none".to_owned(),
        };
        Fault::of(
            Keyword::Enum,
            format!("a message of the kind {}", known.join(", ")),
            found,
        )
        .into()
    }
}

/// The text behind a path of member names in a document: what kind of message it is. `None` where a member is missing or
/// is no text.
///
/// Only what stands before it in the document is read.
///
/// ```
/// use natsmith_runtime::messages::kind_in;
/// assert_eq!(kind_in(br#"{"meta": {"type": "task"}}"#, &["meta", "type"])?.as_deref(), Some("task"));
/// assert_eq!(kind_in(br#"{"meta": {}}"#, &["meta", "type"])?, None);
/// assert!(kind_in(b"[]", &["type"]).is_err());
/// # Ok::<(), natsmith_runtime::PayloadError>(())
/// ```
///
/// # Errors
/// Where the document is no JSON object, as far as it is read.
pub fn kind_in<'d>(document: &'d [u8], path: &[&str]) -> Result<Option<Cow<'d, str>>, PayloadError> {
    let found = Cursor::new(document).and_then(|mut cursor| look(&mut cursor, path));
    if let Ok(found @ Some(_)) = found {
        return Ok(found);
    }
    // There is none: is this a document at all?
    read_document(document, |cursor| match cursor.kind() {
        Kind::Object => cursor.skip(),
        _ => Err(cursor.wrong_type("an object")),
    })?;
    Ok(None)
}

/// Reads an object up to the member that the path leads to.
fn look<'d>(cursor: &mut Cursor<'d>, path: &[&str]) -> Parsed<Option<Cow<'d, str>>> {
    let Some((name, path)) = path.split_first() else {
        return match cursor.kind() {
            Kind::String => cursor.string().map(Some),
            _ => Ok(None),
        };
    };
    if cursor.kind() != Kind::Object {
        return Ok(None);
    }
    let mut members = cursor.object::<1>(&[])?;
    while members.next(cursor)?.is_some() {
        if members.name() == *name {
            return look(cursor, path);
        }
        cursor.skip()?;
    }
    Ok(None)
}

/// Lists every violation by the kind of a document; nothing without the feature `validator`.
#[cfg(feature = "validator")]
#[macro_export]
macro_rules! all_errors_by_kind {
    (|$document:ident| $errors:expr) => {
        fn decode_all_errors($document: &[u8]) -> Vec<$crate::PayloadError> {
            $errors
        }
    };
}

/// Lists every violation by the kind of a document; nothing without the feature `validator`.
#[cfg(not(feature = "validator"))]
#[macro_export]
macro_rules! all_errors_by_kind {
    (|$document:ident| $errors:expr) => {};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_where_it_stands() {
        for (document, path, expected) in [
            (r#"{"type":"a"}"#, &["type"][..], Some("a")),
            (r#"{"x":[{"type":"b"}],"type":"a\u0062"}"#, &["type"], Some("ab")),
            (r#"{"type":7}"#, &["type"], None),
            (r#"{"type":null,"x":1}"#, &["type"], None),
            (r#"{"other":"a"}"#, &["type"], None),
            (r#"{"meta":"type"}"#, &["meta", "type"], None),
            (r#"{"meta":{"x":1,"type":"a"},"y":2}"#, &["meta", "type"], Some("a")),
            // The rest is read by whoever knows the kind.
            (r#"{"type":"a","#, &["type"], Some("a")),
        ] {
            assert_eq!(
                kind_in(document.as_bytes(), path).unwrap().as_deref(),
                expected,
                "{document}"
            );
        }
        for document in ["", "[]", "7", "{", r#"{"x":}"#, "\u{feff}{}"] {
            assert!(kind_in(document.as_bytes(), &["type"]).is_err(), "{document}");
        }
    }

    #[test]
    fn an_unknown_kind_is_not_sent() {
        let error = UnknownMessage::new(Some("gossip"), b"{}").refused(&["task", "note"]);
        assert_eq!(
            error.to_string(),
            "the document: expected a message of the kind `task`, `note`, found the kind \"gossip\" (enum)"
        );
    }
}
