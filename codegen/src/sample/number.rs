//! Numbers within bounds, and numbers just beyond them.

use serde_json::Value;

use crate::contract::payload::{Integer, Number};

/// A broken rule: what it is called, the keyword, the number.
type Miss = (&'static str, &'static str, Value);

/// An integer that follows all rules; another `salt` makes another one where there is one.
pub(super) fn integer(rules: &Integer, salt: u64) -> Option<Value> {
    if !rules.allowed.is_empty() {
        let index = usize::try_from(salt).ok()?.checked_rem(rules.allowed.len())?;
        return rules.allowed.get(index).copied().and_then(json);
    }
    let (first, last, step) = range(rules)?;
    let count = last.checked_sub(first)?.checked_div(step)?.checked_add(1)?;
    let (usual, direction) = usual(rules, first, last, step);
    let index = usual.checked_sub(first)?.checked_div(step)?;
    let index = index.checked_add(direction.checked_mul(i128::from(salt))?)?;
    json(first.checked_add(index.checked_rem_euclid(count)?.checked_mul(step)?)?)
}

/// Where to begin, and whether to go up or down from there: one says more than nothing and than the least of all.
fn usual(rules: &Integer, first: i128, last: i128, step: i128) -> (i128, i128) {
    if (first..=last).contains(&step) {
        (step, 1)
    } else if rules.lowest().is_none() {
        (last, -1)
    } else {
        (first, 1)
    }
}

/// The first and the last multiple that the rules allow, and the distance from one to the next.
fn range(rules: &Integer) -> Option<(i128, i128, i128)> {
    let step = rules.multiple_of.unwrap_or(1);
    let lowest = rules.lowest().unwrap_or(i128::from(i64::MIN));
    let highest = rules.highest().unwrap_or(i128::from(i64::MAX)).max(lowest);
    let first = lowest.checked_add(step.checked_sub(1)?)?.checked_div_euclid(step)?;
    let last = highest.checked_div_euclid(step)?;
    let (first, last) = (first.checked_mul(step)?, last.checked_mul(step)?);
    (first <= last).then_some((first, last, step))
}

/// Integers that break one rule each.
pub(super) fn integer_misses(rules: &Integer) -> Vec<Miss> {
    let mut misses = Vec::new();
    if let Some(largest) = rules.allowed.iter().max() {
        let keyword = if rules.allowed.len() == 1 { "const" } else { "enum" };
        misses.push(("not-listed", keyword, largest.checked_add(1).and_then(json)));
    } else if let Some((first, last, step)) = range(rules) {
        if rules.lowest().is_some() {
            let exclusive = rules.exclusive_minimum.map(|bound| bound.saturating_add(1));
            let keyword = stricter(rules.minimum < exclusive, ["minimum", "exclusiveMinimum"]);
            misses.push(("below", keyword, first.checked_sub(step).and_then(json)));
        }
        if rules.highest().is_some() {
            let exclusive = rules.exclusive_maximum.map(|bound| bound.saturating_sub(1));
            let is_stricter = exclusive.is_some_and(|bound| rules.maximum.is_none_or(|most| bound < most));
            let keyword = stricter(is_stricter, ["maximum", "exclusiveMaximum"]);
            misses.push(("above", keyword, last.checked_add(step).and_then(json)));
        }
        let (usual, _) = usual(rules, first, last, step);
        let beside = [usual.checked_add(1), usual.checked_sub(1)].into_iter().flatten();
        let within = |value: &i128| {
            rules.lowest().is_none_or(|bound| *value >= bound) && rules.highest().is_none_or(|bound| *value <= bound)
        };
        if step > 1 {
            misses.push(("not-a-multiple", "multipleOf", beside.filter(within).find_map(json)));
        }
    }
    present(misses)
}

/// A number that follows all rules; another `salt` makes another one.
pub(super) fn number(rules: &Number, salt: u64) -> Option<Value> {
    let salt = f64::from(u32::try_from(salt).ok()?);
    let (lowest, highest) = (lowest(rules), highest(rules));
    let candidates = match rules.multiple_of {
        Some(step) => {
            let first = lowest.map(|bound| (bound / step).ceil());
            let last = highest.map(|bound| (bound / step).floor());
            let starts = [
                Some(1.0),
                first,
                first.map(|first| first + 1.0),
                last,
                last.map(|last| last - 1.0),
            ];
            let starts = starts.into_iter().flatten();
            starts
                .flat_map(|start| [multiple(step, start + salt), multiple(step, start - salt)])
                .flatten()
                .collect()
        }
        None => match (lowest, highest) {
            (Some(lowest), Some(highest)) => {
                let share = (salt + 1.0) / (salt + 2.0);
                vec![lowest + (highest - lowest) * share, lowest]
            }
            (Some(lowest), None) => vec![lowest + salt + 1.0, lowest + lowest.abs() * (salt + 1.0)],
            (None, Some(highest)) => vec![highest - salt - 1.0, highest - highest.abs() * (salt + 1.0)],
            (None, None) => vec![salt + 1.5],
        },
    };
    candidates
        .into_iter()
        .find(|value| within(rules, *value))
        .map(Value::from)
}

