//! What is said about faults in payload schemas: `payload_faults/*.yaml` beside snapshots of the findings.
//!
//! A fixture is one file, or several that begin with `# file: <path>`.

#![allow(clippy::expect_used, reason = "a test that cannot go on stops")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use natsmith_codegen::diagnostics::{Level, Report};
use natsmith_codegen::lower;
use natsmith_codegen::source::{self, Files, Span};

fn check(fixture: &str) -> String {
    let mut files = Files::default();
    let mut report = Report::default();
    let mut parsed = Vec::new();
    for (path, text) in split(fixture) {
        let id = files.add(path, text);
        if let Some(node) = source::parse(id, text, &mut report) {
            parsed.push((id, path.to_owned(), node));
        }
    }
    let set = lower::payload::resolve(&parsed, &mut report);
    report.sort();
    let mut rendered = String::new();
    for diagnostic in report.diagnostics() {
        let level = match diagnostic.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "info",
        };
        let _ = writeln!(rendered, "{level}[{}] {}", diagnostic.rule.code, diagnostic.message);
        for label in &diagnostic.labels {
            let _ = writeln!(rendered, "  at {} {}", place(&files, label.span), label.text);
        }
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(rendered, "  help: {help}");
        }
    }
    if rendered.is_empty() {
        let names: Vec<&str> = set.names().collect();
        rendered = format!("no findings; payloads: {}\n", names.join(", "));
    }
    rendered
}

fn split(fixture: &str) -> Vec<(&str, &str)> {
    match fixture.strip_prefix("# file: ") {
        None => vec![("payload.schema.yaml", fixture)],
        Some(rest) => rest
            .split("# file: ")
            .map(|file| file.split_once('\n').expect("a file has a name"))
            .collect(),
    }
}

fn place(files: &Files, span: Span) -> String {
    let (line, column) = files.line_column(span);
    let file = files.get(span.file).expect("a span has a file");
    let text = file
        .text
        .get(span.start as usize..span.end as usize)
        .unwrap_or_default();
    let shown: String = text.lines().next().unwrap_or_default().chars().take(40).collect();
    format!("{}:{line}:{column} `{shown}`", file.name)
}

#[test]
fn findings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/payload_faults");
    let mut fixtures: Vec<_> = fs::read_dir(folder)
        .expect("fixtures can be read")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    fixtures.sort();
    assert!(!fixtures.is_empty());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("payload_faults");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for path in fixtures {
            let name = path.file_stem().expect("a file has a name").to_string_lossy();
            let text = fs::read_to_string(&path)
                .expect("a fixture can be read")
                .replace("\r\n", "\n");
            insta::assert_snapshot!(name.as_ref(), check(&text));
        }
    });
}

/// Any text at all is a schema or has a finding; nothing panics.
#[test]
fn truncated_schemas_do_not_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes/contract/payloads");
    for entry in fs::read_dir(folder).expect("schemas can be read") {
        let text = fs::read_to_string(entry.expect("an entry can be read").path()).expect("a schema can be read");
        let ends: Vec<usize> = text.char_indices().map(|(end, _)| end).step_by(37).collect();
        for end in ends {
            check(&text[..end]);
        }
    }
}
