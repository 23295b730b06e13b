//! The words of subjects: one thing has one spelling, and all words are written in one way.

use std::collections::HashMap;

use indexmap::IndexMap;

use crate::contract::{Contract, Segment};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;
use crate::source::Span;

use super::characters;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    let mut words: IndexMap<&str, Span> = IndexMap::new();
    for subject in contract.subjects.values() {
        for (part, place) in subject.template.parts() {
            if let Segment::Literal(word) = part {
                words.entry(word).or_insert(place);
            }
        }
    }
    // What looks alike letter by letter is said where the letters are looked at.
    words.retain(|word, _| word.is_ascii());
    let odd = almost_same(&words, report);
    words.retain(|word, _| !odd.contains(word));
    style(&words, report);
}

/// `task_queue` and `TaskQueue` are two subjects, and one in everybody's memory. Gives back the words that were reported.
fn almost_same<'w>(words: &IndexMap<&'w str, Span>, report: &mut Report) -> Vec<&'w str> {
    let mut first: HashMap<String, (&str, Span)> = HashMap::new();
    let mut odd = Vec::new();
    for (word, place) in words {
        let bare: String = characters::looks_like(word)
            .chars()
            .filter(|character| !matches!(character, '-' | '_'))
            .flat_map(char::to_lowercase)
            .collect();
        match first.get(&bare) {
            Some((other, other_place)) => {
                let message = format!("`{word}` and `{other}` differ in case or separators only");
                let diagnostic = Diagnostic::new(&rules::ALMOST_SAME, *place, message, "to the server another word")
                    .with_label(*other_place, format!("than `{other}`"))
                    .with_help(format!("if they mean the same, write `{other}` in both places"));
                report.push(diagnostic);
                odd.push(*word);
            }
            None if !bare.is_empty() => {
                first.insert(bare, (word, *place));
            }
            None => {}
        }
    }
    odd
}

/// How a word of several words is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Snake,
    Kebab,
    Camel,
    Pascal,
    Upper,
}

impl Style {
    const ALL: [Self; 5] = [Self::Snake, Self::Kebab, Self::Camel, Self::Pascal, Self::Upper];

    /// `None` for what fits to every style but those of capitals: `status`, `2`.
    fn of(word: &str) -> Option<Self> {
        let capital = |character: char| character.is_ascii_uppercase();
        let small = |character: char| character.is_ascii_lowercase();
        if word.contains(capital) && !word.contains(small) {
            Some(Self::Upper)
        } else if word.contains('_') {
            Some(Self::Snake)
        } else if word.contains('-') {
            Some(Self::Kebab)
        } else if word.starts_with(capital) {
            Some(Self::Pascal)
        } else {
            word.contains(capital).then_some(Self::Camel)
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Snake => "snake_case",
            Self::Kebab => "kebab-case",
            Self::Camel => "camelCase",
            Self::Pascal => "PascalCase",
            Self::Upper => "UPPER CASE",
        }
    }
}

/// Names of the server's are in capitals in every contract.
fn is_own(word: &str) -> bool {
    !word.starts_with(['$', '_'])
}

fn style(words: &IndexMap<&str, Span>, report: &mut Report) {
    let styled: Vec<(&str, Span, Style)> = words
        .iter()
        .filter(|(word, _)| is_own(word))
        .filter_map(|(word, place)| Some((*word, *place, Style::of(word)?)))
        .collect();
    let count = |style: Style| styled.iter().filter(|(.., of)| *of == style).count();
    // Of equally frequent ones the first of the list is meant, whatever the order of the subjects.
    let Some(usual) = Style::ALL.into_iter().rev().max_by_key(|style| count(*style)) else {
        return;
    };
    let Some((example, example_place, _)) = styled.iter().find(|(.., style)| *style == usual) else {
        return;
    };
    for (word, place, style) in styled.iter().filter(|(.., style)| *style != usual) {
        let message = format!("`{word}` is in {}, most words are in {}", style.name(), usual.name());
        let diagnostic = Diagnostic::new(&rules::STYLE, *place, message, "")
            .with_label(*example_place, format!("such as `{example}`"))
            .with_help("write all words in one way, as long as nobody depends on them");
        report.push(diagnostic);
    }
}
