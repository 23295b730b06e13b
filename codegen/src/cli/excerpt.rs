//! Text of files for a terminal: not more of it than fits, and nothing in it that cannot be seen.

use std::borrow::Cow;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// How many bytes are shown as they are.
const LONG: usize = 4_000;

/// How many bytes are shown before and behind a place where there are more.
const AROUND: usize = 80;

/// A file as the source of findings. Of lines that no terminal can show, the part around the place is shown.
#[derive(Debug)]
pub(super) struct Excerpt<'f> {
    name: &'f str,
    text: Cow<'f, str>,
}

impl<'f> Excerpt<'f> {
    pub(super) fn new(name: &'f str, text: &'f str) -> Self {
        let text = if text.chars().any(|c| stand_in(c).is_some()) {
            Cow::Owned(text.chars().map(|c| stand_in(c).unwrap_or(c)).collect())
        } else {
            Cow::Borrowed(text)
        };
        Self { name, text }
    }
}

/// What is shown in the place of a character that would command the terminal, in as many bytes.
fn stand_in(c: char) -> Option<char> {
    match c {
        '\n' | '\t' => None,
        _ if c.is_ascii_control() => Some('?'),
        _ if is_bidirectional(c) && c.len_utf8() == 3 => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

impl SourceCode for Excerpt<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let whole = self.text.read_span(span, lines_before, lines_after)?;
        let (mut start, mut end) = (whole.span().offset(), whole.span().offset() + whole.span().len());
        let (mut line, mut column) = (whole.line(), whole.column());
        if end - start > LONG {
            let from = self.floor(span.offset().saturating_sub(AROUND)).max(start);
            end = self.floor(span.offset() + span.len().min(LONG) + AROUND).min(end);
            let skipped = self.text.get(start..from).unwrap_or_default();
            line += skipped.matches('\n').count();
            column = if lines_before == 0 { column } else { 0 };
            start = from;
        }
        let data = self.text.get(start..end).unwrap_or_default();
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.to_owned(),
            data.as_bytes(),
            (start, data.len()).into(),
            line,
            column,
            data.lines().count(),
        )))
    }
}

impl Excerpt<'_> {
    /// The character that holds a byte.
    fn floor(&self, at: usize) -> usize {
        let at = at.min(self.text.len());
        (0..=at).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }
}

/// A text with an escape for each character that has no shape of its own, or that changes the order of others.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let empty =
            matches!(c, '\u{00ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{00a0}');
        if c.is_control() || is_bidirectional(c) || empty {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Whether a character changes the order in which others are shown.
fn is_bidirectional(c: char) -> bool {
    matches!(
        c,
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}
