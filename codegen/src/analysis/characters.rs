//! Characters of subjects: what two people see as one text is one text, and what looks like a wildcard is one.

use crate::contract::{Contract, Segment};
use crate::diagnostics::{Diagnostic, Fix, Report};
use crate::rules::subject as rules;
use crate::source::{Span, Spanned};

/// Characters that are drawn as nothing, by their first and last.
const INVISIBLE: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Characters that most fonts draw like one of ASCII, which stands first.
const LOOK_ALIKE: &[&str] = &[
    "aаα",
    "cсⅽ",
    "dԁⅾ",
    "eеҽ",
    "gɡ",
    "hһ",
    "iіıιⅰ",
    "jј",
    "kκ",
    "lӏⅼ",
    "mⅿ",
    "nո",
    "oоοօ",
    "pрρ",
    "qԛ",
    "sѕ",
    "uυս",
    "vνѵⅴ",
    "wԝ",
    "xхⅹ",
    "yуү",
    "AАΑ",
    "BВΒ",
    "CСⅭ",
    "DⅮ",
    "EЕΕ",
    "HНΗ",
    "IІΙӀⅠ",
    "JЈ",
    "KКΚK",
    "LⅬ",
    "MМΜⅯ",
    "NΝ",
    "OОΟՕ",
    "PРΡ",
    "SЅ",
    "TТΤ",
    "VѴⅤ",
    "XХΧⅩ",
    "YҮΥ",
    "ZΖ",
    "-‐‑‒–—−",
    ".․。·",
    "/⁄∕",
    "_ˍ",
    "*∗⁎",
    ">›",
    ":ː∶",
];

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for subject in contract.subjects.values() {
        for (index, (part, place)) in subject.template.parts().enumerate() {
            if let Segment::Literal(word) = part {
                let part = Part {
                    text: word,
                    place,
                    whole: &subject.template.text,
                    index: Some(index),
                };
                report_all(of_word(&part), report);
                report_all(notation(&part), report);
            }
        }
    }
    for token in contract.tokens.values().filter(|token| token.same_as.is_none()) {
        for member in token.members.iter().flat_map(|members| members.iter()) {
            report_all(of_word(&Part::alone(member)), report);
        }
    }
    for subscription in contract.subscriptions.values() {
        report_all(of_word(&Part::alone(&subscription.filter)), report);
    }
    wildcards(contract, report);
}

/// A text that is looked at, and what it stands in.
struct Part<'t> {
    text: &'t str,
    place: Span,
    whole: &'t Spanned<String>,
    /// Which part it is between the dots; nothing where it is all.
    index: Option<usize>,
}

impl<'t> Part<'t> {
    fn alone(whole: &'t Spanned<String>) -> Self {
        Self {
            text: whole,
            place: whole.span,
            whole,
            index: None,
        }
    }

    /// The whole with another text in its place.
    fn written(&self, text: &str) -> Fix {
        let Some(index) = self.index else {
            return Fix::rename(self.whole.span, text);
        };
        let parts = self.whole.split('.').enumerate();
        let parts: Vec<&str> = parts.map(|(at, part)| if at == index { text } else { part }).collect();
        Fix::rename(self.whole.span, &parts.join("."))
    }
}

fn report_all(diagnostic: Option<Diagnostic>, report: &mut Report) {
    if let Some(diagnostic) = diagnostic {
        report.push(diagnostic);
    }
}

