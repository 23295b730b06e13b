//! Who takes part: what is sent is heard, what is heard is sent, and nobody speaks in another's name.

use std::collections::HashSet;

use crate::contract::{Contract, Role, Subject};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::role as rules;
use crate::source::Spanned;
use crate::subject::Index;
use crate::words::list;

use super::super::mapping;

pub(super) fn check(contracts: &[&Contract], report: &mut Report) {
    for contract in contracts {
        let active = active(contract);
        let others: Vec<&Contract> = contracts
            .iter()
            .copied()
            .filter(|other| !std::ptr::eq(*other, *contract))
            .collect();
        let mut subjects = contract.subjects.values();
        let spoken_on = subjects.any(|subject| !subject.senders().is_empty() || !subject.receivers().is_empty());
        // A contract that says of no subject who takes part leaves that to those who use it.
        if spoken_on {
            let ways = Ways::of(contract, &others);
            for subject in contract.subjects.values() {
                taken_part_in(subject, contract, &ways, report);
                forged(subject, contract, report);
            }
        }
        for role in contract.roles.values() {
            if !active.is_empty() && !active.contains(role.name.value.as_str()) {
                let message = format!("`{}` does nothing", role.name.value);
                let help = "name it where it takes part, such as `publish` or `subscribe` of a subject, or remove it";
                report.push(Diagnostic::new(&rules::IDLE, role.name.span, message, "").with_help(help));
            }
        }
    }
}

/// The roles that do something.
fn active(contract: &Contract) -> HashSet<&str> {
    let subjects = contract.subjects.values();
    let subjects = subjects.flat_map(|subject| subject.senders().iter().chain(subject.receivers()));
    let subscriptions = contract.subscriptions.values().flat_map(|all| &all.subscribe);
    let publications = contract.publications.values().flat_map(|all| &all.publish);
    let services = contract.services.values().flat_map(|service| &service.provide);
    let streams = contract.streams.values().flat_map(|stream| {
        let consumers = stream.consumers.values().flat_map(|consumer| &consumer.consume);
        stream.replay.iter().chain(consumers)
    });
    let stores = contract
        .stores()
        .flat_map(|store| store.read.iter().chain(&store.write));
    let all = subjects.chain(subscriptions).chain(publications);
    let all = all.chain(services).chain(streams).chain(stores);
    all.map(|role| role.value.as_str()).collect()
}

/// How a contract's subjects are sent and heard by others than the roles that they name.
struct Ways {
    sent: Index,
    asked: Index,
    heard: Index,
    answered: Index,
}

impl Ways {
    fn of(contract: &Contract, others: &[&Contract]) -> Self {
        let (mut sent, mut asked, mut heard, mut answered) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for all in others.iter().chain(std::iter::once(&contract)) {
            let subscriptions = all.subscriptions.values().filter(|one| !one.subscribe.is_empty());
            heard.extend(subscriptions.map(|one| one.filter.value.clone()));
            for stream in all.streams.values() {
                heard.extend(stream.subjects.iter().map(|capture| capture.filter.clone()));
                let republished = stream
                    .settings
                    .get("republish")
                    .and_then(|value| value.wire.get("dest"));
                if let Some(dest) = republished.and_then(|dest| dest.as_str()) {
                    sent.push(mapping::filter(dest));
                }
            }
        }
        for subject in others.iter().flat_map(|other| other.subjects.values()) {
            let (sent, heard) = if subject.is_request() {
                (&mut asked, &mut answered)
            } else {
                (&mut sent, &mut heard)
            };
            if !subject.senders().is_empty() {
                sent.push(subject.template.wildcard());
            }
            if !subject.receivers().is_empty() {
                heard.push(subject.template.wildcard());
            }
        }
        // Anybody finds a service and asks it.
        for service in contract.services.values() {
            let endpoints = service
                .endpoints
                .iter()
                .filter_map(|name| contract.subjects.get(&name.value));
            for subject in endpoints {
                asked.push(subject.template.wildcard());
            }
        }
        Self {
            sent: Index::new(sent),
            asked: Index::new(asked),
            heard: Index::new(heard),
            answered: Index::new(answered),
        }
    }
}

fn taken_part_in(subject: &Subject, contract: &Contract, ways: &Ways, report: &mut Report) {
    let wildcard = subject.template.wildcard();
    let (sending, hearing) = if subject.is_request() {
        (&ways.asked, &ways.answered)
    } else {
        (&ways.sent, &ways.heard)
    };
    let sent = !subject.senders().is_empty() || sending.overlapping(&wildcard).next().is_some();
    let heard = !subject.receivers().is_empty() || hearing.overlapping(&wildcard).next().is_some();
    if sent && heard {
        return;
    }
    let name = &subject.name;
    let roles: Vec<&str> = contract.roles.keys().map(String::as_str).collect();
    let roles = list(&roles);
    if !sent {
        let (what, key) = if subject.is_request() {
            ("asks", "ask")
        } else {
            ("publishes", "publish")
        };
        let message = format!("nobody {what} `{}`", name.value);
        let help = format!("say who does: `{key}: [..]`, from {roles}");
        report.push(Diagnostic::new(&rules::NOBODY_SENDS, name.span, message, "").with_help(help));
    } else if subject.is_request() {
        let message = format!("nobody answers `{}`", name.value);
        let help = format!("say who does: `answer: [..]`, from {roles}");
        let text = "each request is told at once that nobody is there";
        report.push(Diagnostic::new(&rules::NOBODY_ANSWERS, name.span, message, text).with_help(help));
    } else {
        let message = format!("nobody hears `{}`, and no stream keeps it", name.value);
        let help = format!("say who does, `subscribe: [..]`, from {roles}, or add it to the `subjects` of a stream");
        let text = "the server drops each of its messages";
        report.push(Diagnostic::new(&rules::NOBODY_HEARS, name.span, message, text).with_help(help));
    }
}

/// A token that is the sender's own for one role, and any value for another.
fn forged(subject: &Subject, contract: &Contract, report: &mut Report) {
    let senders: Vec<(&Spanned<String>, &Role)> = subject
        .senders()
        .iter()
        .filter_map(|name| Some((name, contract.roles.get(&name.value)?)))
        .collect();
    let own = |role: &Role| -> Vec<String> {
        let own = contract.own_tokens(role, subject, subject.sender.as_ref());
        own.into_iter().map(|(token, _)| token.to_owned()).collect()
    };
    for (_, honest) in &senders {
        for token in own(honest) {
            let other = senders.iter().find(|(_, other)| !own(other).contains(&token));
            if let Some((place, other)) = other {
                let message = format!(
                    "`{}` can publish `{}` as any `{}`",
                    other.name.value, subject.name.value, honest.name.value
                );
                let text = format!("may put anything in the place of `{token}`");
                let diagnostic = Diagnostic::new(&rules::FORGED, place.span, message, text)
                    .with_label(honest.name.span, format!("speaks under its own `{token}`"))
                    .with_help(
                        "give it a subject of its own, or say with `receiver` that the token names who is meant",
                    );
                report.push(diagnostic);
                return;
            }
        }
    }
}
