//! The algebra of subjects and filters, as the server defines it.
//!
//! A subject is tokens between dots; no token is empty and none holds white space. In a filter `*` stands for exactly
//! one token and a last `>` for one or more.

/// Why a text is not a subject or a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing at all, or nothing between two dots or at an end.
    EmptyToken,
    /// A space, a tab, or another control character.
    WhiteSpace,
    /// A `>` with something behind it.
    TailNotLast,
}

/// Checks a filter.
///
/// # Errors
///
/// The first fault, with the byte range of the token that has it.
pub fn check_filter(filter: &str) -> Result<(), (Fault, std::ops::Range<usize>)> {
    let mut start = 0;
    for token in filter.split('.') {
        let range = start..start + token.len();
        if token.is_empty() {
            return Err((Fault::EmptyToken, range));
        }
        if token.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err((Fault::WhiteSpace, range));
        }
        if token == ">" && range.end != filter.len() {
            return Err((Fault::TailNotLast, range));
        }
        start = range.end + 1;
    }
    Ok(())
}

/// Whether some subject matches both filters.
///
/// ```
/// use natsmith_codegen::subject::overlap;
/// assert!(overlap("agents.*.status", "agents.a.*"));
/// assert!(!overlap("agents.*.status", "agents.*.status.*"));
/// ```
#[must_use]
pub fn overlap(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        match (a.next(), b.next()) {
            (None, None) | (Some(">"), Some(_)) | (Some(_), Some(">")) => return true,
            (Some(x), Some(y)) if x == y || x == "*" || y == "*" => {}
            _ => return false,
        }
    }
}

/// Whether every subject that matches `narrow` also matches `wide`.
///
/// ```
/// use natsmith_codegen::subject::contains;
/// assert!(contains("tasks.>", "tasks.*.result"));
/// assert!(!contains("tasks.*", "tasks.>"));
/// ```
#[must_use]
pub fn contains(wide: &str, narrow: &str) -> bool {
    let (mut wide, mut narrow) = (wide.split('.'), narrow.split('.'));
    loop {
        match (wide.next(), narrow.next()) {
            (None, None) | (Some(">"), Some(_)) => return true,
            (Some(_), Some(">")) => return false,
            (Some(x), Some(y)) if x == "*" || x == y => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every subject of up to three tokens over a small alphabet.
    fn subjects() -> Vec<String> {
        let alphabet = ["a", "b", "c"];
        let mut all: Vec<String> = alphabet.iter().map(ToString::to_string).collect();
        let mut longest = all.clone();
        for _ in 0..3 {
            longest = longest
                .iter()
                .flat_map(|subject| alphabet.iter().map(move |token| format!("{subject}.{token}")))
                .collect();
            all.extend(longest.iter().cloned());
        }
        all
    }

    fn filters() -> Vec<String> {
        let alphabet = ["a", "b", "*"];
        let mut all = vec![">".to_owned()];
        let mut longest: Vec<String> = alphabet.iter().map(ToString::to_string).collect();
        for _ in 0..3 {
            all.extend(longest.iter().cloned());
            all.extend(longest.iter().map(|filter| format!("{filter}.>")));
            longest = longest
                .iter()
                .flat_map(|filter| alphabet.iter().map(move |token| format!("{filter}.{token}")))
                .collect();
        }
        all
    }

    /// The definition itself, one token at a time.
    fn matches(filter: &[&str], subject: &[&str]) -> bool {
        match (filter, subject) {
            ([], []) | ([">"], [_, ..]) => true,
            ([f, filter @ ..], [s, subject @ ..]) => (*f == "*" || f == s) && matches(filter, subject),
            _ => false,
        }
    }

    #[test]
    fn agrees_with_the_sets_of_subjects() {
        let (subjects, filters) = (subjects(), filters());
        let split: Vec<Vec<&str>> = subjects.iter().map(|subject| subject.split('.').collect()).collect();
        let sets: Vec<Vec<bool>> = filters
            .iter()
            .map(|filter| {
                let filter: Vec<&str> = filter.split('.').collect();
                split.iter().map(|subject| matches(&filter, subject)).collect()
            })
            .collect();
        for (a, set_a) in filters.iter().zip(&sets) {
            for (b, set_b) in filters.iter().zip(&sets) {
                let mut pairs = set_a.iter().zip(set_b);
                assert_eq!(overlap(a, b), pairs.clone().any(|(x, y)| *x && *y), "overlap {a} {b}");
                assert_eq!(contains(a, b), pairs.all(|(x, y)| *x || !*y), "contains {a} {b}");
            }
        }
    }

    #[test]
    fn checks_filters() {
        assert_eq!(check_filter("a.*.>"), Ok(()));
        assert_eq!(check_filter("a.>.b"), Err((Fault::TailNotLast, 2..3)));
        assert_eq!(check_filter("a..b"), Err((Fault::EmptyToken, 2..2)));
        assert_eq!(check_filter(""), Err((Fault::EmptyToken, 0..0)));
        assert_eq!(check_filter("a.b c"), Err((Fault::WhiteSpace, 2..5)));
    }
}
