//! JSON values as YAML 1.2 that readers of YAML 1.1 read alike.

use serde_json::Value;
use serde_saphyr::ser_options;

/// No text is so long that it is folded: a pattern or a description is found as it was written.
const UNFOLDED: usize = 1 << 30;

/// The value as a document of its own.
pub(crate) fn document(value: &Value) -> String {
    let options = ser_options! { folded_wrap_chars: UNFOLDED, compact_list_indent: false };
    // JSON is YAML too, should there be a value that has no other form.
    serde_saphyr::to_string_with_options(value, options).unwrap_or_else(|_| format!("{value}\n"))
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
