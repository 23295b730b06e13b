//! Tokens: what they admit can stand in a subject.

use regex::Regex;

use crate::contract::{Contract, Token};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;
use crate::source::Spanned;
use crate::subject::check_filter;

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
    if !(pattern.starts_with('^') && pattern.ends_with('$')) {
        let diagnostic = Diagnostic::new(
            &rules::TOKEN_PATTERN,
            pattern.span,
            "the pattern describes a part of the token",
            "",
        )
        .with_help(format!("describe all of it: `^{}$`", pattern.trim_matches(['^', '$'])));
        report.push(diagnostic);
        return None;
    }
    match Regex::new(pattern) {
        Ok(regex) => Some(regex),
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

/// Every value must be one literal token and what the token says of itself.
fn value_fits(token: &Token, value: &Spanned<String>, pattern: Option<&Regex>, report: &mut Report) {
    let literal =
        check_filter(value).is_ok() && !value.contains('.') && *value.as_str() != *"*" && *value.as_str() != *">";
    let fault = if !literal {
        Some((
            "cannot stand in a subject",
            "a token holds no `.`, `*`, `>` or white space, and is not empty",
        ))
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
