//! Finding out, after something went wrong, where that was.

use super::cursor::Cursor;
use super::words::plain_end;
use crate::payload::Keyword;

/// The longest piece of a document that an error repeats, in characters.
const LONGEST: usize = 64;

/// The document up to the first byte that is not UTF-8.
#[cold]
pub(super) fn readable(document: &[u8]) -> &str {
    match std::str::from_utf8(document) {
        Ok(text) => text,
        Err(error) => document
            .get(..error.valid_up_to())
            .and_then(|head| std::str::from_utf8(head).ok())
            .unwrap_or_default(),
    }
}

/// What is open around a place in the document, with its last child.
enum Open {
    /// An object, with the byte at which the member's name begins.
    Object(usize),
    /// A list, with the index of the element.
    Array(usize),
}

/// The JSON pointer of the value at, or around, a byte of the document.
///
/// All before the byte is JSON, so that one pass over its tokens finds what is still open there.
#[cold]
pub(super) fn pointer(document: &str, offset: usize) -> String {
    let mut cursor = Cursor::at_start(document);
    let mut around = Vec::with_capacity(8);
    // Whether the last child begins here, or has begun, and has not ended.
    let mut within = true;
    while let Some(open) = pass_token(&mut cursor, offset, &mut around, within) {
        within = open;
    }
    if !within {
        around.pop();
    }
    let mut pointer = String::with_capacity(64);
    for open in around {
        match open {
            Open::Object(name) => {
                cursor.at = name;
                push_name(&mut pointer, &cursor.string().unwrap_or_default());
            }
            Open::Array(index) => push_index(&mut pointer, index),
        }
    }
    pointer
}

/// Passes a token that ends at the byte or before it, and says whether a value is expected behind it.
#[inline]
fn pass_token(cursor: &mut Cursor<'_>, offset: usize, around: &mut Vec<Open>, within: bool) -> Option<bool> {
    let byte = cursor.peek();
    if cursor.at >= offset {
        return None;
    }
    let start = cursor.at;
    let (end, open) = match byte {
        b'{' => {
            around.push(Open::Object(start));
            (start + 1, false)
        }
        b'[' => {
            around.push(Open::Array(0));
            (start + 1, true)
        }
        b'}' | b']' => {
            around.pop();
            (start + 1, false)
        }
        b':' => (start + 1, true),
        b',' => match around.last_mut() {
            Some(Open::Array(index)) => {
                *index += 1;
                (start + 1, true)
            }
            _ => (start + 1, false),
        },
        b'"' => {
            let end = match plain_end(cursor.bytes(), start + 1) {
                quote if cursor.bytes().get(quote) == Some(&b'"') => quote + 1,
                other => cursor.escaped_end(other).ok()?,
            };
            match around.last_mut() {
                Some(Open::Object(name)) if !within && end <= offset => *name = start,
                _ => {}
            }
            (end, false)
        }
        b't' | b'n' => (start + 4, false),
        b'f' => (start + 5, false),
        _ => (cursor.number_end(start).ok()?, false),
    };
    cursor.at = end;
    (end <= offset).then_some(open)
}

/// Adds a member's name to a JSON pointer.
pub(crate) fn push_name(pointer: &mut String, name: &str) {
    pointer.push('/');
    if !name.contains(['~', '/']) {
        pointer.push_str(name);
        return;
    }
    for character in name.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// Adds an element's index to a JSON pointer.
pub(super) fn push_index(pointer: &mut String, index: usize) {
    pointer.push('/');
    pointer.push_str(itoa::Buffer::new().format(index));
}

/// The last name of a pointer, for people.
pub(super) fn last_name(pointer: &str) -> String {
    let name = pointer.rsplit('/').next().unwrap_or_default();
    format!("\"{}\"", shorten(&name.replace("~1", "/").replace("~0", "~")))
}

/// The value at a byte of the document, or what else stands there.
#[cold]
pub(super) fn excerpt(document: &str, offset: usize, keyword: Keyword) -> String {
    let rest = document.get(offset..).unwrap_or_default();
    if rest.is_empty() {
        return "the end of the document".to_owned();
    }
    // What does not end within so many bytes has more characters than are shown.
    let most = (4 * LONGEST..rest.len()).find(|end| rest.is_char_boundary(*end));
    let mut cursor = Cursor::at_start(rest.get(..most.unwrap_or(rest.len())).unwrap_or_default());
    let start = cursor.text;
    match cursor.skip() {
        Ok(()) => shorten(start.get(..cursor.at).unwrap_or_default()),
        Err(_) if keyword == Keyword::Syntax => {
            let head: String = start.chars().take(16).collect();
            format!("{head:?}")
        }
        Err(_) => shorten(start),
    }
}

/// Cuts text that is too long to show.
pub(super) fn shorten(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
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
        let document = r#"{"a~/b": [1, {"x": "y"}], "c": {"d": null} }"#;
        let value: serde_json::Value = serde_json::from_str(document).unwrap();
        for (needle, expected) in [
            ("[1,", "/a~0~1b"),
            ("1,", "/a~0~1b/0"),
            ("{\"x\"", "/a~0~1b/1"),
            ("\"y\"", "/a~0~1b/1/x"),
            ("{\"d\"", "/c"),
            ("null", "/c/d"),
        ] {
            let offset = document.find(needle).unwrap();
            assert_eq!(pointer(document, offset), expected);
            assert!(value.pointer(expected).is_some());
        }
        assert_eq!(pointer(document, 0), "");
    }

    #[test]
    fn broken_documents_still_lead_somewhere() {
        for (document, offset, expected) in [
            (r#"{"a": [1, 2"#, 11, "/a"),
            (r#"{"a": [1,]"#, 9, "/a/1"),
            (r#"{"a": [1, 2 3]"#, 12, "/a"),
            (r#"{"a": {"b": tru"#, 12, "/a/b"),
            (r#"{"a": {"b": "text"#, 17, "/a/b"),
            (r#"{"a": {"b": 1, "c"#, 17, "/a"),
            (r#"{"a": {"b": 1 "c""#, 14, "/a"),
            (r#"{"a": {"b" 1"#, 11, "/a"),
            (r#"{"a": {}, "b":"#, 14, "/b"),
            (r#"{"a": [{}, {"b\u0021": -}"#, 23, "/a/1/b!"),
            ("]]}}", 4, ""),
            ("", 0, ""),
        ] {
            assert_eq!(pointer(document, offset), expected, "{document} at {offset}");
        }
    }

    #[test]
    fn what_is_found_is_cut() {
        let excerpt = |document: &str, keyword| excerpt(document, 0, keyword);
        assert_eq!(excerpt("", Keyword::Syntax), "the end of the document");
        assert_eq!(excerpt("12, 13", Keyword::Maximum), "12");
        assert_eq!(excerpt("nil, 13", Keyword::Syntax), r#""nil, 13""#);
        let long = format!("[\"{}\"]", "\u{e9}\u{20ac}".repeat(200));
        let cut = excerpt(&long, Keyword::Type);
        assert_eq!(cut.chars().count(), LONGEST + 3);
        assert!(long.starts_with(cut.trim_end_matches("...")));
        let long = format!("[1,2,3,{}x]", "4,".repeat(200));
        assert_eq!(excerpt(&long, Keyword::Syntax), r#""[1,2,3,4,4,4,4,4""#);
    }
}
