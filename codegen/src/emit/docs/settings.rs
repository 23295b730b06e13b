//! Settings of streams, consumers and stores as people write them, with a column for each profile.

use std::time::Duration;

use serde::Serialize;

use crate::contract::settings::{Kind, Setting, Settings};
use crate::contract::{Contract, Profile};
use crate::words::{in_units, size};

/// One setting under every profile.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    /// Its name.
    name: &'static str,
    /// What it means.
    about: &'static str,
    /// Its value under each profile; `-` is the server's default.
    values: Vec<String>,
}

/// The columns of a table of settings: without a profile, then each profile.
pub(super) fn profiles(contract: &Contract) -> Vec<(&str, Option<&Profile>)> {
    let named = contract
        .profiles
        .values()
        .map(|profile| (profile.name.as_str(), Some(profile)));
    std::iter::once(("default", None)).chain(named).collect()
}

/// A row for each setting that any profile says.
pub(super) fn rows(columns: &[&Settings], table: &[Setting]) -> Vec<Row> {
    let said = table
        .iter()
        .filter(|setting| columns.iter().any(|column| column.get(setting.name).is_some()));
    let rows = said.map(|setting| {
        let values = columns.iter().map(|column| match column.get(setting.name) {
            Some(value) => shown(&value.wire, &setting.kind),
            None => "-".to_owned(),
        });
        Row {
            name: setting.name,
            about: setting.about,
            values: values.collect(),
        }
    });
    rows.collect()
}

/// A value in the units that people write.
pub(super) fn shown(wire: &serde_json::Value, kind: &Kind) -> String {
    match (kind, wire.as_u64()) {
        (Kind::Duration, Some(length)) => nanoseconds(length),
        (Kind::Size, Some(bytes)) => size(bytes),
        (Kind::Durations, _) => {
            let durations = wire
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(serde_json::Value::as_u64)
                .map(nanoseconds);
            durations.collect::<Vec<_>>().join(", ")
        }
        _ => wire.as_str().map_or_else(|| wire.to_string(), str::to_owned),
    }
}

/// A length of time as people write it: `30s`.
pub(super) fn duration(length: Duration) -> String {
    nanoseconds(u64::try_from(length.as_nanos()).unwrap_or(u64::MAX))
}

fn nanoseconds(length: u64) -> String {
    let units = [
        ("d", 86_400_000_000_000),
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
    ];
    in_units(length, &units, "ns")
}
