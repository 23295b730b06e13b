//! Texts that follow rules, and texts that break one of them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use regex::Regex;
use regex_syntax::hir::Hir;

use super::{format, pattern};
use crate::contract::payload::{Format, Text};
use crate::validator::is_of_format;

/// The longest text that is made; a rule that only a longer one meets has no sample.
const LONGEST: u64 = 1 << 17;

/// How many repetitions more than needed are tried.
const MORE: u32 = 40;

/// An expression, to match and to take apart.
type Expression = Rc<(Regex, Hir)>;

/// Makes texts, and keeps what is slow to make for the next one.
#[derive(Default)]
pub(super) struct Texts {
    regexes: RefCell<HashMap<String, Option<Expression>>>,
}

/// Rules, made ready to hold texts against.
struct Rules<'t> {
    text: &'t Text,
    regex: Option<Expression>,
}

impl Texts {
    fn rules<'t>(&self, text: &'t Text) -> Option<Rules<'t>> {
        let regex = match &text.pattern {
            Some(pattern) => Some(self.regex(&pattern.rust)?),
            None => None,
        };
        Some(Rules { text, regex })
    }

    fn regex(&self, pattern: &str) -> Option<Expression> {
        let make = || Some(Rc::new((Regex::new(pattern).ok()?, regex_syntax::parse(pattern).ok()?)));
        let mut regexes = self.regexes.borrow_mut();
        regexes.entry(pattern.to_owned()).or_insert_with(make).clone()
    }

    /// A text that follows all rules; another number makes another text where there is one.
    pub(super) fn text(&self, rules: &Text, salt: u64) -> Option<String> {
        if rules.min_length > LONGEST {
            return None;
        }
        let rules = self.rules(rules)?;
        // Most often the shortest match does, and lists of a thousand ids are made of it.
        let shortest = rules.regex.as_ref().and_then(|regex| pattern::text(&regex.1, salt, 0));
        shortest
            .filter(|text| !text.is_empty() && rules.allow(text))
            .or_else(|| rules.candidates(salt).into_iter().find(|text| rules.allow(text)))
    }

    /// A text that breaks one rule and follows the others, for each rule where there is one: what it is called, the keyword,
    /// the text.
    pub(super) fn misses(&self, rules: &Text) -> Vec<(&'static str, &'static str, String)> {
        let shorter = rules.min_length.checked_sub(1).and_then(|most| {
            let shorter = Text {
                min_length: 0,
                max_length: Some(most),
                ..rules.clone()
            };
            self.text(&shorter, 0)
        });
        let longer = rules.max_length.and_then(|most| {
            let longer = Text {
                min_length: most.checked_add(1)?,
                max_length: None,
                ..rules.clone()
            };
            self.text(&longer, 0)
        });
        let misses = [
            ("too-short", "minLength", shorter),
            ("too-long", "maxLength", longer),
            ("pattern", "pattern", self.pattern_miss(rules)),
            ("format", "format", self.format_miss(rules)),
        ];
        misses
            .into_iter()
            .filter_map(|(name, keyword, text)| Some((name, keyword, text?)))
            .collect()
    }

    fn pattern_miss(&self, rules: &Text) -> Option<String> {
        let regex = self.regex(&rules.pattern.as_ref()?.rust)?;
        let near = self.text(rules, 0)?;
        let others = Text {
            pattern: None,
            ..rules.clone()
        };
        let others = self.rules(&others)?;
        let rest: String = near.chars().skip(1).collect();
        let mut candidates = vec![format!("!{rest}"), format!("{near}!"), String::new()];
        let length = near.chars().count().max(1);
        candidates.extend(["!", "0", "a", "A", " ", "ä"].map(|character| character.repeat(length)));
        candidates.extend(others.candidates(0));
        candidates
            .into_iter()
            .find(|text| !regex.0.is_match(text) && others.allow(text))
    }

    fn format_miss(&self, rules: &Text) -> Option<String> {
        let format = rules.format?;
        let others = Text {
            format: None,
            ..rules.clone()
        };
        let others = self.rules(&others)?;
        let almost = format::almost(format).iter().map(|text| (*text).to_owned());
        let mut candidates: Vec<String> = almost.collect();
        candidates.extend(others.candidates(0));
        candidates
            .into_iter()
            .find(|text| !is_of_format(format, text) && others.allow(text))
    }
}

impl Rules<'_> {
    fn allow(&self, text: &str) -> bool {
        let length = text.chars().count() as u64;
        length >= self.text.min_length
            && self.text.max_length.is_none_or(|most| length <= most)
            && self.regex.as_ref().is_none_or(|regex| regex.0.is_match(text))
            && self.text.format.is_none_or(|format| is_of_format(format, text))
    }

    /// Texts to try, the likeliest first.
    fn candidates(&self, salt: u64) -> Vec<String> {
        let mut candidates = Vec::new();
        if let Some(regex) = &self.regex {
            let all = u32::try_from(self.text.min_length).unwrap_or(u32::MAX);
            let mut more: Vec<u32> = (0..=MORE.min(all.max(1))).collect();
            more.push(all);
            candidates.extend(more.iter().filter_map(|more| pattern::text(&regex.1, salt, *more)));
            // An expression that matches nothing matches everywhere; something says more.
            candidates.sort_by_key(String::is_empty);
        }
        if let Some(format) = self.text.format {
            candidates.extend(format::texts(format, salt));
        }
        if candidates.is_empty() {
            candidates.push(match salt {
                0 => "text".to_owned(),
                _ => format!("text {}", salt + 1),
            });
            candidates.push(letters(salt));
        }
        let shortened = self.shortened(&candidates);
        let padded = self.padded(&candidates);
        candidates.extend(shortened);
        candidates.extend(padded);
        candidates
    }

    /// The candidates that are too long, cut off.
    fn shortened(&self, candidates: &[String]) -> Vec<String> {
        let Some(most) = self.text.max_length.and_then(|most| usize::try_from(most).ok()) else {
            return Vec::new();
        };
        let long = candidates.iter().filter(|text| text.chars().count() > most);
        long.map(|text| text.chars().take(most).collect()).collect()
    }

    /// The candidates that are too short, made longer at either end.
    fn padded(&self, candidates: &[String]) -> Vec<String> {
        let least = usize::try_from(self.text.min_length).unwrap_or(usize::MAX);
        let mut padded = Vec::new();
        for text in candidates {
            let missing = least.saturating_sub(text.chars().count());
            if missing > 0 {
                let words: String = " text".chars().cycle().take(missing).collect();
                let letters = "a".repeat(missing);
                padded.extend([
                    format!("{text}{words}"),
                    format!("{text}{letters}"),
                    format!("{letters}{text}"),
                ]);
            }
        }
        padded
    }
}

/// The rule that a text is of a format, and no other one.
pub(super) fn only(format: Format) -> Text {
    Text {
        format: Some(format),
        ..Text::default()
    }
}

/// `a` to `z`, then `aa`.
fn letters(mut number: u64) -> String {
    let mut letters = String::new();
    loop {
        let letter = u8::try_from(number % 26).unwrap_or_default();
        letters.insert(0, char::from(b'a' + letter));
        if number < 26 {
            return letters;
        }
        number = number / 26 - 1;
    }
}
