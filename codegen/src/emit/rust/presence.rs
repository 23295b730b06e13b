//! `src/presence.rs`: heartbeats as types; and the methods of roles that send or watch them.

use indexmap::IndexMap;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::names::{field_ident, type_ident};
use super::paths::{is_copied, token_text, type_path};
use super::print::{self, doc, file, ident, sentence};
use super::tokens;
use crate::casing;
use crate::contract::payload::LeafKind;
use crate::contract::{Contract, Notice, Presence, Role, Subject};
use crate::emit::tree::{EmitError, Tree};
use crate::source::Spanned;

const PATH: &str = "src/presence.rs";

pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    if contract.presence.is_empty() {
        return Ok(());
    }
    let all = || contract.presence.values();
    let types = all().filter_map(|presence| self::presence(contract, presence, presence.subject(contract)?));
    let types: Vec<TokenStream> = types.collect();
    let reads = all().any(|presence| presence.notices().next().is_some());
    let reads = reads.then(|| quote! { use natsmith_runtime::payload::TokenValue as _; });
    // All else is named in full: a presence may be called as any of it is.
    let items = quote! {
        use std::time::Duration;
        #reads
        use natsmith_runtime::presence as runtime;
        use crate::{subjects, tokens};
        #(#types)*
    };
    let about = ["Who is there, told by heartbeats.".to_owned()];
    tree.add(PATH, file(contract, PATH, &about, items)?)
}

fn presence_ident(presence: &Presence) -> Ident {
    type_ident(&presence.name)
}

