//! Names: no two things of the contract become one name in the generated crate.

use std::collections::{BTreeMap, HashMap};

use crate::casing;
use crate::contract::{Contract, PROVISIONER, Role};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::contract as rules;
use crate::source::{Span, Spanned};

pub(super) fn check(contract: &Contract, report: &mut Report) {
    distinct(
        contract.roles.values().map(|role| camel(&role.name)),
        "the roles",
        report,
    );
    distinct(
        contract.tokens.values().map(|token| camel(&token.name)),
        "the tokens",
        report,
    );
    distinct(
        contract
            .subscriptions
            .values()
            .map(|subscription| camel(&subscription.name)),
        "the subscriptions",
        report,
    );
    distinct(
        contract
            .publications
            .values()
            .map(|publication| camel(&publication.name)),
        "the publications",
        report,
    );
    distinct(
        contract.services.values().map(|service| camel(&service.name)),
        "the services",
        report,
    );
    distinct(
        contract.presence.values().map(|presence| camel(&presence.name)),
        "the presences",
        report,
    );
    distinct(
        contract.streams.values().map(|stream| snake(&stream.name)),
        "the streams",
        report,
    );
    for stores in [&contract.kv, &contract.object_stores] {
        distinct(stores.values().map(|store| snake(&store.name)), "the stores", report);
        distinct(stores.values().map(|store| camel(&store.name)), "the stores", report);
    }
    if let Some(profile) = contract.profiles.get("default") {
        let message = "`default` is what the contract says without a profile";
        let diagnostic = Diagnostic::new(&rules::CLASH, profile.name.span, message, "")
            .with_help("say it at the streams and consumers themselves, or rename the profile");
        report.push(diagnostic);
    }
    if let Some(role) = contract.roles.get(PROVISIONER) {
        let message = "`provisioner` is the user that makes the streams, and no role";
        let diagnostic = Diagnostic::new(&rules::CLASH, role.name.span, message, "")
            .with_help("rename the role: it would otherwise be allowed more than its part in the contract");
        report.push(diagnostic);
    }
    for stream in contract.streams.values() {
        let dead_letters = stream.keeps_dead_letters.then(|| camel(&stream.name));
        distinct(
            dead_letters
                .into_iter()
                .chain(stream.consumers.values().map(|consumer| camel(&consumer.name))),
            "the consumers of one stream",
            report,
        );
    }
    let mut modules: BTreeMap<&str, Vec<(String, Spanned<String>)>> = BTreeMap::new();
    for subject in contract.subjects.values() {
        let ty = (casing::pascal(&subject.leaf), subject.name.clone());
        modules.entry(&subject.module).or_default().push(ty);
    }
    for types in modules.into_values() {
        distinct(types.into_iter(), "the subjects of one module", report);
    }
    for role in contract.roles.values() {
        distinct(
            methods(role, contract),
            &format!("what the role `{}` is offered", role.name.value),
            report,
        );
        for (method, name) in methods(role, contract).filter(|(method, _)| OF_EVERY_CLIENT.contains(&method.as_str())) {
            let message = format!("`{}` becomes `{method}`, which every role's client has", name.value);
            report.push(Diagnostic::new(&rules::CLASH, name.span, message, "").with_help("rename it"));
        }
    }
    for subscription in contract.subscriptions.values() {
        let heard = contract.heard_by(&subscription.filter);
        let variants = heard.map(|subject| (casing::pascal(&subject.leaf), subject.name.clone()));
        distinct(
            variants,
            &format!("what the subscription `{}` hears", subscription.name.value),
            report,
        );
    }
}

/// The functions that every role's client has.
const OF_EVERY_CLIENT: [&str; 4] = ["new", "connect", "inbox_prefix", "connection"];

/// The methods that a role's client gets.
fn methods<'c>(role: &'c Role, contract: &'c Contract) -> impl Iterator<Item = (String, Spanned<String>)> {
    let takes_part = |roles: &[Spanned<String>]| roles.iter().any(|name| name.value == role.name.value);
    let subjects = contract
        .subjects
        .values()
        .filter(move |subject| takes_part(subject.senders()) || takes_part(subject.receivers()))
        .map(|subject| (subject.leaf.clone(), subject.name.clone()));
    let subscriptions = contract
        .subscriptions
        .values()
        .filter(move |subscription| takes_part(&subscription.subscribe))
        .map(|subscription| (subscription.name.value.clone(), subscription.name.clone()));
    let consumers = contract
        .streams
        .values()
        .flat_map(|stream| stream.consumers.values())
        .filter(move |consumer| takes_part(&consumer.consume))
        .map(|consumer| snake(&consumer.name));
    let publications = contract
        .publications
        .values()
        .filter(move |publication| takes_part(&publication.publish))
        .map(|publication| (publication.name.value.clone(), publication.name.clone()));
    let dead_letters = contract
        .streams
        .values()
        .filter(move |stream| takes_part(&stream.replay))
        .map(|stream| snake(&stream.name));
    let services = contract
        .services
        .values()
        .filter(move |service| takes_part(&service.provide));
    let services = services.map(|service| (format!("provide_{}", service.name.value), service.name.clone()));
    let stores = contract
        .stores()
        .filter(move |store| takes_part(&store.read) || takes_part(&store.write))
        .map(|store| snake(&store.name));
    let presence = contract
        .presence
        .values()
        .filter(move |presence| presence.concerns(contract, role))
        .map(|presence| snake(&presence.name));
    subjects
        .chain(presence)
        .chain(subscriptions)
        .chain(consumers)
        .chain(publications)
        .chain(dead_letters)
        .chain(services)
        .chain(stores)
}

fn camel(name: &Spanned<String>) -> (String, Spanned<String>) {
    (casing::pascal(name), name.clone())
}

fn snake(name: &Spanned<String>) -> (String, Spanned<String>) {
    (casing::snake(name), name.clone())
}

/// Reports every name that becomes the same as an earlier one.
fn distinct(names: impl Iterator<Item = (String, Spanned<String>)>, among: &str, report: &mut Report) {
    let mut first: HashMap<String, (String, Span)> = HashMap::new();
    for (generated, name) in names {
        let Some((other, span)) = first.get(&generated) else {
            first.insert(generated, (name.value, name.span));
            continue;
        };
        let message = format!("`{}` and `{other}` both become `{generated}` among {among}", name.value);
        let diagnostic = Diagnostic::new(&rules::CLASH, name.span, message, "the second one")
            .with_label(*span, "the first one")
            .with_help("rename one of the two");
        report.push(diagnostic);
    }
}
