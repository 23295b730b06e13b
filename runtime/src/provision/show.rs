//! Values as people write them.

use serde_json::Value;

/// A setting's value: durations and sizes with their unit, everything else as JSON.
pub(super) fn value(field: &str, value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "the default".to_owned();
    };
    match value {
        Value::Array(items) if is_duration(field) => {
            let items: Vec<String> = items.iter().map(|item| self::value(field, Some(item))).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Number(number) => match number.as_u64() {
            Some(nanos) if is_duration(field) => duration(nanos),
            Some(bytes) if is_size(field) => size(bytes),
            None if number.as_i64() == Some(-1) && field.starts_with("max_") => "unlimited".to_owned(),
            _ => number.to_string(),
        },
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn is_duration(field: &str) -> bool {
    matches!(
        field,
        "max_age"
            | "duplicate_window"
            | "subject_delete_marker_ttl"
            | "ack_wait"
            | "backoff"
            | "inactive_threshold"
            | "max_expires"
            | "idle_heartbeat"
            | "priority_timeout"
    )
}

fn is_size(field: &str) -> bool {
    matches!(field, "max_bytes" | "max_msg_size")
}

fn duration(nanos: u64) -> String {
    const UNITS: [(u64, &str); 6] = [
        (86_400_000_000_000, "d"),
        (3_600_000_000_000, "h"),
        (60_000_000_000, "m"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1_000, "us"),
    ];
    in_units(nanos, &UNITS).unwrap_or_else(|| format!("{nanos}ns"))
}

fn size(bytes: u64) -> String {
    in_units(bytes, &[(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]).unwrap_or_else(|| format!("{bytes}B"))
}

/// The value in the largest unit that divides it.
fn in_units(value: u64, units: &[(u64, &str)]) -> Option<String> {
    units
        .iter()
        .find(|(unit, _)| value != 0 && value.is_multiple_of(*unit))
        .map(|(unit, name)| format!("{}{name}", value / unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_shown_with_their_units() {
        let shown = |field: &str, json: Value| value(field, Some(&json));
        assert_eq!(shown("max_age", json!(2_592_000_000_000_000_u64)), "30d");
        assert_eq!(shown("ack_wait", json!(1_500_000_000)), "1500ms");
        assert_eq!(shown("backoff", json!([1_000_000_000, 60_000_000_000_u64])), "[1s, 1m]");
        assert_eq!(shown("max_bytes", json!(67_108_864)), "64MiB");
        assert_eq!(shown("max_bytes", json!(1000)), "1000B");
        assert_eq!(shown("max_msgs", json!(1024)), "1024");
        assert_eq!(shown("max_msgs", json!(-1)), "unlimited");
        assert_eq!(shown("storage", json!("file")), "file");
        assert_eq!(value("max_msgs", None), "the default");
    }
}
