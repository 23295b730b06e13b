//! Names as contracts spell them.

use heck::{ToKebabCase, ToSnakeCase};

use crate::casing;

/// `order-events`
pub(super) fn kebab(text: &str) -> String {
    let kebab = ascii(&text.to_kebab_case());
    if kebab.starts_with(|first: char| first.is_ascii_lowercase()) {
        kebab
    } else {
        format!("contract-{kebab}").trim_end_matches('-').to_owned()
    }
}

/// `order_events`
pub(super) fn snake(text: &str) -> String {
    if is_snake(text) && !casing::is_keyword(text) {
        return text.to_owned();
    }
    let snake = ascii(&text.to_snake_case());
    let snake = if snake.starts_with(|first: char| first.is_ascii_lowercase()) {
        snake
    } else {
        format!("n{snake}")
    };
    if casing::is_keyword(&snake) {
        format!("{snake}_")
    } else {
        snake
    }
    .trim_end_matches('_')
    .to_owned()
        + if casing::is_keyword(text) { "_value" } else { "" }
}

/// `OrderEvents`
pub(super) fn pascal(text: &str) -> String {
    if casing::is_pascal(text) {
        return text.to_owned();
    }
    let pascal: String = casing::pascal(text)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    if pascal.starts_with(|first: char| first.is_ascii_uppercase()) {
        pascal
    } else {
        format!("N{pascal}")
    }
}

/// The name of a file.
pub(super) fn file(text: &str) -> String {
    if !text.is_empty() && text == ascii(text) {
        return text.to_owned();
    }
    kebab(text)
}

/// The first of some names that is not taken, which it then is.
pub(super) fn free(name: String, taken: &mut Vec<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}{number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    let free = names.find(|name| !taken.contains(name)).unwrap_or(name);
    taken.push(free.clone());
    free
}

fn is_snake(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.chars().all(allowed)
}

fn ascii(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-')
        .collect()
}
