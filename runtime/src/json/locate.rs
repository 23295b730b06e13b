//! Finding out, after something went wrong, where that was.

use std::borrow::Cow;

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
/// All before the byte is JSON, so that a pass over its tokens finds what is still open there. It begins at the last
/// place that the reader noted down of what is open.
#[cold]
pub(super) fn pointer(document: &str, noted: &[usize], offset: usize) -> String {
    let mut cursor = Cursor::at_start(document);
    let mut around = Vec::with_capacity(8);
    // Whether the last child begins here, or has begun, and has not ended.
    let mut within = true;
    let mut last = None;
    for &place in noted {
        // Objects of very many members have several levels, of which all but one note nothing down, or long ago.
        if place >= offset || last >= Some(place) {
            continue;
        }
        last = Some(place);
        if let Some(Open::Array(index)) = around.last_mut() {
            *index = index_of(&mut cursor, place);
        }
        cursor.at = place;
        within = pass_noted(&mut cursor, &mut around);
    }
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

/// Goes to the child that was read when this place was noted down, and says whether it is a value and not yet a name.
fn pass_noted(cursor: &mut Cursor<'_>, around: &mut Vec<Open>) -> bool {
    // White space may stand there as well, but only in an object.
    let list = cursor.bytes().get(cursor.at) == Some(&b'[');
    if matches!(cursor.peek(), b'{' | b'[' | b',') {
        cursor.pass_one();
        cursor.peek();
    }
    around.push(if list { Open::Array(0) } else { Open::Object(cursor.at) });
    list
}

/// The index of the item that holds a place, in the list whose first item comes next.
fn index_of(cursor: &mut Cursor<'_>, place: usize) -> usize {
    let mut index = 0;
    while cursor.skip().is_ok() && cursor.at <= place {
        cursor.pass_one();
        index += 1;
    }
    index
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
    format!("\"{}\"", shorten(name.replace("~1", "/").replace("~0", "~")))
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
pub(super) fn shorten<'t>(text: impl Into<Cow<'t, str>>) -> String {
    let text = text.into();
    if text.len() <= LONGEST {
        return text.into_owned();
    }
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Items, Kind, Parsed};

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
            assert_eq!(pointer(document, &[], offset), expected);
            assert!(value.pointer(expected).is_some());
        }
        assert_eq!(pointer(document, &[], 0), "");
    }

    /// Reads a value as generated code does: some names are known, and some objects have two levels.
    fn read(cursor: &mut Cursor<'_>) -> Parsed<()> {
        match cursor.kind() {
            Kind::Object if cursor.depth % 3 == 1 => read_members::<2>(cursor),
            Kind::Object => read_members::<1>(cursor),
            Kind::Array => cursor.array(&Items::any(), read).map(drop),
            Kind::Nothing => Err(cursor.wrong_type("a value")),
            _ => cursor.skip(),
        }
    }

    fn read_members<const WORDS: usize>(cursor: &mut Cursor<'_>) -> Parsed<()> {
        let mut members = cursor.object::<WORDS>(&["a", "b"])?;
        let mut both = 0;
        while let Some(member) = members.next(cursor)? {
            match member {
                0 => read(cursor)?,
                1 => {
                    both += 1;
                    read(cursor)?;
                }
                _ if both == 0 => read(cursor)?,
                _ => cursor.skip()?,
            }
        }
        if both == 0 { Err(members.missing(1)) } else { Ok(()) }
    }

    #[test]
    fn what_is_noted_down_leads_to_the_same_place() {
        let deep = format!("{{\"b\":{}1{}}}", r#"[{"b":"#.repeat(9), "}]".repeat(9));
        let documents = [
            r#"{"a":[1,{"b":[[]],"c\u0021":{"d":{"b":{}}}},"x"],"b":{"b":[{"b":2},{"b":{"a":3}}]},"c":{"e":[4]}}"#,
            " { \"c\" : [ { \"b\" : 1 , \"a\" : [ 2 , { \"b\" : 3 } ] } , { \"b\" : [ ] } ] , \"b\" : { \"a\" : 1 } } ",
            &deep,
        ];
        let mut faults = 0;
        for document in documents {
            for at in 0..=document.len() {
                for other in ["", "!", ",", "{", "[", "}", "]", "\"", ":", " ", "{},", "[1]"] {
                    let tails = [at, at + 1, document.len()].map(|tail| document.get(tail..).unwrap_or_default());
                    for tail in tails {
                        let text = format!("{}{other}{tail}", &document[..at]);
                        let mut cursor = Cursor::at_start(&text);
                        let Err(fault) = read(&mut cursor).and_then(|()| cursor.end()) else {
                            continue;
                        };
                        let error = fault.into_error(&cursor);
                        let offset = error.offset().unwrap();
                        assert_eq!(error.pointer(), pointer(&text, &[], offset), "{text} at {offset}");
                        faults += 1;
                    }
                }
            }
        }
        assert!(faults > 5000, "{faults}");
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
            assert_eq!(pointer(document, &[], offset), expected, "{document} at {offset}");
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
