//! Which tokens of a subject a role fills in itself, and with what.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::names::field_ident;
use super::paths::{is_copied, type_path};
use crate::contract::{Answers, Contract, Role, Subject};
use crate::source::Spanned;

/// The filter over what of a subject the role receives.
pub(super) fn receiving_scope(contract: &Contract, role: &Role, subject: &Subject) -> TokenStream {
    let path = type_path(subject);
    let own = own_fields(contract, role, subject, subject.receiver.as_ref());
    let setters = own.iter().map(|(token, value)| {
        let (field, value) = (field_ident(token), own_value(contract, token, value));
        quote! { .#field(#value) }
    });
    quote! { #path::filter() #(#setters)* }
}

/// Where a role hears the replies to what it asks, if that is a declared subject.
pub(super) fn hearing_scope(contract: &Contract, role: &Role, subject: &Subject) -> Option<TokenStream> {
    let Some(Answers::On(reply_on)) = subject.answers() else {
        return None;
    };
    let event = contract.subjects.get(&reply_on.subject.value)?;
    Some(receiving_scope(contract, role, event))
}

/// The tokens that a sender has to be asked for: those that are neither its own nor said by the payload.
pub(super) fn asked_tokens<'c>(subject: &'c Subject, own: &[(&str, Ident)]) -> Vec<&'c str> {
    let tokens = subject.template.tokens();
    tokens
        .filter(|token| !subject.fills(token))
        .filter(|token| !own.iter().any(|(own, _)| own == token))
        .collect()
}

/// The filter over a subject that names the role's own tokens, and those that the caller is asked for.
pub(super) fn scope(contract: &Contract, subject: &Subject, own: &[(&str, Ident)], asked: &[&str]) -> TokenStream {
    let path = type_path(subject);
    let setters = subject.template.tokens().filter_map(|token| {
        let field = field_ident(token);
        if let Some((_, value)) = own.iter().find(|(own, _)| *own == token) {
            let value = own_value(contract, token, value);
            Some(quote! { .#field(#value) })
        } else if asked.contains(&token) && is_copied(contract, token) {
            Some(quote! { .#field(#field) })
        } else if asked.contains(&token) {
            Some(quote! { .#field(#field.clone()) })
        } else {
            None
        }
    });
    quote! { #path::filter() #(#setters)* }
}

/// The value of a token that a field of the client holds.
pub(super) fn own_value(contract: &Contract, token: &str, field: &Ident) -> TokenStream {
    if is_copied(contract, token) {
        quote! { self.#field }
    } else {
        quote! { self.#field.clone() }
    }
}

/// The tokens of a subject that are the role's own on one side, each with the client's field that holds it.
pub(super) fn own_fields<'c>(
    contract: &'c Contract,
    role: &'c Role,
    subject: &'c Subject,
    party: Option<&Spanned<String>>,
) -> Vec<(&'c str, Ident)> {
    let own = contract.own_tokens(role, subject, party).into_iter();
    own.map(|(token, own)| (token, field_ident(own))).collect()
}
