//! Findings in the Static Analysis Results Interchange Format (SARIF) 2.1.0.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{Edit, Finding, Level, Place, Position, Telling, document};
use crate::diagnostics::{self, Rule};
use crate::rules;

/// Where the schema of SARIF 2.1.0 is.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

/// Findings as a log of one run.
#[must_use]
pub fn sarif(telling: Telling<'_>) -> Value {
    let document = document(telling);
    let findings: Vec<&Finding> = document.findings.iter().chain(&document.excepted).collect();
    let found = |rule: &&Rule| findings.iter().any(|finding| finding.code == rule.code);
    let rules: Vec<&Rule> = rules::all().filter(found).collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, &rules)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "natsmith",
                    "version": document.natsmith,
                    "semanticVersion": document.natsmith,
                    "rules": rules.iter().map(|rule| described(rule)).collect::<Vec<_>>(),
                },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn described(rule: &Rule) -> Value {
    let level = match rule.level {
        diagnostics::Level::Error => Level::Error,
        diagnostics::Level::Warning => Level::Warning,
        diagnostics::Level::Info => Level::Info,
    };
    json!({
        "id": rule.code,
        "shortDescription": { "text": rule.summary() },
        "help": { "text": rule.page, "markdown": rule.page },
        "defaultConfiguration": { "level": weight(level) },
        "properties": { "tags": [rule.code.split('/').next()] },
    })
}

fn weight(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

fn result(finding: &Finding, rules: &[&Rule]) -> Value {
    let mut result = Map::new();
    let mut put = |key: &str, value: Value| result.insert(key.to_owned(), value);
    put("ruleId", finding.code.clone().into());
    if let Some(index) = rules.iter().position(|rule| rule.code == finding.code) {
        put("ruleIndex", index.into());
    }
    put("level", weight(finding.level).into());
    let help = finding
        .help
        .as_ref()
        .map_or_else(String::new, |help| format!("\nhelp: {help}"));
    put("message", json!({ "text": format!("{}{help}", finding.message) }));

    let mut location = located(&finding.place, finding.label.as_deref());
    if let (Some(at), Some(location)) = (&finding.at, location.as_object_mut()) {
        let logical = json!([{ "fullyQualifiedName": at, "kind": "member" }]);
        location.insert("logicalLocations".to_owned(), logical);
    }
    put("locations", json!([location]));
    if !finding.related.is_empty() {
        let related = finding.related.iter().enumerate().map(|(index, note)| {
            let mut location = located(&note.place, Some(&note.label));
            if let Some(location) = location.as_object_mut() {
                location.insert("id".to_owned(), (index + 1).into());
            }
            location
        });
        put("relatedLocations", related.collect());
    }
    if let Some(fix) = &finding.fix {
        let changes = changes(&fix.edits);
        put(
            "fixes",
            json!([{ "description": { "text": fix.what }, "artifactChanges": changes }]),
        );
    }
    if let Some(exception) = &finding.exception {
        put(
            "suppressions",
            json!([{
                "kind": "inSource",
                "status": "accepted",
                "justification": exception.reason,
                "location": located(&exception.place, None),
            }]),
        );
    }
    // What stays the same when lines move.
    let at = finding.at.as_ref().unwrap_or(&finding.place.file);
    let fingerprint = format!("{} {at} {}", finding.code, finding.message);
    put("partialFingerprints", json!({ "natsmith/v1": fingerprint }));
    Value::Object(result)
}

fn located(place: &Place, text: Option<&str>) -> Value {
    let mut location = json!({
        "physicalLocation": { "artifactLocation": { "uri": uri(&place.file) }, "region": region(place) },
    });
    if let (Some(text), Some(location)) = (text.filter(|text| !text.is_empty()), location.as_object_mut()) {
        location.insert("message".to_owned(), json!({ "text": text }));
    }
    location
}

fn region(place: &Place) -> Value {
    let (Position { line, column }, end) = (place.start, place.end);
    json!({ "startLine": line, "startColumn": column, "endLine": end.line, "endColumn": end.column })
}

/// The edits, by file.
fn changes(edits: &[Edit]) -> Vec<Value> {
    let mut files: Vec<&str> = edits.iter().map(|edit| edit.place.file.as_str()).collect();
    files.dedup();
    let changes = files.into_iter().map(|file| {
        let own = edits.iter().filter(|edit| edit.place.file == file);
        let replacements =
            own.map(|edit| json!({ "deletedRegion": region(&edit.place), "insertedContent": { "text": edit.text } }));
        let replacements: Vec<Value> = replacements.collect();
        json!({ "artifactLocation": { "uri": uri(file) }, "replacements": replacements })
    });
    changes.collect()
}

/// A path as a URI reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut uri = String::new();
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.starts_with('/') || drive {
        uri.push_str(if drive { "file:///" } else { "file://" });
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) || (drive && byte == b':') {
            uri.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
