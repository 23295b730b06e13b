//! How generated code calls what the contract declares: the types of subjects, payloads and tokens, and the fields of payloads.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::names::field_ident;
use super::print::ident;
use super::tokens;
use crate::casing;
use crate::contract::payload::{Leaf, LeafKind};
use crate::contract::{Contract, Subject};

/// The name of a subject's type in its module.
pub(super) fn type_ident(subject: &Subject) -> Ident {
    format_ident!("{}Subject", casing::pascal(&subject.leaf))
}

/// The name of a subject's filter in its module.
pub(super) fn filter_ident(subject: &Subject) -> Ident {
    format_ident!("{}Filter", casing::pascal(&subject.leaf))
}

/// The path of a subject's type, below `crate`.
pub(super) fn type_path(subject: &Subject) -> TokenStream {
    let (module, ty) = (ident(&subject.module), type_ident(subject));
    quote! { subjects::#module::#ty }
}

/// The path of a subject's filter, below `crate`.
pub(super) fn filter_path(subject: &Subject) -> TokenStream {
    let (module, ty) = (ident(&subject.module), filter_ident(subject));
    quote! { subjects::#module::#ty }
}

/// The path of a payload's type, below `crate`.
pub(super) fn payload_path(name: &str) -> TokenStream {
    let ty = ident(name);
    quote! { payloads::#ty }
}

/// The types of some tokens, for importing them.
pub(super) fn token_types(contract: &Contract, used: &[&str]) -> Vec<Ident> {
    let tokens = contract.tokens.keys().filter(|name| used.contains(&name.as_str()));
    let mut types: Vec<Ident> = tokens.map(|name| tokens::type_ident(name)).collect();
    types.sort();
    types
}

/// Whether a token is an enum, which is copied and not cloned.
pub(super) fn is_copied(contract: &Contract, token: &str) -> bool {
    contract.tokens.get(token).is_some_and(|token| token.members.is_some())
}

/// The text of a payload's field behind a pointer; the payload is called `payload`.
pub(super) fn token_text(contract: &Contract, payload: &str, pointer: &str) -> TokenStream {
    match contract.payloads.lookup(payload, pointer) {
        Ok(Leaf {
            kind: LeafKind::Constant(text),
            ..
        }) => quote! { std::borrow::Cow::Borrowed(#text) },
        Ok(leaf) => {
            let steps = leaf.steps.iter().map(|step| field_ident(step));
            quote! { payload #( .#steps )*.token_text() }
        }
        // The bindings of a sound contract lead to fields.
        Err(_) => quote! { compile_error!("no such field") },
    }
}
