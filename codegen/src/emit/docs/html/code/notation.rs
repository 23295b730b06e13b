//! Documents and subjects in the notations of languages.

use std::fmt::Write as _;

use serde_json::Value;

/// One word of a shell.
pub(super) fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A value in Python's notation.
pub(super) fn python(value: &Value, depth: usize) -> String {
    let indent = "    ".repeat(depth + 1);
    let close = "    ".repeat(depth);
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Array(items) if !items.is_empty() => {
            let items = items
                .iter()
                .map(|item| format!("{indent}{},\n", python(item, depth + 1)));
            format!("[\n{}{close}]", items.collect::<String>())
        }
        Value::Object(members) if !members.is_empty() => {
            let members = members.iter().map(|(name, value)| {
                format!(
                    "{indent}{}: {},\n",
                    Value::from(name.as_str()),
                    python(value, depth + 1)
                )
            });
            format!("{{\n{}{close}}}", members.collect::<String>())
        }
        scalar => scalar.to_string(),
    }
}

/// A raw byte string of Rust, which holds nothing but ASCII.
pub(super) fn raw(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            ascii.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _ = write!(ascii, "\\u{unit:04x}");
        }
    }
    let mut hashes = "#".to_owned();
    while ascii.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("br{hashes}\"{ascii}\"{hashes}")
}

/// The way to a member of a document, as Python and JavaScript write it: `["meta"]["type"]`.
pub(super) fn steps(pointer: &str) -> String {
    let steps = pointer.split('/').skip(1);
    let steps = steps.map(|step| format!("[{}]", Value::from(step.replace("~1", "/").replace("~0", "~"))));
    steps.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_in_other_notations() {
        let document = serde_json::json!({ "a": [true, null, 1.5], "b": {}, "c": "it's" });
        let expected = "{\n    \"a\": [\n        True,\n        None,\n        1.5,\n    ],\n    \"b\": {},\n    \"c\": \"it's\",\n}";
        assert_eq!(python(&document, 0), expected);
        assert_eq!(raw("\"gr\u{fc}n\""), "br#\"\"gr\\u00fcn\"\"#");
        assert_eq!(raw("\"#\""), "br##\"\"#\"\"##");
        assert_eq!(steps("/meta/a~1b"), r#"["meta"]["a/b"]"#);
        assert_eq!(raw("\"\u{1f600}\""), "br#\"\"\\ud83d\\ude00\"\"#");
    }
}
