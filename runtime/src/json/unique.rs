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

/// The texts of a list's items. Few of them, as most lists have, take no memory of their own.
pub(super) struct Texts<'a> {
    few: [&'a str; FEW],
    count: usize,
    /// All of them, once they are more.
    many: Vec<&'a str>,
}

impl<'a> Texts<'a> {
    pub(super) fn new() -> Self {
        Self {
            few: [""; FEW],
            count: 0,
            many: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn push(&mut self, text: &'a str) {
        if let Some(place) = self.few.get_mut(self.count) {
            *place = text;
        } else {
            if self.many.is_empty() {
                self.many.extend_from_slice(&self.few);
            }
            self.many.push(text);
        }
        self.count += 1;
    }

    /// Checks that no two of these JSON texts, which all stand in `list`, are the same value.
    #[allow(
        clippy::needless_bitwise_bool,
        reason = "without a way out in the middle many bytes are looked at together"
    )]
    pub(super) fn check(&self, list: &str) -> Checked {
        let escapes = list.bytes().fold(false, |any, byte| any | (byte == b'\\'));
        match self.few.get(..self.count) {
            Some(few) if !escapes && few.iter().all(|text| is_word(text)) => {
                again(few).map_or(Ok(()), |index| Err(repeated(few.get(index), index)))
            }
            Some(few) => check(few),
            None => check(&self.many),
        }
    }
}

/// Checks the items of a list that was built, as the document will hold them.
pub(super) fn check_built<T: Codec>(items: &[T]) -> Checked {
    if items.len() < 2 {
        return Ok(());
    }
    if items.len() <= FEW && items.iter().all(|item| item.as_text().is_some()) {
        let mut texts = [""; FEW];
        for (text, place) in items.iter().filter_map(Codec::as_text).zip(&mut texts) {
            *place = text;
        }
        let again = again(texts.get(..items.len()).unwrap_or_default());
        return again.map_or(Ok(()), |index| {
            let text = items.get(index).map(text_of);
            Err(repeated(text.as_deref().as_ref(), index))
        });
    }
    let mut out = BytesMut::new();
    let mut ends = Vec::with_capacity(items.len());
    for item in items {
        item.write(&mut out);
        ends.push(out.len());
    }
    let all = String::from_utf8_lossy(&out);
    let mut texts = Texts::new();
    let mut start = 0;
    for end in ends {
        texts.push(all.get(start..end).unwrap_or_default());
        start = end;
    }
    texts.check(&all)
}

/// The first text that stands before already, where each has one spelling.
fn again(texts: &[&str]) -> Option<usize> {
    let is_again = |(index, text): (usize, &&str)| {
        // The ends of names differ sooner than their beginnings.
        let end = text.as_bytes().last_chunk::<4>();
        let same =
            |other: &&str| other.len() == text.len() && other.as_bytes().last_chunk::<4>() == end && *other == *text;
        texts.iter().take(index).any(same)
    };
    texts.iter().enumerate().position(is_again)
}

/// Checks that no two of these JSON texts are the same value.
fn check(texts: &[&str]) -> Checked {
    let mut words = HashSet::with_capacity(texts.len());
    let mut others: Vec<(usize, Value)> = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        if has_one_spelling(text) {
            if !words.insert(*text) {
                return Err(repeated(texts.get(index), index));
            }
        } else if let Ok(value) = serde_json::from_str(text) {
            if let Value::String(plain) = &value
                && texts
                    .iter()
                    .take(index)
                    .chain(texts.iter().skip(index + 1))
                    .any(|other| is_text(other, plain))
            {
                return Err(repeated(texts.get(index), index));
            }
            if others.iter().any(|(_, other)| same(other, &value)) {
                return Err(repeated(texts.get(index), index));
            }
            others.push((index, value));
        }
    }
    Ok(())
}

/// Words and text without escapes have one spelling, so most lists need no closer look.
fn has_one_spelling(text: &str) -> bool {
    is_word(text) && !text.contains('\\')
}

#[inline]
fn is_word(text: &str) -> bool {
    matches!(text.as_bytes().first(), Some(b'"' | b't' | b'f' | b'n'))
}

fn is_text(json: &str, text: &str) -> bool {
    json.strip_prefix('"').and_then(|json| json.strip_suffix('"')) == Some(text) && !json.contains('\\')
}

/// An item as the document will hold it.
#[cold]
fn text_of<T: Codec>(item: &T) -> String {
    let mut out = BytesMut::new();
    item.write(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cold]
fn repeated(text: Option<&&str>, index: usize) -> Fault {
    let text = text.copied().unwrap_or_default();
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
            let mut inline = Texts::new();
            let mut far = Texts::new();
            for text in texts {
                inline.push(text);
            }
            for number in 100..100 + FEW {
                far.push(Box::leak(number.to_string().into_boxed_str()));
            }
            for text in texts {
                far.push(text);
            }
            assert_eq!(check(texts).is_ok(), unique, "{texts:?}");
            assert_eq!(inline.check(&texts.join(",")).is_ok(), unique, "{texts:?}");
            assert_eq!(far.check(&texts.join(",")).is_ok(), unique, "{texts:?}");
        }
    }
}
