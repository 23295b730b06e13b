//! Text in a document.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset};
use uuid::Uuid;

use super::cursor::Cursor;
use super::fault::{Fault, Parsed};
use super::rules::Text;
use super::words::plain_end;
use crate::format;
use crate::payload::Keyword;

impl<'a> Cursor<'a> {
    /// Reads text; it is borrowed where it holds no escapes.
    ///
    /// # Errors
    ///
    /// When something else stands here.
    #[inline]
    pub fn string(&mut self) -> Parsed<Cow<'a, str>> {
        if self.peek() != b'"' {
            return Err(self.wrong_type("text"));
        }
        self.quoted()
    }

    /// Reads text that follows rules.
    ///
    /// # Errors
    ///
    /// When something else stands here, or the text breaks a rule.
    #[inline]
    pub fn text(&mut self, rules: &Text) -> Parsed<String> {
        self.ruled(rules, str::to_owned, |text| text)
    }

    /// Reads text that follows rules; it is borrowed where it holds no escapes.
    ///
    /// # Errors
    ///
    /// As [`text`](Cursor::text).
    #[inline]
    pub fn borrow_text(&mut self, rules: &Text) -> Parsed<Cow<'a, str>> {
        if self.again {
            return self.string();
        }
        self.ruled(rules, Cow::Borrowed, Cow::Owned)
    }

    #[inline]
    fn ruled<T>(
        &mut self,
        rules: &Text,
        plain: impl FnOnce(&'a str) -> T,
        escaped: impl FnOnce(String) -> T,
    ) -> Parsed<T> {
        let quote = self.peek();
        let start = self.at;
        if quote == b'"'
            && let Some(length) = rules.quoted_length(self.bytes().get(start + 1..).unwrap_or_default())
        {
            self.at += length + 2;
            return Ok(plain(self.slice(start + 1, start + 1 + length)));
        }
        let checked = if let Some(text) = self.plain() {
            rules.check(text).map(|()| plain(text))
        } else {
            let text = self.string()?;
            rules.check(&text).map(|()| escaped(text.into_owned()))
        };
        checked.map_err(|fault| fault.placed(start))
    }

    /// Reads one of a set of texts.
    ///
    /// # Errors
    ///
    /// When something else stands here.
    #[inline]
    pub fn one_of<T>(&mut self, known: impl FnOnce(&str) -> Option<T>, names: &'static [&'static str]) -> Parsed<T> {
        self.peek();
        let start = self.at;
        let value = match self.plain() {
            Some(text) => known(text),
            None => known(&self.string()?),
        };
        value.ok_or_else(|| Fault::at(start, Keyword::Enum, one_of_text(names)))
    }

    /// Reads a text that is always the same.
    ///
    /// # Errors
    ///
    /// When something else stands here.
    #[inline]
    pub fn constant(&mut self, expected: &'static str) -> Parsed<()> {
        self.peek();
        let start = self.at;
        if self.string()? == expected {
            Ok(())
        } else {
            Err(Fault::at(start, Keyword::Const, ["\"", expected, "\""].concat()))
        }
    }

    /// Reads a UUID: 36 characters with hyphens, in either case.
    ///
    /// # Errors
    ///
    /// When something else stands here.
    #[inline]
    pub fn uuid(&mut self) -> Parsed<Uuid> {
        self.peek();
        let start = self.at;
        let quoted = self.bytes().get(start..).and_then(<[u8]>::first_chunk::<38>);
        if let Some([b'"', text @ .., b'"']) = quoted
            && let Some(uuid) = format::parse_uuid(text)
        {
            self.at += 38;
            return Ok(uuid);
        }
        let text = self.string()?;
        format::parse_uuid(text.as_bytes()).ok_or_else(|| Fault::at(start, Keyword::Format, "a UUID (uuid)"))
    }

    /// Reads a moment with its offset from UTC (RFC 3339).
    ///
    /// # Errors
    ///
    /// When something else stands here.
    #[inline]
    pub fn date_time(&mut self) -> Parsed<DateTime<FixedOffset>> {
        self.peek();
        let start = self.at;
        if let Some((b'"', text)) = self.bytes().get(start..).and_then(<[u8]>::split_first)
            && let Some((moment, [b'"', rest @ ..])) = format::first_moment(text)
        {
            self.at = self.text.len() - rest.len();
            return Ok(moment);
        }
        let moment = match self.plain() {
            Some(text) => format::parse_date_time(text.as_bytes()),
            None => format::parse_date_time(self.string()?.as_bytes()),
        };
        moment.ok_or_else(|| Fault::at(start, Keyword::Format, "a moment as of RFC 3339 (date-time)"))
    }

    /// Reads a member's name and the colon behind it.
    #[inline]
    pub(crate) fn key(&mut self) -> Parsed<Cow<'a, str>> {
        if self.peek() != b'"' {
            return Err(self.syntax("a member's name in quotes"));
        }
        let name = self.quoted()?;
        self.colon()?;
        Ok(name)
    }

    #[inline]
    pub(super) fn colon(&mut self) -> Parsed<()> {
        if self.peek() != b':' {
            return Err(self.syntax("`:`"));
        }
        self.at += 1;
        Ok(())
    }

    /// Passes `"name":` if exactly that stands here.
    #[inline]
    pub(super) fn take_key(&mut self, name: &str) -> bool {
        let rest = self.bytes().get(self.at..).unwrap_or_default();
        let Some((head, tail)) = rest.split_at_checked(name.len() + 1) else {
            return false;
        };
        if head.split_first() == Some((&b'"', name.as_bytes())) && tail.starts_with(b"\":") {
            self.at += name.len() + 3;
            return true;
        }
        false
    }

    /// Reads text without escapes, if that stands at the cursor.
    #[inline]
    fn plain(&mut self) -> Option<&'a str> {
        let bytes = self.bytes();
        let start = self.at + 1;
        if bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        let end = plain_end(bytes, start);
        if bytes.get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        self.text.get(start..end)
    }

    /// Reads text; the cursor stands on its opening quote.
    #[inline]
    fn quoted(&mut self) -> Parsed<Cow<'a, str>> {
        let start = self.at + 1;
        let end = plain_end(self.bytes(), start);
        if self.bytes().get(end) == Some(&b'"') {
            self.at = end + 1;
            Ok(Cow::Borrowed(self.slice(start, end)))
        } else {
            self.escaped(start).map(Cow::Owned)
        }
    }

    #[inline(never)]
    fn escaped(&mut self, mut start: usize) -> Parsed<String> {
        // Escapes are longer than what they stand for, so that this is room enough.
        let mut text = String::with_capacity(self.quote(start) - start);
        loop {
            let end = plain_end(self.bytes(), start);
            text.push_str(self.slice(start, end));
            self.at = end;
            match self.bytes().get(end) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                _ => return Err(self.unended()),
            }
            start = self.at;
        }
    }

    /// Where the quote stands that ends text with escapes, which are not looked at; or the end of the document.
    fn quote(&self, mut at: usize) -> usize {
        loop {
            at = plain_end(self.bytes(), at);
            match self.bytes().get(at) {
                Some(b'\\') => at = self.text.len().min(at + 2),
                _ => return at,
            }
        }
    }

    /// The end of text, from some place in it on.
    #[inline(never)]
    pub(super) fn escaped_end(&mut self, at: usize) -> Parsed<usize> {
        self.at = plain_end(self.bytes(), at);
        loop {
            match self.bytes().get(self.at) {
                Some(b'"') => return Ok(self.at + 1),
                Some(b'\\') => {
                    self.escape()?;
                }
                _ => return Err(self.unended()),
            }
            self.at = plain_end(self.bytes(), self.at);
        }
    }

    #[cold]
    #[inline(never)]
    fn unended(&self) -> Fault {
        if self.at < self.text.len() {
            self.syntax("an escape in place of a control character")
        } else {
            self.syntax("the quote that ends the text")
        }
    }

    /// Reads an escape; the cursor stands on its backslash.
    fn escape(&mut self) -> Parsed<char> {
        let start = self.at;
        self.at += 2;
        let character = match self.bytes().get(start + 1) {
            Some(b'"') => Some('"'),
            Some(b'\\') => Some('\\'),
            Some(b'/') => Some('/'),
            Some(b'b') => Some('\u{8}'),
            Some(b'f') => Some('\u{c}'),
            Some(b'n') => Some('\n'),
            Some(b'r') => Some('\r'),
            Some(b't') => Some('\t'),
            Some(b'u') => self.unicode_escape(),
            _ => None,
        };
        if character.is_none() {
            self.at = start;
        }
        character.ok_or_else(|| self.syntax("an escape that JSON knows"))
    }

    /// Reads the digits of `\u`, and of the second half of a surrogate pair.
    fn unicode_escape(&mut self) -> Option<char> {
        let first = self.hex4()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        if self.bytes().get(self.at..self.at + 2) != Some(br"\u") {
            return None;
        }
        self.at += 2;
        let second = self.hex4()?;
        if !(0xdc00..0xe000).contains(&second) {
            return None;
        }
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.bytes().get(self.at..self.at + 4)?;
        let mut value = 0;
        for &digit in digits {
            value = (value << 4) | char::from(digit).to_digit(16)?;
        }
        self.at += 4;
        Some(value)
    }
}

