//! `src/services.rs`: what services say of themselves; and the methods of roles that provide them.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::paths::{payload_path, type_path};
use super::print::{doc, file, ident, sentence};
use super::scope::receiving_scope;
use crate::casing;
use crate::contract::{Contract, Pattern, Role, Service, Subject};
use crate::emit::tree::{EmitError, Tree};

const PATH: &str = "src/services.rs";

pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    if contract.services.is_empty() {
        return Ok(());
    }
    let services = contract.services.values().map(|service| {
        let constant = constant_ident(service);
        let (name, version) = (&service.service, &service.version);
        let description = service.description.as_deref().map(str::trim).unwrap_or_default();
        let metadata = service.metadata.iter().map(|(key, value)| quote! { (#key, #value) });
        let about = doc(&[format!("The service `{name}`."), String::new(), sentence(description)]);
        quote! {
            #about
            pub const #constant: ServiceDescription = ServiceDescription {
                name: #name,
                version: #version,
                description: #description,
                metadata: &[#(#metadata),*],
            };
        }
    });
    let items = quote! {
        use natsmith_runtime::service::ServiceDescription;
        #(#services)*
    };
    let about = ["The services that can be found with `$SRV.INFO` (ADR-32).".to_owned()];
    tree.add(PATH, file(contract, PATH, &about, items)?)
}

fn constant_ident(service: &Service) -> Ident {
    ident(&casing::screaming(&service.name))
}

/// The methods of a role's client for the services that it provides.
pub(super) fn methods(contract: &Contract, role: &Role) -> Vec<TokenStream> {
    provided(contract, role)
        .map(|service| method(contract, role, service))
        .collect()
}

/// Whether a role provides any service.
pub(super) fn provides(contract: &Contract, role: &Role) -> bool {
    provided(contract, role).next().is_some()
}

fn provided<'c>(contract: &'c Contract, role: &'c Role) -> impl Iterator<Item = &'c Service> {
    let services = contract.services.values();
    services.filter(|service| service.provide.iter().any(|name| name.value == role.name.value))
}

fn method(contract: &Contract, role: &Role, service: &Service) -> TokenStream {
    let subjects: Vec<&Subject> = service
        .endpoints
        .iter()
        .filter_map(|endpoint| contract.subjects.get(&endpoint.value))
        .collect();
    let handlers: Vec<Ident> = subjects.iter().map(|subject| ident(&subject.leaf)).collect();
    let handler_types: Vec<Ident> = subjects
        .iter()
        .map(|subject| ident(&casing::pascal(&subject.leaf)))
        .collect();
    let reply_types: Vec<Ident> = handler_types.iter().map(|ty| format_ident!("{ty}Reply")).collect();
    let paths: Vec<TokenStream> = subjects.iter().map(|subject| type_path(subject)).collect();
    let replies = subjects.iter().map(|subject| match &subject.pattern {
        Pattern::Request { reply, .. } => payload_path(reply),
        // What is an event was reported, and is not generated from.
        Pattern::Event { payload, .. } => payload_path(payload),
    });
    let names = subjects.iter().map(|subject| &subject.leaf);
    let scopes = subjects.iter().map(|subject| receiving_scope(contract, role, subject));
    let (method, constant) = (format_ident!("provide_{}", service.name.value), constant_ident(service));
    let mut lines = vec![format!(
        "Provides the service `{}`, with a handler for each of its endpoints.",
        service.service
    )];
    if let Some(description) = &service.description {
        lines.extend([String::new(), sentence(description)]);
    }
    lines.extend(
        [
            "",
            "What a handler gets and gives, and what becomes of an invalid request, is as of [`Endpoint::serve`].",
            "",
            "# Errors",
            "",
            "The connection is closed.",
        ]
        .map(str::to_owned),
    );
    let about = doc(&lines);
    quote! {
        #about
        pub async fn #method<#(#handler_types, #reply_types),*>(
            &self,
            #(#handlers: #handler_types),*
        ) -> Result<Providing, SubscribeError>
        where
            #(
                #handler_types: Fn(Message<#paths>) -> #reply_types + Send + Sync + 'static,
                #reply_types: Future<Output = Result<#replies, ServiceError>> + Send + 'static,
            )*
        {
            let provider = Provider::start(&self.connection, &services::#constant)
                .await?
                #( .endpoint(#names, #scopes, #handlers).await? )*;
            Ok(provider.finish())
        }
    }
}
