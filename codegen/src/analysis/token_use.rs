//! What tokens are used for: in streams that count by subject, and beside members of the same name.

use crate::contract::payload::{Leaf, LeafKind};
use crate::contract::{Contract, Subject, Token};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;
use crate::words::list;

use super::language;
use super::sizes::kept;

/// So many subjects of a stream are no reason to look twice.
const FEW: u64 = 100_000;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for subject in contract.subjects.values() {
        for name in subject.template.tokens() {
            if let Some(token) = contract.tokens.get(name).filter(|_| !subject.fills(name)) {
                same_name(subject, token, contract, report);
            }
        }
    }
    streams(contract, report);
}

/// A stream with `max_msgs_per_subject` keeps the last messages of every subject there has been.
fn streams(contract: &Contract, report: &mut Report) {
    for stream in contract.streams.values() {
        let Some(per_subject) = stream.settings.get("max_msgs_per_subject") else {
            continue;
        };
        let ends = ["max_age", "max_msgs", "max_bytes"];
        if ends.iter().any(|end| stream.settings.number(end).unwrap_or(0) > 0) {
            continue;
        }
        let endless = kept(stream, contract).into_iter().find_map(|subject| {
            let mut tokens = subject.template.tokens().filter_map(|token| contract.tokens.get(token));
            Some((subject, tokens.find(|token| is_endless(token))?))
        });
        if let Some((subject, token)) = endless {
            let message = format!(
                "the stream `{}` keeps messages of every `{}` there has ever been",
                stream.name.value, token.name.value
            );
            let diagnostic = Diagnostic::new(&rules::TOKEN_UNBOUNDED, per_subject.span, message, "counted by subject")
                .with_label(
                    subject.template.text.span,
                    format!("`{}` has any number of values", token.name.value),
                )
                .with_help(
                    "let them end by `max_age`, `max_bytes` or `max_msgs`: the server holds each subject in memory",
                );
            report.push(diagnostic);
        }
    }
}

fn is_endless(token: &Token) -> bool {
    let expression = token.pattern.as_ref().and_then(|pattern| language::parse(pattern));
    token.members.is_none() && expression.is_none_or(|expression| language::matches_at_most(&expression) > FEW)
}

/// What is called alike in the subject and in its payload is one thing to every reader.
fn same_name(subject: &Subject, token: &Token, contract: &Contract, report: &mut Report) {
    let pointer = format!("/{}", token.name.value);
    let mut leaves = subject
        .payloads()
        .into_iter()
        .map(|payload| contract.payloads.lookup(payload, &pointer).ok());
    let Some(Some(leaf)) = leaves.next() else { return };
    let place = subject.template.text.span;
    let name = &token.name.value;
    if let Some(message) = disagreement(token, &leaf) {
        let diagnostic = Diagnostic::new(&rules::TOKEN_OTHER_VALUES, place, message, "the subject")
            .with_label(leaf.span, "the member")
            .with_label(token.name.span, "the token")
            .with_help(format!("give both the same `enum` and bind them, `bind: {{ {name}: {pointer} }}`, or call one of them otherwise"));
        report.push(diagnostic);
        return;
    }
    let can_be_bound = leaf.optional.is_none() && !matches!(leaf.kind, LeafKind::Other(_) | LeafKind::DateTime);
    if can_be_bound && leaves.all(|leaf| leaf.is_some()) {
        let message = format!("`{name}` stands in the subject and in the payload, and nobody compares them");
        let diagnostic = Diagnostic::new(&rules::BIND_MISSING, place, message, "the subject")
            .with_label(leaf.span, "the member")
            .with_help(format!(
                "where they are the same: `bind: {{ {name}: {pointer} }}`, which also fills the token in"
            ));
        report.push(diagnostic);
    }
}

/// How the listed values of a token and a member differ.
fn disagreement(token: &Token, leaf: &Leaf<'_>) -> Option<String> {
    let members: Vec<&str> = token.members.as_ref()?.iter().map(|member| member.as_str()).collect();
    let values = leaf.text_values()?;
    let only_member: Vec<&str> = members
        .iter()
        .copied()
        .filter(|member| !values.contains(member))
        .collect();
    let only_value: Vec<&str> = values
        .iter()
        .copied()
        .filter(|value| !members.contains(value))
        .collect();
    let constant = matches!(leaf.kind, LeafKind::Constant(_));
    let strange = if only_value.is_empty() && !constant {
        only_member
    } else {
        only_value
    };
    (!strange.is_empty()).then(|| {
        format!(
            "of the token and the member `{}`, only one can be {}",
            token.name.value,
            list(&strange)
        )
    })
}
