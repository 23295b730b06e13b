//! How long all overlaps and containments of many filters take to find, as their number grows.
//!
//! `cargo bench --manifest-path benches/many/Cargo.toml --bench filters` prints processor times; the growth is the time of
//! ten times as many filters over the time before: 10 is linear, 100 compares each with each, as the contender does.

mod clock;

use std::hint::black_box;
use std::time::Duration;

use clock::Clock;
use natsmith_codegen::subject::{Index, contains, overlap};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// Beyond this many filters each is not compared with each: it would take minutes.
const MOST_PAIRS: usize = 10_000;

/// The pairs that are taken at most: where everything overlaps, finding them is counting them.
const MOST_FOUND: usize = 20_000_000;

/// How long each set is worked on.
const LONG: Duration = Duration::from_secs(1);

/// A filter of a set by its number.
type Made = fn(usize) -> String;

const SETS: [(&str, Made); 7] = [
    ("realistic", realistic),
    ("leading `*`", leading_star),
    ("wildcards everywhere", wildcards_everywhere),
    ("`*` around late words", late_words),
    ("same words", same_words),
    ("early `>`", early_tail),
    ("deep", deep),
];

fn main() {
    println!("| filters | number | overlapping | containing | all of it | growth | each with each | growth |");
    println!("|---|--:|--:|--:|--:|--:|--:|--:|");
    for (name, made) in SETS {
        let (mut before, mut before_naive) = (None, None);
        for size in SIZES {
            let filters: Vec<String> = (0..size).map(made).collect();
            let ((overlaps, containments), time) = timed(LONG, || indexed(&filters));
            let naive = (size <= MOST_PAIRS).then(|| {
                let (found, time) = timed(Duration::ZERO, || compared(&filters));
                assert_eq!(found, (overlaps, containments), "{name}");
                time
            });
            println!(
                "| {name} | {size} | {overlaps} | {containments} | {} | {} | {} | {} |",
                milliseconds(Some(time)),
                growth(Some(time), before),
                milliseconds(naive),
                growth(naive, before_naive),
            );
            (before, before_naive) = (Some(time), naive);
        }
    }
}

/// Building the index counts.
fn indexed(filters: &[String]) -> (usize, usize) {
    let index = Index::new(filters);
    let overlaps = index.overlaps().take(MOST_FOUND).map(black_box).count();
    (overlaps, index.containments().take(MOST_FOUND).map(black_box).count())
}

fn compared(filters: &[String]) -> (usize, usize) {
    let (mut overlaps, mut containments) = (0, 0);
    for (place, first) in filters.iter().enumerate() {
        for second in filters.iter().skip(place + 1) {
            overlaps += usize::from(overlap(first, second));
            containments += usize::from(contains(first, second)) + usize::from(contains(second, first));
        }
    }
    (overlaps.min(MOST_FOUND), containments.min(MOST_FOUND))
}

/// What some work makes, and the time of one run: the clock ticks a hundred times a second, so that fast work is run more often.
fn timed<T>(least: Duration, work: impl Fn() -> T) -> (T, Duration) {
    let clock = Clock::of_this_program();
    let mut made = black_box(work());
    let mut runs = 1;
    while clock.elapsed() < least {
        made = black_box(work());
        runs += 1;
    }
    (made, clock.elapsed() / runs)
}

fn milliseconds(time: Option<Duration>) -> String {
    time.map_or("-".to_owned(), |time| format!("{:.2} ms", time.as_secs_f64() * 1e3))
}

fn growth(time: Option<Duration>, before: Option<Duration>) -> String {
    let ratio = time.zip(before).map(|(time, before)| time.as_secs_f64() / before.as_secs_f64());
    ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.1}"))
}

const VERBS: [&str; 8] = [
    "created", "updated", "deleted", "status", "metrics", "errors", "started", "stopped",
];

/// A number that looks like chance, the same in every run.
fn mixed(number: usize) -> usize {
    let mut state = (number as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    for (shift, factor) in [(30, 0xbf58_476d_1ce4_e5b9), (27, 0x94d0_49bb_1331_11eb)] {
        state = (state ^ (state >> shift)).wrapping_mul(factor);
    }
    usize::try_from(state >> 33).unwrap_or_default()
}

/// Subjects of many teams under prefixes of their own, a few of them wider than others.
fn realistic(number: usize) -> String {
    let (team, thing, verb) = (number / 40, number / 8 % 5, VERBS[number % 8]);
    match mixed(number) % 100 {
        0 => format!("team{team}.thing{thing}.>"),
        1 => format!("team{team}.*.*.{verb}"),
        2..50 => format!("team{team}.thing{thing}.*.{verb}"),
        50..80 => format!("team{team}.thing{thing}.{verb}.key{number}"),
        _ => format!("team{team}.thing{thing}.*.{verb}.*"),
    }
}

/// Ids before words: a tree of tokens branches at its root.
fn leading_star(number: usize) -> String {
    let verb = VERBS[number % 8];
    match number % 2 {
        0 => format!("*.kind{number}.{verb}"),
        _ => format!("id{number}.kind{number}.{verb}"),
    }
}

/// Any places are wildcards, but the one that is rare.
fn wildcards_everywhere(number: usize) -> String {
    let layout = mixed(number) % 128;
    let place = |bit: usize| if layout >> bit & 1 == 1 { "*".to_owned() } else { format!("word{}", mixed(number + bit) % 9) };
    let mut tokens: Vec<String> = (0..7).map(place).collect();
    tokens.push(format!("rare{}", number / 3));
    tokens.join(".")
}

/// No token of one half is known to the other, and no place is without a `*`.
fn late_words(number: usize) -> String {
    match number % 2 {
        0 => format!("*.*.*.*.kind{number}"),
        _ => format!("id{number}.*.*.*.all"),
    }
}

/// The same few words, told apart by the last one only.
fn same_words(number: usize) -> String {
    format!("company.region.system.events.{}", if number % 100 == 0 { "*".to_owned() } else { number.to_string() })
}

/// A tenth of all ends early with `>`.
fn early_tail(number: usize) -> String {
    match number % 10 {
        0 => format!("team{}.>", number / 10),
        rest => format!("team{}.*.thing{rest}.{}", number / 10, VERBS[rest % 8]),
    }
}

/// Sixteen tokens, most of which are the same or `*`.
fn deep(number: usize) -> String {
    let place = |place: usize| match place {
        15 => format!("end{}", number / 2),
        _ if mixed(number * 16 + place) % 3 == 0 => "*".to_owned(),
        _ => "same".to_owned(),
    };
    (0..16).map(place).collect::<Vec<_>>().join(".")
}
