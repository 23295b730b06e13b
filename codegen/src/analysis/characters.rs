//! Characters of subjects: what two people see as one text is one text, and what looks like a wildcard is one.

use crate::contract::{Contract, Segment};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;
use crate::source::Span;

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
        for (part, place) in subject.template.parts() {
            if let Segment::Literal(word) = part {
                report_all(of_word(word, place), report);
                report_all(notation(word, place), report);
            }
        }
    }
    for token in contract.tokens.values().filter(|token| token.same_as.is_none()) {
        for member in token.members.iter().flat_map(|members| members.iter()) {
            report_all(of_word(member, member.span), report);
        }
    }
    for subscription in contract.subscriptions.values() {
        report_all(of_word(&subscription.filter, subscription.filter.span), report);
    }
    wildcards(contract, report);
}

fn report_all(diagnostic: Option<Diagnostic>, report: &mut Report) {
    if let Some(diagnostic) = diagnostic {
        report.push(diagnostic);
    }
}

/// The gravest thing to say about the characters of a text.
fn of_word(word: &str, place: Span) -> Option<Diagnostic> {
    if word.is_ascii() {
        return None;
    }
    if let Some(character) = word.chars().find(|character| is_invisible(*character)) {
        let message = format!("`{}` holds a character that nobody sees", escaped(word));
        let help = format!("remove it: `{}`", visible(word));
        return Some(Diagnostic::new(&rules::INVISIBLE, place, message, code(character)).with_help(help));
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
        return Some(Diagnostic::new(&rules::LOOK_ALIKE, place, message, strange.join(", ")).with_help(help));
    }
    let message = format!("`{word}` is not plain ASCII");
    let help = "use the letters a to z, digits, `-` and `_`: then every client and tool writes the same bytes";
    Some(Diagnostic::new(&rules::NOT_ASCII, place, message, "").with_help(help))
}

/// What was meant for MQTT, or for a path.
fn notation(word: &str, place: Span) -> Option<Diagnostic> {
    let (message, help) = if word.contains('/') {
        let parts: Vec<&str> = word.split('/').filter(|part| !part.is_empty()).collect();
        (
            format!("`{word}` is one part of the subject: NATS knows no `/`"),
            format!(
                "write dots, so that wildcards can tell the parts apart: `{}`",
                parts.join(".")
            ),
        )
    } else if word == "+" || word == "#" {
        (
            format!("`{word}` is no wildcard in NATS"),
            "name what varies: `{a_token}` for one part, `{a_token>}` for all that follow".to_owned(),
        )
    } else {
        return None;
    };
    Some(Diagnostic::new(&rules::OTHER_NOTATION, place, message, "").with_help(help))
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

fn visible(word: &str) -> String {
    word.chars().filter(|character| !is_invisible(*character)).collect()
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
