//! Tokens: what they admit can stand in a subject.

use regex::Regex;

use crate::contract::{Contract, Token};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;
use crate::source::Spanned;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for token in contract.tokens.values() {
        let pattern = token.pattern.as_ref().and_then(|pattern| compiled(pattern, report));
        if let (Some(pattern), Some(members)) = (&token.pattern, &token.members) {
            let message = format!("`{}` has both a pattern and an enum", token.name.value);
            let diagnostic = Diagnostic::new(&rules::TOKEN_PATTERN, pattern.span, message, "")
                .with_label(members.span, "the enum says it all")
                .with_help("keep the one that is meant");
            report.push(diagnostic);
        }
        for value in token
            .members
            .iter()
            .flat_map(|members| members.iter())
            .chain(&token.example)
        {
            value_fits(token, value, pattern.as_ref(), report);
        }
        if let Some(members) = &token.members {
            distinct(members, report);
        }
    }
}

fn compiled(pattern: &Spanned<String>, report: &mut Report) -> Option<Regex> {
    match Regex::new(pattern) {
        Ok(regex) if is_anchored(pattern) => Some(regex),
        Ok(_) => {
            let message = "the pattern describes a part of the token";
            let inner = pattern.strip_prefix('^').unwrap_or(pattern);
            let inner = match inner.strip_suffix('$') {
                Some(rest) if !ends_escaped(rest) => rest,
                _ => inner,
            };
            let whole = if has_open_alternative(inner) {
                format!("^(?:{inner})$")
            } else {
                format!("^{inner}$")
            };
            let help = format!("describe all of it: `{whole}`");
            report.push(Diagnostic::new(&rules::TOKEN_PATTERN, pattern.span, message, "").with_help(help));
            None
        }
        Err(error) => {
            let reason = error
                .to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .replace("error: ", "");
            let message = format!("not a regular expression: {reason}");
            let help = "patterns are written in the dialect of Rust's `regex` crate, which has no look-around";
            report.push(Diagnostic::new(&rules::TOKEN_PATTERN, pattern.span, message, "").with_help(help));
            None
        }
    }
}

/// Whether a pattern that is sound by itself can match nothing but whole tokens.
fn is_anchored(pattern: &str) -> bool {
    let inner = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$'));
    inner.is_some_and(|inner| !ends_escaped(inner) && !has_open_alternative(inner))
}

/// Whether the character behind a text is one that a backslash takes its meaning from.
fn ends_escaped(text: &str) -> bool {
    text.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1
}

/// Whether a `|` stands outside of groups and classes: in `^a|b$` the anchors hold one side each.
fn has_open_alternative(pattern: &str) -> bool {
    let (mut depth, mut in_class, mut escaped) = (0_usize, false, false);
    for c in pattern.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth = depth.saturating_sub(1),
            '|' if !in_class && depth == 0 => return true,
            _ => {}
        }
    }
    false
}

/// Every value must be one literal token and what the token says of itself.
fn value_fits(token: &Token, value: &Spanned<String>, pattern: Option<&Regex>, report: &mut Report) {
    let fault = if !token.has_room_for(value) {
        let help = if token.tail {
            "what follows holds no `*`, `>` or white space, and nothing of it is empty"
        } else {
            "a token holds no `.`, `*`, `>` or white space, and is not empty"
        };
        Some(("cannot stand in a subject", help))
    } else if pattern.is_some_and(|pattern| !pattern.is_match(value)) {
        Some((
            "does not match the token's own pattern",
            "correct the value or the pattern",
        ))
    } else if token
        .members
        .as_ref()
        .is_some_and(|members| members.iter().all(|member| member.value != value.value))
    {
        Some(("is not a member of the token's own enum", "use one of the members"))
    } else {
        None
    };
    if let Some((fault, help)) = fault {
        let message = format!("`{}` {fault}", value.value);
        report.push(Diagnostic::new(&rules::TOKEN_VALUE, value.span, message, "").with_help(help));
    }
}

fn distinct(members: &Spanned<Vec<Spanned<String>>>, report: &mut Report) {
    if members.is_empty() {
        let diagnostic = Diagnostic::new(
            &rules::TOKEN_VALUE,
            members.span,
            "an enum without members admits nothing",
            "",
        )
        .with_help("list what the token can be");
        report.push(diagnostic);
    }
    let mut seen: Vec<&Spanned<String>> = Vec::new();
    for member in members.iter() {
        match seen.iter().find(|first| first.value == member.value) {
            Some(first) => {
                let message = format!("`{}` is listed twice", member.value);
                let diagnostic = Diagnostic::new(&rules::TOKEN_VALUE, member.span, message, "the second one")
                    .with_label(first.span, "the first one")
                    .with_help("remove one of the two");
                report.push(diagnostic);
            }
            None => seen.push(member),
        }
    }
}
