//! The methods of roles that publish on several subjects at once.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::names::field_ident;
use super::paths::{is_copied, payload_path};
use super::print::{doc, ident, sentence};
use super::scope::{asked_tokens, own_fields, scope};
use super::tokens;
use crate::contract::{Contract, Publication, Role, Subject};

/// The methods of a role's client; adds the tokens that they name to `used`.
pub(super) fn methods<'c>(contract: &'c Contract, role: &'c Role, used: &mut Vec<&'c str>) -> Vec<TokenStream> {
    published(contract, role)
        .map(|publication| method(contract, role, publication, used))
        .collect()
}

/// Whether a role has any publication.
pub(super) fn publishes(contract: &Contract, role: &Role) -> bool {
    published(contract, role).next().is_some()
}

fn published<'c>(contract: &'c Contract, role: &'c Role) -> impl Iterator<Item = &'c Publication> {
    let publications = contract.publications.values();
    publications.filter(|publication| publication.publish.iter().any(|name| name.value == role.name.value))
}

fn method<'c>(
    contract: &'c Contract,
    role: &'c Role,
    publication: &'c Publication,
    used: &mut Vec<&'c str>,
) -> TokenStream {
    let subjects: Vec<&Subject> = publication
        .subjects
        .iter()
        .filter_map(|name| contract.subjects.get(&name.value))
        .collect();
    let mut asked: Vec<&str> = Vec::new();
    let mut targets: Vec<TokenStream> = Vec::new();
    for subject in &subjects {
        let own = own_fields(contract, role, subject, subject.sender.as_ref());
        let tokens = asked_tokens(subject, &own);
        targets.push(scope(contract, subject, &own, &tokens));
        asked.extend(tokens);
    }
    asked.sort_unstable();
    asked.dedup();
    used.extend(&asked);
    let parameters = asked.iter().map(|token| {
        let (name, ty) = (field_ident(token), tokens::type_ident(token));
        if is_copied(contract, token) {
            quote! { #name: #ty }
        } else {
            quote! { #name: &#ty }
        }
    });
    let templates: Vec<String> = subjects
        .iter()
        .map(|subject| format!("`{}`", subject.template.text.value))
        .collect();
    let mut lines = vec![format!("Publishes on {} at once.", templates.join(" and "))];
    if let Some(summary) = &publication.summary {
        lines.extend([String::new(), sentence(summary)]);
    }
    let about = doc(&lines);
    let name: Ident = ident(&publication.name);
    // A sound contract has subjects in it.
    let carried = subjects.first().map(|subject| subject.payload());
    let payload = publication
        .payload
        .as_ref()
        .or(carried)
        .map(|payload| payload_path(payload));
    quote! {
        #about
        #[must_use]
        pub fn #name(&self, #(#parameters),*) -> PublicationEndpoint<crate::#payload> {
            PublicationEndpoint::new(&self.connection) #( .to(#targets) )*
        }
    }
}
