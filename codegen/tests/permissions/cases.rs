//! What is tried: everything that somebody in the contract may do, in every identity, and what lies beside it.

use std::collections::BTreeSet;

use natsmith_codegen::contract::{Contract, Segment, Subject, Template};

use crate::expected::Party;

/// A value of a token that nobody has.
const SIBLING: &str = "zz9";

/// Subjects to send to, of all parties and of nobody.
pub(crate) fn subjects(contract: &Contract, parties: &[Party<'_>]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for subject in contract.subjects.values() {
        for party in parties {
            all.extend(instances(contract, subject, party));
        }
    }
    for set in contract.subscriptions.values() {
        all.insert(concrete(&set.filter.value));
    }
    for party in parties {
        let inbox = party.inbox();
        all.extend([format!("{inbox}.x"), format!("{inbox}.x.1"), inbox]);
        all.extend(party.of_assets().iter().map(|filter| concrete(filter)));
    }
    all.extend(["_INBOX.x".to_owned(), "_INBOX.x.1".to_owned()]);
    all.extend(of_jetstream(contract));
    for verb in ["PING", "INFO", "STATS"] {
        all.insert(format!("$SRV.{verb}"));
        for service in contract.services.values() {
            all.insert(format!("$SRV.{verb}.{}", service.service));
            all.insert(format!("$SRV.{verb}.{}.x", service.service));
        }
    }
    for rest in [
        "USER.INFO",
        "ACCOUNT.PING.STATZ",
        "ACCOUNT.PING.CONNZ",
        "SERVER.PING",
        "ACCOUNT.PING",
    ] {
        all.insert(format!("$SYS.REQ.{rest}"));
    }
    all
}

/// Filters to subscribe to: the subjects, and every wildcard that could reach some of them.
pub(crate) fn filters(contract: &Contract, subjects: &BTreeSet<String>) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = subjects.clone();
    let wide = |template: &Template| template.wildcard();
    all.extend(contract.subjects.values().map(|subject| wide(&subject.template)));
    all.extend(contract.subscriptions.values().map(|set| set.filter.value.clone()));
    for subject in subjects {
        let tokens: Vec<&str> = subject.split('.').collect();
        for length in 0..=tokens.len() {
            let start = tokens[..length].join(".");
            all.insert(if start.is_empty() {
                ">".to_owned()
            } else {
                format!("{start}.>")
            });
        }
        all.insert(vec!["*"; tokens.len()].join("."));
    }
    all
}

/// A subject with one token changed, one more, one less, or a wildcard in the place of one.
pub(crate) fn neighbours(subject: &str) -> Vec<String> {
    let tokens: Vec<&str> = subject.split('.').collect();
    let mut all = vec![format!("{subject}.{SIBLING}"), format!("{SIBLING}.{subject}")];
    if tokens.len() > 1 {
        all.push(tokens[..tokens.len() - 1].join("."));
        all.push(tokens[1..].join("."));
    }
    for place in 0..tokens.len() {
        for other in [SIBLING, "*", ">"] {
            let is_tail = other != ">" || place + 1 == tokens.len();
            if is_tail {
                let mut changed = tokens.clone();
                changed[place] = other;
                all.push(changed.join("."));
            }
        }
    }
    all
}

/// Subjects of a template in which the tokens that some party has of its own are that party's.
fn instances(contract: &Contract, subject: &Subject, party: &Party<'_>) -> Vec<String> {
    let mut all = vec![Vec::<String>::new()];
    for segment in &subject.template.segments {
        let choices = match segment {
            Segment::Literal(text) => vec![text.clone()],
            Segment::Token(token) | Segment::Tail(token) => {
                let declared = contract.tokens.get(token);
                let same = declared
                    .and_then(|token| token.same_as.as_ref())
                    .map_or(token, |same| &same.value);
                let members = declared.and_then(|token| token.members.as_ref());
                let mut choices: Vec<String> = party.own.get(same).cloned().into_iter().collect();
                match members {
                    Some(members) => choices.extend(members.value.iter().map(|member| member.value.clone())),
                    None if choices.is_empty() => choices.push("t1".to_owned()),
                    None => {}
                }
                choices
            }
        };
        all = all
            .iter()
            .flat_map(|start| {
                choices
                    .iter()
                    .map(|choice| [start.as_slice(), std::slice::from_ref(choice)].concat())
            })
            .collect();
    }
    all.into_iter().map(|tokens| tokens.join(".")).collect()
}

