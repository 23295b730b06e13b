//! `docs/llms.txt`: the contract as plain text, short enough for a language model to read as a whole.

use std::fmt::Write as _;

use minijinja::{Value, context};

use super::facts;
use super::fields::{Row, Table};
use crate::contract::payload::{Payload, PayloadSet};
use crate::contract::{Contract, Subject};
use crate::emit::examples::Examples;
use crate::emit::template::Templates;
use crate::emit::tree::{EmitError, MARKER, Tree};

pub(super) fn emit(
    contract: &Contract,
    examples: &Examples,
    templates: &Templates,
    tree: &mut Tree,
) -> Result<(), EmitError> {
    let line = |text: Option<&String>| text.map_or_else(String::new, |text| one_line(text));
    let view = context! {
        marker => MARKER,
        contract => &contract.name.value,
        title => contract.title.as_ref().unwrap_or(&contract.name.value),
        description => line(contract.description.as_ref()),
        version => &contract.version,
        nats => contract.nats.to_string(),
        roles => contract.roles.values().map(|role| context! {
            name => &role.name.value,
            description => line(role.description.as_ref()),
        }).collect::<Vec<_>>(),
        tokens => contract.tokens.values().map(|token| context! {
            name => &token.name.value,
            description => line(token.description.as_ref()),
            values => facts::values(token),
        }).collect::<Vec<_>>(),
        subjects => contract.subjects.values().map(|subject| self::subject(contract, subject)).collect::<Vec<_>>(),
        payloads => contract.payloads.iter().map(|payload| self::payload(&contract.payloads, payload, examples)).collect::<Vec<_>>(),
        streams => contract.streams.values().map(|stream| context! {
            name => &stream.name.value,
            summary => line(stream.summary.as_ref()),
            filters => facts::codes(stream.subjects.iter().map(|capture| capture.filter.as_str())),
        }).collect::<Vec<_>>(),
    };
    tree.add("docs/llms.txt", templates.render("docs/llms.txt.j2", view)?)
}

fn subject(contract: &Contract, subject: &Subject) -> Value {
    let mut facts = facts::parties(subject);
    facts.extend(facts::repeated(subject));
    facts.extend(facts::behaviour(contract, subject));
    facts.extend(facts::kept(contract, subject));
    context! {
        name => &subject.name.value,
        template => &subject.template.text.value,
        summary => subject.summary.as_deref().map(one_line).unwrap_or_default(),
        description => subject.description.as_deref().map(one_line).unwrap_or_default(),
        facts => facts,
    }
}

fn payload(set: &PayloadSet, payload: &Payload, examples: &Examples) -> Value {
    let table = Table::of(set, payload);
    let mut lines = Vec::new();
    for rule in &table.rules {
        lines.push(format!("- {}: {}", rule.name, rule.value));
    }
    write(&table.rows, 0, &mut lines);
    let compact = examples.short(&payload.name).map(|text| {
        let document: Result<serde_json::Value, _> = serde_json::from_str(text);
        document.map_or_else(|_| text.to_owned(), |document| document.to_string())
    });
    context! {
        name => &payload.name,
        description => payload.description.as_deref().map(one_line).unwrap_or_default(),
        lines => lines,
        example => compact,
    }
}

/// A line for each row, and for those within it. Writing to a `String` cannot fail.
fn write(rows: &[Row], depth: usize, lines: &mut Vec<String>) {
    for row in rows {
        let mut line = format!("{:depth$}- {}: {}", "", row.name, row.kind, depth = depth * 2);
        if row.required {
            line.push_str(", required");
        }
        if row.deprecated {
            line.push_str(", deprecated");
        }
        for rule in &row.rules {
            let _ = write!(line, "; {} {}", rule.name, facts::code(&rule.value));
        }
        if !row.values.is_empty() {
            let values = facts::codes(row.values.iter().map(|choice| choice.value.as_str()));
            let _ = write!(line, "; one of {values}");
        }
        if let Some(default) = &row.default {
            let _ = write!(line, "; default {}", facts::code(default));
        }
        if let Some(same) = &row.same {
            let _ = write!(line, "; a `{}`, as above", same.name);
        }
        if !row.description.is_empty() {
            line.push_str(". ");
            line.push_str(&one_line(&row.description));
        }
        lines.push(line);
        for group in &row.groups {
            write(&group.rows, depth + 1, lines);
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
