//! What there is to say about a subject, in lines of Markdown. Names in backticks become links where there are pages to
//! link to.

use super::settings::duration;
use crate::contract::{Answers, Contract, Pattern, Subject, Token};
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
pub(super) fn values(token: &Token) -> String {
    match (&token.members, &token.pattern) {
        (Some(members), _) => codes(members.iter().map(|member| member.as_str())),
        (None, Some(pattern)) => code(pattern),
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
            format!("carries {}", link(payload)),
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

/// How the subject behaves beyond that.
pub(super) fn behaviour(contract: &Contract, subject: &Subject) -> Vec<String> {
    let mut facts = Vec::new();
    facts.extend(subject.answers().and_then(answered));
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