/// The gravest thing to say about the characters of a text.
fn of_word(part: &Part<'_>) -> Option<Diagnostic> {
    let (word, place) = (part.text, part.place);
    if word.is_ascii() {
        return None;
    }
    if let Some(character) = word.chars().find(|character| is_invisible(*character)) {
        let message = format!("`{}` holds a character that nobody sees", escaped(word));
        let seen: String = word.chars().filter(|character| !is_invisible(*character)).collect();
        let help = format!("remove it: `{seen}`");
        let fix = part.written(&seen);
        let diagnostic = Diagnostic::new(&rules::INVISIBLE, place, message, code(character));
        return Some(diagnostic.with_help(help).with_fix(fix));
    }
    let looks = looks_like(word);
    if looks.is_ascii() {
        let strange: Vec<String> = word
            .chars()
            .filter(|character| !character.is_ascii())
            .map(|character| format!("`{}` is {}", looks_like_one(character), code(character)))
            .collect();
        let message = format!("`{word}` looks like `{looks}` and is another text");
        let help = format!("write it in ASCII: `{looks}`");
        let fix = part.written(&looks);
        let diagnostic = Diagnostic::new(&rules::LOOK_ALIKE, place, message, strange.join(", "));
        return Some(diagnostic.with_help(help).with_fix(fix));
    }
    let message = format!("`{word}` is not plain ASCII");
    let help = "use the letters a to z, digits, `-` and `_`: then every client and tool writes the same bytes";
    Some(Diagnostic::new(&rules::NOT_ASCII, place, message, "").with_help(help))
}

/// What was meant for MQTT, or for a path.
fn notation(part: &Part<'_>) -> Option<Diagnostic> {
    let word = part.text;
    let diagnostic = |message: String| Diagnostic::new(&rules::OTHER_NOTATION, part.place, message, "");
    if word.contains('/') {
        let parts: Vec<&str> = word.split('/').filter(|part| !part.is_empty()).collect();
        let dotted = parts.join(".");
        let message = format!("`{word}` is one part of the subject: NATS knows no `/`");
        let help = format!("write dots, so that wildcards can tell the parts apart: `{dotted}`");
        let fix = (!parts.is_empty()).then(|| part.written(&dotted));
        return Some(diagnostic(message).with_help(help).with_fix(fix));
    }
    let help = "name what varies: `{a_token}` for one part, `{a_token>}` for all that follow";
    let foreign = word == "+" || word == "#";
    foreign.then(|| diagnostic(format!("`{word}` is no wildcard in NATS")).with_help(help))
}

/// In `agents.a*` the server takes the `*` for a letter like others.
fn wildcards(contract: &Contract, report: &mut Report) {
    let subscribed = contract
        .subscriptions
        .values()
        .map(|subscription| (subscription.filter.as_str(), subscription.filter.span));
    let captured = contract.streams.values().flat_map(|stream| {
        let delivered = stream.consumers.values().flat_map(|consumer| &consumer.filters);
        stream
            .subjects
            .iter()
            .chain(delivered)
            .filter(|capture| capture.subject.is_none())
            .map(|capture| (capture.filter.as_str(), capture.span))
    });
    for (filter, place) in subscribed.chain(captured) {
        let part = filter
            .split('.')
            .find(|part| part.len() > 1 && part.contains(['*', '>']));
        // Where it hears nothing, that is said already.
        let Some(part) = part.filter(|_| !contract.hears_nothing(filter)) else {
            continue;
        };
        let message = format!("`{part}` holds a wildcard and is none");
        let text = "the server takes each of its characters for itself";
        let help =
            "a wildcard has a place of its own between two dots: `*` for one part, `>` at the end for all that follow";
        report.push(Diagnostic::new(&rules::PARTIAL_WILDCARD, place, message, text).with_help(help));
    }
}

fn is_invisible(character: char) -> bool {
    INVISIBLE
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&character))
}

/// The word with what cannot be seen written out.
fn escaped(word: &str) -> String {
    let shown = |character: char| {
        if is_invisible(character) {
            format!("\\u{{{:x}}}", u32::from(character))
        } else {
            character.to_string()
        }
    };
    word.chars().map(shown).collect()
}

fn code(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// The word in ASCII, as far as people take its letters for those of ASCII.
pub(super) fn looks_like(word: &str) -> String {
    let seen = word.chars().filter(|character| !is_invisible(*character));
    seen.map(looks_like_one).collect()
}

fn looks_like_one(character: char) -> char {
    if character.is_ascii() {
        return character;
    }
    // The full-width forms stand in the order of ASCII.
    let full_width = u32::from(character)
        .checked_sub(0xfee0)
        .and_then(char::from_u32)
        .filter(char::is_ascii_graphic);
    let listed = LOOK_ALIKE
        .iter()
        .find(|group| group.contains(character))
        .and_then(|group| group.chars().next());
    full_width.or(listed).unwrap_or(character)
}
