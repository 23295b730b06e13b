//! Ways to read, check, write and refuse one payload.
//!
//! Each of them is held against the document once, before anything is measured.

use std::cell::RefCell;
use std::sync::Arc;

use boon::{Compiler, Schemas};
use bytes::BytesMut;
use natsmith_runtime::Payload;
use serde_json::Value;
use validator::Validate;

use crate::case::Case;
use crate::measure::Contender;

/// The documents of one payload, as bytes.
pub type Documents = Arc<[Vec<u8>]>;

/// The name of the row that the others are compared with.
pub const DERIVE: &str = "serde derive, no validation";

/// The name of the row that other ways to write are compared with.
pub const TO_VEC: &str = "serde_json::to_vec";

/// Documents in the schema's order, as programs send them.
pub fn read<C: Case>(values: Vec<Value>) -> Documents {
    let text = |value| serde_json::to_vec(&serde_json::from_value::<C::Raw>(value).expect("the document is valid"));
    values
        .into_iter()
        .map(|value| text(value).expect("a payload is JSON"))
        .collect()
}

/// What is measured on each payload.
pub trait Contenders {
    fn of<C: Case>(&self, documents: &Documents) -> Vec<Contender>;
}

/// Everything that reads a payload.
pub struct Decoders;

impl Contenders for Decoders {
    fn of<C: Case>(&self, documents: &Documents) -> Vec<Contender> {
        let mut contenders = decoders::<C>(documents);
        let first = documents.first().map(|text| C::Ours::decode(text).expect("valid"));
        if first.as_ref().and_then(C::free_form).is_some() {
            contenders.push(decoder(
                documents,
                "natsmith, then free-form as Value",
                |text| {
                    let payload = C::Ours::decode(text).expect("valid");
                    let free_form = C::free_form(&payload).map(|value| value.to_value().expect("JSON"));
                    (payload, free_form)
                },
                |(payload, _)| written(payload),
            ));
        }
        contenders.extend(C::borrowed(documents));
        contenders.extend(C::others(documents));
        contenders
    }
}

/// Everything that writes a payload, and natsmith's check of one that was built.
pub struct Encoders;

impl Contenders for Encoders {
    fn of<C: Case>(&self, documents: &Documents) -> Vec<Contender> {
        encoders::<C>(documents)
    }
}

fn decoders<C: Case>(documents: &Documents) -> Vec<Contender> {
    let (schema, judge) = judge::<C>();
    let boon = Boon::new(schema);
    vec![
        decoder(
            documents,
            "natsmith",
            |text| C::Ours::decode(text).expect("valid"),
            written,
        ),
        decoder(documents, DERIVE, serde::<C::Raw>, to_value),
        decoder(documents, "  with free-form as Value", serde::<C::Tree>, to_value),
        decoder(
            documents,
            "sonic-rs derive, no validation",
            sonic::<C::Lazy>,
            |payload| value(&sonic_rs::to_vec(payload).expect("a payload is JSON")),
        ),
        decoder(
            documents,
            "serde derive + validator",
            |text| {
                let payload = serde::<C::Raw>(text);
                payload.validate().expect("valid");
                payload
            },
            to_value,
        ),
        decoder(documents, "typify", serde::<C::Typify>, to_value),
        decoder(
            documents,
            "jsonschema + from_value",
            move |text| {
                let document = value(text);
                judge.validate(&document).expect("valid");
                serde_json::from_value::<C::Tree>(document).expect("valid")
            },
            to_value,
        ),
        decoder(
            documents,
            "jsonschema macro + from_value",
            |text| {
                let document = value(text);
                assert!(C::is_valid(&document));
                serde_json::from_value::<C::Tree>(document).expect("valid")
            },
            to_value,
        ),
        decoder(
            documents,
            "boon + from_value",
            move |text| {
                let document = value(text);
                assert!(boon.is_valid(&document));
                serde_json::from_value::<C::Tree>(document).expect("valid")
            },
            to_value,
        ),
    ]
}

fn encoders<C: Case>(documents: &Documents) -> Vec<Contender> {
    let ours: Arc<[C::Ours]> = each(documents, |text| C::Ours::decode(text).expect("valid"));
    let derived: Arc<[C::Raw]> = each(documents, serde::<C::Raw>);
    let lazy: Arc<[C::Lazy]> = each(documents, sonic::<C::Lazy>);
    for ((payload, derived), text) in ours.iter().zip(derived.iter()).zip(documents.iter()) {
        assert_eq!(written(payload), value(text));
        assert_eq!(to_value(derived), value(text));
    }
    let buffer = RefCell::new(BytesMut::with_capacity(64 << 10));
    vec![
        Contender::new("natsmith, into a reused buffer", &ours, move |payload| {
            let mut out = buffer.borrow_mut();
            out.clear();
            payload.encode(&mut out);
        }),
        Contender::new("natsmith, checked and into a new buffer", &ours, |payload| {
            payload.to_bytes().expect("valid")
        }),
        Contender::new(TO_VEC, &derived, |payload| {
            serde_json::to_vec(payload).expect("a payload is JSON")
        }),
        Contender::new("sonic_rs::to_vec", &lazy, |payload| {
            sonic_rs::to_vec(payload).expect("a payload is JSON")
        }),
        Contender::new("natsmith, validate only", &ours, |payload| {
            payload.validate().expect("valid");
        }),
    ]
}

