//! The rules of a value, in a few words each.

use std::fmt::Display;

use super::{Row, Rule};
use crate::contract::payload::{Integer, Items, Names, Number, Properties, Text};

pub(super) fn add(name: &'static str, value: String, row: &mut Row) {
    row.rules.push(Rule {
        name: name.into(),
        value,
    });
}

/// Text as JSON.
pub(super) fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

pub(super) fn format(name: &str, row: &mut Row) {
    "string".clone_into(&mut row.kind);
    add("format", name.to_owned(), row);
}

pub(super) fn integer(integer: &Integer, row: &mut Row) {
    if !integer.allowed.is_empty() {
        let allowed: Vec<String> = integer.allowed.iter().map(ToString::to_string).collect();
        add("one of", allowed.join(", "), row);
    }
    let bounds = [
        bound("\u{2265}", integer.minimum.as_ref()),
        bound(">", integer.exclusive_minimum.as_ref()),
        bound("\u{2264}", integer.maximum.as_ref()),
        bound("<", integer.exclusive_maximum.as_ref()),
    ];
    range(&bounds, row);
    multiple(integer.multiple_of.as_ref(), row);
}

pub(super) fn number(number: &Number, row: &mut Row) {
    let bounds = [
        bound("\u{2265}", number.minimum.as_ref()),
        bound(">", number.exclusive_minimum.as_ref()),
        bound("\u{2264}", number.maximum.as_ref()),
        bound("<", number.exclusive_maximum.as_ref()),
    ];
    range(&bounds, row);
    multiple(number.multiple_of.as_ref(), row);
}

fn bound(sign: &str, value: Option<&impl Display>) -> Option<String> {
    value.map(|value| format!("{sign} {value}"))
}

fn range(bounds: &[Option<String>], row: &mut Row) {
    let bounds: Vec<&str> = bounds.iter().flatten().map(String::as_str).collect();
    if !bounds.is_empty() {
        add("range", bounds.join(", "), row);
    }
}

fn multiple(of: Option<&impl Display>, row: &mut Row) {
    if let Some(of) = of {
        add("multiple of", of.to_string(), row);
    }
}

pub(super) fn text(text: &Text, row: &mut Row) {
    if let Some(format) = text.format {
        add("format", format.as_str().to_owned(), row);
    }
    if let Some(pattern) = &text.pattern {
        add("pattern", pattern.source.clone(), row);
    }
    if let Some(length) = between(text.min_length, text.max_length, "character") {
        add("length", length, row);
    }
}

pub(super) fn items(items: &Items, row: &mut Row) {
    if items.closed {
        add("items", "none".to_owned(), row);
    } else if let Some(count) = between(items.min, items.max, "item") {
        add("items", count, row);
    }
    if items.unique {
        add("items", "all different".to_owned(), row);
    }
    if let Some(contains) = &items.contains
        && let Some(count) = between(contains.min, contains.max, "counted item")
    {
        add("contains", count, row);
    }
}

pub(super) fn properties(rules: &Properties, row: &mut Row) {
    if let Some(count) = between(rules.min, rules.max, "member") {
        add("members", count, row);
    }
    match &rules.names {
        Names::Any => {}
        Names::OneOf(names) if names.is_empty() => add("members", "none".to_owned(), row),
        Names::OneOf(names) => add("names", names.join(", "), row),
        Names::Like(like) => {
            if let Some(format) = like.format {
                add("format of names", format.as_str().to_owned(), row);
            }
            if let Some(pattern) = &like.pattern {
                add("pattern of names", pattern.source.clone(), row);
            }
            if let Some(length) = between(like.min_length, like.max_length, "character") {
                add("length of names", length, row);
            }
        }
    }
    if !rules.never.is_empty() {
        add("never", rules.never.join(", "), row);
    }
}

/// `1 to 64 characters`; nothing where any number will do.
fn between(min: u64, max: Option<u64>, what: &str) -> Option<String> {
    let things = |count: u64| {
        if count == 1 {
            what.to_owned()
        } else {
            format!("{what}s")
        }
    };
    match (min, max) {
        (0, None) => None,
        (min, None) => Some(format!("at least {min} {}", things(min))),
        (0, Some(max)) => Some(format!("at most {max} {}", things(max))),
        (min, Some(max)) if min == max => Some(format!("{min} {}", things(min))),
        (min, Some(max)) => Some(format!("{min} to {max} {}", things(max))),
    }
}
