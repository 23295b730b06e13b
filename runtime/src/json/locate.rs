//! Finding out, after something went wrong, where that was.

use std::fmt::Write as _;

use super::cursor::Cursor;

/// The longest piece of a document that an error repeats, in characters.
const LONGEST: usize = 64;

/// The JSON pointer of the value at, or around, a byte of the document.
#[cold]
pub(super) fn pointer(document: &[u8], offset: usize) -> String {
    let mut pointer = String::new();
    // Up to the fault the document may well be the start of one that is not UTF-8 later on.
    let text = match std::str::from_utf8(document) {
        Ok(text) => text,
        Err(error) => document
            .get(..error.valid_up_to())
            .and_then(|head| std::str::from_utf8(head).ok())
            .unwrap_or_default(),
    };
    let mut cursor = Cursor::at_start(text);
    while step(&mut cursor, offset, &mut pointer).is_some() {}
    pointer
}

/// Goes one level deeper towards the byte, if it lies deeper.
fn step(cursor: &mut Cursor<'_>, offset: usize, pointer: &mut String) -> Option<()> {
    let open = cursor.peek();
    if cursor.at >= offset || !matches!(open, b'{' | b'[') {
        return None;
    }
    cursor.at += 1;
    let mut index = 0_usize;
    loop {
        let name = if open == b'{' { Some(cursor.key().ok()?) } else { None };
        cursor.peek();
        let start = cursor.at;
        if start > offset {
            return None;
        }
        // What cannot be skipped ends where the fault is.
        if cursor.skip().is_err() || cursor.at > offset {
            match name {
                Some(name) => push_name(pointer, &name),
                None => {
                    let _ = write!(pointer, "/{index}");
                }
            }
            cursor.at = start;
            return Some(());
        }
        if cursor.peek() != b',' {
            return None;
        }
        cursor.at += 1;
        index += 1;
    }
}

/// Adds a member's name to a JSON pointer.
pub(crate) fn push_name(pointer: &mut String, name: &str) {
    pointer.push('/');
    for character in name.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// The last name of a pointer, for people.
pub(super) fn last_name(pointer: &str) -> String {
    let name = pointer.rsplit('/').next().unwrap_or_default();
    format!("\"{}\"", shorten(&name.replace("~1", "/").replace("~0", "~")))
}

/// The value at a byte of the document, or what else stands there.
#[cold]
pub(super) fn excerpt(document: &[u8], offset: usize) -> String {
    let rest = document.get(offset..).unwrap_or_default();
    let text = String::from_utf8_lossy(rest);
    let mut cursor = Cursor::at_start(&text);
    if text.is_empty() {
        "the end of the document".to_owned()
    } else if cursor.skip().is_ok() {
        shorten(text.get(..cursor.at).unwrap_or_default())
    } else {
        let head: String = text.chars().take(16).collect();
        format!("{head:?}")
    }
}

/// Cuts text that is too long to show.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_a_document_is_found() {
        let document = br#"{"a~/b": [1, {"x": "y"}], "c": {"d": null} }"#;
        let value: serde_json::Value = serde_json::from_slice(document).unwrap();
        for (needle, expected) in [
            ("[1,", "/a~0~1b"),
            ("1,", "/a~0~1b/0"),
            ("{\"x\"", "/a~0~1b/1"),
            ("\"y\"", "/a~0~1b/1/x"),
            ("{\"d\"", "/c"),
            ("null", "/c/d"),
        ] {
            let offset = std::str::from_utf8(document).unwrap().find(needle).unwrap();
            assert_eq!(pointer(document, offset), expected);
            assert!(value.pointer(expected).is_some());
        }
        assert_eq!(pointer(document, 0), "");
    }

    #[test]
    fn truncated_documents_still_lead_somewhere() {
        assert_eq!(pointer(br#"{"a": [1, 2"#, 11), "/a");
        assert_eq!(pointer(br#"{"a": {"b": tru"#, 12), "/a/b");
        assert_eq!(excerpt(b"{\"a\"", 4), "the end of the document");
    }
}