/// Numbers that break one rule each.
pub(super) fn number_misses(rules: &Number) -> Vec<Miss> {
    let mut misses = Vec::new();
    let step = rules.multiple_of;
    if let Some(bound) = lowest(rules) {
        let is_exclusive = rules.exclusive_minimum == Some(bound);
        let keyword = stricter(is_exclusive, ["minimum", "exclusiveMinimum"]);
        let beyond = |value: &f64| *value < bound || is_exclusive && *value <= bound;
        let candidates = match step {
            Some(step) => [0.0, 1.0].map(|less| multiple(step, (bound / step).floor() - less)),
            None if is_exclusive => [Some(bound), None],
            None => [Some(bound - 1.0), Some(bound - bound.abs())],
        };
        let found = candidates.into_iter().flatten().find(beyond);
        misses.push(("below", keyword, found.map(Value::from)));
    }
    if let Some(bound) = highest(rules) {
        let is_exclusive = rules.exclusive_maximum == Some(bound);
        let keyword = stricter(is_exclusive, ["maximum", "exclusiveMaximum"]);
        let beyond = |value: &f64| *value > bound || is_exclusive && *value >= bound;
        let candidates = match step {
            Some(step) => [0.0, 1.0].map(|more| multiple(step, (bound / step).ceil() + more)),
            None if is_exclusive => [Some(bound), None],
            None => [Some(bound + 1.0), Some(bound + bound.abs())],
        };
        let found = candidates.into_iter().flatten().find(beyond);
        misses.push(("above", keyword, found.map(Value::from)));
    }
    if let (Some(step), Some(value)) = (step, number(rules, 0).and_then(|value| value.as_f64())) {
        let beside = [value + step / 2.0, value - step / 2.0, value + step / 4.0];
        let bounds = Number {
            multiple_of: None,
            ..rules.clone()
        };
        let found = beside.into_iter().find(|value| within(&bounds, *value));
        misses.push(("not-a-multiple", "multipleOf", found.map(Value::from)));
    }
    present(misses)
}

fn lowest(rules: &Number) -> Option<f64> {
    [rules.minimum, rules.exclusive_minimum]
        .into_iter()
        .flatten()
        .reduce(f64::max)
}

fn highest(rules: &Number) -> Option<f64> {
    [rules.maximum, rules.exclusive_maximum]
        .into_iter()
        .flatten()
        .reduce(f64::min)
}

fn within(rules: &Number, value: f64) -> bool {
    value.is_finite()
        && rules.minimum.is_none_or(|bound| value >= bound)
        && rules.exclusive_minimum.is_none_or(|bound| value > bound)
        && rules.maximum.is_none_or(|bound| value <= bound)
        && rules.exclusive_maximum.is_none_or(|bound| value < bound)
}

/// A multiple as a person computes it: three times 0.1 is 0.3, and not the nearest float of a product of floats.
fn multiple(step: f64, factor: f64) -> Option<f64> {
    let decimal = step.to_string();
    let places = decimal.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let digits: i128 = decimal.replace('.', "").parse().ok()?;
    let factor: i128 = factor.to_string().parse().ok()?;
    format!("{}e-{places}", digits.checked_mul(factor)?).parse().ok()
}

const fn stricter(second: bool, [first_keyword, second_keyword]: [&'static str; 2]) -> &'static str {
    if second { second_keyword } else { first_keyword }
}

fn present(misses: Vec<(&'static str, &'static str, Option<Value>)>) -> Vec<Miss> {
    misses
        .into_iter()
        .filter_map(|(name, keyword, value)| Some((name, keyword, value?)))
        .collect()
}

/// An integer that a document can hold.
fn json(value: i128) -> Option<Value> {
    let signed = i64::try_from(value).map(Value::from);
    signed.or_else(|_| u64::try_from(value).map(Value::from)).ok()
}