/// A subject that a filter matches.
fn concrete(filter: &str) -> String {
    let tokens = filter.split('.').map(|token| match token {
        "*" => "t1",
        ">" => "t1.t2",
        other => other,
    });
    tokens.collect::<Vec<_>>().join(".")
}

/// Everything that the JetStream API could be asked about the contract's streams and consumers, and about others.
fn of_jetstream(contract: &Contract) -> Vec<String> {
    let mut all = Vec::new();
    let api = |call: String| format!("$JS.API.{call}");
    for call in [
        "INFO",
        "STREAM.NAMES",
        "STREAM.LIST",
        "ACCOUNT.PURGE.x",
        "META.LEADER.STEPDOWN",
        "SERVER.REMOVE",
    ] {
        all.push(api(call.to_owned()));
    }
    let stores = contract.stores().map(|store| (&store.backing, None));
    let streams = contract.streams.values().map(|stream| (stream, Some(stream)));
    let mut named: Vec<(String, Vec<String>, Vec<String>)> = streams
        .chain(stores)
        .map(|(stream, consumers)| {
            let consumers = consumers
                .into_iter()
                .flat_map(|stream| stream.consumers.keys().cloned());
            let captures = stream.subjects.iter().map(|capture| capture.filter.clone());
            (stream.name.value.clone(), consumers.collect(), captures.collect())
        })
        .collect();
    named.push(("another".to_owned(), Vec::new(), Vec::new()));
    for (stream, consumers, captures) in named {
        for verb in [
            "CREATE",
            "UPDATE",
            "INFO",
            "DELETE",
            "PURGE",
            "SNAPSHOT",
            "RESTORE",
            "MSG.GET",
            "MSG.DELETE",
            "PEER.REMOVE",
            "LEADER.STEPDOWN",
        ] {
            all.push(api(format!("STREAM.{verb}.{stream}")));
        }
        all.push(api(format!("DIRECT.GET.{stream}")));
        all.push(api(format!("CONSUMER.CREATE.{stream}")));
        for list in ["NAMES", "LIST"] {
            all.push(api(format!("CONSUMER.{list}.{stream}")));
        }
        for capture in &captures {
            all.push(api(format!("DIRECT.GET.{stream}.{}", concrete(capture))));
            // A consumer of one's own reads what one may not subscribe to.
            all.push(api(format!("CONSUMER.CREATE.{stream}.mine.{capture}")));
        }
        for consumer in consumers.iter().map(String::as_str).chain(["mine"]) {
            for verb in [
                "CREATE",
                "DURABLE.CREATE",
                "INFO",
                "DELETE",
                "MSG.NEXT",
                "PAUSE",
                "RESET",
                "UNPIN",
                "LEADER.STEPDOWN",
            ] {
                all.push(api(format!("CONSUMER.{verb}.{stream}.{consumer}")));
            }
            for capture in captures.iter().map(String::as_str).chain([">"]) {
                all.push(api(format!("CONSUMER.CREATE.{stream}.{consumer}.{capture}")));
            }
            all.push(format!("$JS.ACK.{stream}.{consumer}.1.2.3.4.5"));
            all.push(format!("$JS.ACK._.x.{stream}.{consumer}.1.2.3.4.5.x"));
            all.push(format!("$JS.FC.{stream}.{consumer}.x"));
        }
    }
    all
}
