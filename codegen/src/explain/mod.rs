//! What a contract says of one subject, of a filter, or of a key of a bucket.
//!
//! Which template it is of, what stands in its tokens and whether it may, what travels, who sends and hears it, and what keeps it
//! for how long: everything that somebody who sees a subject on a server would have to look up in five files.

mod kept;
mod parties;

use serde::Serialize;
use serde_json::Value;

use crate::contract::{Contract, Pattern, Segment, Store, StoreKind, Subject, Template, closest_to};
use crate::emit::facts;
use crate::subject::{Shape, Texts, is_literal};

pub use kept::{Consumed, Kept, Limits};
pub use parties::Party;

/// What one contract says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The contract.
    pub contract: String,
    /// What was asked for: a subject, or a filter in which wildcards stand for tokens.
    pub subject: String,
    /// The subjects of the contract that it is one of, or that a filter overlaps.
    pub subjects: Vec<Explained>,
    /// The bucket or object store that has it as a key.
    pub stores: Vec<ExplainedStore>,
    /// The streams that keep it.
    pub streams: Vec<Kept>,
}

/// One subject of a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// `agents.status`
    pub name: String,
    /// `agents.{agent_id}.status.{status_type}`
    pub template: String,
    /// `event`, `request`, `gather`, `streamed` or `reply-on`
    pub kind: &'static str,
    /// One sentence.
    pub summary: Option<String>,
    /// Whether a filter hears every subject of the template; `None` of a single subject.
    pub whole: Option<bool>,
    /// The tokens, from left to right.
    pub tokens: Vec<Said>,
    /// What travels.
    pub carries: Vec<Carried>,
    /// Who may send it.
    pub send: Vec<Party>,
    /// Who may hear it.
    pub hear: Vec<Party>,
    /// What else is to be known.
    pub facts: Vec<String>,
}

/// A token, with what stands in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Its name.
    pub token: String,
    /// What stands there; `None` where any value does.
    pub value: Option<String>,
    /// What could stand there.
    pub expected: String,
    /// Whether what stands there can.
    pub valid: bool,
    /// The field of the payload that says the same, as a JSON pointer.
    pub repeats: Option<String>,
}

/// A document that travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Carried {
    /// `payload`, `request`, `reply`, `error`, `headers`, `value`, or the kind of one of several messages.
    pub part: String,
    /// The payload.
    pub payload: String,
    /// The file of its schema, seen from the contract's folder.
    pub schema: String,
    /// Its members, with `?` behind those that may be missing; none, where it is no object.
    pub members: Vec<String>,
}

/// A bucket or an object store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedStore {
    /// `bucket` or `object store`
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// What its keys, or the names of its objects, look like.
    pub key: String,
    /// One sentence.
    pub summary: Option<String>,
    /// The tokens of the key; none for objects, whose names the server never sees.
    pub tokens: Vec<Said>,
    /// What is kept under a key.
    pub carries: Vec<Carried>,
    /// Who may read.
    pub read: Vec<String>,
    /// Who may write.
    pub write: Vec<String>,
}

impl Explanation {
    /// What a contract says of a subject or a filter, which [`check_filter`](crate::subject::check_filter) accepts.
    ///
    /// The name of a subject, and a template with its tokens in braces, stand for all of its subjects.
    #[must_use]
    pub fn of(contract: &Contract, asked: &str) -> Self {
        let declared = contract.subjects.values().find(|subject| {
            let fits = subject.template.split(asked).is_some();
            !fits && subject.name.value == asked || subject.template.text.value == asked
        });
        let asked = declared.map_or_else(|| asked.to_owned(), |subject| subject.template.wildcard());
        let subjects = contract.subjects.values();
        Self {
            contract: contract.name.value.clone(),
            subjects: subjects
                .filter_map(|subject| explained(contract, subject, &asked))
                .collect(),
            stores: contract
                .stores()
                .filter_map(|store| of_store(contract, store, &asked))
                .collect(),
            streams: kept::all(contract, &asked),
            subject: asked,
        }
    }

