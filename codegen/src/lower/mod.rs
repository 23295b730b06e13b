//! From declarations to the contract: every name is looked up, every template taken apart.
//!
//! A declaration with a fault is reported and left out, so that the faults of the others are found in the same run.

pub mod examples;
mod header;
mod merge;
mod names;
pub mod payload;
mod streams;
mod subjects;

use indexmap::IndexMap;

use crate::contract::payload::PayloadSet;
use crate::contract::{Contract, Example, Role};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::contract as rules;
use crate::source::{Span, Spanned};
use crate::syntax::{DeclarationFile, RoleDecl};

/// Builds the contract that declaration files and payloads describe.
///
/// `None` means that not even the header can be made sense of; the report says why. `folder` is the place that stands
/// for the contract where no file does.
pub fn lower(
    files: Vec<DeclarationFile>,
    payloads: PayloadSet,
    examples: Vec<Example>,
    folder: Span,
    report: &mut Report,
) -> Option<Contract> {
    let merged = merge::merge(files, report);
    let header = header::lower(&merged.header, folder, report)?;
    let roles = roles(&merged.roles, report);
    let tokens = subjects::tokens(merged.tokens, &merged.subjects, report);
    for role in roles.values() {
        for token in &role.own {
            names::lookup(token, &tokens, "token", &rules::UNKNOWN_TOKEN, report);
        }
    }
    let scope = names::Scope {
        roles: &roles,
        tokens: &tokens,
        payloads: &payloads,
    };
    let declared: Vec<String> = merged.subjects.iter().map(|(name, _)| name.value.clone()).collect();
    let subjects = subjects::subjects(merged.subjects, &scope, report);
    let subscriptions = subjects::subscriptions(merged.subscriptions, &subjects, &scope, report);
    let streams = streams::streams(merged.streams, &subjects, &declared, report);
    let profiles = streams::profiles(merged.profiles, &streams, report);
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
        rust: header.rust,
        connection: header.connection,
        limits: header.limits,
        roles,
        tokens,
        payloads,
        examples,
        subjects,
        subscriptions,
        streams,
        profiles,
    })
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
