//! What regular expressions match, as far as their parts tell.
//!
//! What an expression says about places (`^`, `\b`) is taken for true: whoever asks knows that the anchors stand at the ends.

use regex_syntax::hir::{Class, Hir, HirKind};

/// A regular expression, taken apart. `None` where it is none.
pub(super) fn parse(pattern: &str) -> Option<Hir> {
    regex_syntax::parse(pattern).ok()
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
    let size: usize = match class {
        Class::Unicode(class) => class
            .iter()
            .map(|range| (u32::from(range.end()) - u32::from(range.start())) as usize + 1)
            .sum(),
        Class::Bytes(class) => class
            .iter()
            .map(|range| usize::from(range.end() - range.start()) + 1)
            .sum(),
    };
    size > among
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