fn presence(contract: &Contract, presence: &Presence, subject: &Subject) -> Option<TokenStream> {
    let token = presence.party_token(contract)?;
    let (ty, heartbeat) = (presence_ident(presence), type_path(subject));
    let party = tokens::type_ident(token);
    let party = quote! { tokens::#party };
    let (interval, jitter) = (
        print::duration(presence.interval.value),
        print::duration(presence.jitter.value),
    );
    let (name, missed) = (presence.name.as_str(), print::number(presence.missed.value));
    let mut by_subject: IndexMap<&str, Vec<(&str, &Notice)>> = IndexMap::new();
    for (sign, notice) in presence.notices() {
        by_subject.entry(&notice.subject).or_default().push((sign, notice));
    }
    let notices: Vec<TokenStream> = by_subject
        .iter()
        .filter_map(|(subject, notices)| heard_on(contract, token, subject, notices))
        .collect();
    let party_of = party_of(contract, token);
    let notices = (!notices.is_empty()).then(|| {
        quote! { const NOTICES: &'static [runtime::Notice<#party>] = &[#(#notices),*]; }
    });
    let sequence = presence.sequence.as_ref().and_then(|pointer| {
        let leaf = contract.payloads.lookup(subject.payload(), pointer).ok()?;
        let steps = leaf.steps.iter().map(|step| field_ident(step));
        Some(quote! {
            fn sequence(heartbeat: &runtime::HeartbeatOf<Self>) -> Option<u64> {
                Some(heartbeat #( .#steps )*)
            }
        })
    });
    let summary = presence.summary.as_deref().map_or_else(
        || format!("Who sends heartbeats on `{}`.", subject.template.text.value),
        sentence,
    );
    let about = doc(&[
        summary,
        String::new(),
        format!(
            "A heartbeat on `{}` comes every {:?}, {:?} more or less; who misses {} is offline.",
            subject.template.text.value, presence.interval.value, presence.jitter.value, presence.missed.value
        ),
    ]);
    Some(quote! {
        #about
        #[derive(Clone, Copy, Debug)]
        pub enum #ty {}

        impl runtime::Presence for #ty {
            type Heartbeat = #heartbeat;
            type Party = #party;
            const NAME: &'static str = #name;
            const TIMING: runtime::Timing = runtime::Timing {
                interval: #interval,
                jitter: #jitter,
                missed: #missed,
            };
            #notices

            fn party(subject: &Self::Heartbeat) -> #party {
                #party_of
            }

            #sequence
        }
    })
}

/// How the notices on one subject are read.
fn heard_on(contract: &Contract, token: &str, name: &str, notices: &[(&str, &Notice)]) -> Option<TokenStream> {
    let subject = contract.subjects.get(name)?;
    let path = type_path(subject);
    let mut found = quote! { None };
    let [mut reads_subject, mut reads_payload] = [false, false];
    for (sign, notice) in notices.iter().rev() {
        let sign = ident(sign);
        let party = if let Some(pointer) = &notice.party {
            reads_payload = true;
            let text = token_text(contract, subject.payload(), pointer);
            quote! { #text.parse().ok().map(runtime::Sign::#sign) }
        } else {
            reads_subject = true;
            let party = party_of(contract, token);
            quote! { Some(runtime::Sign::#sign(#party)) }
        };
        let said: Vec<TokenStream> = notice
            .when
            .iter()
            .filter(|(pointer, _)| !is_constant(contract, subject, pointer))
            .map(|(pointer, text)| {
                reads_payload = true;
                let (field, text) = (token_text(contract, subject.payload(), pointer), text.as_str());
                quote! { #field == #text }
            })
            .collect();
        found = if said.is_empty() {
            party
        } else if matches!(found.to_string().as_str(), "None") {
            quote! { if #(#said)&&* { #party } else { None } }
        } else if found.to_string().starts_with("if ") {
            quote! { if #(#said)&&* { #party } else #found }
        } else {
            quote! { if #(#said)&&* { #party } else { #found } }
        };
    }
    let subject_name = ident(if reads_subject { "subject" } else { "_subject" });
    let payload_name = ident(if reads_payload { "payload" } else { "_payload" });
    Some(quote! {
        runtime::Notice {
            filter: <#path as natsmith_runtime::TypedSubject>::WILDCARD,
            read: |raw| runtime::notice::<#path, _>(raw, |#subject_name, #payload_name| #found),
        }
    })
}

/// Whether a field says the same in every valid message.
fn is_constant(contract: &Contract, subject: &Subject, pointer: &str) -> bool {
    let leaf = contract.payloads.lookup(subject.payload(), pointer);
    leaf.is_ok_and(|leaf| matches!(leaf.kind, LeafKind::Constant(_)))
}

/// The token of a subject that names a party.
fn party_of(contract: &Contract, token: &str) -> TokenStream {
    let field = field_ident(token);
    if is_copied(contract, token) {
        quote! { subject.#field }
    } else {
        quote! { subject.#field.clone() }
    }
}

/// The methods of a role's client for the heartbeats that it sends or watches.
pub(super) fn methods(contract: &Contract, role: &Role) -> Vec<TokenStream> {
    let concerned = contract
        .presence
        .values()
        .filter(|presence| presence.concerns(contract, role));
    let methods = concerned.filter_map(|presence| method(role, presence, presence.subject(contract)?));
    methods.collect()
}

fn method(role: &Role, presence: &Presence, subject: &Subject) -> Option<TokenStream> {
    let named = |roles: &[Spanned<String>]| roles.iter().any(|name| name.value == role.name.value);
    let (access, does) = match (named(subject.senders()), named(subject.receivers())) {
        (true, true) => ("PublishSubscribe", "Shows that it is there, and watches who else is"),
        (true, false) => ("Publish", "Shows that it is there"),
        (false, true) => ("Subscribe", "Watches who is there"),
        (false, false) => return None,
    };
    let (method, leaf) = (ident(&casing::snake(&presence.name)), ident(&subject.leaf));
    let (ty, access) = (presence_ident(presence), ident(access));
    let mut lines = vec![format!(
        "{does}, by the heartbeats on `{}`.",
        subject.template.text.value
    )];
    if let Some(summary) = &presence.summary {
        lines.extend([String::new(), sentence(summary)]);
    }
    let about = doc(&lines);
    Some(quote! {
        #about
        #[must_use]
        pub fn #method(&self) -> PresenceEndpoint<presence::#ty, access::#access> {
            PresenceEndpoint::new(self.#leaf())
        }
    })
}

/// Whether a role has any such method.
pub(super) fn concerns(contract: &Contract, role: &Role) -> bool {
    contract
        .presence
        .values()
        .any(|presence| presence.concerns(contract, role))
}
