//! The algebra of subjects against what it means: sets of subjects, told by asking of each one.
//!
//! Over a small alphabet all subjects and all filters are tried; longer ones are random. The alphabet has one letter more than
//! filters and patterns name, so that what is left of a wildcard is seen too.

#![allow(clippy::panic, reason = "a test that cannot go on has failed")]

use natsmith_codegen::subject::{
    Shape, Texts, check_filter, check_subject, contains, intersection, is_literal, matches, overlap, subtract,
};
use proptest::prelude::*;

const ALPHABET: [&str; 3] = ["a", "b", "c"];

/// Every way to put up to `longest` tokens behind one another.
fn rows<T: Clone>(tokens: &[T], longest: usize) -> Vec<Vec<T>> {
    let mut all: Vec<Vec<T>> = Vec::new();
    let mut last: Vec<Vec<T>> = vec![Vec::new()];
    for _ in 0..longest {
        let longer = |row: &Vec<T>| {
            let row = row.clone();
            tokens
                .iter()
                .map(move |token| row.iter().chain([token]).cloned().collect())
        };
        last = last.iter().flat_map(longer).collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// Every subject of up to four tokens.
fn subjects() -> Vec<String> {
    rows(&ALPHABET, 4).iter().map(|row| row.join(".")).collect()
}

/// Every filter of up to three tokens, and those with a tail behind them.
fn filters() -> Vec<String> {
    let closed: Vec<String> = rows(&["a", "b", "*"], 3).iter().map(|row| row.join(".")).collect();
    let open = closed.iter().map(|filter| format!("{filter}.>"));
    let open: Vec<String> = open.chain([">".to_owned()]).collect();
    closed.into_iter().chain(open).collect()
}

/// The definition itself, one token at a time.
fn means(filter: &[&str], subject: &[&str]) -> bool {
    match (filter, subject) {
        ([], []) | ([">"], [_, ..]) => true,
        ([f, filter @ ..], [s, subject @ ..]) => (*f == "*" || f == s) && means(filter, subject),
        _ => false,
    }
}

fn split(text: &str) -> Vec<&str> {
    text.split('.').collect()
}

#[test]
fn filters_are_sets_of_subjects() {
    let (subjects, filters) = (subjects(), filters());
    let set = |filter: &str| -> Vec<bool> {
        let of = |subject: &String| means(&split(filter), &split(subject));
        subjects.iter().map(of).collect()
    };
    let sets: Vec<Vec<bool>> = filters.iter().map(|filter| set(filter)).collect();
    for (a, in_a) in filters.iter().zip(&sets) {
        assert_eq!(check_filter(a), Ok(()), "{a}");
        assert_eq!(is_literal(a), in_a.iter().filter(|heard| **heard).count() == 1, "{a}");
        for (subject, heard) in subjects.iter().zip(in_a) {
            assert_eq!(check_subject(subject), Ok(()), "{subject}");
            assert_eq!(matches(a, subject), *heard, "{a} {subject}");
        }
        for (b, in_b) in filters.iter().zip(&sets) {
            let pairs = || in_a.iter().zip(in_b);
            let common = pairs().any(|(a, b)| *a && *b);
            assert_eq!(overlap(a, b), common, "{a} overlaps {b}");
            assert_eq!(contains(a, b), pairs().all(|(a, b)| *a || !*b), "{a} contains {b}");
            let both = intersection(a, b);
            assert_eq!(both.is_some(), common, "{a} and {b}");
            if let Some(both) = both {
                let expected: Vec<bool> = pairs().map(|(a, b)| *a && *b).collect();
                assert_eq!(set(&both), expected, "{a} and {b} are {both}");
            }
            let pieces = subtract(a, b);
            for (subject, (a_hears, b_hears)) in subjects.iter().zip(pairs()) {
                let found = pieces.iter().filter(|piece| piece.matches(subject)).count();
                let expected = usize::from(*a_hears && !*b_hears);
                assert_eq!(found, expected, "{subject} in {a} without {b}");
            }
        }
    }
}

/// Sets of tokens that can be told apart by the alphabet.
fn tokens() -> Vec<Texts> {
    vec![
        Texts::any(),
        Texts::one_of(["a"]),
        Texts::one_of(["a", "b"]),
        Texts::any().minus(&Texts::one_of(["a"])),
        Texts::matching("^[ab]$"),
        Texts::matching("^[^b]+$"),
        Texts::matching("^[bc]$").minus(&Texts::matching("^c*$")),
    ]
}

/// Sets of tails that can be told apart by the alphabet.
fn tails() -> Vec<Texts> {
    vec![
        Texts::any_tail(),
        Texts::tail_matching(".*"),
        Texts::tail_matching(r"^a(\.[ab])*$"),
        Texts::tail_matching(r"^([^a.]|[^.]{2,})\.([^b.]|[^.]{2,})$"),
    ]
}

/// Every set of tokens alone, some behind one another, and some before every tail.
fn shapes() -> Vec<Shape> {
    let some: Vec<Texts> = tokens().into_iter().skip(2).step_by(3).collect();
    let of = |places: Vec<Texts>| places.into_iter().fold(Shape::new(), Shape::with);
    let closed = rows(&tokens(), 1).into_iter().chain(rows(&some, 2)).map(of);
    let heads: Vec<Vec<Texts>> = rows(&some, 1).into_iter().chain([Vec::new()]).collect();
    let open = heads.into_iter().flat_map(|head| {
        let tails = tails();
        tails.into_iter().map(move |tail| of(head.clone()).with(tail))
    });
    closed.chain(open).collect()
}

#[test]
fn shapes_are_sets_of_subjects() {
    let (subjects, shapes) = (subjects(), shapes());
    let set = |shape: &Shape| -> Vec<bool> { subjects.iter().map(|subject| shape.matches(subject)).collect() };
    let sets: Vec<Vec<bool>> = shapes.iter().map(set).collect();
    for (a, in_a) in shapes.iter().zip(&sets) {
        assert!(a.is_exact(), "{a}");
        assert_eq!(a.is_empty(), !in_a.contains(&true), "{a}");
        for (b, in_b) in shapes.iter().zip(&sets) {
            let pairs = || in_a.iter().zip(in_b);
            let both: Vec<bool> = pairs().map(|(a, b)| *a && *b).collect();
            let rest: Vec<bool> = pairs().map(|(a, b)| *a && !*b).collect();
            assert_eq!(a.overlaps(b), both.contains(&true), "{a} overlaps {b}");
            assert_eq!(b.contains(a), !rest.contains(&true), "{b} contains {a}");
            let found = a.intersection(b);
            assert_eq!(found.is_some(), both.contains(&true), "{a} and {b}");
            if let Some(found) = found {
                assert_eq!(set(&found), both, "{a} and {b} are {found}");
            }
            let pieces = a.subtract(b);
            for (subject, left) in subjects.iter().zip(rest) {
                let found = pieces.iter().filter(|piece| piece.matches(subject)).count();
                assert_eq!(found, usize::from(left), "{subject} in {a} without {b}");
            }
        }
    }
}

#[test]
fn expressions_are_compared_by_what_they_match() {
    let cases = [
        // The first contains the second, the second the first, they overlap.
        ("^[a-z]+$", "^[a-f]+$", true, false, true),
        ("^agent-[0-9]+$", "^agent-[1-9][0-9]*$", true, false, true),
        ("^(ab)*a?$", "^(a(ba)*b?)?$", true, true, true),
        ("^[a-z]{3}$", "^[a-z]{4}$", false, false, false),
        ("^x-", "-y$", false, false, true),
        ("^(?i)idle$", "^IDLE$", true, false, true),
        (r"^\p{Greek}+$", "^[α-ω]+$", true, false, true),
        (r"^[^.]+$", r"^\S+$", true, true, true),
        (r"^a\.b$", "^a$", false, true, false),
    ];
    for (a, b, first, second, both) in cases {
        let (one, other) = (Texts::matching(a), Texts::matching(b));
        assert!(one.is_exact() && other.is_exact(), "{a} and {b}");
        assert_eq!(one.contains_all(&other), first, "{a} contains {b}");
        assert_eq!(other.contains_all(&one), second, "{b} contains {a}");
        assert_eq!(one.overlaps(&other), both, "{a} overlaps {b}");
        let common = one.and(&other).example();
        assert_eq!(common.is_some(), both, "{a} and {b}");
        if let Some(common) = common {
            assert!(one.contains(&common) && other.contains(&common), "{common}");
        }
    }
}

#[test]
fn templates_are_sets_of_subjects() {
    let contract =
        natsmith_codegen::check(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema/mister-smith").as_ref()).contract;
    let contract = contract.unwrap_or_else(|| panic!("the contract can be read"));
    let status = contract.shape(&contract.subjects["agents.status"].template);
    let commands = contract.shape(&contract.subjects["agents.commands"].template);
    assert!(status.overlaps(&Shape::of_filter("agents.*.status.idle")));
    assert!(!status.overlaps(&Shape::of_filter("agents.*.status.asleep")));
    assert!(!status.overlaps(&Shape::of_filter("agents.planner.status.idle")));
    assert!(Shape::of_filter("agents.*.status.*").contains(&status));
    assert!(!status.contains(&Shape::of_filter("agents.*.status.idle")));
    assert!(status.intersection(&commands).is_none());
    let example = status.example().unwrap_or_default();
    assert!(status.matches(&example), "{example}");
}

/// What is too large to be told is taken for what it could be.
#[test]
fn what_is_too_large_proves_nothing_and_rules_nothing_out() {
    let hostile = [
        "^(a|b)*a(a|b){24}$",
        r"^(\w{1,900}){1,900}$",
        r"^\bé\b$",
        "(",
        "^((a{0,99}){0,99}){0,99}$",
    ];
    let (any, few) = (Texts::any(), Texts::one_of(["a", "b"]));
    for pattern in hostile {
        let large = Texts::matching(pattern);
        assert!(!large.is_exact(), "{pattern}");
        assert!(
            large.overlaps(&few) && few.overlaps(&large) && large.overlaps(&any),
            "{pattern}"
        );
        assert!(!large.contains_all(&few) && !few.contains_all(&large), "{pattern}");
        assert!(any.contains_all(&large) && large.contains_all(&large), "{pattern}");
        assert!(
            large.minus(&large).is_empty() && large.minus(&any).is_empty(),
            "{pattern}"
        );
        assert!(
            !few.minus(&large).is_exact() && few.minus(&large).contains("a"),
            "{pattern}"
        );
        assert_eq!(large.example(), None, "{pattern}");
        let shape = Shape::of_filter("a").with(large);
        assert!(
            shape.overlaps(&Shape::of_filter("*.b")) && Shape::of_filter("a.*").contains(&shape),
            "{pattern}"
        );
        assert!(
            !shape.is_exact() && !shape.contains(&Shape::of_filter("a.b")),
            "{pattern}"
        );
    }
}

/// Filters and subjects of up to nine tokens, with texts that are more than a letter.
fn long(tokens: &'static [&'static str], open: bool) -> impl Strategy<Value = String> {
    let row = prop::collection::vec(prop::sample::select(tokens), 1..9);
    (row, any::<bool>()).prop_map(move |(mut row, tail)| {
        if open && tail {
            row.push(">");
        }
        row.join(".")
    })
}

const WORDS: &[&str] = &["a", "ab", "a*", "é", "x>"];
const WORDS_AND_STAR: &[&str] = &["a", "ab", "a*", "é", "x>", "*", "*", "*"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn long_filters_are_sets_of_subjects(
        a in long(WORDS_AND_STAR, true),
        b in long(WORDS_AND_STAR, true),
        subject in long(WORDS, false),
    ) {
        let (in_a, in_b) = (means(&split(&a), &split(&subject)), means(&split(&b), &split(&subject)));
        prop_assert_eq!(matches(&a, &subject), in_a);
        prop_assert_eq!(Shape::of_filter(&a).matches(&subject), in_a);
        prop_assert!(overlap(&a, &b) || !(in_a && in_b));
        prop_assert!(!contains(&a, &b) || in_a || !in_b);
        let both = intersection(&a, &b);
        prop_assert_eq!(both.is_some(), overlap(&a, &b));
        if let Some(both) = &both {
            prop_assert!(contains(&a, both) && contains(&b, both));
            prop_assert_eq!(matches(both, &subject), in_a && in_b);
        }
        let pieces = subtract(&a, &b);
        prop_assert_eq!(pieces.is_empty(), contains(&b, &a));
        let found = pieces.iter().filter(|piece| piece.matches(&subject)).count();
        prop_assert_eq!(found, usize::from(in_a && !in_b));
        for piece in &pieces {
            // A subject that proves the piece to be something, and to be where it belongs.
            let example = piece.example().unwrap_or_default();
            prop_assert!(piece.matches(&example) && matches(&a, &example) && !matches(&b, &example), "{}", example);
        }
        // Text and shapes say the same.
        let (one, other) = (Shape::of_filter(&a), Shape::of_filter(&b));
        prop_assert_eq!(one.overlaps(&other), overlap(&a, &b));
        prop_assert_eq!(one.contains(&other), contains(&a, &b));
        prop_assert_eq!(one.intersection(&other).map(|both| both.to_string()), both);
    }

    #[test]
    fn what_is_checked_is_what_the_server_takes(text in "[a*> .\u{a0}\t]{0,6}") {
        let tokens = split(&text);
        let sound = tokens.iter().all(|token| !token.is_empty() && !token.contains([' ', '\t', '\u{a0}']));
        let closed = tokens.iter().rev().skip(1).all(|token| *token != ">");
        let wild = tokens.iter().any(|token| *token == "*" || *token == ">");
        prop_assert_eq!(check_filter(&text).is_ok(), sound && closed);
        prop_assert_eq!(check_subject(&text).is_ok(), sound && !wild);
    }
}
