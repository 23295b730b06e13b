//! Holds documents against what a subject carries.
//!
//! The verdict is that of the generated code: the schema with all formats asserted, no member twice in one object, and each
//! token that is bound to a field says what the field says.

mod repeated;

use regex::Regex;
use serde_json::{Map, Value, json};

use crate::contract::payload::Payload;
use crate::contract::{Contract, Discriminator, Part, StoreKind, Token};
use crate::validator;

/// So many faults of one document are told.
const FAULTS: usize = 50;

/// Holds documents against the payload of one subject.
#[derive(Debug)]
pub struct Judge {
    kinds: Vec<Kind>,
    told_by: ToldBy,
    bound: Vec<Bound>,
}

/// A message that can travel on the subject.
#[derive(Debug)]
struct Kind {
    name: String,
    payload: String,
    validator: jsonschema::Validator,
}

/// How the kind of a message is known.
#[derive(Debug)]
enum ToldBy {
    /// There is only one, or the subject has said which.
    Nothing,
    /// A field says it.
    Field(String),
    /// A header says it, or a token that nobody knows; nothing in the document does.
    Others,
}

/// What a judge says of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The payload that it was held against; `None` where it says to be a message that the subject does not have.
    pub payload: Option<String>,
    /// What is wrong with it; nothing, where the payload accepts it.
    pub faults: Vec<Fault>,
}

/// A field that says what the subject says.
#[derive(Debug)]
struct Bound {
    token: String,
    pointer: String,
    text: String,
}

/// Something that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it is, as a JSON pointer.
    pub pointer: String,
    /// The keyword of JSON Schema that it breaks; `json` for text that is no JSON, `repeated` for a member that stands twice,
    /// `bind` for a field that does not say what the subject says, `messages` for a message that the subject does not have.
    pub keyword: String,
    /// The keyword's place in the schema, as a JSON pointer; empty where no schema says it.
    pub schema: String,
    /// What is wrong, in words.
    pub message: String,
}

/// Why a subject has no judge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoJudge {
    /// Nothing of the contract is made like it.
    #[error("no subject of `{contract}` is `{subject}`{}", .likely.as_ref().map(|likely| format!("; did you mean `{likely}`?")).unwrap_or_default())]
    UnknownSubject {
        /// The contract.
        contract: String,
        /// What was asked for.
        subject: String,
        /// The template that was meant, most likely.
        likely: Option<String>,
    },
    /// A token does not accept what stands in its place.
    #[error("`{text}` cannot stand for `{{{token}}}` in `{subject}`: {expected}")]
    Token {
        /// The template.
        subject: String,
        /// The token.
        token: String,
        /// What stands there.
        text: String,
        /// What could stand there.
        expected: String,
    },
    /// The subject carries nothing of the kind.
    #[error("`{subject}` carries no {part}")]
    NoPart {
        /// The template.
        subject: String,
        /// What was asked for.
        part: &'static str,
    },
    /// The schema cannot be compiled.
    #[error("the schema of `{0}` cannot be used by itself")]
    Schema(String),
}

