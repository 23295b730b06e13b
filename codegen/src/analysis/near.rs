//! What a filter that matches nothing was probably meant to be.

use crate::contract::{Contract, closest_to};
use crate::diagnostics::Diagnostic;

/// Adds the subject that the filter comes closest to as a way out, with both shapes side by side.
pub(super) fn with_nearest(diagnostic: Diagnostic, filter: &str, contract: &Contract) -> Diagnostic {
    let Some(subject) = closest_to(filter, contract.subjects.values()) else {
        return diagnostic.with_help("name a subject of the taxonomy instead of a filter");
    };
    let wildcard = subject.template.wildcard();
    let (have, want) = (filter.split('.').count(), wildcard.split('.').count());
    let why = if have == want || filter.ends_with('>') {
        String::new()
    } else {
        format!(", which has {want} tokens and not {have}")
    };
    diagnostic
        .with_label(
            subject.template.text.span,
            format!("closest is `{}`{why}", subject.name.value),
        )
        .with_help(format!("to hear it, write `{wildcard}`"))
}
