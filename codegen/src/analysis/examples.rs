//! Examples: the schemas accept the valid ones and refuse the others.

use indexmap::IndexMap;

use crate::contract::{Contract, Example, Verdict};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::example as rules;
use crate::validator;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    let mut by_payload: IndexMap<&str, Vec<&Example>> = IndexMap::new();
    for example in &contract.examples {
        by_payload.entry(&example.payload).or_default().push(example);
    }
    for (payload, examples) in by_payload {
        let Some(payload) = contract.payloads.get(payload) else {
            continue;
        };
        // A schema that cannot be compiled was reported when it was resolved.
        let Ok(validator) = validator::options().build(&payload.schema) else {
            continue;
        };
        for example in examples {
            if let Some(diagnostic) = verdict(&validator, example) {
                report.push(diagnostic);
            }
        }
    }
}

fn verdict(validator: &jsonschema::Validator, example: &Example) -> Option<Diagnostic> {
    let mut place = example.origin;
    let fault = match serde_json::from_str(&example.text) {
        Ok(document) => validator.iter_errors(&document).next().map(|error| {
            let at = error.instance_path().to_string();
            let at = if at.is_empty() {
                "the document".to_owned()
            } else {
                format!("`{at}`")
            };
            format!("{at}: {error}")
        }),
        Err(error) => {
            place.start = offset(&example.text, error.line(), error.column());
            place.end = place.start;
            let reason = error.to_string();
            let reason = reason
                .rsplit_once(" at line ")
                .map_or(reason.as_str(), |(reason, _)| reason);
            Some(format!("it is not JSON: {reason}"))
        }
    };
    match (example.verdict, fault) {
        (Verdict::Valid, Some(fault)) => {
            let message = format!(
                "the schema of `{}` refuses this valid example: {fault}",
                example.payload
            );
            let help = "correct the example or the schema, or move the file to `invalid/`";
            Some(Diagnostic::new(&rules::REFUSED, place, message, "").with_help(help))
        }
        (Verdict::Invalid, None) => {
            let message = format!("the schema of `{}` accepts this invalid example", example.payload);
            let help = "make the schema refuse it, or move the file to `valid/`";
            Some(Diagnostic::new(&rules::ACCEPTED, example.origin, message, "").with_help(help))
        }
        _ => None,
    }
}

/// The byte at a line and column, as `serde_json` counts them: lines from 1, columns in bytes from 1.
fn offset(text: &str, line: usize, column: usize) -> u32 {
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let mut at = (before + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    u32::try_from(at).unwrap_or(u32::MAX)
}