/// The members of an enumeration, for people; a long list is cut.
pub(super) fn one_of_text(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let mut text = String::with_capacity(128);
    text.push_str("one of ");
    for (index, name) in names.iter().take(SHOWN).enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push('"');
        text.push_str(name);
        text.push('"');
    }
    if names.len() > SHOWN {
        text.push_str(", ...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        crate::json::read_document(text.as_bytes(), |cursor| cursor.string().map(Cow::into_owned)).ok()
    }

    #[test]
    fn agrees_with_serde_json_at_every_length_and_truncation() {
        let parts = [
            "a",
            "\\n",
            "\\u00e9",
            "\u{e9}",
            "\\ud83d\\ude00",
            "\\\"",
            " ",
            "\\\\",
            "\u{1F600}",
            "/",
            "\\/",
        ];
        let mut body = String::new();
        for round in 0..40_usize {
            body.push_str(parts[(round * 7) % parts.len()]);
            let text = format!("\"{body}\"");
            assert_eq!(read(&text), serde_json::from_str(&text).ok(), "{text}");
            for end in 0..text.len() {
                if text.is_char_boundary(end) {
                    assert_eq!(read(&text[..end]), None, "{}", &text[..end]);
                }
            }
        }
    }

    #[test]
    fn plain_text_is_borrowed() {
        let mut cursor = Cursor::new(br#" "plain text of some length" "#).unwrap();
        assert!(matches!(
            cursor.string().unwrap(),
            Cow::Borrowed("plain text of some length")
        ));
    }

    #[test]
    fn every_control_character_is_refused() {
        for byte in 0..0x20_u8 {
            for length in 0..20 {
                let text = format!("\"{}{}{}\"", "x".repeat(length), char::from(byte), "y".repeat(20));
                assert_eq!(read(&text), None);
            }
        }
        assert_eq!(read("\"\u{7f}\"").as_deref(), Some("\u{7f}"));
    }
}
