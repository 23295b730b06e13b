//! Words for people that several steps put into findings and documents.

/// The one of several names that somebody most likely meant.
#[must_use]
pub(crate) fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .min_by(|(left_likeness, left), (right_likeness, right)| {
            let edits = |known: &str| strsim::osa_distance(name, known);
            // Of names that begin alike the longer ones look as likely as the one that was mistyped.
            edits(left)
                .cmp(&edits(right))
                .then(right_likeness.total_cmp(left_likeness))
        })
        .map(|(_, known)| known)
}

/// The one of several names that somebody certainly meant: a slip of the hand away from it, and from no other one.
///
/// `order_2` is no slip for `order_1`.
#[must_use]
pub(crate) fn mistyped<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let slips = |text: &str| if text.len() < 5 { 1 } else { 2 };
    let mut near = known.filter(|known| strsim::osa_distance(name, known) <= slips(known));
    let only = near.next()?;
    (near.next().is_none() && digits(name) == digits(only)).then_some(only)
}

/// Names for a sentence: `a`, `b`, `c`.
#[must_use]
pub(crate) fn list(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A number of bytes as people write it: `64MiB`.
#[must_use]
pub(crate) fn size(bytes: u64) -> String {
    in_units(
        bytes,
        &[("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)],
        "B",
    )
}

/// A duration as people write it: `5m`.
#[must_use]
pub(crate) fn duration(value: std::time::Duration) -> String {
    const UNITS: [(&str, u64); 6] = [
        ("d", 86_400_000_000_000),
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("us", 1_000),
    ];
    in_units(u64::try_from(value.as_nanos()).unwrap_or(u64::MAX), &UNITS, "ns")
}

/// The largest unit that leaves no rest.
#[must_use]
pub(crate) fn in_units(value: u64, units: &[(&str, u64)], smallest: &str) -> String {
    let unit = units
        .iter()
        .find(|(_, scale)| value > 0 && value.is_multiple_of(*scale));
    match unit {
        Some((name, scale)) => format!("{}{name}", value / scale),
        None => format!("{value}{smallest}"),
    }
}
