//! Reads a document in each way that generated code has, next to `serde_json`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on stops"
)]

use std::collections::BTreeMap;

use bytes::BytesMut;
use natsmith_runtime::json::{self, Codec, Cursor, Items, Kind, Number, Parsed, Properties};
use natsmith_runtime::{FreeForm, Keyword, Payload, PayloadError};
use serde_json::Value;

/// A value as a whole document.
#[derive(Debug)]
struct Document<T>(T);

impl<T: Codec> Codec for Document<T> {
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        T::read(cursor).map(Self)
    }

    fn write(&self, out: &mut BytesMut) {
        self.0.write(out);
    }
}

impl<T: Codec + Send + Sync + 'static> Payload for Document<T> {
    const NAME: &'static str = "Document";
    const SCHEMA: &'static str = "true";

    fn decode(document: &[u8]) -> Result<Self, PayloadError> {
        json::decode(document)
    }

    fn validate(&self) -> Result<(), PayloadError> {
        json::validate(self)
    }

    fn encode(&self, out: &mut BytesMut) {
        self.write(out);
    }
}

pub(crate) fn decode<T: Codec + Send + Sync + 'static>(document: &[u8]) -> Result<T, PayloadError> {
    Document::decode(document).map(|Document(value)| value)
}

/// Any JSON, read to the last value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Boolean(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Codec for Json {
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(match cursor.kind() {
            Kind::Null => {
                cursor.null()?;
                Self::Null
            }
            Kind::Boolean => Self::Boolean(cursor.boolean()?),
            Kind::Number => Self::Number(cursor.number(&Number::any())?),
            Kind::String => Self::Text(cursor.string()?.into_owned()),
            Kind::Array => Self::List(cursor.array(&Items::any(), Self::read)?),
            Kind::Object => Self::Object(cursor.map(&Properties::any(), Self::read)?),
            Kind::Nothing => return Err(cursor.wrong_type("a value")),
        })
    }

    fn write(&self, out: &mut BytesMut) {
        match self {
            Self::Null => ().write(out),
            Self::Boolean(value) => value.write(out),
            Self::Number(value) => value.write(out),
            Self::Text(value) => value.write(out),
            Self::List(items) => items.write(out),
            Self::Object(members) => members.write(out),
        }
    }
}

/// Whether two readers have read the same. `serde_json` may be one bit off in the last place of a number.
fn is_same(ours: &Json, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Json::Null, Value::Null) => true,
        (Json::Boolean(ours), Value::Bool(theirs)) => ours == theirs,
        (Json::Number(ours), Value::Number(theirs)) => theirs
            .as_f64()
            .is_some_and(|theirs| (ours - theirs).abs() <= theirs.abs() * f64::EPSILON),
        (Json::Text(ours), Value::String(theirs)) => ours == theirs,
        (Json::List(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| is_same(ours, theirs))
        }
        (Json::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours
                    .iter()
                    .all(|(name, ours)| theirs.get(name).is_some_and(|theirs| is_same(ours, theirs)))
        }
        _ => false,
    }
}

/// An object with two members that the schema names, beside others.
#[derive(Clone, Debug, PartialEq)]
struct Named {
    a: Option<FreeForm>,
    b: Option<FreeForm>,
}

impl Codec for Named {
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut read = Self { a: None, b: None };
        let mut members = cursor.object::<1>(&["a", "b"])?;
        while let Some(member) = members.next(cursor)? {
            match member {
                0 => read.a = Some(Codec::read(cursor)?),
                1 => read.b = Some(Codec::read(cursor)?),
                _ => cursor.skip()?,
            }
        }
        Ok(read)
    }

    fn write(&self, out: &mut BytesMut) {
        let mut object = json::ObjectWriter::new(out);
        object.optional(r#","a":"#, self.a.as_ref());
        object.optional(r#","b":"#, self.b.as_ref());
        object.finish();
    }
}

/// What each reader says of a document: that it is JSON, or what it is instead.
#[derive(Debug, PartialEq)]
pub(crate) struct Verdicts {
    /// `serde_json`
    pub(crate) serde: bool,
    /// Reading past it.
    pub(crate) skipped: Option<Keyword>,
    /// Reading every value.
    pub(crate) read: Option<Keyword>,
    /// Reading named members, where the document is an object.
    pub(crate) named: Option<Keyword>,
}

/// Reads a document in every way. What is read is the same everywhere, and an error names a place in the document.
pub(crate) fn verdicts(document: &[u8]) -> Verdicts {
    let shown = || String::from_utf8_lossy(document).into_owned();
    let serde = serde_json::from_slice::<Value>(document).ok();
    let refused = |error: PayloadError| {
        let offset = error.offset().expect("a document that was read has places");
        assert!(offset <= document.len(), "{error}: {}", shown());
        error.keyword()
    };

    let skipped = decode::<FreeForm>(document);
    if let (Ok(ours), Some(theirs)) = (&skipped, &serde) {
        assert_eq!(ours.to_value().ok().as_ref(), Some(theirs), "{}", shown());
    }
    let read = decode::<Json>(document);
    if let (Ok(ours), Some(theirs)) = (&read, &serde) {
        assert!(is_same(ours, theirs), "{ours:?}: {}", shown());
        let mut out = BytesMut::new();
        ours.write(&mut out);
        assert_eq!(decode::<Json>(&out).as_ref(), Ok(ours), "{}", shown());
    }
    let skipped = skipped.map_err(refused).err();
    // What is no object is refused for its type before it is read to its end.
    let named = if document.trim_ascii_start().starts_with(b"{") {
        let named = decode::<Named>(document);
        if let (Ok(ours), Some(theirs)) = (&named, &serde) {
            for (name, ours) in [("a", &ours.a), ("b", &ours.b)] {
                let ours = ours.as_ref().map(|value| value.to_value().unwrap());
                assert_eq!(ours.as_ref(), theirs.get(name), "{}", shown());
            }
        }
        named.map_err(refused).err()
    } else {
        skipped
    };
    Verdicts {
        serde: serde.is_some(),
        skipped,
        read: read.map_err(refused).err(),
        named,
    }
}

/// Every reader says what `serde_json` says, but that a member must not stand twice.
pub(crate) fn agree(document: &[u8]) {
    let Verdicts {
        serde,
        skipped,
        read,
        named,
    } = verdicts(document);
    let shown = String::from_utf8_lossy(document);
    assert_eq!(skipped.is_none(), serde, "{skipped:?}: {shown}");
    assert!(
        read.is_none() == serde || serde && read == Some(Keyword::Duplicate),
        "{read:?}: {shown}"
    );
    assert!(
        named.is_none() == serde || serde && named == Some(Keyword::Duplicate),
        "{named:?}: {shown}"
    );
}
