//! Holding a schema against the schema of its draft.

use super::document::Document;
use crate::contract::payload::Draft;
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::payload as rules;

/// Whether the draft accepts the schema; what it does not is reported.
pub(super) fn check(document: &Document<'_>, report: &mut Report) -> bool {
    let schema = document.root.to_json();
    let (validator, name) = match document.draft {
        Draft::Draft7 => (jsonschema::draft7::meta::validator(), "draft-07"),
        Draft::Draft202012 => (jsonschema::draft202012::meta::validator(), "2020-12"),
    };
    let mut valid = true;
    for error in validator.iter_errors(&schema) {
        valid = false;
        let pointer = error.instance_path().to_string();
        let span = document
            .root
            .pointer(&pointer)
            .map_or_else(|| document.origin(), |node| node.span);
        let message = format!("JSON Schema {name} refuses this: {error}");
        let message: String = message.chars().take(300).collect();
        let keyword = pointer
            .rsplit('/')
            .find(|step| step.parse::<usize>().is_err())
            .unwrap_or_default();
        let help = if keyword.is_empty() {
            "see https://json-schema.org/specification".to_owned()
        } else {
            format!("see what {name} says about `{keyword}`: https://json-schema.org/specification")
        };
        report.push(Diagnostic::new(&rules::META_SCHEMA, span, message, "").with_help(help));
    }
    valid
}
