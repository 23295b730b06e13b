//! How fast subjects are built, read, and told apart, next to other ways to do it.
//!
//! `cargo bench --manifest-path benches/wire/Cargo.toml --bench subjects` prints one table a section; `-- --rounds 21` makes it
//! quicker.

#[path = "../../src/documents.rs"]
#[allow(dead_code, reason = "of the documents, one kind is needed")]
mod documents;
#[path = "../../src/measure.rs"]
mod measure;
#[path = "../../src/random.rs"]
mod random;
#[path = "../../src/report.rs"]
#[allow(dead_code, reason = "these tables have no mean")]
mod report;

use std::cell::RefCell;
use std::sync::Arc;

use bytes::BytesMut;
use mister_smith::payloads::AgentStatus;
use mister_smith::subjects::agents::StatusSubject;
use mister_smith::subscriptions::Everything;
use mister_smith::tokens::{AgentId, StatusType};
use natsmith_runtime::subject::{Routes, SubjectWriter, check_token, parse_template};
use natsmith_runtime::{Payload, SubjectSet, Token, TypedSubject};
use regex::Regex;

use crate::measure::{Contender, medians};
use crate::report::Section;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rounds = arguments.iter().skip_while(|argument| *argument != "--rounds").nth(1);
    let rounds = rounds.and_then(|rounds| rounds.parse().ok()).unwrap_or(101);
    println!("{}", build(rounds));
    println!("{}", parse(rounds));
    println!("{}", dispatch(rounds));
}

/// A subject in all its forms.
struct Item {
    subject: StatusSubject,
    text: String,
    payload: AgentStatus,
    agent: String,
    status: &'static str,
}

fn items() -> Arc<[Item]> {
    let items = documents::variants(documents::agent_status).into_iter().map(|document| {
        let payload = AgentStatus::decode(document.to_string().as_bytes()).expect("the document is valid");
        let subject = StatusSubject::resolve(&StatusSubject::filter(), &payload).expect("the fields are tokens");
        Item {
            text: subject.to_string(),
            agent: payload.agent_id.to_string(),
            status: subject.status_type.as_str(),
            payload,
            subject,
        }
    });
    items.collect()
}

/// From two texts, or from a payload that holds them, to the subject.
fn build(rounds: usize) -> Section {
    let items = items();
    let buffer = RefCell::new(BytesMut::with_capacity(1 << 16));
    let scope = StatusSubject::filter();
    let contenders = [
        Contender::new("`format!` of two texts, unchecked", &items, |item: &Item| {
            format!("agents.{}.status.{}", item.agent, item.status)
        }),
        Contender::new("`format!` of two texts, tokens checked", &items, |item: &Item| {
            check_token("agent_id", &item.agent).expect("a token");
            check_token("status_type", item.status).expect("a token");
            format!("agents.{}.status.{}", item.agent, item.status)
        }),
        Contender::new("natsmith, `to_string` of a subject", &items, |item: &Item| {
            item.subject.to_string()
        }),
        Contender::new(
            "**natsmith**, from the payload, tokens and patterns checked",
            &items,
            move |item: &Item| {
                let mut buffer = buffer.borrow_mut();
                buffer.clear();
                let mut writer = SubjectWriter::new(&mut buffer);
                StatusSubject::write(&scope, &item.payload, &mut writer).expect("the fields are tokens");
                buffer.len()
            },
        ),
    ];
    let mut section = Section::new("Build", "`format!` of two texts, unchecked");
    section.add("agents.{agent_id}.status.{status_type}".to_owned(), medians(&contenders, rounds));
    section
}

/// From the subject's text to its tokens.
fn parse(rounds: usize) -> Section {
    let items = items();
    let regex = Regex::new(r"^agents\.([^.]+)\.status\.([^.]+)$").expect("the expression compiles");
    let contenders = [
        Contender::new("`split('.')`, collected, unchecked", &items, |item: &Item| {
            match item.text.split('.').collect::<Vec<_>>()[..] {
                ["agents", agent, "status", status] => (agent.len(), status.len()),
                _ => unreachable!(),
            }
        }),
        Contender::new("regex, unchecked", &items, move |item: &Item| {
            let found = regex.captures(&item.text).expect("it matches");
            (found[1].len(), found[2].len())
        }),
        Contender::new("**natsmith**, token texts", &items, |item: &Item| {
            let [agent, status] =
                parse_template(StatusSubject::TEMPLATE, &["agents.", ".status.", ""], &item.text).expect("a subject");
            (agent.len(), status.len())
        }),
        Contender::new("**natsmith**, token texts, patterns checked", &items, |item: &Item| {
            let [agent, status] =
                parse_template(StatusSubject::TEMPLATE, &["agents.", ".status.", ""], &item.text).expect("a subject");
            AgentId::check(agent).expect("an id");
            (agent.len(), status.parse::<StatusType>().expect("a status"))
        }),
        Contender::new("**natsmith**, `StatusSubject`, patterns checked", &items, |item: &Item| {
            item.text.parse::<StatusSubject>().expect("a subject")
        }),
    ];
    let mut section = Section::new("Read", "regex, unchecked");
    section.add("agents.{agent_id}.status.{status_type}".to_owned(), medians(&contenders, rounds));
    section
}

