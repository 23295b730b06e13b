//! Discoverable services.

use indexmap::IndexMap;

use super::header::semantic_version;
use super::names::{self, Known, Scope};
use crate::contract::{Service, Subject};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::{contract as names_rules, service as rules};
use crate::source::Spanned;
use crate::syntax::ServiceDecl;

pub(super) fn services(
    declared: Vec<(Spanned<String>, ServiceDecl)>,
    version: &str,
    subjects: &Known<'_, Subject>,
    scope: &Scope<'_>,
    report: &mut Report,
) -> IndexMap<String, Service> {
    let mut services = IndexMap::new();
    for (name, declared) in declared {
        let named = names::snake_case(&name, "a service", report);
        let service = match &declared.service {
            Some(service) if !is_service_name(service) => {
                let message = format!("`{}` cannot name a service", service.value);
                let help = "use a to z, A to Z, 0 to 9, `_` and `-` (ADR-32)";
                report.push(Diagnostic::new(&names_rules::NAME, service.span, message, "").with_help(help));
                continue;
            }
            Some(service) => service.value.clone(),
            None => name.replace('_', "-"),
        };
        let version = match &declared.version {
            Some(version) => semantic_version(version, report),
            None => Some(version.to_owned()),
        };
        if declared.endpoints.is_empty() {
            let message = format!("the service `{}` answers nothing", name.value);
            let help = "list its `endpoints`: subjects that are requests";
            report.push(Diagnostic::new(&rules::ENDPOINT, name.span, message, "").with_help(help));
        }
        let mut endpoints = declared.endpoints;
        endpoints
            .retain(|endpoint| names::lookup(endpoint, subjects, "subject", &names_rules::UNKNOWN_SUBJECT, report));
        let provide = scope.roles(declared.provide, report);
        let Some(version) = version.filter(|_| named) else {
            continue;
        };
        let metadata = declared.metadata.sound.into_iter();
        let lowered = Service {
            service,
            version,
            description: declared.description.map(|text| text.value),
            metadata: metadata.map(|(key, value)| (key.value, value.value)).collect(),
            endpoints,
            provide,
            name,
        };
        services.insert(lowered.name.value.clone(), lowered);
    }
    services
}

fn is_service_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}
