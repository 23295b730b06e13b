//! Examples: the schemas accept the valid ones and refuse the others.

use crate::contract::{Contract, Example, Verdict};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::example as rules;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    for payload in contract.payloads.iter() {
        let mut examples = contract
            .examples
            .iter()
            .filter(|example| example.payload == payload.name)
            .peekable();
        if examples.peek().is_none() {
            continue;
        }
        // A schema that cannot be compiled was reported when it was resolved.
        let Ok(validator) = jsonschema::options()
            .should_validate_formats(true)
            .build(&payload.schema)
        else {
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
        Err(error) => Some(format!("not JSON: {error}")),
    };
    match (example.verdict, fault) {
        (Verdict::Valid, Some(fault)) => {
            let message = format!(
                "the schema of `{}` refuses this valid example: {fault}",
                example.payload
            );
            let help = "correct the example or the schema, or move the file to `invalid/`";
            Some(Diagnostic::new(&rules::REFUSED, example.origin, message, "").with_help(help))
        }
        (Verdict::Invalid, None) => {
            let message = format!("the schema of `{}` accepts this invalid example", example.payload);
            let help = "make the schema refuse it, or move the file to `valid/`";
            Some(Diagnostic::new(&rules::ACCEPTED, example.origin, message, "").with_help(help))
        }
        _ => None,
    }
}
