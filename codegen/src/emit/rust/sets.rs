//! One enum over several subjects, for subscriptions and consumers that hear more than one.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::dispatch;
use super::paths::type_path;
use super::print::{doc, ident, number};
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
    let wildcards: Vec<String> = subjects.iter().map(|subject| subject.template.wildcard()).collect();
    let (found, indices) = (dispatch::find(&wildcards), (0..subjects.len() as u64).map(number));
    // A list of many is long, and not hard to read.
    let long = (subjects.len() > 12).then(|| quote! { #[allow(clippy::too_many_lines)] });
    quote! {
        #about
        #[derive(Clone, Debug)]
        pub enum #name {
            #( #docs #variants(Box<Message<#types>>), )*
        }

        impl FromMessage for #name {
            const LABEL: &'static str = #filter;

            #long
            fn from_message(raw: &natsmith_runtime::async_nats::Message) -> Result<Self, InvalidMessage> {
                match Self::find(&raw.subject) {
                    #(
                        Some(#indices) => Message::from_message(raw).map(|message| Self::#variants(Box::new(message))),
                    )*
                    _ => Err(InvalidMessage::unknown_subject(raw, Self::LABEL)),
                }
            }
        }

        impl SubjectSet for #name {
            const TEMPLATES: &'static [&'static str] = &[#( <#types>::TEMPLATE ),*];

            #long
            fn find(subject: &str) -> Option<usize> {
                #found
            }
        }
    }
}

/// What [`message_enum`] needs of the runtime.
pub(super) const IMPORTS: [&str; 5] = ["FromMessage", "InvalidMessage", "Message", "SubjectSet", "TypedSubject"];
