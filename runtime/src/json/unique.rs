//! `uniqueItems`.

use std::collections::HashSet;

use bytes::BytesMut;
use serde_json::Value;

use super::Codec;
use super::fault::{Checked, Fault};
use super::same::same;
use crate::payload::Keyword;

/// So few items are compared with each other sooner than they are put into a set.
const FEW: usize = 16;

/// Checks that no two of these JSON texts are the same value.
pub(super) fn check(texts: &[&str]) -> Checked {
    if texts.len() < 2 {
        return Ok(());
    }
    if texts.len() <= FEW && texts.iter().all(|text| has_one_spelling(text)) {
        let again = (1..texts.len()).find(|&index| {
            let (before, rest) = texts.split_at(index);
            rest.first().is_some_and(|text| before.contains(text))
        });
        return again.map_or(Ok(()), |index| Err(repeated(texts, index)));
    }
    let mut words = HashSet::with_capacity(texts.len());
    let mut others: Vec<(usize, Value)> = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        if has_one_spelling(text) {
            if !words.insert(*text) {
                return Err(repeated(texts, index));
            }
        } else if let Ok(value) = serde_json::from_str(text) {
            if let Value::String(plain) = &value
                && texts
                    .iter()
                    .take(index)
                    .chain(texts.iter().skip(index + 1))
                    .any(|other| is_text(other, plain))
            {
                return Err(repeated(texts, index));
            }
            if others.iter().any(|(_, other)| same(other, &value)) {
                return Err(repeated(texts, index));
            }
            others.push((index, value));
        }
    }
    Ok(())
}

/// Words and plain text have one spelling, so most lists need no closer look.
fn has_one_spelling(text: &str) -> bool {
    text.starts_with(['"', 't', 'f', 'n']) && !text.contains('\\')
}

fn is_text(json: &str, text: &str) -> bool {
    json.strip_prefix('"').and_then(|json| json.strip_suffix('"')) == Some(text) && !json.contains('\\')
}

/// An item as the document will hold it.
pub(super) fn text_of<T: Codec>(item: &T) -> String {
    let mut out = BytesMut::new();
    item.write(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cold]
fn repeated(texts: &[&str], index: usize) -> Fault {
    let text = texts.get(index).copied().unwrap_or_default();
    Fault::of(
        Keyword::UniqueItems,
        "no item twice",
        format!("{text} again at {index}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_as_json() {
        for (texts, unique) in [
            (&["1", "2"][..], true),
            (&["1", "1.0"], false),
            (&["1", "1e0"], false),
            (&["1", "\"1\"", "true"], true),
            (&["\"a\"", "\"\\u0061\""], false),
            (&["\"\\u0061\"", "\"a\""], false),
            (&["\"\\u0061\"", "\"\\u0061\""], false),
            (&["\"\\u0062\"", "\"\\u0061\""], true),
            (&["{\"a\":1,\"b\":2}", "{\"b\":2.0, \"a\":1}"], false),
            (&["[1,2]", "[2,1]"], true),
            (&["true", "true"], false),
            (&["null", "false"], true),
        ] {
            assert_eq!(check(texts).is_ok(), unique, "{texts:?}");
        }
    }
}
