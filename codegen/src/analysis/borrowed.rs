//! Borrowed forms: there is something to borrow, and their names are free.

use std::collections::HashMap;

use crate::contract::Contract;
use crate::contract::payload::DefinitionKind;
use crate::diagnostics::{Diagnostic, Fix, Report};
use crate::rules::payload as rules;
use crate::source::Span;

pub(super) fn check(contract: &Contract, report: &mut Report) {
    let set = &contract.payloads;
    let listed = &contract.rust.borrowed;
    let borrowed = set.borrowed(listed.iter().map(|name| name.as_str()));
    for name in listed {
        let payload = set.get(name);
        if payload.is_some_and(|payload| !borrowed.borrows(payload.root)) {
            let message = format!("no value of `{}` can be borrowed", name.value);
            let diagnostic = Diagnostic::new(&rules::NOTHING_TO_BORROW, name.span, message, "")
                .with_help("take it off the list: its `decode` copies no text")
                .with_fix(Fix::new("take it off the list").remove(name.span));
            report.push(diagnostic);
        }
    }
    // Payloads stand beside each other in one more module.
    let mut payloads: HashMap<String, Span> = HashMap::new();
    for payload in set.iter() {
        payloads.insert(payload.name.clone(), set.definition(payload.root).origin);
    }
    for (module, _) in set.modules() {
        let definitions = set.definitions(module);
        for (id, definition) in &definitions {
            let is_text = matches!(definition.kind, DefinitionKind::Text(_));
            let is_listed = listed
                .iter()
                .any(|name| set.payload_of(*id).is_some_and(|payload| payload.name == name.value));
            if !borrowed.borrows(*id) || (is_text && !is_listed) {
                continue;
            }
            let name = format!("{}Ref", definition.name);
            let beside = definitions.iter().find(|(_, other)| other.name == name);
            let place = beside.map(|(_, other)| other.origin);
            let place = place.or_else(|| payloads.get(&name).copied().filter(|_| is_listed));
            if let Some(place) = place {
                let message = format!("`{name}` is the borrowed form of `{}` too", definition.name);
                let diagnostic = Diagnostic::new(&rules::NAME_CLASH, place, message, "")
                    .with_label(definition.origin, "which is this one")
                    .with_help("give one of the schemas a `title` of its own, in PascalCase");
                report.push(diagnostic);
            }
        }
    }
}
