//! `deploy/permissions.md`: who may do what, for people.

use minijinja::context;
use serde::Serialize;

use super::{Line, User, lines};
use crate::contract::{Contract, Role, Subject};
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

/// What roles do with something: the verb, who they are, and the tokens that may be their own.
struct Does<'c> {
    verb: &'static str,
    roles: &'c [Spanned<String>],
    tokens: Vec<&'c str>,
}

impl<'c> Does<'c> {
    fn anything(verb: &'static str, roles: &'c [Spanned<String>]) -> Self {
        let tokens = Vec::new();
        Self { verb, roles, tokens }
    }
}

/// What each role does, in words.
fn cells(contract: &Contract, does: &[Does<'_>]) -> Vec<String> {
    let cell = |role: &Role| {
        let takes_part = |does: &&Does<'_>| does.roles.iter().any(|name| name.value == role.name.value);
        let told = does.iter().filter(takes_part).map(|does| {
            let is_own = |token: &&str| role.own.iter().any(|own| own.value == **token);
            own(does.verb, does.tokens.iter().copied().filter(is_own))
        });
        told.collect::<Vec<_>>().join("; ")
    };
    contract.roles.values().map(cell).collect()
}

/// A verb, and the tokens that are the role's own.
fn own<'c>(verb: &str, tokens: impl Iterator<Item = &'c str>) -> String {
    let tokens: Vec<String> = tokens.map(|token| format!("`{token}`")).collect();
    if tokens.is_empty() {
        verb.to_owned()
    } else {
        format!("{verb}, own {}", tokens.join(" and "))
    }
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
            let tokens = contract.own_tokens(role, subject, party);
            Some(own(verb, tokens.into_iter().map(|(token, _)| token)))
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
        cells: cells(contract, &[Does::anything("subscribes", &set.subscribe)]),
    })
}

fn of_assets(contract: &Contract) -> Vec<Row> {
    let mut rows = Vec::new();
    for stream in contract.streams.values() {
        for consumer in stream.consumers.values() {
            rows.push(Row {
                name: format!("consumer {}", consumer.name.value),
                text: format!("{} > {}", stream.name.value, consumer.name.value),
                cells: cells(contract, &[Does::anything("consumes", &consumer.consume)]),
            });
        }
        if !stream.replay.is_empty() {
            rows.push(Row {
                name: format!("dead letters in {}", stream.name.value),
                text: format!("dead_letters.{}.>", stream.name.value),
                cells: cells(contract, &[Does::anything("reads and replays", &stream.replay)]),
            });
        }
    }
    for store in contract.stores() {
        let writes = Does {
            verb: "writes",
            roles: &store.write,
            tokens: store.key.tokens().collect(),
        };
        rows.push(Row {
            name: format!("bucket {}", store.name.value),
            text: store.key.text.value.clone(),
            cells: cells(contract, &[Does::anything("reads", &store.read), writes]),
        });
    }
    rows
}
