//! Documents that a payload accepts, and documents that it almost accepts.
//!
//! They are made of the payload's type alone, the same ones in every run, and held against its schema before they are
//! given out: where no document can be made that the schema accepts, there is none.

mod format;
mod near;
mod number;
mod pattern;
mod text;
mod value;

use serde_json::Value;

use crate::contract::payload::{Payload, PayloadSet};
use crate::validator;
use text::Texts;
use value::Maker;

/// How much of a payload a sample shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Every member.
    Full,
    /// The members that must be there.
    Minimal,
}

/// A document that breaks one rule of its payload and follows all the others.
#[derive(Clone, Debug, PartialEq)]
pub struct NearMiss {
    /// A name that no other near miss of the payload has, made to be a file's: `lines.0.pieces-below`.
    pub name: String,
    /// The place that is wrong, as a JSON pointer.
    pub pointer: String,
    /// The keyword of the rule.
    pub keyword: &'static str,
    /// The document.
    pub document: Value,
}

/// A document that a payload accepts.
///
/// `None` where no value can be made for a part of it, such as text for a pattern that is also held against a format.
#[must_use]
pub fn valid(set: &PayloadSet, payload: &Payload, detail: Detail) -> Option<Value> {
    sample(set, payload, detail, &judge(payload)?, &Texts::default())
}

fn sample(
    set: &PayloadSet,
    payload: &Payload,
    detail: Detail,
    judge: &jsonschema::Validator,
    texts: &Texts,
) -> Option<Value> {
    // What the schema gives as examples and defaults says more, but nobody has proven it.
    [true, false].into_iter().find_map(|given| {
        let document = Maker::new(set, texts, detail, given).definition(payload.root)?;
        judge.is_valid(&document).then_some(document)
    })
}

/// Documents that a payload refuses, one for each rule that can be broken alone. They are changes of the full sample.
#[must_use]
pub fn near_misses(set: &PayloadSet, payload: &Payload) -> Vec<NearMiss> {
    let texts = Texts::default();
    let Some(judge) = judge(payload) else { return Vec::new() };
    let Some(base) = sample(set, payload, Detail::Full, &judge, &texts) else {
        return Vec::new();
    };
    let mut misses = near::misses(set, &texts, payload.root, &base);
    misses.retain(|miss| !judge.is_valid(&miss.document));
    misses
}

/// The name of the payload that somebody most likely meant.
#[must_use]
pub fn likely<'s>(set: &'s PayloadSet, name: &str) -> Option<&'s str> {
    crate::words::closest(name, set.names())
}

fn judge(payload: &Payload) -> Option<jsonschema::Validator> {
    validator::options().build(&payload.schema).ok()
}
