//! Bindings: a subject that is built from a payload is always one that its tokens admit, and the other way round.

use regex::Regex;

use crate::contract::payload::{Integer, Leaf, LeafKind, LookupError};
use crate::contract::{Contract, Token};
use crate::diagnostics::{Diagnostic, Report, Rule};
use crate::rules::subject as rules;
use crate::source::Spanned;
use crate::words::{closest, list};

/// How many values of a whole number are looked at one by one.
const ENUMERABLE: i128 = 1_000;

/// What `format: uuid` looks like: the nil UUID and one of version 4.
const UUIDS: [&str; 2] = [
    "00000000-0000-0000-0000-000000000000",
    "6f1d8a52-3c1b-4e7f-9a60-0c5d2e8b7f14",
];

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for subject in contract.subjects.values() {
        for (token, binding) in &subject.bind {
            if !subject.template.tokens().any(|used| used == token) {
                let message = format!("`{token}` is not a token of this subject");
                let diagnostic = Diagnostic::new(&rules::BIND_TOKEN, binding.token_span, message, "bound here")
                    .with_label(subject.template.text.span, "the template")
                    .with_help("bind a token of the template, or remove the binding");
                report.push(diagnostic);
                continue;
            }
            for payload in subject.payloads() {
                repeats(token, &binding.pointer, payload, contract, report);
            }
        }
        for pointer in subject.message_id.iter().chain(&subject.idempotency_key) {
            for payload in subject.payloads() {
                field(payload, pointer, contract, report);
            }
        }
    }
}

/// Reports where a token and the field that it repeats do not admit the same values.
pub(super) fn repeats(
    token: &str,
    pointer: &Spanned<String>,
    payload: &Spanned<String>,
    contract: &Contract,
    report: &mut Report,
) {
    let leaf = field(payload, pointer, contract, report);
    if let (Some(leaf), Some(token)) = (leaf, contract.tokens.get(token)) {
        report_all(agree(token, &leaf, pointer), report);
    }
}

fn report_all(diagnostic: Option<Diagnostic>, report: &mut Report) {
    if let Some(diagnostic) = diagnostic {
        report.push(diagnostic);
    }
}

/// The required scalar behind a pointer; anything else is reported.
pub(super) fn field<'c>(
    payload: &Spanned<String>,
    pointer: &Spanned<String>,
    contract: &'c Contract,
    report: &mut Report,
) -> Option<Leaf<'c>> {
    let fault = |message: String| Diagnostic::new(&rules::BIND_FIELD, pointer.span, message, "");
    let diagnostic = match contract.payloads.lookup(payload, pointer) {
        Ok(leaf) => match (&leaf.optional, &leaf.kind) {
            (Some(optional), _) => fault(format!("`{optional}` may be missing from `{}`", payload.value))
                .with_label(leaf.span, "not required, or may be null")
                .with_help("a subject needs every token: make the field required, or do not bind the token"),
            (None, LeafKind::Other(what)) => fault(format!("`{}` is {what}, which no token can be", pointer.value))
                .with_label(leaf.span, "the field")
                .with_help("bind a field with text, an enum, a UUID, a whole number or a boolean"),
            (None, LeafKind::DateTime) => fault(format!(
                "`{}` is a moment, which holds `:` and may hold `.`",
                pointer.value
            ))
            .with_label(leaf.span, "the field")
            .with_help("bind a field with text, an enum, a UUID, a whole number or a boolean"),
            _ => return Some(leaf),
        },
        Err(LookupError::UnknownPayload) => return None,
        Err(LookupError::NotAPointer) => fault(format!("`{}` is no JSON pointer to a field", pointer.value)).with_help(
            match pointer.value.as_str() {
                "" => "write the field's name behind a slash".to_owned(),
                name => format!("write `/{name}`"),
            },
        ),
        Err(LookupError::UnknownField { pointer: at, known }) => {
            let name = at.rsplit('/').next().unwrap_or_default();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let help = match closest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the fields are {}", list(&known)),
            };
            fault(format!("`{}` has no field `{at}`", payload.value)).with_help(help)
        }
        Err(LookupError::NotAnObject { pointer: at }) => fault(format!(
            "`{at}` of `{}` is not an object with named fields",
            payload.value
        ))
        .with_help("point to a field that the schema names"),
    };
    report.push(diagnostic);
    None
}

