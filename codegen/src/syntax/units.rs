//! Durations and sizes, which always carry their unit.

use std::borrow::Cow;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::decode::FromNode;
use crate::diagnostics::{Diagnostic, Fix, Report};
use crate::rules::syntax as rules;
use crate::source::{Node, Value};

const DURATION_UNITS: [(&str, u64); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
    ("d", 86_400 * 1_000_000_000),
];
const SIZE_UNITS: [(&str, u64); 5] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];
const DURATION_HELP: &str = "write a whole number and its unit: `500ms`, `30s`, `5m`, `1h`, `7d`";
const SIZE_HELP: &str = "write a whole number and its unit: `512B`, `64KiB`, `1MiB`, `1GiB`";

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

impl FromNode for Size {
    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        with_unit(node, &SIZE_UNITS, "a size", SIZE_HELP, report).map(Size)
    }
}

impl JsonSchema for Size {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        size_schema()
    }
}

/// A duration as it is written in a schema file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time(pub Duration);

impl FromNode for Time {
    fn from_node(node: &Node, report: &mut Report) -> Option<Self> {
        let nanoseconds = with_unit(node, &DURATION_UNITS, "a duration", DURATION_HELP, report)?;
        Some(Self(Duration::from_nanos(nanoseconds)))
    }
}

impl JsonSchema for Time {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        duration_schema()
    }
}

/// The editor's schema of a duration.
pub(super) fn duration_schema() -> Schema {
    json_schema!({ "type": "string", "pattern": "^[0-9]+(ns|us|ms|s|m|h|d)$" })
}

/// The editor's schema of a size.
pub(super) fn size_schema() -> Schema {
    json_schema!({ "type": "string", "pattern": "^[0-9]+(B|KiB|MiB|GiB|TiB)$" })
}

fn with_unit(node: &Node, units: &[(&str, u64)], what: &str, help: &str, report: &mut Report) -> Option<u64> {
    let message = match &node.value {
        Value::String(text) => match scaled(text, units) {
            Some(value) => return Some(value),
            None => format!("expected {what}, found `{text}`"),
        },
        Value::Number(number) => format!("expected {what}, found {number} without a unit"),
        _ => format!("expected {what}, found {}", node.kind()),
    };
    let meant = node.as_str().and_then(|text| respelt(text, units));
    let fix = meant.map(|meant| Fix::rename(node.span, &meant));
    report.push(
        Diagnostic::new(&rules::UNIT, node.span, message, "")
            .with_help(help)
            .with_fix(fix),
    );
    None
}

/// A value whose unit is spelt as others spell it: `2 min`, `64mib`. `64MB` is not `64MiB`.
fn respelt(text: &str, units: &[(&str, u64)]) -> Option<String> {
    const SPELT: [(&str, &[&str]); 7] = [
        ("ns", &["nanosecond", "nanoseconds"]),
        ("us", &["microsecond", "microseconds", "\u{b5}s", "\u{3bc}s"]),
        ("ms", &["msec", "millisecond", "milliseconds"]),
        ("s", &["sec", "secs", "second", "seconds"]),
        ("m", &["min", "mins", "minute", "minutes"]),
        ("h", &["hr", "hrs", "hour", "hours"]),
        ("d", &["day", "days"]),
    ];
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let unit = unit.trim_start();
    let alike = |known: &str| unit == known || (known.ends_with("iB") && unit.eq_ignore_ascii_case(known));
    let other = SPELT.iter().find(|(_, others)| others.contains(&unit));
    let meant = units
        .iter()
        .find(|(known, _)| alike(known) || other.is_some_and(|(meant, _)| meant == known));
    let meant = format!("{number}{}", meant?.0);
    scaled(&meant, units).map(|_| meant)
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, scale) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_units() {
        let cases = [
            ("30s", Some(30_000_000_000)),
            ("7d", Some(604_800_000_000_000)),
            ("500ms", Some(500_000_000)),
            ("30", None),
            ("s", None),
            ("-1s", None),
            ("1.5s", None),
            ("30 s", None),
            ("99999999999999999d", None),
        ];
        for (text, nanoseconds) in cases {
            assert_eq!(scaled(text, &DURATION_UNITS), nanoseconds, "{text}");
        }
        assert_eq!(scaled("64MiB", &SIZE_UNITS), Some(67_108_864));
        assert_eq!(scaled("64MB", &SIZE_UNITS), None);
        for (text, meant) in [
            ("30 s", Some("30s")),
            ("2min", Some("2m")),
            ("1 hour", Some("1h")),
            ("5M", None),
            ("1 month", None),
            ("min", None),
        ] {
            assert_eq!(respelt(text, &DURATION_UNITS).as_deref(), meant, "{text}");
        }
        assert_eq!(respelt("64mib", &SIZE_UNITS).as_deref(), Some("64MiB"));
        assert_eq!(respelt("64MB", &SIZE_UNITS), None);
    }
}
