//! What a consumer's type says about messages that cannot be worked on, and the types of dead letters.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::print::{doc, duration, ident, number};
use crate::casing;
use crate::contract::{Consumer, GiveUp, OnInvalid, Role, Stream, Work};

/// What the module of a stream needs for it.
pub(super) fn imports<'c>(stream: &Stream, consumers: impl Iterator<Item = &'c Consumer>) -> TokenStream {
    let policies: Vec<&Consumer> = consumers.filter(|consumer| says_something(&consumer.work)).collect();
    let timed = policies.iter().any(|consumer| {
        let backoff = consumer.work.backoff.as_ref();
        backoff.is_some_and(|waits| !waits.value.is_empty())
    });
    let duration = timed.then(|| quote! { use std::time::Duration; });
    let gives_up = policies
        .iter()
        .any(|consumer| consumer.work.give_up == GiveUp::DeadLetter);
    let policy = match (policies.is_empty(), gives_up) {
        (true, _) => None,
        (false, false) => Some(quote! { use natsmith_runtime::jetstream::WorkPolicy; }),
        (false, true) => Some(quote! { use natsmith_runtime::jetstream::{GiveUp, WorkPolicy}; }),
    };
    let dead_letters = stream
        .keeps_dead_letters
        .then(|| quote! { use natsmith_runtime::jetstream::DeadLetterStream; });
    quote! { #duration #policy #dead_letters }
}

/// Whether a contract says more than what holds anyway.
fn says_something(work: &Work) -> bool {
    work.concurrency.is_some() || work.attempts.is_some() || work.give_up == GiveUp::DeadLetter
}

pub(super) fn on_invalid(consumer: &Consumer) -> TokenStream {
    match (consumer.on_invalid, &consumer.dead_letter) {
        (OnInvalid::DeadLetter, Some(stream)) => {
            let stream = stream.as_str();
            quote! { OnInvalid::DeadLetter(#stream) }
        }
        (OnInvalid::Nak, _) => quote! { OnInvalid::Nak },
        _ => quote! { OnInvalid::Term },
    }
}

/// How the consumer's messages are worked on, where the contract says so.
pub(super) fn policy(consumer: &Consumer) -> Option<TokenStream> {
    let work = &consumer.work;
    if !says_something(work) {
        return None;
    }
    let concurrency = work.concurrency.as_ref().map(|most| {
        let most = number(most.value);
        quote! { concurrency: #most, }
    });
    let attempts = work.attempts.as_ref().map(|attempts| {
        let attempts = number(attempts.value);
        quote! { attempts: Some(#attempts), }
    });
    let backoff = work.backoff.as_ref().map(|waits| {
        let waits = waits.value.iter().map(|wait| duration(*wait));
        quote! { backoff: &[#(#waits),*], }
    });
    let give_up = match (work.give_up, &consumer.dead_letter) {
        (GiveUp::DeadLetter, Some(stream)) => {
            let stream = stream.as_str();
            Some(quote! { give_up: GiveUp::DeadLetter(#stream), })
        }
        _ => None,
    };
    let whole = concurrency.is_some() && attempts.is_some() && backoff.is_some() && give_up.is_some();
    let rest = (!whole).then(|| quote! { ..WorkPolicy::DEFAULT });
    Some(quote! {
        const WORK: WorkPolicy = WorkPolicy { #concurrency #attempts #backoff #give_up #rest };
    })
}

/// What becomes of messages that cannot be worked on, for the documentation of the consumer's type.
pub(super) fn about(consumer: &Consumer) -> Vec<String> {
    let work = &consumer.work;
    let mut sentences = Vec::new();
    if let Some(most) = &work.concurrency {
        sentences.push(match most.value {
            1 => "A worker has one message in hand at a time.".to_owned(),
            most => format!("A worker has up to {most} messages in hand."),
        });
    }
    if let Some(attempts) = &work.attempts {
        sentences.push(format!("A message is tried up to {} times.", attempts.value));
    }
    if let (GiveUp::DeadLetter, Some(stream)) = (work.give_up, &consumer.dead_letter) {
        sentences.push(format!("What is given up goes to the stream `{}`.", stream.value));
    }
    if sentences.is_empty() {
        return sentences;
    }
    vec![String::new(), sentences.join(" ")]
}

/// The type that stands for the dead letters in a stream.
pub(super) fn dead_letters(stream: &Stream) -> TokenStream {
    let ty = type_ident(stream);
    let about = doc(&[format!("The dead letters in the stream `{}`.", stream.name.value)]);
    quote! {
        #about
        #[derive(Clone, Copy, Debug)]
        pub struct #ty;

        impl DeadLetterStream for #ty {
            const NAME: &'static str = NAME;
        }
    }
}

fn type_ident(stream: &Stream) -> Ident {
    ident(&casing::pascal(&stream.name))
}

/// Whether a role reads a stream's dead letters.
fn replays(stream: &Stream, role: &Role) -> bool {
    stream.keeps_dead_letters && stream.replay.iter().any(|name| name.value == role.name.value)
}

/// The dead letters that a role reads.
pub(super) fn methods<'c>(streams: impl Iterator<Item = &'c Stream>, role: &Role) -> Vec<TokenStream> {
    let streams = streams.filter(|stream| replays(stream, role));
    let method = |stream: &Stream| {
        let module = ident(&casing::snake(&stream.name));
        let ty = type_ident(stream);
        let about = doc(&[format!(
            "Reads the dead letters in the stream `{}`, and sends them out once more.",
            stream.name.value
        )]);
        quote! {
            #about
            #[must_use]
            pub fn #module(&self) -> DeadLetters<streams::#module::#ty> {
                DeadLetters::new(&self.connection)
            }
        }
    };
    streams.map(method).collect()
}
