//! What a request's subject says of its answers.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::quote;

use super::print;
use super::subjects::{payload_path, token_text, type_ident};
use crate::contract::{Answers, Contract, Pattern, Replies, Streamed, Subject};

/// How long an asker waits where the contract does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// What a request is answered with, and how; nothing for an event.
pub(super) fn emit(contract: &Contract, subject: &Subject) -> Option<TokenStream> {
    let Pattern::Request { reply, answers, .. } = &subject.pattern else {
        return None;
    };
    let (ty, reply) = (type_ident(subject), payload_path(reply));
    let how = match answers {
        Answers::Streamed(plan) => return Some(streamed(&ty, &reply, plan)),
        Answers::One { timeout } => {
            let timeout = timeout.or(contract.connection.request_timeout);
            let timeout = print::duration(timeout.unwrap_or(DEFAULT_TIMEOUT));
            quote! {
                impl natsmith_runtime::RequestSubject for #ty {
                    const TIMEOUT: Duration = #timeout;
                }
            }
        }
        Answers::Many(replies) => gathered(&ty, replies),
    };
    let idempotent = subject.idempotency_key.as_ref().map(|pointer| {
        let text = token_text(contract, subject, pointer);
        quote! {
            impl natsmith_runtime::IdempotentSubject for #ty {
                fn idempotency_key(payload: &Self::Payload) -> String {
                    #text.into_owned()
                }
            }
        }
    });
    Some(quote! {
        impl natsmith_runtime::AnsweredSubject for #ty {
            type Reply = #reply;
        }

        #how

        #idempotent
    })
}

fn gathered(ty: &proc_macro2::Ident, replies: &Replies) -> TokenStream {
    let deadline = print::duration(replies.deadline);
    let option = |value: Option<TokenStream>| value.map_or_else(|| quote! { None }, |value| quote! { Some(#value) });
    let expected = option(replies.expected.map(print::number));
    let silence = option(replies.silence.map(print::duration));
    quote! {
        impl natsmith_runtime::GatherSubject for #ty {
            const GATHER: natsmith_runtime::Gather = natsmith_runtime::Gather {
                expected: #expected,
                deadline: #deadline,
                silence: #silence,
            };
        }
    }
}

fn streamed(ty: &proc_macro2::Ident, chunk: &TokenStream, plan: &Streamed) -> TokenStream {
    let (window, silence) = (print::number(u64::from(plan.window)), print::duration(plan.silence));
    quote! {
        impl natsmith_runtime::StreamedSubject for #ty {
            type Chunk = #chunk;
            const STREAMED: natsmith_runtime::Streamed = natsmith_runtime::Streamed {
                window: #window,
                silence: #silence,
            };
        }
    }
}
