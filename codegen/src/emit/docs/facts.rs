//! What there is to say about a subject, in lines of Markdown. Names in backticks become links where there are pages to
//! link to.

use super::settings::duration;
use crate::contract::{
    Answers, Consumer, Contract, Correlation, Discriminator, GiveUp, Messages, OnInvalid, Pattern, Presence, Store,
    StoreKind, Subject, Token,
};
use crate::source::Spanned;

/// Text for one cell of a table.
pub(super) fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

/// Text as it is. A code span that holds backticks stands between more of them.
pub(super) fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let (fence, space) = match longest {
        0 => ("`".to_owned(), ""),
        _ => ("`".repeat(longest + 1), " "),
    };
    format!("{fence}{space}{}{space}{fence}", text.replace('|', "\\|"))
}

/// Texts as they are, with commas between them.
pub(super) fn codes<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.map(code).collect();
    if texts.is_empty() {
        "nothing".to_owned()
    } else {
        texts.join(", ")
    }
}

/// What a token can be.
pub(crate) fn values(token: &Token) -> String {
    match (&token.members, &token.pattern) {
        (Some(members), _) => codes(members.iter().map(|member| member.as_str())),
        (None, Some(pattern)) => code(pattern),
        (None, None) if token.tail => "one or more tokens".to_owned(),
        (None, None) => "any single token".to_owned(),
    }
}

/// A payload, and where the Markdown reference tells of it.
fn link(payload: &str) -> String {
    format!("[{payload}](#{})", payload.to_lowercase())
}

/// What travels, and who sends and hears it.
pub(super) fn parties(subject: &Subject) -> Vec<String> {
    let roles = |roles: &[Spanned<String>]| codes(roles.iter().map(|role| role.as_str()));
    match &subject.pattern {
        Pattern::Event {
            payload,
            publish,
            subscribe,
        } => vec![
            carries(subject, payload),
            format!("published by {}", roles(publish)),
            format!("heard by {}", roles(subscribe)),
        ],
        Pattern::Request {
            request,
            reply,
            ask,
            answer,
            ..
        } => vec![
            format!("asks with {}, answered with {}", link(request), link(reply)),
            format!("asked by {}", roles(ask)),
            format!("answered by {}", roles(answer)),
        ],
    }
}

/// What an event carries: one payload, or one of several messages.
fn carries(subject: &Subject, payload: &str) -> String {
    let Some(messages) = &subject.messages else {
        return format!("carries {}", link(payload));
    };
    let (by, kinds) = kinds(messages);
    format!("carries what {by} says: {kinds}")
}

/// What tells several messages apart, and each of them.
pub(super) fn kinds(messages: &Messages) -> (String, String) {
    let by = match &messages.by {
        Discriminator::Field(pointer) => format!("the field {}", code(&pointer.value)),
        Discriminator::Header(name) => format!("the header {}", code(&name.value)),
        Discriminator::Token(name) => format!("the token {}", code(&name.value)),
    };
    let of = messages.of.iter();
    let of: Vec<String> = of
        .map(|(kind, payload)| format!("{} {}", code(&kind.value), link(payload)))
        .collect();
    (by, of.join(", "))
}

/// How the subject behaves beyond that.
pub(crate) fn behaviour(contract: &Contract, subject: &Subject) -> Vec<String> {
    let mut facts = Vec::new();
    if let Pattern::Request { error: Some(error), .. } = &subject.pattern {
        facts.push(format!("errors carry {}", link(error)));
    }
    facts.extend(subject.answers().and_then(answered));
    let contains = |subjects: &[Spanned<String>]| subjects.iter().any(|name| name.value == subject.name.value);
    for publication in contract
        .publications
        .values()
        .filter(|publication| contains(&publication.subjects))
    {
        let publication = code(&publication.name.value);
        facts.push(format!(
            "sent by the publication {publication} too, with others at once"
        ));
    }
    if let Some(headers) = &subject.headers {
        let members = contract.payloads.headers(headers).unwrap_or_default();
        let names = members.iter().map(|header| {
            let optional = if header.required { "" } else { " (may be missing)" };
            format!("{}{optional}", code(header.name))
        });
        let names: Vec<String> = names.collect();
        facts.push(format!("with the headers of {}: {}", link(headers), names.join(", ")));
    }
    for (party, what) in [(&subject.sender, "sends"), (&subject.receiver, "receives")] {
        facts.extend(party.iter().map(|token| format!("`{}` is who {what}", token.value)));
    }
    if let Some(group) = &subject.queue_group {
        let group = code(&group.value);
        facts.push(format!("subscribers share the messages in the queue group {group}"));
    }
    if let Some(pointer) = &subject.message_id {
        facts.push(format!("{} is the message's `Nats-Msg-Id`", code(&pointer.value)));
    }
    if let Some(pointer) = &subject.idempotency_key {
        let pointer = code(&pointer.value);
        facts.push(format!("requests with the same {pointer} are the same request"));
    }
    facts
}

/// Which tokens repeat what the payload says.
pub(super) fn repeated(subject: &Subject) -> Vec<String> {
    let bound = subject.bind.iter();
    bound
        .map(|(token, binding)| format!("`{token}` repeats {} of the payload", code(&binding.pointer.value)))
        .collect()
}

