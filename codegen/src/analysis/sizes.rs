//! Sizes of payloads: there is a document of each, and it fits into what carries and keeps it.

use indexmap::IndexMap;

use crate::contract::payload::{Definition, DefinitionId, DefinitionKind, PayloadSet, Type};
use crate::contract::{Contract, Pattern, StoreKind, Stream, Subject};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::payload as rules;
use crate::source::Span;
use crate::words::size;

use super::extent::{Extents, parts};

pub(super) fn check(contract: &Contract, report: &mut Report) {
    // What is wrong with a schema is told where it is read; what became of it says nothing then.
    if report.has_errors() {
        return;
    }
    let extents = Extents::of(&contract.payloads);
    impossible(contract, &extents, report);
    for (payload, limits) in limits(contract) {
        let Some(payload) = contract.payloads.get(payload) else {
            continue;
        };
        let extent = extents.get(payload.root);
        for limit in &limits {
            let Limit { bytes, place, what } = limit;
            let (rule, message) = if extent.least.is_some_and(|least| least > *bytes) {
                let least = extent.least.unwrap_or_default();
                let message = format!(
                    "the smallest `{}` has {least} bytes, and {what} is {}",
                    payload.name,
                    size(*bytes)
                );
                (&rules::TOO_LARGE, message)
            } else if let Some(most) = extent.most.filter(|most| most > bytes) {
                let message = format!(
                    "a `{}` can have {most} bytes, and {what} is {}",
                    payload.name,
                    size(*bytes)
                );
                (&rules::MAY_BE_TOO_LARGE, message)
            } else {
                continue;
            };
            let help = "lower `maxLength` or `maxItems` in the schema, or raise the limit";
            let diagnostic = Diagnostic::new(rule, payload.origin, message, "does not fit")
                .with_label(*place, "here")
                .with_help(help);
            report.push(diagnostic);
            // What does not fit into the smallest need not be said of the others.
            break;
        }
    }
}

/// What a document must fit into.
struct Limit {
    bytes: u64,
    place: Span,
    what: String,
}

/// What each payload must fit into, the narrowest first.
fn limits(contract: &Contract) -> IndexMap<&str, Vec<Limit>> {
    let mut limits: IndexMap<&str, Vec<Limit>> = IndexMap::new();
    let most = contract.limits.max_payload();
    for subject in contract.subjects.values() {
        for payload in carried(subject) {
            let known = limits.entry(payload).or_default();
            if known.is_empty() {
                known.push(Limit {
                    bytes: most,
                    place: contract
                        .limits
                        .max_payload
                        .as_ref()
                        .map_or(subject.name.span, |limit| limit.span),
                    what: match contract.limits.max_payload {
                        Some(_) => "`limits.max_payload`".to_owned(),
                        None => "the server's own `max_payload`".to_owned(),
                    },
                });
            }
        }
    }
    for stream in contract.streams.values() {
        let Some((bytes, place)) = narrowest(&stream.name, "max_msg_size", contract) else {
            continue;
        };
        for subject in kept(stream, contract) {
            for payload in subject.payloads() {
                limits.entry(payload.as_str()).or_default().push(Limit {
                    bytes,
                    place,
                    what: format!("`max_msg_size` of the stream `{}`", stream.name.value),
                });
            }
        }
    }
    for store in contract.kv.values() {
        let StoreKind::KeyValue { value, .. } = &store.kind else {
            continue;
        };
        let limit = match narrowest(&store.backing.name, "max_msg_size", contract) {
            Some((bytes, place)) => Limit {
                bytes,
                place,
                what: format!("`max_value_size` of the bucket `{}`", store.name.value),
            },
            None => Limit {
                bytes: most,
                place: store.name.span,
                what: "the server's `max_payload`".to_owned(),
            },
        };
        limits.entry(value.as_str()).or_default().push(limit);
    }
    for limits in limits.values_mut() {
        limits.sort_by_key(|limit| limit.bytes);
    }
    limits
}

/// All that is sent because of a subject, replies included.
fn carried(subject: &Subject) -> Vec<&str> {
    let mut payloads: Vec<&str> = subject.payloads().iter().map(|payload| payload.as_str()).collect();
    if let Pattern::Request { reply, error, .. } = &subject.pattern {
        payloads.push(reply.as_str());
        payloads.extend(error.iter().map(|error| error.as_str()));
    }
    payloads
}

