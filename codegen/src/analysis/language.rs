//! What regular expressions match, as far as their parts tell.
//!
//! What an expression says about places (`^`, `\b`) is taken for true: whoever asks knows that the anchors stand at the ends.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// A regular expression, taken apart. `None` where it is none.
pub(super) fn parse(pattern: &str) -> Option<Hir> {
    regex_syntax::parse(pattern).ok()
}

/// How many characters the shortest and the longest match have; nothing for the longest where there is none, or where
/// more may stand around a match.
pub(super) fn lengths(expression: &Hir) -> (u64, Option<u64>) {
    let properties = expression.properties();
    let whole = properties.look_set_prefix().contains(Look::Start) && properties.look_set_suffix().contains(Look::End);
    let (least, most) = of_part(expression);
    (least, most.filter(|_| whole))
}

/// No less than the number of texts that an expression matches.
pub(super) fn matches_at_most(expression: &Hir) -> u64 {
    if lengths(expression).1.is_none() {
        return u64::MAX;
    }
    of_choices(expression)
}

fn of_choices(expression: &Hir) -> u64 {
    match expression.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Literal(_) => 1,
        HirKind::Class(class) => size(class),
        HirKind::Repetition(repetition) => {
            let once = of_choices(&repetition.sub);
            let most = repetition.max.unwrap_or(u32::MAX);
            // Each number of repetitions has texts of its own; beyond some dozen they are countless, or one each.
            let times = u64::from(most.saturating_sub(repetition.min)).saturating_add(1);
            once.saturating_pow(most).saturating_mul(times)
        }
        HirKind::Capture(capture) => of_choices(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(of_choices).fold(1, u64::saturating_mul),
        HirKind::Alternation(branches) => branches.iter().map(of_choices).fold(0, u64::saturating_add),
    }
}

/// How many bytes the longest match takes in a JSON document, where that is known and nothing of it is escaped.
pub(super) fn most_bytes(expression: &Hir) -> Option<u64> {
    let (_, whole) = lengths(expression);
    let escaped = admitted(expression, &['"', '\\', '\0', '\n', '\t']);
    let most = expression.properties().maximum_len().filter(|_| escaped.is_empty());
    whole.and(most).map(|bytes| bytes as u64)
}

fn of_part(expression: &Hir) -> (u64, Option<u64>) {
    match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => (0, Some(0)),
        HirKind::Literal(literal) => {
            let length = std::str::from_utf8(&literal.0).map_or(0, |text| text.chars().count() as u64);
            (length, Some(length))
        }
        HirKind::Class(_) => (1, Some(1)),
        HirKind::Repetition(repetition) => {
            let (least, most) = of_part(&repetition.sub);
            let most = match (most, repetition.max) {
                (Some(0), _) => Some(0),
                (Some(most), Some(times)) => Some(most.saturating_mul(u64::from(times))),
                _ => None,
            };
            (least.saturating_mul(u64::from(repetition.min)), most)
        }
        HirKind::Capture(capture) => of_part(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(of_part).fold((0, Some(0)), |(least, most), part| {
            let most = most.zip(part.1).map(|(a, b)| a.saturating_add(b));
            (least.saturating_add(part.0), most)
        }),
        HirKind::Alternation(branches) => {
            let branches = branches.iter().map(of_part);
            let either = branches
                .reduce(|(least, most), branch| (least.min(branch.0), most.zip(branch.1).map(|(a, b)| a.max(b))));
            either.unwrap_or((0, Some(0)))
        }
    }
}

/// Which of some characters can stand in a match.
pub(super) fn admitted(expression: &Hir, characters: &[char]) -> Vec<char> {
    let mut found = Vec::new();
    visit(expression, &mut |part| {
        for character in characters {
            let stands = match part.kind() {
                HirKind::Literal(literal) => {
                    std::str::from_utf8(&literal.0).is_ok_and(|text| text.contains(*character))
                }
                HirKind::Class(class) => contains(class, *character),
                _ => false,
            };
            if stands && !found.contains(character) {
                found.push(*character);
            }
        }
    });
    found
}

/// Every part of an expression that can take part in a match.
fn visit(expression: &Hir, f: &mut impl FnMut(&Hir)) {
    f(expression);
    match expression.kind() {
        HirKind::Repetition(repetition) if repetition.max != Some(0) => visit(&repetition.sub, f),
        HirKind::Capture(capture) => visit(&capture.sub, f),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| visit(part, f)),
        _ => {}
    }
}

/// What an expression can match without some characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Matches {
    /// Whether it can match the empty text.
    pub empty: bool,
    /// Whether it can match a text with something in it.
    pub some: bool,
}

