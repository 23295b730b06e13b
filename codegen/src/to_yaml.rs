//! JSON values as YAML 1.2 that readers of YAML 1.1 read alike.

use std::fmt::Write as _;

use serde_json::Value;

/// The value as a document of its own.
pub(crate) fn document(value: &Value) -> String {
    let mut text = String::new();
    block(value, 0, &mut text);
    text
}

/// A value on lines of its own, each of which begins with as many spaces.
fn block(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (key, value) in object {
                pad(indent, text);
                text.push_str(&scalar(key));
                text.push(':');
                behind(value, indent, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                pad(indent, text);
                text.push('-');
                match item {
                    Value::Object(object) if !object.is_empty() => beside(item, indent, text),
                    _ => behind(item, indent, text),
                }
            }
        }
        _ => {
            pad(indent, text);
            text.push_str(&inline(value));
            text.push('\n');
        }
    }
}

/// An object whose first member stands beside the dash.
fn beside(object: &Value, indent: usize, text: &mut String) {
    let mut lines = String::new();
    block(object, indent + 2, &mut lines);
    text.push(' ');
    text.push_str(lines.trim_start_matches(' '));
}

/// A value behind a colon or a dash.
fn behind(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            text.push('\n');
            block(value, indent + 2, text);
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('\n');
            block(value, indent + 2, text);
        }
        Value::String(lines) if is_literal(lines) => literal(lines, indent + 2, text),
        _ => {
            text.push(' ');
            text.push_str(&inline(value));
            text.push('\n');
        }
    }
}

fn pad(indent: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', indent));
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        // Empty objects and lists are written alike in both, and so are numbers.
        _ => value.to_string(),
    }
}

/// Whether text is best read line by line.
fn is_literal(text: &str) -> bool {
    let printable = |c: char| c == '\n' || !needs_escape(c);
    text.contains('\n')
        && text.chars().all(printable)
        && !text.starts_with([' ', '\n', '\t'])
        && text.lines().all(|line| !line.ends_with([' ', '\t']))
        && !text.trim_end_matches('\n').is_empty()
}

fn literal(lines: &str, indent: usize, text: &mut String) {
    let trailing = lines.len() - lines.trim_end_matches('\n').len();
    text.push_str(match trailing {
        0 => " |-\n",
        1 => " |\n",
        _ => " |+\n",
    });
    for line in lines.split_terminator('\n') {
        if !line.is_empty() {
            pad(indent, text);
            text.push_str(line);
        }
        text.push('\n');
    }
}

/// What both versions take for a line break, for nothing, or for a mark of the encoding.
fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{85}' | '\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// Text as it is where nobody can take it for anything else, else in quotes.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./ ()".contains(c);
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && text.chars().all(plain)
        && !is_taken(text);
    if word {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if needs_escape(c) => {
                // Four digits are enough: what lies beyond is never escaped. Writing to text cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether some reader takes a word for a boolean, for nothing, or for a number.
fn is_taken(word: &str) -> bool {
    const TAKEN: [&str; 11] = [
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf",
    ];
    TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::document;

    #[test]
    fn everything_is_written_so_that_it_is_read_again() {
        let value = json!({
            "plain": "some words, and more",
            "word": "agents.status",
            "taken": ["yes", "No", "null", "1.0", "~", "", "0x10", "- a", "a: b", "#", "a #b", "é", "2026-01-01"],
            "lines": "one\n\n  two\n",
            "more": ["a\nb", "a\n\n", " a\nb", "a \nb", "\n", "a\tb\u{85}\u{2028}\u{feff}\u{7}"],
            "$ref": "#/a/b",
            "nested": [{ "a": [], "b": {} }, [1, 2.5, -3e300, true, null], [[{"x": [{"y": 1}]}]]],
            "empty": {},
        });
        let text = document(&value);
        insta::assert_snapshot!(text);
        let mut report = crate::diagnostics::Report::default();
        let mut files = crate::source::Files::default();
        let id = files.add("a.yaml".to_owned(), text.clone());
        let node = crate::source::parse(id, &text, &mut report);
        assert_eq!(node.map(|node| node.to_json()), Some(value), "{report:?}");
    }
}
