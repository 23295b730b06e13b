//! Whether two configurations say the same.
//!
//! The server writes some settings that nobody named and leaves out others that somebody did. Both sides are
//! brought to one form first: what is at its default is left out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::{Asset, Change};

type Config = Map<String, Value>;

/// The settings in which `stored` is not as `wanted`, by name.
pub(super) fn differences(asset: Asset, stored: &Config, wanted: &Config) -> Vec<Change> {
    let wanted_form = normalised(asset, wanted);
    let mut stored_form = normalised(asset, stored);
    stored_form.retain(|field, _| wanted.contains_key(field.as_str()) || !is_computed(asset, field));
    changes(asset, &stored_form, &wanted_form)
}

/// Every setting in which two stored configurations differ: what an update really did.
pub(super) fn all_differences(asset: Asset, before: &Config, after: &Config) -> Vec<Change> {
    changes(asset, &normalised(asset, before), &normalised(asset, after))
}

/// What to send so that an asset becomes as wanted: settings that the server computes keep their stored value
/// where the contract does not name them, because an update replaces everything.
pub(super) fn merged(asset: Asset, stored: &Config, wanted: &Config) -> Config {
    let mut merged = wanted.clone();
    for (field, value) in stored {
        if is_computed(asset, field) && !merged.contains_key(field) {
            merged.insert(field.clone(), value.clone());
        }
    }
    merged
}

fn changes(asset: Asset, from: &BTreeMap<String, Value>, to: &BTreeMap<String, Value>) -> Vec<Change> {
    let fields: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let told =
        |form: &BTreeMap<String, Value>, field: &str| form.get(field).cloned().or_else(|| default_of(asset, field));
    fields
        .into_iter()
        .filter(|field| from.get(*field) != to.get(*field))
        .map(|field| Change {
            field: field.clone(),
            from: told(from, field),
            to: told(to, field),
        })
        .collect()
}

/// Settings whose default depends on other settings, on the stream, or on limits of the account.
fn is_computed(asset: Asset, field: &str) -> bool {
    match asset {
        Asset::Stream { .. } => matches!(field, "duplicate_window" | "mirror_direct"),
        Asset::Consumer { .. } => matches!(
            field,
            "ack_wait" | "max_ack_pending" | "max_waiting" | "inactive_threshold"
        ),
    }
}

/// The default of a setting whose default is no zero, empty text or false.
fn default_of(asset: Asset, field: &str) -> Option<Value> {
    Some(match (asset, field) {
        (Asset::Stream { .. }, "retention") => json!("limits"),
        (Asset::Stream { .. }, "storage") => json!("file"),
        (Asset::Stream { .. }, "discard") => json!("old"),
        (Asset::Stream { .. }, "persist_mode") => json!("default"),
        (Asset::Stream { .. }, "num_replicas") => json!(1),
        (
            Asset::Stream { .. },
            "max_consumers" | "max_msgs" | "max_bytes" | "max_msgs_per_subject" | "max_msg_size",
        )
        | (Asset::Consumer { .. }, "max_deliver") => json!(-1),
        (Asset::Consumer { .. }, "deliver_policy") => json!("all"),
        (Asset::Stream { .. }, "compression") | (Asset::Consumer { .. }, "ack_policy" | "priority_policy") => {
            json!("none")
        }
        (Asset::Consumer { .. }, "replay_policy") => json!("instant"),
        _ => return None,
    })
}

fn normalised(asset: Asset, config: &Config) -> BTreeMap<String, Value> {
    let mut form = BTreeMap::new();
    for (field, value) in config {
        let (field, value) = match (field.as_str(), value) {
            // The asset is found by its name, which is no setting.
            ("name" | "durable_name", _) => continue,
            ("filter_subject", Value::String(filter)) if !filter.is_empty() => {
                ("filter_subjects".to_owned(), json!([filter]))
            }
            ("sample_freq", Value::String(text)) => (field.clone(), json!(text.trim_end_matches('%'))),
            _ => (field.clone(), value.clone()),
        };
        let value = simplified(&field, &value);
        if is_empty(&value) || default_of(asset, &field).is_some_and(|default| value == default) {
            continue;
        }
        form.insert(field, value);
    }
    form
}

/// The one form of a value: no empty members, sets in order, instants in one notation.
fn simplified(field: &str, value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .filter(|(name, _)| !(field == "metadata" && name.starts_with("_nats.")))
                .map(|(name, value)| (name.clone(), simplified(name, value)))
                .filter(|(name, value)| {
                    // Metadata is the user's: an empty text there is one.
                    field == "metadata" || !(is_empty(value) || (name == "src" && value == ">"))
                })
                .collect(),
        ),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| simplified("", item)).collect();
            if matches!(field, "subjects" | "filter_subjects" | "tags" | "priority_groups") {
                items.sort_by_key(Value::to_string);
            }
            Value::Array(items)
        }
        Value::String(text) if matches!(field, "opt_start_time" | "pause_until") => DateTime::parse_from_rfc3339(text)
            .map_or_else(|_| value.clone(), |instant| json!(instant.to_utc().to_rfc3339())),
        _ => value.clone(),
    }
}

