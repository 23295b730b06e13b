//! Example documents: `examples/<Payload>/{valid,invalid}/*.json`.

use crate::contract::payload::PayloadSet;
use crate::contract::{Example, Verdict};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::example as rules;
use crate::source::{FileId, Files};

/// What the path of an example file has to look like.
const SHAPE_HELP: &str = "put it at `examples/<Payload>/valid/<name>.json` or `examples/<Payload>/invalid/<name>.json`";

/// Finds out what each example file is an example of; `files` are ids with paths inside the contract's folder.
pub fn collect(found: &[(FileId, String)], files: &Files, payloads: &PayloadSet, report: &mut Report) -> Vec<Example> {
    found
        .iter()
        .filter_map(|(file, path)| example(*file, path, files, payloads, report))
        .collect()
}

fn example(file: FileId, path: &str, files: &Files, payloads: &PayloadSet, report: &mut Report) -> Option<Example> {
    let mut steps = path.split('/').skip(1);
    let parts = (steps.next(), steps.next(), steps.next(), steps.next());
    let (payload, verdict, name) = match parts {
        (Some(payload), Some("valid"), Some(name), None) => (payload, Verdict::Valid, name),
        (Some(payload), Some("invalid"), Some(name), None) => (payload, Verdict::Invalid, name),
        _ => {
            let message = "nobody knows what this is an example of";
            report.push(Diagnostic::new(&rules::UNKNOWN, file.start(), message, "").with_help(SHAPE_HELP));
            return None;
        }
    };
    if payloads.get(payload).is_none() {
        let message = format!("an example of `{payload}`, which is no payload of this contract");
        let help = "rename the folder to the payload's name";
        report.push(Diagnostic::new(&rules::UNKNOWN, file.start(), message, "").with_help(help));
        return None;
    }
    Some(Example {
        payload: payload.to_owned(),
        verdict,
        name: name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned(),
        text: files.get(file)?.text.clone(),
        origin: file.start(),
    })
}
