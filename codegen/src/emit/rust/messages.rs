//! Several messages on one subject: an enum with a variant for each, and one for what is none of them.

use indexmap::IndexMap;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::names::{field_ident, variant_ident};
use super::paths;
use super::print::{doc, ident};
use crate::casing;
use crate::contract::payload::LeafKind;
use crate::contract::{Contract, Discriminator, Messages, Subject};

/// The name of the enum in the subject's module.
pub(super) fn type_ident(subject: &Subject) -> Ident {
    format_ident!("{}Message", casing::pascal(&subject.leaf))
}

/// The variant of a kind.
fn variant(kind: &str) -> Ident {
    variant_ident(kind)
}

/// The variants of each payload: one can stand for several kinds, and those are handled alike.
fn by_payload(messages: &Messages) -> IndexMap<&str, Vec<Ident>> {
    let mut variants: IndexMap<&str, Vec<Ident>> = IndexMap::new();
    for (kind, payload) in &messages.of {
        variants.entry(payload.as_str()).or_default().push(variant(kind));
    }
    variants
}

/// The path of what a subject carries.
pub(super) fn payload(subject: &Subject) -> TokenStream {
    if subject.messages.is_some() {
        let ty = type_ident(subject);
        quote! { #ty }
    } else {
        paths::payload_path(subject.payload())
    }
}

/// The text of the field behind a pointer in what a subject carries, which is called `payload`.
pub(super) fn token_text(contract: &Contract, subject: &Subject, pointer: &str) -> TokenStream {
    let Some(messages) = &subject.messages else {
        return paths::token_text(contract, subject.payload(), pointer);
    };
    let ty = type_ident(subject);
    let arms = by_payload(messages).into_iter().map(|(payload, variants)| {
        let text = paths::token_text(contract, payload, pointer);
        let name = if is_constant(contract, payload, pointer) {
            quote! { _ }
        } else {
            quote! { payload }
        };
        quote! { #( #ty::#variants(#name) )|* => #text, }
    });
    quote! {
        match payload {
            #(#arms)*
            #ty::Unknown(_) => std::borrow::Cow::Borrowed(""),
        }
    }
}

fn is_constant(contract: &Contract, payload: &str, pointer: &str) -> bool {
    let leaf = contract.payloads.lookup(payload, pointer);
    leaf.is_ok_and(|leaf| matches!(leaf.kind, LeafKind::Constant(_)))
}

/// Whether a token is bound to a field that is not the same in every message of its kind.
pub(super) fn reads_payload(contract: &Contract, subject: &Subject) -> bool {
    let mut pointers = subject
        .bind
        .values()
        .map(|binding| &binding.pointer)
        .chain(&subject.message_id);
    pointers.any(|pointer| {
        let payloads = subject.payloads();
        payloads
            .into_iter()
            .any(|payload| !is_constant(contract, payload, pointer))
    })
}

/// Nothing is known of what an unknown message says.
pub(super) fn agree_with_unknown(subject: &Subject) -> Option<TokenStream> {
    subject.messages.as_ref()?;
    let ty = type_ident(subject);
    Some(quote! {
        if let #ty::Unknown(_) = payload {
            return Ok(());
        }
    })
}

/// How a message's kind is found and told, where it does not stand in the document.
pub(super) fn read(subject: &Subject) -> Option<TokenStream> {
    let messages = subject.messages.as_ref()?;
    let ty = type_ident(subject);
    let (headers, kind) = match &messages.by {
        Discriminator::Field(_) => return None,
        Discriminator::Header(name) => {
            let name = name.as_str();
            let kind = quote! { headers.and_then(|headers| headers.get(#name)).map(natsmith_runtime::async_nats::HeaderValue::as_str) };
            (ident("headers"), kind)
        }
        Discriminator::Token(name) => {
            let field = field_ident(name);
            (ident("_headers"), quote! { Some(self.#field.as_str()) })
        }
    };
    let header = match &messages.by {
        Discriminator::Header(name) => {
            let name = name.as_str();
            Some(quote! {
                fn kind_header(payload: &Self::Payload) -> Option<(&'static str, &str)> {
                    Some((#name, payload.kind()?))
                }
            })
        }
        Discriminator::Field(_) | Discriminator::Token(_) => None,
    };
    Some(quote! {
        fn read(
            &self,
            #headers: Option<&natsmith_runtime::async_nats::HeaderMap>,
            document: &[u8],
        ) -> Result<Self::Payload, natsmith_runtime::PayloadError> {
            #ty::of_kind(#kind, document)
        }

        #header
    })
}

/// The enum, for a subject that carries several messages.
pub(super) fn emit(subject: &Subject) -> Option<TokenStream> {
    let messages = subject.messages.as_ref()?;
    let ty = type_ident(subject);
    let template = subject.template.text.as_str();
    let (by, kind_in_document) = told_by(messages);
    let about = doc(&[
        format!("A message on `{template}`: {by} says which."),
        String::new(),
        "One that the contract does not name is received as `Unknown`, and cannot be sent.".to_owned(),
    ]);
    let kinds: Vec<&str> = messages.of.iter().map(|(kind, _)| kind.as_str()).collect();
    let variants: Vec<Ident> = kinds.iter().map(|kind| variant(kind)).collect();
    let payloads: Vec<TokenStream> = messages
        .of
        .iter()
        .map(|(_, payload)| paths::payload_path(payload))
        .collect();
    let alike: Vec<TokenStream> = by_payload(messages)
        .values()
        .map(|variants| quote! { #( Self::#variants(payload) )|* })
        .collect();
    let docs = kinds.iter().map(|kind| doc(&[format!("`{kind}`")]));
    let conversions = conversions(&ty, messages);
    let name = ty.to_string();
    let decode = match kind_in_document {
        // Without what tells them apart, a document is of no known kind.
        None => quote! {
            fn decode(document: &[u8]) -> Result<Self, natsmith_runtime::PayloadError> {
                Self::of_kind(None, document)
            }
        },
        Some(kind) => quote! {
            fn decode(document: &[u8]) -> Result<Self, natsmith_runtime::PayloadError> {
                let kind = #kind?;
                Self::of_kind(kind.as_deref(), document)
            }

            natsmith_runtime::all_errors_by_kind! {
                |document| match #kind.as_ref().map(Option::as_deref) {
                    #( Ok(Some(#kinds)) => <#payloads as natsmith_runtime::Payload>::decode_all_errors(document), )*
                    Ok(_) => Vec::new(),
                    Err(error) => vec![error.clone()],
                }
            }
        },
    };
    Some(quote! {
        #about
        #[derive(Clone, Debug, PartialEq)]
        pub enum #ty {
            #( #docs #variants(Box<#payloads>), )*
            /// Another message.
            Unknown(natsmith_runtime::UnknownMessage),
        }

        impl #ty {
            /// Every kind that the contract names.
            pub const KINDS: &'static [&'static str] = &[#(#kinds),*];

            /// Which message it is; for an unknown one what it says itself, if anything.
            #[must_use]
            pub fn kind(&self) -> Option<&str> {
                match self {
                    #( Self::#variants(_) => Some(#kinds), )*
                    Self::Unknown(unknown) => unknown.kind.as_deref(),
                }
            }

            /// Reads the document of a message whose kind is known from elsewhere.
            ///
            /// # Errors
            ///
            /// What the schema of that kind refuses.
            pub fn of_kind(kind: Option<&str>, document: &[u8]) -> Result<Self, natsmith_runtime::PayloadError> {
                match kind {
                    #( Some(#kinds) => {
                        let payload = natsmith_runtime::Payload::decode(document)?;
                        Ok(Self::#variants(Box::new(payload)))
                    } )*
                    kind => Ok(Self::Unknown(natsmith_runtime::UnknownMessage::new(kind, document))),
                }
            }
        }

        impl natsmith_runtime::Payload for #ty {
            const NAME: &'static str = #name;
            /// Any document can be one of an unknown kind.
            const SCHEMA: &'static str = "true";

            #decode

            fn validate(&self) -> Result<(), natsmith_runtime::PayloadError> {
                match self {
                    #( #alike => payload.validate(), )*
                    Self::Unknown(unknown) => Err(unknown.refused(Self::KINDS)),
                }
            }

            fn encode(&self, out: &mut natsmith_runtime::bytes::BytesMut) {
                match self {
                    #( #alike => payload.encode(out), )*
                    Self::Unknown(unknown) => out.extend_from_slice(&unknown.document),
                }
            }
        }

        #(#conversions)*
    })
}

/// From each payload to its message; one that stands for two kinds does not say which.
fn conversions(ty: &Ident, messages: &Messages) -> Vec<TokenStream> {
    let of = messages.of.iter();
    let once = of.filter(|(_, payload)| {
        messages
            .of
            .iter()
            .filter(|(_, other)| other.value == payload.value)
            .count()
            == 1
    });
    let conversions = once.map(|(kind, payload)| {
        let (variant, path) = (variant(kind), paths::payload_path(payload));
        quote! {
            impl From<#path> for #ty {
                fn from(payload: #path) -> Self {
                    Self::#variant(Box::new(payload))
                }
            }
        }
    });
    conversions.collect()
}

/// What tells messages apart, for readers; and how it is found in a document alone, where it can be.
fn told_by(messages: &Messages) -> (String, Option<TokenStream>) {
    match &messages.by {
        Discriminator::Field(pointer) => {
            let steps = pointer
                .split('/')
                .skip(1)
                .map(|step| step.replace("~1", "/").replace("~0", "~"));
            let found = quote! { natsmith_runtime::messages::kind_in(document, &[#(#steps),*]) };
            (format!("the field `{}`", pointer.value), Some(found))
        }
        Discriminator::Header(name) => (format!("the header `{}`", name.value), None),
        Discriminator::Token(name) => (format!("the token `{}`", name.value), None),
    }
}