/// The streams that keep it.
pub(super) fn kept(contract: &Contract, subject: &Subject) -> Vec<String> {
    let wildcard = subject.template.wildcard();
    let streams = contract.streams.values().filter(|stream| stream.captures(&wildcard));
    streams
        .map(|stream| format!("kept by the stream {}", code(&stream.name.value)))
        .collect()
}

/// How a request is answered, in words.
fn answered(answers: &Answers) -> Option<String> {
    Some(match answers {
        Answers::One { timeout } => format!("an asker waits {}", duration((*timeout)?)),
        Answers::On(reply_on) => {
            let found = match &reply_on.correlation {
                Correlation::Header => "the header `Natsmith-Correlation-Id` is repeated".to_owned(),
                Correlation::Field { request, reply } => {
                    format!("{} of the answer repeats {}", code(&reply.value), code(&request.value))
                }
                Correlation::Token { request, token } => {
                    format!("`{}` of its subject repeats {}", token.value, code(&request.value))
                }
            };
            let waits = reply_on
                .timeout
                .map(|timeout| format!("; an asker waits {}", duration(timeout)));
            let waits = waits.unwrap_or_default();
            format!(
                "the answer travels on `{}`, where {found}{waits}",
                reply_on.subject.value
            )
        }
        Answers::Many(replies) => {
            let several = match replies.expected {
                Some(expected) => format!("{expected} answer"),
                None => "several answer".to_owned(),
            };
            let silence = match replies.silence {
                Some(silence) => format!(", and at most {} after each answer", duration(silence)),
                None => String::new(),
            };
            format!("{several}; an asker waits {}{silence}", duration(replies.deadline))
        }
        Answers::Streamed(streamed) => format!(
            "the answer comes in chunks, at most {} under way; a side that is silent for {} is lost",
            streamed.window,
            duration(streamed.silence)
        ),
    })
}

/// What becomes of a delivery that does not decode.
pub(crate) fn after_invalid(consumer: &Consumer) -> &'static str {
    match consumer.on_invalid {
        OnInvalid::Term => "never delivered again",
        OnInvalid::Nak => "delivered again",
        OnInvalid::DeadLetter => "put to the dead letters",
    }
}

/// How a consumer's messages are worked on, in sentences.
pub(crate) fn worked(consumer: &Consumer) -> String {
    let work = &consumer.work;
    let mut sentences = Vec::new();
    sentences.extend(work.concurrency.as_ref().map(|most| match most.value {
        1 => "A worker has one message in hand at a time.".to_owned(),
        most => format!("A worker has up to {most} messages in hand."),
    }));
    sentences.extend(work.attempts.as_ref().map(|attempts| {
        let waits = work.backoff.as_ref().map(|waits| waits.value.as_slice());
        let waits: Vec<String> = waits.unwrap_or_default().iter().map(|wait| duration(*wait)).collect();
        let between = match waits.as_slice() {
            [] => String::new(),
            waits => format!(", with {} between", waits.join(", ")),
        };
        format!("A message is tried up to {} times{between}.", attempts.value)
    }));
    sentences.extend(match (work.give_up, &consumer.dead_letter) {
        (GiveUp::DeadLetter, Some(stream)) => Some(format!("What is given up goes to {}.", code(stream))),
        _ if work.attempts.is_some() => Some("What is given up is never delivered again.".to_owned()),
        _ => None,
    });
    sentences.join(" ")
}

/// How it is known who is there.
pub(super) fn presence(contract: &Contract, presence: &Presence) -> Vec<String> {
    let mut facts = vec![
        format!(
            "a heartbeat on `{}` every {}, {} more or less; `{}` is who sends it",
            presence.heartbeat.value,
            duration(presence.interval.value),
            duration(presence.jitter.value),
            presence.party_token(contract).unwrap_or_default(),
        ),
        format!("who misses {} in a row is offline", presence.missed.value),
    ];
    facts.extend(presence.sequence.as_ref().map(|pointer| {
        let pointer = code(&pointer.value);
        format!("{pointer} counts them, from 0 at every start")
    }));
    facts.extend(presence.notices().map(|(sign, notice)| {
        let says = notice.when.iter();
        let mut says: Vec<String> = says
            .map(|(pointer, text)| format!("{} is {}", code(&pointer.value), code(&text.value)))
            .collect();
        says.extend(
            notice
                .party
                .iter()
                .map(|pointer| format!("{} is who", code(&pointer.value))),
        );
        let when = if says.is_empty() {
            String::new()
        } else {
            format!(", where {}", says.join(" and "))
        };
        let what = if sign == "Here" { "comes" } else { "leaves" };
        format!("who {what} says so on `{}`{when}", notice.subject.value)
    }));
    facts
}

/// What there is to say about a store beyond its keys and values, in sentences.
pub(super) fn store(store: &Store) -> Vec<String> {
    let StoreKind::KeyValue {
        by_content: Some(by_content),
        ..
    } = &store.kind
    else {
        return Vec::new();
    };
    let (token, of) = (&by_content.token.value, link(&by_content.of.value));
    let part = by_content
        .part
        .as_ref()
        .map(|part| format!("{} of ", code(&part.value)));
    vec![format!(
        "`{token}` is the SHA-256 of the content of {}{of}.",
        part.unwrap_or_default()
    )]
}
