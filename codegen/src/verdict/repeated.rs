//! Members that stand twice in one object, which no parsed document shows any more.

use std::collections::HashSet;

/// An object or a list that is being read.
enum Level {
    /// Its names so far, and the one whose value comes.
    Object {
        names: HashSet<String>,
        name: Option<String>,
    },
    /// The number of the item that comes.
    List(usize),
}

/// The first member that its object has already, as a JSON pointer. The text is known to be JSON.
pub(super) fn member(document: &[u8]) -> Option<String> {
    let mut levels: Vec<Level> = Vec::new();
    let mut at = 0;
    while let Some(byte) = document.get(at) {
        match byte {
            b'{' => levels.push(Level::Object {
                names: HashSet::new(),
                name: None,
            }),
            b'[' => levels.push(Level::List(0)),
            b'}' | b']' => _ = levels.pop(),
            b',' => match levels.last_mut() {
                Some(Level::Object { name, .. }) => *name = None,
                Some(Level::List(item)) => *item += 1,
                None => {}
            },
            b'"' => {
                let end = end_of_text(document, at);
                if let Some(Level::Object { names, name }) = levels.last_mut()
                    && name.is_none()
                {
                    let read: String = serde_json::from_slice(document.get(at..end)?).ok()?;
                    let known = !names.insert(read.clone());
                    *name = Some(read);
                    if known {
                        return Some(pointer(&levels));
                    }
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Behind the closing quote of the text that starts here.
fn end_of_text(document: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        match document.get(at) {
            Some(b'\\') => at += 2,
            Some(b'"') | None => return at + 1,
            Some(_) => at += 1,
        }
    }
}

fn pointer(levels: &[Level]) -> String {
    let steps = levels.iter().map(|level| match level {
        Level::Object { name, .. } => {
            let name = name.as_deref().unwrap_or_default();
            format!("/{}", name.replace('~', "~0").replace('/', "~1"))
        }
        Level::List(item) => format!("/{item}"),
    });
    steps.collect()
}

#[cfg(test)]
mod tests {
    use super::member;

    #[test]
    fn the_first_one_is_found_wherever_it_stands() {
        for (document, found) in [
            (r#"{"a": 1, "b": {"a": 1}, "c": [{"a": 1}, {"a": 2}]}"#, None),
            (r#"{"a": 1, "a": 1}"#, Some("/a")),
            (r#"{"a": "a", "b": "a\"", "\u0061": "b"}"#, Some("/a")),
            (
                r#"{"x": [1, [], {"y/~": {}, "z": ",{[", "y/~": 2}]}"#,
                Some("/x/2/y~1~0"),
            ),
            (r#"["a", "a", {"b": ["a", "a"], "a": 0}]"#, None),
            (r#"  "a"  "#, None),
        ] {
            assert_eq!(member(document.as_bytes()).as_deref(), found, "{document}");
        }
    }
}
