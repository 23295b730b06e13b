//! `src/subjects/`: one module a subject module, with a subject type and a filter type for each subject.

use indexmap::IndexMap;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::address::{self, Address};
use super::answers;
use super::files::{self, Part};
use super::headers;
use super::messages;
use super::names::field_ident;
use super::paths::{filter_ident, payload_path, token_types, type_ident};
use super::persisted;
use super::print::{file, ident, imports, sentence};
use crate::contract::{Answers, Contract, Pattern, Subject};
use crate::emit::threads;
use crate::emit::tree::{EmitError, Tree};

pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    let mut modules: IndexMap<&str, Vec<&Subject>> = IndexMap::new();
    for subject in contract.subjects.values() {
        modules.entry(&subject.module).or_default().push(subject);
    }
    let all: Vec<_> = modules.iter().collect();
    threads::emit_each(&all, tree, |(module, subjects), tree| {
        let path = format!("src/subjects/{module}");
        let about = [format!("The subjects of `{module}`.")];
        let part = |subject: &&Subject| Part {
            name: subject.leaf.clone(),
            about: vec![format!("The subject `{}`.", subject.name.value)],
            items: self::module(contract, &[subject]),
        };
        let whole = self::module(contract, subjects);
        files::add(contract, tree, &path, &about, whole, (subjects, part))
    })?;
    let path = "src/subjects/mod.rs";
    let names = modules.keys().map(|module| ident(module));
    let about = [
        "The subjects, each with its tokens and its filter.".to_owned(),
        String::new(),
        "A subject type is made from tokens, from a payload, or from text that is parsed.".to_owned(),
    ];
    tree.add(path, file(contract, path, &about, quote! { #( pub mod #names; )* })?)
}

/// Traits are named in full: a subject `orders.request` has a type `RequestSubject` too.
fn module(contract: &Contract, subjects: &[&Subject]) -> TokenStream {
    let mut helpers: Vec<&str> = Vec::new();
    let mut used: Vec<&str> = Vec::new();
    let mut reads_payload = false;
    for subject in subjects {
        helpers.push("parse_template");
        helpers.push("write_filter");
        for token in subject.template.tokens() {
            helpers.push("within_token");
            used.push(token);
            if subject.bind.contains_key(token) {
                helpers.push("agree_token");
                // Of several messages, each reads its own.
                reads_payload |= subject.messages.is_none() || messages::reads_payload(contract, subject);
            }
        }
        reads_payload |= subject.message_id.is_some() || subject.idempotency_key.is_some();
        reads_payload |= answers::reads_payload(subject);
    }
    let token_value = reads_payload.then(|| quote! { use natsmith_runtime::payload::TokenValue as _; });
    let (helpers, used) = (imports(helpers), token_types(contract, &used));
    let duration = subjects
        .iter()
        .any(|subject| subject.is_request())
        .then(|| quote! { use std::time::Duration; });
    let used = (!used.is_empty()).then(|| quote! { use crate::tokens::{#(#used),*}; });
    let headers = headers::imports(subjects);
    let subjects = subjects.iter().map(|subject| self::subject(contract, subject));
    quote! {
        use std::fmt;
        use std::str::FromStr;
        #duration
        #token_value
        #headers
        use natsmith_runtime::subject::{#(#helpers),*};
        use natsmith_runtime::{SubjectError, TypedSubject as _};
        use crate::payloads;
        #used
        #(#subjects)*
    }
}

fn subject(contract: &Contract, subject: &Subject) -> TokenStream {
    let address = Address {
        ty: type_ident(subject),
        filter: filter_ident(subject),
        template: &subject.template,
        what: "Hears only subjects",
    };
    let declared = address.structs(contract, &about(contract, subject));
    let text = address.text_impls();
    let typed = typed_subject(contract, subject);
    let (filter, within) = (address.filter_impls(), within(&address));
    let request = answers::emit(contract, subject);
    let persisted = persisted::emit(contract, subject);
    let headed = headers::headed(contract, subject);
    let messages = messages::emit(subject);
    quote! { #declared #text #typed #messages #headed #request #persisted #filter #within }
}

fn about(contract: &Contract, subject: &Subject) -> Vec<String> {
    let link = |payload: &str| format!("[`{payload}`](crate::payloads::{payload})");
    let carries = match &subject.pattern {
        Pattern::Event { payload, .. } => match &subject.messages {
            None => format!("carries {}", link(payload)),
            Some(_) => format!("carries [`{}`]", messages::type_ident(subject)),
        },
        Pattern::Request {
            request,
            reply,
            error,
            answers,
            ..
        } => {
            let how = match answers {
                Answers::One { .. } => String::new(),
                Answers::Many(_) => "by several ".to_owned(),
                Answers::Streamed(_) => "in chunks ".to_owned(),
                Answers::On(reply_on) => format!("on `{}` ", reply_on.subject.value),
            };
            let fails = error
                .as_ref()
                .map_or_else(String::new, |error| format!("; errors carry {}", link(error)));
            format!("asks with {}, answered {how}with {}{fails}", link(request), link(reply))
        }
    };
    let with = subject.headers.as_ref();
    let with = with.map_or_else(String::new, |headers| format!(", with the headers {}", link(headers)));
    let mut lines = vec![format!("Subject `{}`; {carries}{with}.", subject.template.text.value)];
    for text in [&subject.summary, &subject.description].into_iter().flatten() {
        lines.extend([String::new(), sentence(text)]);
    }
    if let Some(example) = address::example(contract, &subject.template) {
        let (name, ty) = (contract.rust.crate_name.replace('-', "_"), type_ident(subject));
        lines.extend([
            String::new(),
            "```".to_owned(),
            format!("use {name}::subjects::{}::{ty};", subject.module),
            String::new(),
            format!("let subject: {ty} = {example:?}.parse()?;"),
            format!("assert_eq!(subject.to_string(), {example:?});"),
            "# Ok::<(), natsmith_runtime::SubjectError>(())".to_owned(),
            "```".to_owned(),
        ]);
    }
    lines
}

fn typed_subject(contract: &Contract, subject: &Subject) -> TokenStream {
    let (ty, filter) = (type_ident(subject), filter_ident(subject));
    let payload = messages::payload(subject);
    let (name, template) = (subject.name.as_str(), subject.template.text.as_str());
    let wildcard = subject.template.wildcard();
    let queue_group = subject.queue_group.as_ref().map(|group| {
        let group = group.as_str();
        quote! { const QUEUE_GROUP: Option<&'static str> = Some(#group); }
    });
    let (written, reads_scope, reads_payload) = written(contract, subject);
    let agreements: Vec<TokenStream> = subject
        .template
        .tokens()
        .filter_map(|token| Some((token, subject.bind.get(token)?)))
        .map(|(token, binding)| {
            let (field, pointer, text) = (
                field_ident(token),
                binding.pointer.as_str(),
                messages::token_text(contract, subject, &binding.pointer),
            );
            quote! { agree_token(#token, &self.#field, #pointer, &#text) }
        })
        .collect();
    let agree = |name: &str, payload: &TokenStream| {
        let name = ident(name);
        let unknown = messages::agree_with_unknown(subject);
        agreements.split_last().map(|(last, others)| {
            quote! {
                fn #name(&self, payload: &#payload) -> Result<(), SubjectError> {
                    #unknown
                    #( #others?; )*
                    #last
                }
            }
        })
    };
    let borrowed = is_borrowed(contract, subject).then(|| {
        let payload = payload_path(&format!("{}Ref", subject.payload().value));
        let agree = agree("agree_borrowed", &quote! { #payload<'a> });
        quote! {
            impl<'a> natsmith_runtime::BorrowedSubject<#payload<'a>> for #ty {
                #agree
            }
        }
    });
    let agree = agree("agree", &quote! { Self::Payload });
    let message_id = subject.message_id.as_ref().map(|pointer| {
        let text = messages::token_text(contract, subject, pointer);
        quote! {
            fn message_id(payload: &Self::Payload) -> Option<String> {
                Some(#text.into_owned())
            }
        }
    });
    let check_headers = headers::check(subject);
    let read_kind = messages::read(subject);
    let scope = ident(if reads_scope { "scope" } else { "_scope" });
    let payload_name = ident(if reads_payload { "payload" } else { "_payload" });
    quote! {
        impl natsmith_runtime::TypedSubject for #ty {
            type Payload = #payload;
            type Filter = #filter;
            const NAME: &'static str = #name;
            const TEMPLATE: &'static str = #template;
            const WILDCARD: &'static str = #wildcard;
            #queue_group

            fn write(
                #scope: &Self::Filter,
                #payload_name: &Self::Payload,
                out: &mut natsmith_runtime::subject::SubjectWriter<'_>,
            ) -> Result<(), SubjectError> {
                #(#written)*
                Ok(())
            }

            #agree

            #check_headers

            #read_kind

            #message_id
        }

        #borrowed
    }
}

/// The statements that write a subject to `out`, and whether they read the scope and the payload.
fn written(contract: &Contract, subject: &Subject) -> (Vec<Option<TokenStream>>, bool, bool) {
    let mut reads_payload = false;
    let mut reads_scope = false;
    let mut literals = address::literals(&subject.template).into_iter();
    let mut literal = || {
        let text = literals.next().filter(|text| !text.is_empty());
        text.map(|text| quote! { out.literal(#text); })
    };
    let mut written = vec![literal()];
    for token in subject.template.tokens() {
        let field = field_ident(token);
        reads_scope = true;
        written.push(Some(if let Some(binding) = subject.bind.get(token) {
            reads_payload = true;
            let (pointer, text) = (
                binding.pointer.as_str(),
                messages::token_text(contract, subject, &binding.pointer),
            );
            quote! { out.bound(#token, scope.#field.as_ref(), #pointer, &#text)?; }
        } else if subject.fills(token) {
            reads_payload = true;
            quote! { out.bound(#token, scope.#field.as_ref(), "", payload.kind().unwrap_or_default())?; }
        } else {
            quote! { out.scoped(#token, scope.#field.as_ref())?; }
        }));
        written.push(literal());
    }
    (written, reads_scope, reads_payload)
}

/// Whether the payload has a borrowed form.
fn is_borrowed(contract: &Contract, subject: &Subject) -> bool {
    let payloads = &contract.rust.borrowed;
    subject.messages.is_none() && payloads.iter().any(|name| name.value == subject.payload().value)
}

/// A filter within another one.
fn within(address: &Address<'_>) -> TokenStream {
    let (ty, filter) = (&address.ty, &address.filter);
    let fields: Vec<Ident> = address.template.tokens().map(field_ident).collect();
    let names: Vec<&str> = address.template.tokens().collect();
    let (scope, within) = if fields.is_empty() {
        (ident("_scope"), quote! { Self })
    } else {
        let within = quote! {
            Self { #( #fields: within_token(#names, self.#fields.as_ref(), scope.#fields.as_ref())? ),* }
        };
        (ident("scope"), within)
    };
    quote! {
        impl natsmith_runtime::SubjectFilter for #filter {
            type Subject = #ty;

            fn within(&self, #scope: &Self) -> Result<Self, SubjectError> {
                Ok(#within)
            }
        }
    }
}