impl Judge {
    /// The judge of a part of what travels on a subject.
    ///
    /// A subject is what stands in a message, or a template of the contract with its tokens in braces, or the name of one, or
    /// `$KV.` with a bucket and a key.
    ///
    /// # Errors
    ///
    /// When the contract has no such subject, when a token refuses what stands in it, and when nothing travels there.
    pub fn new(contract: &Contract, subject: &str, part: Part) -> Result<Self, NoJudge> {
        if let Some(judge) = bucket(contract, subject, part) {
            return judge;
        }
        let written = |text: &str| (text == subject).then(Vec::new);
        let exact = contract.subjects.values().find_map(|declared| {
            let tokens = written(&declared.name).or_else(|| written(&declared.template.text))?;
            Some((declared, tokens))
        });
        // Where several templates fit, the server delivers by all of them; the one with the most words was meant.
        let fitting = || {
            let fitting = contract
                .subjects
                .values()
                .filter_map(|declared| Some((declared, declared.template.split(subject)?)));
            fitting.min_by_key(|(_, tokens)| tokens.len())
        };
        let Some((declared, tokens)) = exact.or_else(fitting) else {
            return Err(unknown(contract, subject));
        };
        accept(contract, &declared.template.text, &tokens)?;
        let payload = declared.part(part).ok_or_else(|| NoJudge::NoPart {
            subject: declared.template.text.value.clone(),
            part: part.as_str(),
        })?;
        let bound = tokens.iter().filter_map(|(token, text)| {
            let binding = declared.bind.get(*token).filter(|_| part == Part::Payload)?;
            Some(Bound {
                token: (*token).to_owned(),
                pointer: binding.pointer.value.clone(),
                text: (*text).to_owned(),
            })
        });
        let bound: Vec<Bound> = bound.collect();
        let Some(messages) = declared.messages.as_ref().filter(|_| part == Part::Payload) else {
            return Self::of(contract, payload, bound);
        };
        let said = tokens.iter().find(|(token, _)| messages.are_told_by(token));
        let kinds = messages
            .of
            .iter()
            .filter(|(kind, _)| said.is_none_or(|(_, text)| kind.value == *text));
        let kinds: Vec<Kind> = kinds
            .map(|(kind, payload)| Kind::of(contract, kind, payload))
            .collect::<Result<_, _>>()?;
        let told_by = match &messages.by {
            Discriminator::Field(pointer) => ToldBy::Field(pointer.value.clone()),
            Discriminator::Token(_) if said.is_some() => ToldBy::Nothing,
            Discriminator::Header(_) | Discriminator::Token(_) => ToldBy::Others,
        };
        Ok(Self { kinds, told_by, bound })
    }

    fn of(contract: &Contract, payload: &str, bound: Vec<Bound>) -> Result<Self, NoJudge> {
        Ok(Self {
            kinds: vec![Kind::of(contract, "", payload)?],
            told_by: ToldBy::Nothing,
            bound,
        })
    }

    /// Holds a document against the payload.
    #[must_use]
    pub fn judge(&self, document: &[u8]) -> Judgement {
        let value: Value = match serde_json::from_slice(document) {
            Ok(value) => value,
            Err(error) => return Judgement::only(Fault::new("json", "", format!("it is no JSON: {error}"))),
        };
        let repeated = repeated::member(document);
        let repeated = repeated
            .map(|pointer| Fault::new("repeated", &pointer, "the member stands twice in its object".to_owned()));
        let kind = match &self.told_by {
            ToldBy::Nothing => self.kinds.first(),
            ToldBy::Field(pointer) => {
                let said = value.pointer(pointer).and_then(Value::as_str);
                self.kinds.iter().find(|kind| Some(kind.name.as_str()) == said)
            }
            // One that accepts it is meant, if there is one.
            ToldBy::Others => {
                let accepting = self.kinds.iter().find(|kind| kind.validator.is_valid(&value));
                accepting.or(self.kinds.first())
            }
        };
        let Some(kind) = kind else {
            let pointer = match &self.told_by {
                ToldBy::Field(pointer) => pointer.as_str(),
                ToldBy::Nothing | ToldBy::Others => "",
            };
            let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.name.as_str()).collect();
            let message = format!(
                "it is none of the messages of the subject: {}",
                crate::words::list(&kinds)
            );
            return Judgement::only(Fault::new("messages", pointer, message));
        };
        let refused = kind.validator.iter_errors(&value).map(|error| Fault {
            pointer: error.instance_path().to_string(),
            keyword: error.kind().keyword().to_owned(),
            schema: error.schema_path().to_string(),
            message: error.to_string(),
        });
        let other = self.bound.iter().filter_map(|bound| bound.fault(&value));
        Judgement {
            faults: repeated.into_iter().chain(refused).chain(other).take(FAULTS).collect(),
            payload: Some(kind.payload.clone()),
        }
    }
}

impl Kind {
    fn of(contract: &Contract, name: &str, payload: &str) -> Result<Self, NoJudge> {
        let unusable = || NoJudge::Schema(payload.to_owned());
        let payload: &Payload = contract.payloads.get(payload).ok_or_else(unusable)?;
        Ok(Self {
            name: name.to_owned(),
            payload: payload.name.clone(),
            validator: validator::options().build(&payload.schema).map_err(|_| unusable())?,
        })
    }
}

impl Judgement {
    fn only(fault: Fault) -> Self {
        Self {
            payload: None,
            faults: vec![fault],
        }
    }
}

