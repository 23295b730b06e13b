//! How names of a contract are spelt in Rust, before keywords are taken care of.

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// A field or module: `snake_case`.
pub(crate) fn snake(name: &str) -> String {
    spelt(name, 'n', &name.to_snake_case())
}

/// A type or variant: `PascalCase`.
pub(crate) fn pascal(name: &str) -> String {
    spelt(name, 'N', &name.to_upper_camel_case())
}

/// A static: `SCREAMING_SNAKE_CASE`.
pub(crate) fn screaming(name: &str) -> String {
    spelt(name, 'N', &name.to_shouty_snake_case())
}

/// Keeps what Rust allows in a name; a name without letters and digits is spelt by its code points, and one that
/// starts with a digit gets something before it.
fn spelt(name: &str, before_digit: char, cased: &str) -> String {
    let allowed = |character: &char| *character == '_' || unicode_ident::is_xid_continue(*character);
    let mut text: String = cased.chars().filter(allowed).collect();
    if text.is_empty() {
        let codes: Vec<String> = name
            .chars()
            .map(|character| format!("u{:04x}", u32::from(character)))
            .collect();
        let joined = if codes.is_empty() {
            "empty".to_owned()
        } else {
            codes.join("_")
        };
        text = if before_digit == 'n' {
            joined
        } else {
            joined.to_upper_camel_case()
        };
    }
    if !text.starts_with(unicode_ident::is_xid_start) {
        text.insert(0, before_digit);
    }
    text
}

/// Whether a text already is the name of a type.
pub(crate) fn is_pascal(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Words that cannot name anything in Rust 2024, reserved ones included.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Whether Rust keeps a word for itself.
pub(crate) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// Whether a word cannot even be a raw identifier.
pub(crate) fn is_never_raw(name: &str) -> bool {
    ["self", "Self", "super", "crate", "_"].contains(&name)
}