/// The smallest value that a setting of a stream has, without a profile or under one.
fn narrowest(stream: &str, setting: &str, contract: &Contract) -> Option<(u64, Span)> {
    let values = contract.every_profile().filter_map(|profile| {
        let provisioned = contract.provisioned(profile);
        let ours = provisioned.iter().find(|other| other.stream.name.value == stream)?;
        let value = ours.settings.get(setting)?;
        value
            .wire
            .as_u64()
            .filter(|bytes| *bytes > 0)
            .map(|bytes| (bytes, value.span))
    });
    values.min_by_key(|(bytes, _)| *bytes)
}

/// The subjects that a stream keeps.
pub(super) fn kept<'c>(stream: &'c Stream, contract: &'c Contract) -> Vec<&'c Subject> {
    let captures = stream.subjects.iter().flat_map(|capture| {
        let named = capture.subject.as_ref().and_then(|name| contract.subjects.get(name));
        match named {
            Some(subject) => vec![subject],
            None => contract.heard_by(&capture.filter).collect(),
        }
    });
    captures.collect()
}

/// Types that no value can be, each at the innermost place that says why.
fn impossible(contract: &Contract, extents: &Extents<'_>, report: &mut Report) {
    let payloads = &contract.payloads;
    let mut explained = false;
    for (module, _) in payloads.modules() {
        for (id, definition) in payloads.definitions(module) {
            if let DefinitionKind::Struct(object) = &definition.kind {
                for field in object.fields.iter().filter(|field| is_impossible(&field.ty, extents)) {
                    let message = format!("no value can be `{}`", field.name);
                    report.push(fault(field.origin, message));
                    explained = true;
                }
            }
            let inner = parts(definition).into_iter();
            let of_itself = extents.get(id).least.is_none()
                && inner.clone().all(|part| extents.get(part).least.is_some())
                && !has_impossible_member(definition, extents);
            if of_itself {
                report.push(fault(
                    definition.origin,
                    format!("no value can be a `{}`", definition.name),
                ));
                explained = true;
            }
        }
    }
    if explained {
        return;
    }
    for payload in payloads
        .iter()
        .filter(|payload| extents.get(payload.root).least.is_none())
    {
        let message = format!("every `{}` holds others of its kind without end", payload.name);
        let place = endless(payloads, payload.root, extents).unwrap_or(payload.origin);
        let diagnostic = Diagnostic::new(
            &rules::UNSATISFIABLE,
            place,
            message,
            "always there, and one more inside it",
        )
        .with_help("let the innermost one do without: do not require the member, or allow `null`");
        report.push(diagnostic);
    }
}

fn fault(place: Span, message: String) -> Diagnostic {
    Diagnostic::new(&rules::UNSATISFIABLE, place, message, "its rules leave nothing over")
        .with_help("change one of the rules: as they are, no document is valid")
}

/// Whether a type without a name of its own has no values although what it is made of has.
fn is_impossible(ty: &Type, extents: &Extents<'_>) -> bool {
    let named = match ty {
        Type::Named(_) => return false,
        Type::Array(array) => &array.item,
        Type::Map(map) => &map.value,
        _ => ty,
    };
    extents.of_type(ty).least.is_none() && (std::ptr::eq(named, ty) || extents.of_type(named).least.is_some())
}

fn has_impossible_member(definition: &Definition, extents: &Extents<'_>) -> bool {
    match &definition.kind {
        DefinitionKind::Struct(object) => object.fields.iter().any(|field| is_impossible(&field.ty, extents)),
        _ => false,
    }
}

/// The required member by which an object goes on without end.
fn endless(payloads: &PayloadSet, id: DefinitionId, extents: &Extents<'_>) -> Option<Span> {
    let DefinitionKind::Struct(object) = &payloads.definition(id).kind else {
        return None;
    };
    let without_end = object
        .fields
        .iter()
        .find(|field| field.required && extents.of_type(&field.ty).least.is_none());
    without_end.map(|field| field.origin)
}