/// Which of many templates a subject belongs to.
fn dispatch(rounds: usize) -> Section {
    let mut section = Section::new("Tell apart, faster than by tokens", LINEAR).factors();
    let contract: Vec<String> = Everything::TEMPLATES.iter().map(|template| wildcard(template)).collect();
    section.add(
        format!("{} templates of mister-smith", contract.len()),
        medians(&finders(leaked(contract), Some(Everything::find)), rounds),
    );
    for count in [35, 1_000, 10_000] {
        let fewer = if count > 1_000 { rounds.min(11) } else { rounds };
        section.add(format!("{count} templates"), medians(&finders(made(count), None), fewer));
    }
    section
}

const LINEAR: &str = "one after the other, by tokens";

/// Ways to find one of the filters. Of a large set, a part of the subjects is looked for.
fn finders(filters: &'static [&'static str], generated: Option<fn(&str) -> Option<usize>>) -> Vec<Contender> {
    let step = filters.len().div_ceil(256);
    let subjects = filters.iter().step_by(step).map(|filter| {
        let subject = filter.replacen('*', "agent-3f2b8c1e-5d4a-4e6f-9a7b-1c2d3e4f5a6b", 1);
        subject.replace('*', "task_started")
    });
    let subjects: Vec<String> = subjects.collect();
    let routes: &'static Routes = Box::leak(Box::new(Routes::new(filters)));
    for subject in &subjects {
        let expected = filters.iter().position(|filter| by_tokens(filter, subject));
        assert!(expected.is_some() && routes.find(subject) == expected, "{subject}");
        assert_eq!(filters.iter().position(|filter| by_bytes(filter, subject)), expected);
        assert!(generated.is_none_or(|find| find(subject) == expected), "{subject}");
    }
    let subjects: Arc<[String]> = subjects.into();
    let mut contenders = vec![
        Contender::new(LINEAR, &subjects, |subject: &String| {
            filters.iter().position(|filter| by_tokens(filter, subject))
        }),
        Contender::new("one after the other, byte by byte", &subjects, |subject: &String| {
            filters.iter().position(|filter| by_bytes(filter, subject))
        }),
        Contender::new("**natsmith**, table", &subjects, |subject: &String| routes.find(subject)),
    ];
    if let Some(find) = generated {
        let by_match = move |subject: &String| find(subject);
        contenders.push(Contender::new("**natsmith**, generated `match`", &subjects, by_match));
    }
    contenders
}

/// As one writes it at first.
fn by_tokens(filter: &str, subject: &str) -> bool {
    let (mut parts, mut tokens) = (filter.split('.'), subject.split('.'));
    loop {
        match (parts.next(), tokens.next()) {
            (None, None) | (Some(">"), Some(_)) => return true,
            (Some(part), Some(token)) if part == "*" || part == token => {}
            _ => return false,
        }
    }
}

/// As one writes it when that was too slow.
fn by_bytes(filter: &str, subject: &str) -> bool {
    let (filter, subject) = (filter.as_bytes(), subject.as_bytes());
    let (mut part, mut at) = (0, 0);
    loop {
        match filter.get(part) {
            None => return at == subject.len(),
            Some(b'>') => return at < subject.len(),
            Some(b'*') => {
                let start = at;
                while subject.get(at).is_some_and(|byte| *byte != b'.') {
                    at += 1;
                }
                if at == start {
                    return false;
                }
                part += 1;
            }
            Some(byte) => {
                if subject.get(at) != Some(byte) {
                    return false;
                }
                part += 1;
                at += 1;
            }
        }
    }
}

fn wildcard(template: &str) -> String {
    let parts = template.split('.').map(|part| if part.starts_with('{') { "*" } else { part });
    parts.collect::<Vec<_>>().join(".")
}

fn leaked(filters: Vec<String>) -> &'static [&'static str] {
    let filters: Vec<&'static str> = filters.into_iter().map(|filter| &*filter.leak()).collect();
    filters.leak()
}

/// Templates as a large organisation has them: domains, things in them, what happens to these.
fn made(count: usize) -> &'static [&'static str] {
    const EVENTS: [&str; 8] = [
        "created", "updated", "deleted", "status", "metrics", "errors", "started", "stopped",
    ];
    let mut random = random::Random::new(11);
    let filters = (0..count).map(|index| {
        let (domain, thing, event) = (index / 40, index / 8 % 5, EVENTS[index % 8]);
        match random.within(0, 4) {
            0 | 1 => format!("domain{domain}.thing{thing}.*.{event}"),
            2 => format!("domain{domain}.*.thing{thing}.{event}.*"),
            3 => format!("domain{domain}.thing{thing}.{event}"),
            _ => format!("domain{domain}.thing{thing}.*.{event}.*"),
        }
    });
    leaked(filters.collect())
}
