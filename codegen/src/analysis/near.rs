//! What a filter that matches nothing was probably meant to be.

use crate::contract::Contract;
use crate::diagnostics::Diagnostic;

/// Adds the subject that the filter comes closest to as a way out, with both shapes side by side.
pub(super) fn with_nearest(diagnostic: Diagnostic, filter: &str, contract: &Contract) -> Diagnostic {
    let nearest = contract
        .subjects
        .values()
        .map(|subject| (likeness(filter, &subject.template.wildcard()), subject))
        .filter(|(likeness, _)| *likeness > 0)
        .max_by_key(|(likeness, _)| *likeness);
    let Some((_, subject)) = nearest else {
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

/// How many leading tokens could be the same, and how many words both hold.
fn likeness(filter: &str, wildcard: &str) -> usize {
    let leading = filter
        .split('.')
        .zip(wildcard.split('.'))
        .take_while(|(a, b)| a == b || *a == "*" || *b == "*")
        .count();
    let words = filter.split('.').filter(|word| *word != "*" && *word != ">");
    let shared = words
        .filter(|word| wildcard.split('.').any(|other| other == *word))
        .count();
    if shared == 0 { 0 } else { leading + 2 * shared }
}
