//! Answers that travel on a subject of the contract: where they go, and how each finds its question.

use serde::Serialize;
use serde_json::Value;

use super::notation::steps;
use super::{plain, sample, short, subject_of, values};
use crate::contract::{Answers, Correlation, Segment, Subject};
use crate::emit::docs::html::site::Site;

/// Where answers travel.
#[derive(Serialize)]
pub(super) struct AnswerOn {
    /// What an asker listens to: all that it can know of the subject.
    filter: String,
    /// The subject that somebody answers on, part by part.
    parts: Vec<Place>,
    /// Whether anything is read of the request's document.
    reads_request: bool,
    /// Whether a header is repeated.
    by_header: bool,
    /// The field of the answer that repeats one of the request.
    repeated: Option<Repeated>,
}

/// A part of a subject, as Python and JavaScript write it.
#[derive(Serialize)]
struct Place {
    code: String,
    /// Whether it is a field, which need not be text.
    is_field: bool,
}

/// The ways to two fields.
#[derive(Serialize)]
struct Repeated {
    request: String,
    answer: String,
}

/// Where the answer to a request travels, if that is a subject of the contract.
pub(super) fn on(site: &Site<'_>, subject: &Subject) -> Option<AnswerOn> {
    let Some(Answers::On(reply_on)) = subject.answers() else {
        return None;
    };
    let event = site.contract.subjects.get(&reply_on.subject.value)?;
    let question = short(site, subject.payload()).unwrap_or_default();
    let asked = values(site, subject, None, site.examples.short(subject.payload()));
    let mut known = Vec::new();
    let mut parts = Vec::new();
    for segment in &event.template.segments {
        let (heard, part) = match segment {
            Segment::Literal(text) => (text.clone(), text_of(text)),
            Segment::Token(token) | Segment::Tail(token) => {
                let anything = if matches!(segment, Segment::Tail(_)) { ">" } else { "*" };
                let place = subject.template.segments.iter().position(|of| of == segment);
                let told = asked.iter().find(|(name, _)| name == token);
                if let Some(pointer) = reply_on.pointer(token) {
                    let said = question.pointer(&pointer.value).map(plain);
                    (
                        said.unwrap_or_else(|| anything.to_owned()),
                        field_of("request", &pointer.value),
                    )
                } else if let Some(binding) = event.bind.get(token) {
                    (anything.to_owned(), field_of("answer", &binding.pointer.value))
                } else if let (Some(place), Some((_, value))) = (place, told) {
                    (value.clone(), code_of(format!("message.subject.split(\".\")[{place}]")))
                } else {
                    (anything.to_owned(), text_of(&sample(site.contract, token)))
                }
            }
        };
        known.push(heard);
        parts.push(part);
    }
    if parts.iter().all(|part| part.code.starts_with('"')) {
        let values = values(site, event, None, site.examples.short(event.payload()));
        parts = vec![text_of(&subject_of(event, &values))];
    }
    let repeated = match &reply_on.correlation {
        Correlation::Field { request, reply } => Some(Repeated {
            request: format!("request{}", steps(request)),
            answer: format!("answer{}", steps(reply)),
        }),
        Correlation::Header | Correlation::Token { .. } => None,
    };
    Some(AnswerOn {
        reads_request: repeated.is_some() || parts.iter().any(|part| part.code.starts_with("request")),
        filter: known.join("."),
        parts,
        by_header: matches!(reply_on.correlation, Correlation::Header),
        repeated,
    })
}

fn text_of(text: &str) -> Place {
    code_of(Value::from(text).to_string())
}

fn code_of(code: String) -> Place {
    Place { code, is_field: false }
}

fn field_of(document: &str, pointer: &str) -> Place {
    Place {
        code: format!("{document}{}", steps(pointer)),
        is_field: true,
    }
}
