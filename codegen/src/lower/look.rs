//! The look of documents: `docs/theme.css` and `docs/templates/`.

use crate::contract::Look;
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::docs as rules;
use crate::source::{FileId, Files, Span};
use crate::templates;
use crate::words::closest;

/// Where templates are, in the contract's folder.
const TEMPLATES: &str = "docs/templates/";

/// Finds out what each file below `docs/` is for; `files` are ids with paths inside the contract's folder.
pub fn collect(found: &[(FileId, String)], files: &Files, report: &mut Report) -> Look {
    let mut look = Look::default();
    for (id, path) in found {
        let Some(file) = files.get(*id) else { continue };
        if path == "docs/theme.css" {
            look.theme = Some(file.text.clone());
            continue;
        }
        let known = || templates::OF_DOCUMENTS.iter().map(|(name, _)| *name);
        let name = path.strip_prefix(TEMPLATES);
        let Some(name) = name.filter(|name| known().any(|known| known == *name)) else {
            report.push(unknown(*id, path, name.and_then(|name| closest(name, known()))));
            continue;
        };
        if let Some((line, reason)) = templates::fault(name, &file.text) {
            let place = place(*id, &file.text, line);
            let message = format!("the template cannot be read: {reason}");
            report.push(Diagnostic::new(&rules::TEMPLATE, place, message, ""));
            continue;
        }
        look.templates.insert(name.to_owned(), file.text.clone());
    }
    look
}

fn unknown(id: FileId, path: &str, likely: Option<&str>) -> Diagnostic {
    let help = match likely {
        Some(likely) => format!("did you mean `{TEMPLATES}{likely}`?"),
        None => "a contract has `docs/theme.css`, and templates that `natsmith docs --templates` lists".to_owned(),
    };
    let message = format!("nothing of the documents is made of `{path}`");
    Diagnostic::new(&rules::UNKNOWN, id.start(), message, "").with_help(help)
}

/// A line of a file without the white space around it.
fn place(file: FileId, text: &str, line: usize) -> Span {
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let whole = text
        .get(before..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default();
    let start = before + (whole.len() - whole.trim_start().len());
    let end = start + whole.trim().len();
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span {
        file,
        start: offset(start),
        end: offset(end),
    }
}
