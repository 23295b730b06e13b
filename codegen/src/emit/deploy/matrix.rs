//! `deploy/permissions.md`: who may do what, for people.

use minijinja::context;
use serde::Serialize;

use super::{Line, User, lines};
use crate::contract::{Contract, Subject};
use crate::emit::template::{render, view_of};
use crate::emit::tree::{EmitError, MARKER, Tree};
use crate::source::Spanned;
use crate::words;

/// A row of the table: something of the contract, and what each role does with it.
#[derive(Serialize)]
struct Row {
    name: String,
    text: String,
    cells: Vec<String>,
}

#[derive(Serialize)]
struct Lists {
    name: String,
    about: String,
    inbox_prefix: String,
    own: Vec<String>,
    publish: Vec<Line>,
    deny_publish: Vec<Line>,
    subscribe: Vec<Line>,
    deny_subscribe: Vec<Line>,
    responses: Option<String>,
}

pub(super) fn emit(contract: &Contract, users: &[User<'_>], tree: &mut Tree) -> Result<(), EmitError> {
    let mut rows: Vec<Row> = contract
        .subjects
        .values()
        .map(|subject| of_subject(contract, subject))
        .collect();
    rows.extend(of_sets(contract));
    rows.extend(of_assets(contract));
    let view = context! {
        marker => MARKER,
        contract => contract.name.value.clone(),
        has_assets => contract.has_assets(),
        roles => contract.roles.keys().cloned().collect::<Vec<_>>(),
        rows => view_of(rows),
        users => view_of(users.iter().map(lists).collect::<Vec<_>>()),
    };
    tree.add("deploy/permissions.md", render("deploy/permissions.md.j2", view)?)
}

fn lists(user: &User<'_>) -> Lists {
    let responses = user.permissions.responses.map(|responses| {
        let often = match responses.max {
            Some(1) => "once".to_owned(),
            Some(max) => format!("{max} times"),
            None => "any number of times".to_owned(),
        };
        format!("{often}, within {}", words::duration(responses.expires))
    });
    Lists {
        name: user.name.to_owned(),
        about: user.about.clone(),
        inbox_prefix: user.inbox_prefix.clone(),
        own: user.own().map(str::to_owned).collect(),
        publish: lines(&user.permissions.publish),
        deny_publish: lines(&user.permissions.deny_publish),
        subscribe: lines(&user.permissions.subscribe),
        deny_subscribe: lines(&user.permissions.deny_subscribe),
        responses,
    }
}

/// What each role does, in words.
fn cells(contract: &Contract, does: &[(&str, &[Spanned<String>], &[&str])]) -> Vec<String> {
    let cells = contract.roles.values().map(|role| {
        let own = |tokens: &[&str]| {
            let own = tokens.iter().filter(|token| contract.own_token(role, token).is_some());
            let own: Vec<String> = own.map(|token| format!("`{token}`")).collect();
            if own.is_empty() {
                String::new()
            } else {
                format!(" own {}", own.join(", "))
            }
        };
        let does = does
            .iter()
            .filter(|(_, roles, _)| roles.iter().any(|name| name.value == role.name.value))
            .map(|(verb, _, tokens)| format!("{verb}{}", own(tokens)));
        does.collect::<Vec<_>>().join("; ")
    });
    cells.collect()
}

fn of_subject(contract: &Contract, subject: &Subject) -> Row {
    let [sends, receives] = if subject.is_request() {
        ["asks", "answers"]
    } else {
        ["publishes", "subscribes"]
    };
    let cells = contract.roles.values().map(|role| {
        let side = |verb: &str, roles: &[Spanned<String>], party: Option<&Spanned<String>>| {
            if !roles.iter().any(|name| name.value == role.name.value) {
                return None;
            }
            let own = contract.own_tokens(role, subject, party);
            let own: Vec<String> = own.iter().map(|(token, _)| format!("`{token}`")).collect();
            Some(if own.is_empty() {
                verb.to_owned()
            } else {
                format!("{verb}, own {}", own.join(" and "))
            })
        };
        let sides = [
            side(sends, subject.senders(), subject.sender.as_ref()),
            side(receives, subject.receivers(), subject.receiver.as_ref()),
        ];
        sides.into_iter().flatten().collect::<Vec<_>>().join("; ")
    });
    Row {
        name: subject.name.value.clone(),
        text: subject.template.text.value.clone(),
        cells: cells.collect(),
    }
}

fn of_sets(contract: &Contract) -> impl Iterator<Item = Row> {
    contract.subscriptions.values().map(|set| Row {
        name: set.name.value.clone(),
        text: set.filter.value.clone(),
        cells: cells(contract, &[("subscribes", &set.subscribe, &[])]),
    })
}

fn of_assets(contract: &Contract) -> Vec<Row> {
    let mut rows = Vec::new();
    for stream in contract.streams.values() {
        for consumer in stream.consumers.values() {
            rows.push(Row {
                name: format!("consumer {}", consumer.name.value),
                text: format!("{} > {}", stream.name.value, consumer.name.value),
                cells: cells(contract, &[("consumes", &consumer.consume, &[])]),
            });
        }
        if !stream.replay.is_empty() {
            rows.push(Row {
                name: format!("dead letters in {}", stream.name.value),
                text: format!("dead_letters.{}.>", stream.name.value),
                cells: cells(contract, &[("reads and replays", &stream.replay, &[])]),
            });
        }
    }
    for store in contract.stores() {
        let tokens: Vec<&str> = store.key.tokens().collect();
        rows.push(Row {
            name: format!("bucket {}", store.name.value),
            text: store.key.text.value.clone(),
            cells: cells(
                contract,
                &[("reads", &store.read, &[]), ("writes", &store.write, &tokens)],
            ),
        });
    }
    rows
}