/// What the server leaves out of its answers, and takes for the default in requests.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(value) => value.as_f64() == Some(0.0),
        Value::String(value) => value.is_empty(),
        Value::Array(value) => value.is_empty(),
        Value::Object(value) => value.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: Asset = Asset::Stream { name: "s" };
    const CONSUMER: Asset = Asset::Consumer { stream: "s", name: "c" };

    fn fields(asset: Asset, stored: Value, wanted: Value) -> Vec<String> {
        let (Value::Object(stored), Value::Object(wanted)) = (stored, wanted) else {
            panic!("two objects are compared");
        };
        differences(asset, &stored, &wanted)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn what_the_server_fills_in_is_no_difference() {
        // As a 2.15 server answers to `{"name":"s","subjects":["b.>","a.>"]}`.
        let stored = json!({
            "name": "s", "subjects": ["a.>", "b.>"], "retention": "limits", "max_consumers": -1, "max_msgs": -1,
            "max_bytes": -1, "max_age": 0, "max_msgs_per_subject": -1, "max_msg_size": -1, "discard": "old",
            "storage": "file", "num_replicas": 1, "duplicate_window": 120_000_000_000_u64, "compression": "none",
            "allow_direct": false, "mirror_direct": false, "sealed": false, "deny_delete": false, "deny_purge": false,
            "allow_rollup_hdrs": false, "consumer_limits": {}, "allow_msg_ttl": false,
            "metadata": { "_nats.level": "5", "_nats.req.level": "0", "_nats.ver": "2.15.1" },
        });
        let none: Vec<String> = Vec::new();
        assert_eq!(
            fields(STREAM, stored.clone(), json!({ "subjects": ["b.>", "a.>"] })),
            none
        );
        let said = json!({
            "subjects": ["b.>", "a.>"], "storage": "file", "max_msgs": 0, "max_age": 0, "num_replicas": 1, "max_bytes": -1,
            "allow_direct": false, "placement": {}, "duplicate_window": 120_000_000_000_u64,
        });
        assert_eq!(fields(STREAM, stored, said), none);

        let stored = json!({
            "durable_name": "c", "name": "c", "deliver_policy": "by_start_time", "opt_start_time": "2026-01-02T03:04:05Z",
            "ack_policy": "explicit", "ack_wait": 30_000_000_000_u64, "max_deliver": -1, "filter_subjects": ["a.b"],
            "replay_policy": "instant", "sample_freq": "50%", "max_waiting": 512, "max_ack_pending": 1000, "num_replicas": 0,
            "metadata": { "_nats.level": "5" },
        });
        let wanted = json!({
            "deliver_policy": "by_start_time", "opt_start_time": "2026-01-02T04:04:05.000+01:00", "ack_policy": "explicit",
            "filter_subject": "a.b", "sample_freq": "50",
        });
        assert_eq!(fields(CONSUMER, stored, wanted), none);
    }

    #[test]
    fn every_other_setting_is_told_by_name_and_both_values() {
        let stored = json!({ "max_age": 3_600_000_000_000_u64, "allow_direct": true, "metadata": { "_nats.ver": "2", "a": "x" } });
        let wanted =
            json!({ "max_age": 7_200_000_000_000_u64, "max_bytes": 5_368_709_120_u64, "metadata": { "a": "y" } });
        assert_eq!(
            fields(STREAM, stored, wanted),
            [
                "allow_direct: true -> the default",
                "max_age: 1h -> 2h",
                "max_bytes: unlimited -> 5GiB",
                r#"metadata: {"a":"x"} -> {"a":"y"}"#,
            ]
        );
    }

    #[test]
    fn computed_settings_count_only_where_the_contract_names_them() {
        let stored = json!({ "ack_wait": 1_000_000_000, "max_ack_pending": 10, "backoff": [1_000_000_000] });
        assert!(fields(CONSUMER, stored.clone(), json!({ "backoff": [1_000_000_000] })).is_empty());
        assert_eq!(
            fields(
                CONSUMER,
                stored.clone(),
                json!({ "backoff": [1_000_000_000], "ack_wait": 300_000_000_000_u64 })
            ),
            ["ack_wait: 1s -> 5m"]
        );
        let (Value::Object(stored), Value::Object(wanted)) = (stored, json!({ "backoff": [2], "ack_wait": 3 })) else {
            panic!("objects");
        };
        let sent = Value::Object(merged(CONSUMER, &stored, &wanted));
        assert_eq!(sent, json!({ "backoff": [2], "ack_wait": 3, "max_ack_pending": 10 }));
    }
}