/// What an expression can match without some characters.
pub(super) fn matches_without(expression: &Hir, refused: &[char]) -> Matches {
    let nothing = Matches {
        empty: false,
        some: false,
    };
    match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => Matches {
            empty: true,
            some: false,
        },
        HirKind::Literal(literal) => Matches {
            empty: false,
            some: std::str::from_utf8(&literal.0).is_ok_and(|text| !text.contains(refused)),
        },
        HirKind::Class(class) => Matches {
            empty: false,
            some: has_other(class, refused),
        },
        HirKind::Repetition(repetition) => {
            let once = matches_without(&repetition.sub, refused);
            Matches {
                empty: repetition.min == 0 || once.empty,
                some: repetition.max != Some(0) && once.some,
            }
        }
        HirKind::Capture(capture) => matches_without(&capture.sub, refused),
        HirKind::Concat(parts) => {
            let parts = parts.iter().map(|part| matches_without(part, refused));
            let first = Matches {
                empty: true,
                some: false,
            };
            parts.fold(first, |a, b| Matches {
                empty: a.empty && b.empty,
                some: (a.some && (b.empty || b.some)) || (a.empty && b.some),
            })
        }
        HirKind::Alternation(branches) => {
            let branches = branches.iter().map(|branch| matches_without(branch, refused));
            branches.fold(nothing, |a, b| Matches {
                empty: a.empty || b.empty,
                some: a.some || b.some,
            })
        }
    }
}

fn contains(class: &Class, character: char) -> bool {
    match class {
        Class::Unicode(class) => class
            .iter()
            .any(|range| (range.start()..=range.end()).contains(&character)),
        Class::Bytes(class) => class
            .iter()
            .any(|range| (char::from(range.start())..=char::from(range.end())).contains(&character)),
    }
}

/// Whether a class has a character beside some.
fn has_other(class: &Class, refused: &[char]) -> bool {
    let among = refused.iter().filter(|character| contains(class, **character)).count();
    size(class) > among as u64
}

/// How many characters a class has.
fn size(class: &Class) -> u64 {
    match class {
        Class::Unicode(class) => class
            .iter()
            .map(|range| u64::from(u32::from(range.end()) - u32::from(range.start())) + 1)
            .sum(),
        Class::Bytes(class) => class
            .iter()
            .map(|range| u64::from(range.end() - range.start()) + 1)
            .sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: [char; 3] = ['.', '*', ' '];

    #[test]
    fn knows_what_an_expression_admits() {
        let admits = |pattern: &str| parse(pattern).map(|expression| admitted(&expression, &REFUSED));
        assert_eq!(admits("^[a-z]+$"), Some(vec![]));
        assert_eq!(admits("^.+$"), Some(vec!['.', '*', ' ']));
        assert_eq!(admits(r"^a\.b$"), Some(vec!['.']));
        assert_eq!(admits(r"^(\.){0}a$"), Some(vec![]));
        assert_eq!(admits(r"^[^.]+$"), Some(vec!['*', ' ']));
        assert_eq!(admits("["), None);
    }

    #[test]
    fn knows_how_long_matches_are() {
        let lengths = |pattern: &str| parse(pattern).map(|expression| lengths(&expression));
        assert_eq!(lengths("^[0-9]{4}-é$"), Some((6, Some(6))));
        assert_eq!(lengths("^(ab|c){1,3}$"), Some((1, Some(6))));
        assert_eq!(lengths("^a+$"), Some((1, None)));
        assert_eq!(lengths("a"), Some((1, None)));
        assert_eq!(lengths("^$"), Some((0, Some(0))));
    }

    #[test]
    fn knows_how_many_texts_there_are_at_most() {
        let at_most = |pattern: &str| parse(pattern).map(|expression| matches_at_most(&expression));
        assert_eq!(at_most("^[0-4]$"), Some(5));
        assert_eq!(at_most("^([1-9]|10)$"), Some(10));
        assert_eq!(at_most("^[ab]{2}-(x|y)?$"), Some(4 * 2 * 2));
        assert_eq!(at_most("^[a-z]{40}$"), Some(u64::MAX));
        assert_eq!(at_most("^[a-z]+$"), Some(u64::MAX));
        assert_eq!(at_most("[a-z]"), Some(u64::MAX));
    }

    #[test]
    fn knows_what_an_expression_matches_without_some_characters() {
        let matches = |pattern: &str| {
            let expression = parse(pattern);
            expression.map(|expression| {
                let Matches { empty, some } = matches_without(&expression, &REFUSED);
                (empty, some)
            })
        };
        assert_eq!(matches("^[a-z]+$"), Some((false, true)));
        assert_eq!(matches("^[a-z]*$"), Some((true, true)));
        assert_eq!(matches("^$"), Some((true, false)));
        assert_eq!(matches(r"^a\.b$"), Some((false, false)));
        assert_eq!(matches(r"^(a|\.)b$"), Some((false, true)));
        assert_eq!(matches(r"^[.*]+$"), Some((false, false)));
        assert_eq!(matches(r"^a[.*]*$"), Some((false, true)));
        assert_eq!(matches(r"^[^\s\S]$"), Some((false, false)));
    }
}
