//! Where pages and the places in them are.

use std::fmt::Write as _;

/// A name as part of a file's name or of an anchor: letters, digits, `-` and `_` as they are, all else as `~` and its code.
pub(in crate::emit::docs) fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_ascii_alphanumeric() || ['-', '_'].contains(&character) {
            text.push(character);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "~{:x}~", u32::from(character));
        }
    }
    text
}

/// The page of a subject, from the root of the pages.
pub(super) fn subject(name: &str) -> String {
    // `agents.status`: both parts are words.
    format!("subjects/{name}.html")
}

/// The page of a payload.
pub(super) fn payload(name: &str) -> String {
    format!("payloads/{}.html", escaped(name))
}

/// The page of a stream.
pub(super) fn stream(name: &str) -> String {
    format!("streams/{}.html", escaped(name))
}

/// The page of a key-value bucket.
pub(super) fn bucket(name: &str) -> String {
    format!("kv/{}.html", escaped(name))
}

/// The page of an object store.
pub(super) fn objects(name: &str) -> String {
    format!("object-stores/{}.html", escaped(name))
}

/// The schema of a payload; the file bears the payload's name, which may hold any letter.
pub(super) fn schema(name: &str) -> String {
    let mut text = String::from("json-schema/");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text + ".json"
}
