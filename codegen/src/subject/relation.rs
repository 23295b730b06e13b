//! Filters compared as they are written.

use super::Shape;

/// Whether a subject is one that a filter hears.
///
/// ```
/// use natsmith_codegen::subject::matches;
/// assert!(matches("agents.*.status.>", "agents.a7.status.idle"));
/// assert!(!matches("agents.*.status.>", "agents.a7.status"));
/// ```
#[must_use]
pub fn matches(filter: &str, subject: &str) -> bool {
    contains(filter, subject)
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
    #[cfg(test)]
    super::counted::compare();
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
    #[cfg(test)]
    super::counted::compare();
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

/// The subjects that match both filters, as a filter; `None` if there are none.
///
/// ```
/// use natsmith_codegen::subject::intersection;
/// assert_eq!(intersection("agents.*.status", "agents.a7.>").as_deref(), Some("agents.a7.status"));
/// assert_eq!(intersection("agents.*", "tasks.*"), None);
/// ```
#[must_use]
pub fn intersection(a: &str, b: &str) -> Option<String> {
    if !overlap(a, b) {
        return None;
    }
    let mut both: Vec<&str> = Vec::new();
    let (mut ours, mut theirs) = (a.split('.'), b.split('.'));
    while let (Some(x), Some(y)) = (ours.next(), theirs.next()) {
        match (x, y) {
            (">", _) => {
                both.push(y);
                both.extend(theirs);
                break;
            }
            (_, ">") => {
                both.push(x);
                both.extend(ours);
                break;
            }
            ("*", _) => both.push(y),
            _ => both.push(x),
        }
    }
    Some(both.join("."))
}

/// The subjects that match the first filter and not the second.
///
/// What is left of a wildcard is no wildcard, so the answer is a list of shapes, of which no two overlap.
///
/// ```
/// use natsmith_codegen::subject::subtract;
/// let left = subtract("agents.*.>", "agents.a7.status");
/// assert!(left.iter().any(|shape| shape.matches("agents.a7.status.idle")));
/// assert!(!left.iter().any(|shape| shape.matches("agents.a7.status")));
/// assert!(subtract("agents.a7", "agents.*").is_empty());
/// ```
#[must_use]
pub fn subtract(a: &str, b: &str) -> Vec<Shape> {
    Shape::of_filter(a).subtract(&Shape::of_filter(b))
}
