//! From declarations to the contract: every name is looked up, every template taken apart.
//!
//! A declaration with a fault is reported and left out, so that the faults of the others are found in the same run.

mod answers;
mod docs;
pub mod examples;
mod header;
pub mod look;
mod merge;
mod messages;
mod misplaced;
mod names;
mod pattern;
pub mod payload;
mod presence;
mod publications;
mod services;
mod stores;
mod streams;
mod subjects;
mod work;

use indexmap::{IndexMap, IndexSet};

use crate::contract::payload::PayloadSet;
use crate::contract::{Change, Contract, DateTimeType, Example, Look, Lookup, Role};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::{contract as rules, payload as payload_rules};
use crate::source::{Span, Spanned};
use crate::syntax::{DeclarationFile, Named, RoleDecl};
use merge::Merged;

/// Builds the contract that declaration files and payloads describe.
///
/// `None` means that not even the header can be made sense of; the report says why. `folder` is the place that stands
/// for the contract where no file does. `all_read` says whether there are no other files that could not be read: what
/// they would have declared is not missing.
pub fn lower(
    files: Vec<DeclarationFile>,
    all_read: bool,
    mut payloads: PayloadSet,
    examples: Vec<Example>,
    look: Look,
    folder: Span,
    report: &mut Report,
) -> Option<Contract> {
    let merged = merge::merge(files, report);
    let header = header::lower(&merged.header, all_read, folder, report)?;
    let complete = |section: &str| all_read && !merged.header.faulty.contains(&section);
    let declared_roles = names_of(&merged.roles);
    let declared_tokens = names_of(&merged.tokens);
    let declared_subjects = names_of(&merged.subjects);
    let changes = changes(&merged.changes.sound, report);
    let roles = roles(&merged.roles.sound, report);
    let (templates, all_templates) = templates(&merged);
    let tokens = subjects::tokens(merged.tokens.sound, &templates, all_templates, report);
    payloads.write_as_text(header.rust.uuid_as_text, header.rust.date_time == DateTimeType::Text);
    payload::keep_unknown(&mut payloads, &header.rust.keep_unknown, report);
    let scope = names::Scope {
        roles: names::Known {
            sound: &roles,
            declared: &declared_roles,
            complete: complete("roles"),
        },
        tokens: names::Known {
            sound: &tokens,
            declared: &declared_tokens,
            complete: complete("tokens"),
        },
        payloads: &payloads,
        all_payloads: all_read && !report.diagnostics().iter().any(leaves_a_payload_out),
    };
    for token in roles.values().flat_map(|role| &role.own) {
        names::lookup(token, &scope.tokens, "token", &rules::UNKNOWN_TOKEN, report);
    }
    let schema_id = docs::schema_id(merged.header.docs.as_ref(), report);
    let servers = docs::servers(merged.servers.sound, report);
    let mut rust = header.rust;
    rust.borrowed.retain(|name| scope.payload(name, report));
    rust.keep_unknown.retain(|name| scope.payload(name, report));
    let all_subjects = (&declared_subjects, complete("subjects"));
    let subjects = subjects::subjects(merged.subjects.sound, all_subjects, &scope, report);
    let subscriptions = subjects::subscriptions(merged.subscriptions.sound, &subjects, &scope, report);
    let known_subjects = names::Known {
        sound: &subjects,
        declared: &declared_subjects,
        complete: complete("subjects"),
    };
    let publications = publications::publications(merged.publications.sound, &known_subjects, &scope, report);
    let services = services::services(merged.services.sound, &header.version, &known_subjects, &scope, report);
    let presence = presence::presence(merged.presence.sound, &known_subjects, report);
    let declared_streams = names_of(&merged.streams);
    let named_streams = work::Streams {
        declared: &declared_streams,
        complete: complete("streams"),
    };
    let streams = streams::streams(merged.streams.sound, &known_subjects, &scope, &named_streams, report);
    let known_streams = names::Known {
        sound: &streams,
        declared: &declared_streams,
        complete: complete("streams"),
    };
    let (declared_kv, declared_objects) = (names_of(&merged.kv), names_of(&merged.object_stores));
    let kv = stores::buckets(merged.kv.sound, &scope, report);
    let object_stores = stores::object_stores(merged.object_stores.sound, &scope, report);
    let known_stores = stores::Declared {
        kv: &declared_kv,
        object_stores: &declared_objects,
        complete: complete("kv") && complete("object_stores"),
    };
    let profiles = streams::profiles(merged.profiles.sound, &known_streams, &known_stores, report);
    if subjects.is_empty() && !report.has_errors() {
        let diagnostic = Diagnostic::new(&rules::EMPTY, header.name.span, "the contract declares no subject", "")
            .with_help("declare one under `subjects:`, in this file or in another one of the folder");
        report.push(diagnostic);
    }
    Some(Contract {
        name: header.name,
        version: header.version,
        title: header.title,
        description: header.description,
        nats: header.nats,
        account: header.account,
        changes,
        rust,
        schema_id,
        servers,
        connection: header.connection,
        limits: header.limits,
        roles,
        tokens,
        payloads,
        examples,
        all_subjects: known_subjects.complete && declared_subjects.len() == subjects.len(),
        subjects,
        subscriptions,
        publications,
        services,
        presence,
        streams,
        kv,
        object_stores,
        look,
        profiles,
        lookup: Lookup::default(),
    })
}

/// The changes of each version, the newest first.
fn changes(declared: &[(Spanned<String>, Spanned<String>)], report: &mut Report) -> Vec<Change> {
    let numbers = |version: &str| -> Vec<u32> { version.split('.').filter_map(|number| number.parse().ok()).collect() };
    let changes = declared.iter().filter_map(|(version, text)| {
        Some(Change {
            version: header::semantic_version(version, report)?,
            text: text.value.clone(),
        })
    });
    let mut changes: Vec<Change> = changes.collect();
    changes.sort_by_key(|change| std::cmp::Reverse(numbers(&change.version)));
    changes
}

/// Whether a finding means that a schema file is none of the payloads, whatever its name may be.
fn leaves_a_payload_out(finding: &Diagnostic) -> bool {
    [&payload_rules::UNKNOWN_DRAFT, &payload_rules::META_SCHEMA].contains(&finding.rule)
}

/// Every template that was declared, and whether each of them could be read.
fn templates(merged: &Merged) -> (Vec<String>, bool) {
    let subjects = merged
        .subjects
        .sound
        .iter()
        .map(|(_, subject)| subject.subject.value.clone());
    let keys = merged.kv.sound.iter().map(|(_, bucket)| bucket.key.value.clone());
    let names = merged
        .object_stores
        .sound
        .iter()
        .map(|(_, store)| store.name.value.clone());
    let all_read =
        merged.subjects.faulty.is_empty() && merged.kv.faulty.is_empty() && merged.object_stores.faulty.is_empty();
    (subjects.chain(keys).chain(names).collect(), all_read)
}

/// The names of all that were declared, of the faulty ones too.
fn names_of<T>(declared: &Named<T>) -> IndexSet<String> {
    declared.names().map(str::to_owned).collect()
}

fn roles(declared: &[(Spanned<String>, RoleDecl)], report: &mut Report) -> IndexMap<String, Role> {
    let mut roles = IndexMap::new();
    for (name, role) in declared {
        if names::snake_case(name, "a role", report) {
            let lowered = Role {
                name: name.clone(),
                description: role.description.as_ref().map(|text| text.value.clone()),
                own: role.own.clone(),
            };
            roles.insert(name.value.clone(), lowered);
        }
    }
    roles
}