impl Fault {
    /// A fault that no schema speaks of.
    fn new(keyword: &str, pointer: &str, message: String) -> Self {
        Self {
            pointer: pointer.to_owned(),
            keyword: keyword.to_owned(),
            schema: String::new(),
            message,
        }
    }

    /// The fault as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut fault = Map::new();
        fault.insert("pointer".to_owned(), self.pointer.as_str().into());
        fault.insert("keyword".to_owned(), self.keyword.as_str().into());
        if !self.schema.is_empty() {
            fault.insert("schema".to_owned(), self.schema.as_str().into());
        }
        fault.insert("message".to_owned(), self.message.as_str().into());
        Value::Object(fault)
    }
}

impl Bound {
    fn fault(&self, document: &Value) -> Option<Fault> {
        let found = match document.pointer(&self.pointer)? {
            Value::String(text) => text.clone(),
            // `1.0` is the integer 1, and a token spells it so.
            Value::Number(number) => match number.as_f64().filter(|float| float.fract() == 0.0 && number.is_f64()) {
                Some(float) => format!("{float:.0}"),
                None => number.to_string(),
            },
            _ => return None,
        };
        // A UUID is the same in either case.
        let same = found == self.text || (found.len() == 36 && found.eq_ignore_ascii_case(&self.text));
        (!same).then(|| {
            let (text, token) = (&self.text, &self.token);
            let message = format!(
                "{} is not `{text}`, which the subject says for `{{{token}}}`",
                json!(found)
            );
            Fault::new("bind", &self.pointer, message)
        })
    }
}

/// The judge of the values of a bucket, if the subject is one of a bucket.
fn bucket(contract: &Contract, subject: &str, part: Part) -> Option<Result<Judge, NoJudge>> {
    let (bucket, key) = subject.strip_prefix("$KV.")?.split_once('.')?;
    let store = contract.kv.get(bucket)?;
    let StoreKind::KeyValue { value, .. } = &store.kind else {
        return None;
    };
    let template = format!("$KV.{bucket}.{}", store.key.text.value);
    if part != Part::Payload {
        let part = part.as_str();
        return Some(Err(NoJudge::NoPart {
            subject: template,
            part,
        }));
    }
    let tokens = if template == subject {
        Some(Vec::new())
    } else {
        store.key.split(key)
    };
    let judge = tokens.map(|tokens| {
        accept(contract, &template, &tokens)?;
        Judge::of(contract, value, Vec::new())
    });
    Some(judge.unwrap_or_else(|| Err(unknown(contract, subject))))
}

/// Whether every token accepts what stands in its place.
fn accept(contract: &Contract, template: &str, tokens: &[(&str, &str)]) -> Result<(), NoJudge> {
    for (name, text) in tokens {
        let token = contract.tokens.get(*name);
        if let Some(expected) = token.and_then(|token| refusal(token, text)) {
            return Err(NoJudge::Token {
                subject: template.to_owned(),
                token: (*name).to_owned(),
                text: (*text).to_owned(),
                expected,
            });
        }
    }
    Ok(())
}

/// What a token expects where it refuses a text, in words.
#[must_use]
pub fn refusal(token: &Token, text: &str) -> Option<String> {
    let expected = if let Some(members) = &token.members {
        let members: Vec<&str> = members.iter().map(|member| member.as_str()).collect();
        (!members.contains(&text)).then(|| format!("expected one of {}", crate::words::list(&members)))
    } else {
        let refuses = |pattern: &str| !Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text));
        let refusing = token.pattern.as_ref().filter(|pattern| refuses(pattern));
        refusing.map(|pattern| format!("expected text that matches `{}`", pattern.value))
    };
    // What can stand in no subject at all.
    expected.or_else(|| (!token.has_room_for(text)).then(|| "expected a part of a subject".to_owned()))
}

fn unknown(contract: &Contract, subject: &str) -> NoJudge {
    let templates = contract.subjects.values().map(|subject| subject.template.text.as_str());
    let names = contract.subjects.values().map(|subject| subject.name.as_str());
    let filter = crate::contract::closest_to(subject, contract.subjects.values());
    let likely = crate::words::closest(subject, templates.chain(names)).map(str::to_owned);
    NoJudge::UnknownSubject {
        contract: contract.name.value.clone(),
        subject: subject.to_owned(),
        likely: likely.or_else(|| filter.map(|subject| subject.template.text.value.clone())),
    }
}