/// Everything that says what is wrong with a document, and where.
pub fn refusers<C: Case>(documents: &Documents, pointer: &str, keyword: &'static str) -> Vec<Contender> {
    let (_, judge) = judge::<C>();
    let judge = Arc::new(judge);
    let values: Arc<[Value]> = each(documents, value);
    let ours = |text: &[u8]| {
        let error = C::Ours::decode(text).err().expect("not valid");
        (error.pointer().to_owned(), error.keyword())
    };
    let theirs = move |judge: &jsonschema::Validator, value: &Value| {
        let error = judge.validate(value).expect_err("not valid");
        (error.instance_path().to_string(), error.kind().keyword() == keyword)
    };
    for (text, value) in documents.iter().zip(values.iter()) {
        let (place, rule) = ours(text);
        assert_eq!((place.as_str(), rule.as_str()), (pointer, keyword));
        assert_eq!(theirs(&judge, value), (pointer.to_owned(), true));
    }
    let again = Arc::clone(&judge);
    vec![
        Contender::new("natsmith", documents, move |text| ours(text)),
        Contender::new("jsonschema, from text", documents, move |text| {
            theirs(&judge, &value(text))
        }),
        Contender::new("jsonschema, from a Value", &values, move |value| theirs(&again, value)),
    ]
}

/// A decoder, after it has shown that it reads what the documents say.
pub fn decoder<T>(
    documents: &Documents,
    name: &'static str,
    decode: impl Fn(&[u8]) -> T + 'static,
    said: impl Fn(&T) -> Value,
) -> Contender {
    for text in documents.iter() {
        assert_eq!(said(&decode(text)), value(text), "{name}");
    }
    Contender::new(name, documents, move |text| decode(text))
}

/// The borrowed form of a payload, after it has shown that it reads what the documents say; `decode` only reads it.
pub fn borrowed<C: Case>(
    documents: &Documents,
    owned: impl Fn(&[u8]) -> C::Ours,
    decode: impl Fn(&[u8]) + 'static,
) -> Contender {
    for text in documents.iter() {
        assert_eq!(written(&owned(text)), value(text));
    }
    Contender::new("natsmith, borrowed", documents, move |text| decode(text))
}

fn each<T>(documents: &Documents, read: impl Fn(&[u8]) -> T) -> Arc<[T]> {
    documents.iter().map(|text| read(text)).collect()
}

fn value(text: &[u8]) -> Value {
    serde_json::from_slice(text).expect("a document is JSON")
}

pub fn to_value<T: serde::Serialize>(payload: &T) -> Value {
    serde_json::to_value(payload).expect("a payload is JSON")
}

fn written<P: Payload>(payload: &P) -> Value {
    let mut out = BytesMut::new();
    payload.encode(&mut out);
    value(&out)
}

fn serde<T: serde::de::DeserializeOwned>(text: &[u8]) -> T {
    serde_json::from_slice(text).expect("valid")
}

fn sonic<T: serde::de::DeserializeOwned>(text: &[u8]) -> T {
    sonic_rs::from_slice(text).expect("valid")
}

/// `jsonschema` with the faster of its two engines for expressions.
fn judge<C: Case>() -> (Value, jsonschema::Validator) {
    let schema = value(C::Ours::SCHEMA.as_bytes());
    let judge = jsonschema::options()
        .should_validate_formats(true)
        .with_pattern_options(jsonschema::PatternOptions::regex())
        .build(&schema)
        .expect("the schema compiles");
    (schema, judge)
}

struct Boon {
    schemas: Schemas,
    root: boon::SchemaIndex,
}

impl Boon {
    fn new(schema: Value) -> Self {
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        compiler
            .add_resource("payload.json", schema)
            .expect("the schema is new");
        let root = compiler
            .compile("payload.json", &mut schemas)
            .expect("the schema compiles");
        Self { schemas, root }
    }

    fn is_valid(&self, document: &Value) -> bool {
        self.schemas.validate(document, self.root).is_ok()
    }
}
