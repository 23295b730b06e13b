//! Puts the files of a contract together. What only one of them may say is said once.

use std::collections::HashMap;

use crate::diagnostics::{Diagnostic, Report};
use crate::rules::syntax as rules;
use crate::source::{Span, Spanned};
use crate::syntax::{
    BucketDecl, CheckDecl, ConnectionDecl, DeclarationFile, DocsDecl, LimitsDecl, Named, ObjectStoreDecl, PresenceDecl,
    ProfileDecl, PublicationDecl, RoleDecl, RustDecl, ServerDecl, ServiceDecl, StreamDecl, SubjectDecl,
    SubscribingDecl, SubscriptionDecl, TokenDecl,
};

/// What is said once a contract.
#[derive(Default)]
pub(super) struct Header {
    pub natsmith: Option<Spanned<u64>>,
    pub contract: Option<Spanned<String>>,
    pub version: Option<Spanned<String>>,
    pub title: Option<Spanned<String>>,
    pub description: Option<Spanned<String>>,
    pub nats: Option<Spanned<String>>,
    pub account: Option<Spanned<String>>,
    pub rust: Option<Spanned<RustDecl>>,
    pub docs: Option<Spanned<DocsDecl>>,
    pub connection: Option<Spanned<ConnectionDecl>>,
    pub subscribing: Option<Spanned<SubscribingDecl>>,
    pub limits: Option<Spanned<LimitsDecl>>,
    /// What it says is read where findings are weighed; here it is held against being said twice.
    check: Option<Spanned<CheckDecl>>,
    /// The keys whose values were faulty, of the header and of everything else: nobody should be told that they are
    /// missing.
    pub faulty: Vec<&'static str>,
}

/// All declarations of a contract.
#[derive(Default)]
pub(super) struct Merged {
    pub header: Header,
    pub servers: Named<ServerDecl>,
    pub changes: Named<Spanned<String>>,
    pub roles: Named<RoleDecl>,
    pub profiles: Named<ProfileDecl>,
    pub tokens: Named<TokenDecl>,
    pub subjects: Named<SubjectDecl>,
    pub subscriptions: Named<SubscriptionDecl>,
    pub publications: Named<PublicationDecl>,
    pub services: Named<ServiceDecl>,
    pub presence: Named<PresenceDecl>,
    pub streams: Named<StreamDecl>,
    pub kv: Named<BucketDecl>,
    pub object_stores: Named<ObjectStoreDecl>,
}

pub(super) fn merge(files: Vec<DeclarationFile>, report: &mut Report) -> Merged {
    let mut merged = Merged::default();
    for file in files {
        let header = &mut merged.header;
        once(&mut header.natsmith, file.natsmith, "natsmith", report);
        once(&mut header.contract, file.contract, "contract", report);
        once(&mut header.version, file.version, "version", report);
        once(&mut header.title, file.title, "title", report);
        once(&mut header.description, file.description, "description", report);
        once(&mut header.nats, file.nats, "nats", report);
        once(&mut header.account, file.account, "account", report);
        once(&mut header.rust, file.rust, "rust", report);
        once(&mut header.docs, file.docs, "docs", report);
        once(&mut header.connection, file.connection, "connection", report);
        once(&mut header.subscribing, file.subscribing, "subscribing", report);
        once(&mut header.limits, file.limits, "limits", report);
        once(&mut header.check, file.check, "check", report);
        header.faulty.extend(file.faulty);
        collect(&mut merged.servers, file.servers);
        collect(&mut merged.changes, file.changes);
        collect(&mut merged.roles, file.roles);
        collect(&mut merged.profiles, file.profiles);
        collect(&mut merged.tokens, file.tokens);
        collect(&mut merged.subjects, file.subjects);
        collect(&mut merged.subscriptions, file.subscriptions);
        collect(&mut merged.publications, file.publications);
        collect(&mut merged.services, file.services);
        collect(&mut merged.presence, file.presence);
        collect(&mut merged.streams, file.streams);
        collect(&mut merged.kv, file.kv);
        collect(&mut merged.object_stores, file.object_stores);
    }
    distinct(&mut merged.servers, report);
    distinct(&mut merged.changes, report);
    distinct(&mut merged.roles, report);
    distinct(&mut merged.profiles, report);
    distinct(&mut merged.tokens, report);
    distinct(&mut merged.subjects, report);
    distinct(&mut merged.subscriptions, report);
    distinct(&mut merged.publications, report);
    distinct(&mut merged.services, report);
    distinct(&mut merged.presence, report);
    distinct(&mut merged.streams, report);
    distinct(&mut merged.kv, report);
    distinct(&mut merged.object_stores, report);
    merged
}

fn once<T>(slot: &mut Option<Spanned<T>>, found: Option<Spanned<T>>, key: &str, report: &mut Report) {
    let Some(found) = found else { return };
    if let Some(first) = slot {
        report.push(twice(key, found.span, first.span));
    } else {
        *slot = Some(found);
    }
}

fn collect<T>(all: &mut Named<T>, found: Named<T>) {
    all.sound.extend(found.sound);
    all.faulty.extend(found.faulty);
}

/// Keeps the first declaration of each name and reports the others.
fn distinct<T>(all: &mut Named<T>, report: &mut Report) {
    let mut first: HashMap<String, Span> = HashMap::new();
    all.sound.retain(|(name, _)| {
        let earlier = first.get(&name.value).copied();
        match earlier {
            Some(earlier) => report.push(twice(name, name.span, earlier)),
            None => _ = first.insert(name.value.clone(), name.span),
        }
        earlier.is_none()
    });
}

fn twice(name: &str, second: Span, first: Span) -> Diagnostic {
    let message = format!("`{name}` is declared twice in this contract");
    Diagnostic::new(&rules::DECLARED_TWICE, second, message, "the second one")
        .with_label(first, "the first one")
        .with_help("remove or rename one of the two")
}
