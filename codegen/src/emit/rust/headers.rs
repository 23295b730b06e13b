//! Typed headers of a subject.

use proc_macro2::TokenStream;
use quote::quote;

use super::paths::{payload_path, type_ident};
use crate::contract::payload::HeaderKind;
use crate::contract::{Contract, Subject};

/// The headers that a subject's messages carry, as a table of their names.
pub(super) fn headed(contract: &Contract, subject: &Subject) -> Option<TokenStream> {
    let payload = subject.headers.as_ref()?;
    let (ty, path) = (type_ident(subject), payload_path(payload));
    let headers = contract.payloads.headers(payload).unwrap_or_default();
    let fields = headers.iter().map(|header| {
        let (name, is_text) = (header.name, header.kind == Ok(HeaderKind::Text));
        quote! { HeaderField { name: #name, is_text: #is_text } }
    });
    Some(quote! {
        impl headed::HeadedSubject for #ty {
            type Headers = #path;
            const HEADERS: &'static [HeaderField] = &[#(#fields),*];
        }
    })
}

/// What [`headed`] and [`check`] need of the runtime.
pub(super) fn imports(subjects: &[&Subject]) -> Option<TokenStream> {
    let any = subjects.iter().any(|subject| subject.headers.is_some());
    any.then(|| {
        quote! {
            use natsmith_runtime::PayloadError;
            use natsmith_runtime::async_nats::HeaderMap;
            use natsmith_runtime::headed::{self, HeaderField};
        }
    })
}

/// The part of `TypedSubject` by which a message's headers are checked.
pub(super) fn check(subject: &Subject) -> Option<TokenStream> {
    subject.headers.as_ref()?;
    Some(quote! {
        fn check_headers(headers: Option<&HeaderMap>) -> Result<(), PayloadError> {
            headed::check::<Self>(headers)
        }
    })
}