    /// Whether the contract knows nothing of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty() && self.stores.is_empty() && self.streams.is_empty()
    }

    /// Whether the contract has it as one of its subjects or keys, with values that its tokens can have.
    #[must_use]
    pub fn is_of_the_contract(&self) -> bool {
        let valid = |tokens: &[Said]| tokens.iter().all(|said| said.valid);
        let subjects = self.subjects.iter().any(|subject| valid(&subject.tokens));
        subjects || self.stores.iter().any(|store| valid(&store.tokens))
    }

    /// The template that was most likely meant by a subject which is of no template.
    #[must_use]
    pub fn nearest<'c>(contract: &'c Contract, asked: &str) -> Option<&'c str> {
        let templates = contract.subjects.values().map(|subject| subject.template.text.as_str());
        let spelt = crate::words::closest(asked, templates);
        spelt.or_else(|| closest_to(asked, contract.subjects.values()).map(|subject| subject.template.text.as_str()))
    }
}

fn explained(contract: &Contract, subject: &Subject, asked: &str) -> Option<Explained> {
    let tokens = said(contract, &subject.template, asked)?;
    let tokens = tokens.into_iter().map(|said| Said {
        repeats: subject
            .bind
            .get(&said.token)
            .map(|binding| binding.pointer.value.clone()),
        ..said
    });
    Some(Explained {
        name: subject.name.value.clone(),
        template: subject.template.text.value.clone(),
        kind: subject.kind(),
        summary: subject.summary.as_ref().map(|text| text.trim().to_owned()),
        whole: (!is_literal(asked)).then(|| Shape::of_filter(asked).contains(&contract.shape(&subject.template))),
        tokens: tokens.collect(),
        carries: carried(contract, subject),
        send: parties::senders(contract, subject, asked),
        hear: parties::receivers(contract, subject, asked),
        facts: facts::behaviour(contract, subject)
            .iter()
            .map(|fact| plain(fact))
            .collect(),
    })
}

/// What stands in the tokens of a template; `None` if nothing that was asked for is of the template.
///
/// A single subject is of a template whatever stands in the tokens, for somebody who wrote a wrong value wants to hear that. Of a
/// filter only what the tokens can be counts.
fn said(contract: &Contract, template: &Template, asked: &str) -> Option<Vec<Said>> {
    let values: Vec<(&str, Option<&str>)> = if is_literal(asked) {
        let values = template.split(asked)?;
        values.into_iter().map(|(token, value)| (token, Some(value))).collect()
    } else {
        if !Shape::of_filter(asked).overlaps(&contract.shape(template)) {
            return None;
        }
        let words: Vec<&str> = asked.split('.').collect();
        let values = template
            .segments
            .iter()
            .enumerate()
            .filter_map(|(place, segment)| match segment {
                Segment::Literal(_) => None,
                Segment::Token(token) => {
                    let behind = words
                        .iter()
                        .position(|word| *word == ">")
                        .is_some_and(|tail| tail <= place);
                    let word = words.get(place).filter(|word| !behind && **word != "*");
                    Some((token.as_str(), word.copied()))
                }
                Segment::Tail(token) => Some((token.as_str(), None)),
            });
        values.collect()
    };
    let said = values.into_iter().map(|(name, value)| {
        let token = contract.tokens.get(name);
        let accepts =
            |value: &str| token.is_none_or(|token| token.has_room_for(value) && token.texts().contains(value));
        Said {
            token: name.to_owned(),
            value: value.map(str::to_owned),
            expected: token.map_or_else(|| "any single token".to_owned(), facts::values),
            valid: value.is_none_or(accepts),
            repeats: None,
        }
    });
    Some(said.collect())
}

