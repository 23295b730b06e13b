//! `src/streams.rs`: one module a stream, with a type for each of its consumers.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::paths::type_path;
use super::print::{doc, file, ident, imports, sentence};
use super::sets;
use super::work;
use crate::casing;
use crate::contract::{Consumer, Contract, Stream, Subject};
use crate::emit::tree::{EmitError, Tree};
use crate::subject::overlap;

const FOLDER: &str = "src/streams";

pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    let modules: Vec<Ident> = contract
        .streams
        .keys()
        .map(|name| ident(&casing::snake(name)))
        .collect();
    for (stream, module) in contract.streams.values().zip(&modules) {
        let path = format!("{FOLDER}/{module}.rs");
        let mut about = vec![format!("The stream `{}`.", stream.name.value)];
        if let Some(summary) = &stream.summary {
            about.extend([String::new(), sentence(summary)]);
        }
        about.extend([String::new(), "It keeps:".to_owned(), String::new()]);
        about.extend(stream.subjects.iter().map(|capture| format!("- `{}`", capture.filter)));
        let text = file(contract, &path, &about, self::stream(contract, stream))?;
        tree.add(path, text)?;
    }
    let path = format!("{FOLDER}/mod.rs");
    let about = ["The streams, with their consumers.".to_owned()];
    let text = file(contract, &path, &about, quote! { #( pub mod #modules; )* })?;
    tree.add(path, text)
}

fn stream(contract: &Contract, stream: &Stream) -> TokenStream {
    let name = stream.name.as_str();
    let heard: Vec<(&Consumer, Vec<&Subject>)> = stream
        .consumers
        .values()
        .map(|consumer| (consumer, delivered(contract, stream, consumer)))
        .filter(|(_, subjects)| !subjects.is_empty())
        .collect();
    let consumers = heard
        .iter()
        .map(|(consumer, subjects)| self::consumer(stream, consumer, subjects));
    let any = heard.iter().any(|(_, subjects)| subjects.len() > 1);
    let one = heard.iter().any(|(_, subjects)| subjects.len() == 1);
    let mut names = Vec::new();
    if any {
        names.extend(sets::IMPORTS);
    }
    if one {
        names.push("Message");
    }
    if any || one {
        names.extend(["OnInvalid", "TypedConsumer"]);
    }
    let names = imports(names);
    let uses = (any || one).then(|| quote! { use natsmith_runtime::{#(#names),*}; use crate::subjects; });
    let work = work::imports(stream, heard.iter().map(|(consumer, _)| *consumer));
    let dead_letters = stream.keeps_dead_letters.then(|| work::dead_letters(stream));
    quote! {
        #work
        #uses

        /// The stream's name on the server.
        pub const NAME: &str = #name;

        #dead_letters
        #(#consumers)*
    }
}

/// The subjects whose messages can reach a consumer.
fn delivered<'c>(contract: &'c Contract, stream: &Stream, consumer: &Consumer) -> Vec<&'c Subject> {
    let filters = consumer.delivers(stream);
    let reaches = |subject: &&Subject| {
        let wildcard = subject.template.wildcard();
        let kept = stream
            .subjects
            .iter()
            .any(|capture| overlap(&capture.filter, &wildcard));
        kept && filters.iter().any(|filter| overlap(&filter.filter, &wildcard))
    };
    contract.subjects.values().filter(reaches).collect()
}

fn consumer(stream: &Stream, consumer: &Consumer, subjects: &[&Subject]) -> TokenStream {
    let ty = ident(&casing::pascal(&consumer.name));
    let (stream_name, name) = (stream.name.as_str(), consumer.name.as_str());
    let mut lines = vec![format!("The durable pull consumer `{name}`.")];
    if let Some(summary) = &consumer.summary {
        lines.extend([String::new(), sentence(summary)]);
    }
    lines.extend([
        String::new(),
        format!("The roles that consume it have a method of its name; `connection.consume::<{ty}>()` is for others."),
    ]);
    lines.extend(work::about(consumer));
    let about = doc(&lines);
    let (message, messages) = if let [subject] = subjects {
        let path = type_path(subject);
        (quote! { Message<#path> }, None)
    } else {
        let enumeration = format_ident!("{ty}Message");
        let about = [format!("What [`{ty}`] delivers.")];
        let filters: Vec<&str> = consumer
            .delivers(stream)
            .iter()
            .map(|filter| filter.filter.as_str())
            .collect();
        let messages = sets::message_enum(&enumeration, &about, &filters.join(", "), subjects);
        (quote! { #enumeration }, Some(messages))
    };
    let (on_invalid, policy) = (work::on_invalid(consumer), work::policy(consumer));
    quote! {
        #about
        #[derive(Clone, Copy, Debug)]
        pub struct #ty;

        impl TypedConsumer for #ty {
            type Message = #message;
            const STREAM: &'static str = #stream_name;
            const NAME: &'static str = #name;
            const ON_INVALID: OnInvalid = #on_invalid;
            #policy
        }

        #messages
    }
}
