//! What a request's subject says of its answers.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::quote;

use super::names::field_ident;
use super::paths::{filter_path, is_copied, payload_path, token_text, type_ident, type_path};
use super::print::{self, ident};
use crate::contract::{Answers, Contract, Correlation, Pattern, Replies, ReplyOn, Streamed, Subject};

/// How long an asker waits where the contract does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// What a request is answered with, and how; nothing for an event.
pub(super) fn emit(contract: &Contract, subject: &Subject) -> Option<TokenStream> {
    let Pattern::Request {
        reply, answers, error, ..
    } = &subject.pattern
    else {
        return None;
    };
    let (ty, reply) = (type_ident(subject), payload_path(reply));
    let failing = error.as_ref().map(|error| {
        let error = payload_path(error);
        quote! {
            impl natsmith_runtime::FailingSubject for #ty {
                type Error = #error;
            }
        }
    });
    let how = match answers {
        Answers::Streamed(plan) => {
            let streamed = streamed(&ty, &reply, plan);
            return Some(quote! { #streamed #failing });
        }
        Answers::One { timeout } => {
            let timeout = self::timeout(contract, *timeout);
            quote! {
                impl natsmith_runtime::RequestSubject for #ty {
                    const TIMEOUT: Duration = #timeout;
                }
            }
        }
        Answers::Many(replies) => gathered(&ty, replies),
        Answers::On(reply_on) => on_subject(contract, subject, reply_on)?,
    };
    let place = matches!(answers, Answers::On(_)).then(|| {
        quote! {
            fn reply_place(&self, request: &Self::Payload) -> Result<Option<natsmith_runtime::ReplyPlace<Self::Reply>>, SubjectError> {
                natsmith_runtime::ReplyOnSubject::declared_place(self, request)
            }
        }
    });
    let idempotent = subject.idempotency_key.as_ref().map(|pointer| {
        let text = token_text(contract, subject.payload(), pointer);
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
            #place
        }

        #how

        #failing

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

/// How long an asker waits.
fn timeout(contract: &Contract, timeout: Option<Duration>) -> TokenStream {
    let timeout = timeout.or(contract.connection.request_timeout);
    print::duration(timeout.unwrap_or(DEFAULT_TIMEOUT))
}

/// Whether what is written of the answers reads fields of payloads.
pub(super) fn reads_payload(subject: &Subject) -> bool {
    let Some(Answers::On(reply_on)) = subject.answers() else {
        return false;
    };
    !reply_on.tokens.is_empty() || !matches!(reply_on.correlation, Correlation::Header)
}

/// Where an answer on a declared subject goes, and which request it belongs to.
fn on_subject(contract: &Contract, subject: &Subject, reply_on: &ReplyOn) -> Option<TokenStream> {
    let event = contract.subjects.get(&reply_on.subject.value)?;
    let (ty, path, filter) = (type_ident(subject), type_path(event), filter_path(event));
    let timeout = timeout(contract, reply_on.timeout);
    let mut reads_payload = false;
    let setters: Vec<TokenStream> = event
        .template
        .tokens()
        .filter_map(|token| {
            let field = field_ident(token);
            if let Some(pointer) = reply_on.pointer(token) {
                reads_payload = true;
                let text = token_text(contract, subject.payload(), pointer);
                Some(quote! { .#field(#text.parse()?) })
            } else if event.bind.contains_key(token) || subject.template.tokens().all(|asked| asked != token) {
                // The answer's own payload says it.
                None
            } else if is_copied(contract, token) {
                Some(quote! { .#field(self.#field) })
            } else {
                Some(quote! { .#field(self.#field.clone()) })
            }
        })
        .collect();
    let payload = ident(if reads_payload { "payload" } else { "_payload" });
    let correlation = match &reply_on.correlation {
        Correlation::Header => None,
        Correlation::Field { request, reply } => {
            let reply = token_text(contract, event.payload(), reply);
            Some((
                request,
                quote! { _subject },
                quote! { payload },
                quote! { #reply.into_owned() },
            ))
        }
        Correlation::Token { request, token } => {
            let field = field_ident(token);
            Some((
                request,
                quote! { subject },
                quote! { _payload },
                quote! { subject.#field.to_string() },
            ))
        }
    };
    let correlation = correlation.map(|(request, subject_name, reply_name, id)| {
        let request = token_text(contract, subject.payload(), request);
        quote! {
            fn request_id(payload: &Self::Payload) -> Option<String> {
                Some(#request.into_owned())
            }

            fn answered_id(#subject_name: &Self::ReplySubject, #reply_name: &Self::Reply) -> Option<String> {
                Some(#id)
            }
        }
    });
    Some(quote! {
        impl natsmith_runtime::ReplyOnSubject for #ty {
            type ReplySubject = crate::#path;
            const TIMEOUT: Duration = #timeout;

            fn reply_scope(
                &self,
                #payload: &Self::Payload,
            ) -> Result<crate::#filter, SubjectError> {
                Ok(Self::ReplySubject::filter() #(#setters)*)
            }

            #correlation
        }
    })
}
