//! Text of files for a terminal: not more of it than fits, and nothing in it that cannot be seen.

use std::borrow::Cow;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use natsmith_codegen::source::{FileId, Files, Span};

/// How many bytes are shown as they are.
const LONG: usize = 4_000;

/// How many bytes are shown before and behind a place where there are more.
const AROUND: usize = 80;

/// How many lines before and behind a place are kept at hand.
const LINES: usize = 4;

/// How many bytes before and behind a place are kept at hand.
const KEPT: usize = 2 * LONG;

/// The surroundings of some places in a file as the source of a finding. Of lines that no terminal can show, the part around
/// the place is shown.
///
/// A file with thousands of findings is not read from its start for each of them.
#[derive(Debug)]
pub(super) struct Excerpt<'f> {
    name: &'f str,
    text: Cow<'f, str>,
    /// Where the text begins in the file: its byte, and line and column, both counted from 0.
    start: (usize, usize, usize),
}

impl<'f> Excerpt<'f> {
    /// What is around places of a file that lie between two bytes.
    pub(super) fn new(files: &'f Files, id: FileId, places: (u32, u32)) -> Option<Self> {
        let file = files.get(id)?;
        let (first, last) = (places.0 as usize, (places.1 as usize).min(file.text.len()));
        let before = file.text.get(..first)?;
        let lines = before
            .rmatch_indices('\n')
            .nth(LINES)
            .map_or(0, |(newline, _)| newline + 1);
        let start = lines.max(floor(&file.text, first.saturating_sub(KEPT)));
        let lines = file.text.get(last..)?.match_indices('\n').nth(LINES);
        let end = lines.map_or(file.text.len(), |(newline, _)| last + newline + 1);
        let end = end.min(floor(&file.text, last.saturating_add(KEPT)));
        let text = file.text.get(start..end)?;
        let place = Span {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            ..id.start()
        };
        let (line, column) = files.line_column(place);
        Some(Self::of(&file.name, text, (start, line - 1, column - 1)))
    }

    fn of(name: &'f str, text: &'f str, start: (usize, usize, usize)) -> Self {
        let text = if text.chars().any(|c| stand_in(c).is_some()) {
            Cow::Owned(text.chars().map(|c| stand_in(c).unwrap_or(c)).collect())
        } else {
            Cow::Borrowed(text)
        };
        Self { name, text, start }
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
        let (at, first_line, first_column) = self.start;
        let offset = span.offset().saturating_sub(at);
        // A place may go on behind what is kept of a long line.
        let length = span.len().min(self.text.len().saturating_sub(offset));
        let span = SourceSpan::from((offset, length));
        let whole = self.text.read_span(&span, lines_before, lines_after)?;
        let (mut start, mut end) = (whole.span().offset(), whole.span().offset() + whole.span().len());
        let (mut line, mut column) = (whole.line(), whole.column());
        if line == 0 && lines_before == 0 {
            column += first_column;
        }
        if end - start > LONG {
            let from = floor(&self.text, span.offset().saturating_sub(AROUND)).max(start);
            end = floor(&self.text, span.offset() + span.len().min(LONG) + AROUND).min(end);
            let skipped = self.text.get(start..from).unwrap_or_default();
            line += skipped.matches('\n').count();
            column = if lines_before == 0 { column } else { 0 };
            start = from;
        }
        let data = self.text.get(start..end).unwrap_or_default();
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.to_owned(),
            data.as_bytes(),
            (at + start, data.len()).into(),
            first_line + line,
            column,
            data.lines().count(),
        )))
    }
}

/// The start of the character that holds a byte.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
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
