//! Templates: no two subjects can be the same text on the wire.

use indexmap::IndexMap;

use crate::contract::{Contract, Subject};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::subject as rules;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    let mut first: IndexMap<String, &Subject> = IndexMap::new();
    for subject in contract.subjects.values() {
        let wildcard = subject.template.wildcard();
        let Some(other) = first.get(&wildcard) else {
            first.insert(wildcard, subject);
            continue;
        };
        let message = format!(
            "`{}` and `{}` are the same subject on the wire",
            other.name.value, subject.name.value
        );
        let diagnostic = Diagnostic::new(
            &rules::SAME_TEMPLATE,
            subject.template.text.span,
            message,
            format!("hears `{wildcard}`"),
        )
        .with_label(other.template.text.span, "and so does this")
        .with_help("tell them apart by a fixed part, or make them one subject");
        report.push(diagnostic);
    }
}
