//! Publications: one payload on several subjects.

use indexmap::IndexMap;

use super::names::{self, Known, Scope};
use crate::contract::{Publication, Subject};
use crate::diagnostics::Report;
use crate::rules::contract as rules;
use crate::source::Spanned;
use crate::syntax::PublicationDecl;

pub(super) fn publications(
    declared: Vec<(Spanned<String>, PublicationDecl)>,
    subjects: &Known<'_, Subject>,
    scope: &Scope<'_>,
    report: &mut Report,
) -> IndexMap<String, Publication> {
    let mut publications = IndexMap::new();
    for (name, declared) in declared {
        let named = names::snake_case(&name, "a publication", report);
        let count = declared.subjects.len();
        let mut known = declared.subjects;
        known.retain(|subject| names::lookup(subject, subjects, "subject", &rules::UNKNOWN_SUBJECT, report));
        let publish = scope.roles(declared.publish, report);
        let payload = declared.payload.as_ref();
        let known_payload = payload.is_none_or(|payload| scope.payload(payload, report));
        // Of one that is not known as a whole nothing can be said.
        if named && known_payload && known.len() == count {
            let lowered = Publication {
                payload: declared.payload,
                summary: declared.summary.map(|text| text.value),
                subjects: known,
                publish,
                name,
            };
            publications.insert(lowered.name.value.clone(), lowered);
        }
    }
    publications
}
