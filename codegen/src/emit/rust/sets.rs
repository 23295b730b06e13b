//! One enum over several subjects, for subscriptions and consumers that hear more than one.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::print::{doc, ident};
use super::subjects::type_path;
use crate::casing;
use crate::contract::Subject;

/// An enum with a variant a subject, and how a message finds its variant.
///
/// `filter` is what a message that belongs to none was expected to match.
pub(super) fn message_enum(name: &Ident, about: &[String], filter: &str, subjects: &[&Subject]) -> TokenStream {
    let about = doc(about);
    let variants: Vec<Ident> = subjects
        .iter()
        .map(|subject| ident(&casing::pascal(&subject.leaf)))
        .collect();
    let docs = subjects
        .iter()
        .map(|subject| doc(&[format!("Heard on `{}`.", subject.template.text.value)]));
    let types: Vec<TokenStream> = subjects.iter().map(|subject| type_path(subject)).collect();
    quote! {
        #about
        #[derive(Clone, Debug)]
        pub enum #name {
            #( #docs #variants(Box<Message<#types>>), )*
        }

        impl FromMessage for #name {
            const LABEL: &'static str = #filter;

            fn from_message(raw: &natsmith_runtime::async_nats::Message) -> Result<Self, InvalidMessage> {
                #(
                    if matches(<#types>::WILDCARD, &raw.subject) {
                        return Message::from_message(raw).map(|message| Self::#variants(Box::new(message)));
                    }
                )*
                Err(InvalidMessage::unknown_subject(raw, Self::LABEL))
            }
        }
    }
}

/// What [`message_enum`] needs of the runtime.
pub(super) const IMPORTS: [&str; 4] = ["FromMessage", "InvalidMessage", "Message", "TypedSubject"];