/// Whether token and field admit the same values.
fn agree(token: &Token, leaf: &Leaf<'_>, bound: &Spanned<String>) -> Option<Diagnostic> {
    let values = values(&leaf.kind);
    if let Some(members) = &token.members {
        let members: Vec<&str> = members.iter().map(|member| member.as_str()).collect();
        return same_members(token, &members, values.as_deref(), leaf, bound);
    }
    if let Some(pattern) = &token.pattern {
        return same_format(token, pattern, values.as_deref(), leaf, bound);
    }
    let misfit = values?.into_iter().find(|value| !token.has_room_for(value))?;
    let message = format!("`{misfit}` cannot stand in a subject");
    Some(disagreement(&rules::BIND_FORMAT, message, token, leaf, bound).with_help("rename the value in the payload"))
}

/// Every value that a field can have, where they can be counted.
fn values(kind: &LeafKind<'_>) -> Option<Vec<String>> {
    match kind {
        LeafKind::Enum(values) => Some(values.iter().map(|value| value.text.clone()).collect()),
        LeafKind::Constant(text) => Some(vec![(*text).to_owned()]),
        LeafKind::Boolean => Some(vec!["false".to_owned(), "true".to_owned()]),
        LeafKind::Integer(integer) => numbers(integer),
        _ => None,
    }
}

fn numbers(integer: &Integer) -> Option<Vec<String>> {
    if !integer.allowed.is_empty() {
        return Some(integer.allowed.iter().map(ToString::to_string).collect());
    }
    let (lowest, highest) = (integer.lowest()?, integer.highest()?);
    let few = highest.checked_sub(lowest).is_some_and(|range| range < ENUMERABLE);
    few.then(|| (lowest..=highest).map(|number| number.to_string()).collect())
}

fn same_members(
    token: &Token,
    members: &[&str],
    values: Option<&[String]>,
    leaf: &Leaf<'_>,
    bound: &Spanned<String>,
) -> Option<Diagnostic> {
    let Some(values) = values else {
        let message = format!(
            "`{}` is one of {}, the field can be more",
            token.name.value,
            list(members)
        );
        return Some(
            disagreement(&rules::BIND_ENUM, message, token, leaf, bound).with_help("give the field the same `enum`"),
        );
    };
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let strange: Vec<&str> = values
        .iter()
        .copied()
        .filter(|value| !members.contains(value))
        .collect();
    let absent: Vec<&str> = members
        .iter()
        .copied()
        .filter(|member| !values.contains(member))
        .collect();
    let constant = matches!(leaf.kind, LeafKind::Constant(_));
    let message = match (strange.as_slice(), absent.as_slice()) {
        ([], []) => return None,
        ([], _) if constant => return None,
        ([], absent) => format!(
            "the field is never {}, which `{}` can be",
            list(absent),
            token.name.value
        ),
        (strange, []) => format!(
            "the field can be {}, which `{}` cannot",
            list(strange),
            token.name.value
        ),
        (strange, absent) => {
            format!(
                "the field has {} where `{}` has {}",
                list(strange),
                token.name.value,
                list(absent)
            )
        }
    };
    Some(
        disagreement(&rules::BIND_ENUM, message, token, leaf, bound)
            .with_help("give both the same members, spelt alike"),
    )
}

fn same_format(
    token: &Token,
    pattern: &Spanned<String>,
    values: Option<&[String]>,
    leaf: &Leaf<'_>,
    bound: &Spanned<String>,
) -> Option<Diagnostic> {
    // A pattern that does not compile was reported with its token.
    let regex = Regex::new(pattern).ok()?;
    let misfit = match &leaf.kind {
        LeafKind::Text(text) => match &text.pattern {
            Some(field) if field.source == pattern.value => return None,
            Some(field) => format!("has another pattern, `{}`", field.source),
            None => "has no pattern and can be any text".to_owned(),
        },
        LeafKind::Uuid => {
            let uuid = UUIDS.into_iter().find(|uuid| !regex.is_match(uuid))?;
            format!("is a bare UUID such as `{uuid}`, which does not match")
        }
        _ => match values {
            Some(values) => {
                let value = values.iter().find(|value| !regex.is_match(value))?;
                format!("can be `{value}`, which does not match")
            }
            None => "can be more numbers than a pattern can be held against".to_owned(),
        },
    };
    let message = format!("`{}` matches `{}`, the field {misfit}", token.name.value, pattern.value);
    let help = "give the field the token's `pattern`, so that every payload makes a subject";
    Some(disagreement(&rules::BIND_FORMAT, message, token, leaf, bound).with_help(help))
}

fn disagreement(
    rule: &'static Rule,
    message: String,
    token: &Token,
    leaf: &Leaf<'_>,
    bound: &Spanned<String>,
) -> Diagnostic {
    let declared = match (&token.members, &token.pattern) {
        (Some(members), _) => members.span,
        (None, Some(pattern)) => pattern.span,
        (None, None) => token.name.span,
    };
    Diagnostic::new(rule, bound.span, message, "bound here")
        .with_label(declared, "the token")
        .with_label(leaf.span, "the field")
}