fn carried(contract: &Contract, subject: &Subject) -> Vec<Carried> {
    let mut parts: Vec<(String, &str)> = match (&subject.pattern, &subject.messages) {
        (Pattern::Event { .. }, Some(messages)) => {
            let messages = messages.of.iter();
            messages
                .map(|(kind, payload)| (kind.value.clone(), payload.as_str()))
                .collect()
        }
        (Pattern::Event { payload, .. }, None) => vec![("payload".to_owned(), payload.as_str())],
        (
            Pattern::Request {
                request, reply, error, ..
            },
            _,
        ) => {
            let error = error.iter().map(|error| ("error".to_owned(), error.as_str()));
            let both = [
                ("request".to_owned(), request.as_str()),
                ("reply".to_owned(), reply.as_str()),
            ];
            both.into_iter().chain(error).collect()
        }
    };
    parts.extend(
        subject
            .headers
            .iter()
            .map(|headers| ("headers".to_owned(), headers.as_str())),
    );
    parts
        .into_iter()
        .map(|(part, payload)| document(contract, part, payload))
        .collect()
}

fn document(contract: &Contract, part: String, name: &str) -> Carried {
    let payload = contract.payloads.get(name);
    Carried {
        part,
        payload: name.to_owned(),
        schema: payload.map(|payload| payload.path.clone()).unwrap_or_default(),
        members: payload.map(|payload| members(&payload.schema)).unwrap_or_default(),
    }
}

/// So many references are followed to the schema that has members.
const REFERENCES: usize = 8;

/// The members of an object, from its schema.
fn members(schema: &Value) -> Vec<String> {
    let mut object = schema;
    for _ in 0..REFERENCES {
        let reference = object.get("$ref").and_then(Value::as_str);
        let Some(target) = reference.and_then(|reference| schema.pointer(reference.strip_prefix('#')?)) else {
            break;
        };
        object = target;
    }
    let required: Vec<&str> = object
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = object
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let members = properties.map(|(name, _)| {
        let optional = if required.contains(&name.as_str()) { "" } else { "?" };
        format!("{name}{optional}")
    });
    members.collect()
}

fn of_store(contract: &Contract, store: &Store, asked: &str) -> Option<ExplainedStore> {
    let bucket = store.name.as_str();
    let (kind, tokens, carries) = match &store.kind {
        StoreKind::KeyValue { value, .. } => {
            let key = if is_literal(asked) {
                asked
                    .strip_prefix("$KV.")?
                    .strip_prefix(bucket)?
                    .strip_prefix('.')?
                    .to_owned()
            } else {
                rest_behind(asked, &["$KV", bucket])?
            };
            let value = document(contract, "value".to_owned(), value);
            ("bucket", said(contract, &store.key, &key)?, vec![value])
        }
        StoreKind::Object => {
            let all = Shape::new()
                .with(Texts::one_of(["$O"]))
                .with(Texts::one_of([bucket]))
                .with(Texts::any_tail());
            let overlaps = Shape::of_filter(asked).overlaps(&all);
            ("object store", overlaps.then(Vec::new)?, Vec::new())
        }
    };
    Some(ExplainedStore {
        kind,
        name: bucket.to_owned(),
        key: store.key.text.value.clone(),
        summary: store.summary.as_ref().map(|text| text.trim().to_owned()),
        tokens,
        carries,
        read: store.read.iter().map(|role| role.value.clone()).collect(),
        write: store.write.iter().map(|role| role.value.clone()).collect(),
    })
}

/// What is left of a filter behind words that it hears.
fn rest_behind(filter: &str, words: &[&str]) -> Option<String> {
    let mut rest: Vec<&str> = filter.split('.').collect();
    for word in words {
        match rest.first() {
            Some(&">") => return Some(">".to_owned()),
            Some(first) if *first == "*" || first == word => rest.remove(0),
            _ => return None,
        };
    }
    (!rest.is_empty()).then(|| rest.join("."))
}

/// A fact without the links of Markdown.
fn plain(fact: &str) -> String {
    let mut text = String::with_capacity(fact.len());
    let mut rest = fact;
    while let Some((before, linked)) = rest.split_once('[') {
        let link = linked
            .split_once("](#")
            .and_then(|(name, rest)| Some((name, rest.split_once(')')?.1)));
        text.push_str(before);
        let Some((name, behind)) = link else {
            text.push('[');
            rest = linked;
            continue;
        };
        text.push_str(name);
        rest = behind;
    }
    text + rest
}
