//! Findings as annotations that GitHub shows beside the lines of a change.

use std::fmt::Write as _;

use super::{Level, Telling, document};

/// Findings as workflow commands of GitHub Actions, one a line.
#[must_use]
pub fn annotations(telling: Telling<'_>) -> String {
    let mut text = String::new();
    for finding in document(telling).findings {
        let command = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "notice",
        };
        let place = &finding.place;
        let mut properties = vec![
            ("file", place.file.clone()),
            ("line", place.start.line.to_string()),
            ("endLine", place.end.line.to_string()),
        ];
        // GitHub takes columns of one line alone.
        if place.start.line == place.end.line {
            properties.push(("col", place.start.column.to_string()));
            properties.push(("endColumn", place.end.column.to_string()));
        }
        properties.push(("title", finding.code));
        let properties = properties
            .iter()
            .map(|(name, value)| format!("{name}={}", property(value)));
        let properties: Vec<String> = properties.collect();

        let mut message = finding.message;
        let label = finding.label.map(|label| format!("\n{label}"));
        message.extend(label);
        for note in &finding.related {
            let (at, label) = (&note.place, &note.label);
            // Writing to a String cannot fail.
            let _ = write!(message, "\n{}:{}:{}: {label}", at.file, at.start.line, at.start.column);
        }
        message.extend(finding.help.map(|help| format!("\nhelp: {help}")));
        let _ = writeln!(text, "::{command} {}::{}", properties.join(","), data(&message));
    }
    text
}

/// Text behind the colons of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
