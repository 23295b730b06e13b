//! Tokens: what they admit can stand in a subject.

use std::collections::HashMap;

use regex::Regex;

use crate::contract::{Contract, Token};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;
use crate::source::Spanned;

use super::language;

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
        for value in token.members.iter().flat_map(|members| members.iter()) {
            value_fits(token, value, true, pattern.as_ref(), report);
        }
        if let Some(example) = &token.example {
            let members = token.members.as_ref();
            let is_member = members.is_none_or(|members| members.iter().any(|member| member.value == example.value));
            value_fits(token, example, is_member, pattern.as_ref(), report);
        }
        if let Some(members) = &token.members {
            distinct(members, report);
        }
        if let (Some(text), Some(_), None) = (&token.pattern, &pattern, &token.same_as) {
            room(token, text, report);
        }
    }
}

/// What no token can hold, as far as a pattern can be asked for it; a tail may hold the first.
const REFUSED: [char; 8] = ['.', '*', '>', ' ', '\t', '\n', '\r', '\0'];

/// A pattern describes what can stand in a subject, so that a peer who knows nothing else builds the same subjects.
fn room(token: &Token, pattern: &Spanned<String>, report: &mut Report) {
    let Some(expression) = language::parse(pattern) else {
        return;
    };
    let refused = if token.tail {
        REFUSED.get(1..).unwrap_or_default()
    } else {
        &REFUSED
    };
    if !language::matches_without(&expression, refused).some {
        let message = format!("no value of `{}` can stand in a subject", token.name.value);
        let help = "a token holds at least one character, and no `.`, `*`, `>` or white space: correct the pattern";
        report.push(Diagnostic::new(&rules::TOKEN_MATCHES_NOTHING, pattern.span, message, "").with_help(help));
        return;
    }
    let admitted = language::admitted(&expression, refused);
    if admitted.is_empty() {
        return;
    }
    let named = |character: &char| match character {
        '.' | '*' | '>' => format!("`{character}`"),
        '\0' => "control characters".to_owned(),
        _ => "white space".to_owned(),
    };
    let mut kinds: Vec<String> = admitted.iter().map(named).collect();
    kinds.dedup();
    let message = format!("the pattern of `{}` admits {}", token.name.value, kinds.join(", "));
    let text = "such a value is refused when a subject is made of it";
    let help = "list the characters that are meant, such as `[A-Za-z0-9_-]`";
    report.push(Diagnostic::new(&rules::TOKEN_ADMITS_TOO_MUCH, pattern.span, message, text).with_help(help));
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
fn value_fits(token: &Token, value: &Spanned<String>, is_member: bool, pattern: Option<&Regex>, report: &mut Report) {
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
    } else if !is_member {
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
    let mut seen: HashMap<&str, &Spanned<String>> = HashMap::new();
    let mut folded: HashMap<String, &Spanned<String>> = HashMap::new();
    for member in members.iter() {
        if let Some(first) = seen.insert(member, member) {
            let message = format!("`{}` is listed twice", member.value);
            let diagnostic = Diagnostic::new(&rules::TOKEN_VALUE, member.span, message, "the second one")
                .with_label(first.span, "the first one")
                .with_help("remove one of the two");
            report.push(diagnostic);
        } else {
            cased(member, &mut folded, report);
        }
    }
}

/// Subjects are compared byte by byte, and people read over case.
fn cased<'m>(member: &'m Spanned<String>, folded: &mut HashMap<String, &'m Spanned<String>>, report: &mut Report) {
    let small = member.to_lowercase();
    let Some(first) = folded.get(&small) else {
        folded.insert(small, member);
        return;
    };
    let message = format!("`{}` and `{}` differ in case only", first.value, member.value);
    let diagnostic = Diagnostic::new(&rules::TOKEN_CASE, member.span, message, "another subject")
        .with_label(first.span, "than with this")
        .with_help("keep one of the two, or tell them apart by more than case");
    report.push(diagnostic);
}
