//! `src/subjects/`: one module a subject module, with a subject type and a filter type for each subject.

use std::time::Duration;

use indexmap::IndexMap;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::files::{self, Part};
use super::names::field_ident;
use super::print::{self, doc, file, ident, imports, sentence};
use super::tokens;
use crate::casing;
use crate::contract::payload::{Leaf, LeafKind};
use crate::contract::{Contract, Pattern, Segment, Subject};
use crate::emit::tree::{EmitError, Tree};

pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    let mut modules: IndexMap<&str, Vec<&Subject>> = IndexMap::new();
    for subject in contract.subjects.values() {
        modules.entry(&subject.module).or_default().push(subject);
    }
    for (module, subjects) in &modules {
        let path = format!("src/subjects/{module}");
        let about = [format!("The subjects of `{module}`.")];
        files::add(contract, tree, &path, &about, self::module(contract, subjects), || {
            let part = |subject: &&Subject| Part {
                name: subject.leaf.clone(),
                about: vec![format!("The subject `{}`.", subject.name.value)],
                items: self::module(contract, &[subject]),
            };
            subjects.iter().map(part).collect()
        })?;
    }
    let path = "src/subjects/mod.rs";
    let names = modules.keys().map(|module| ident(module));
    let about = [
        "The subjects, each with its tokens and its filter.".to_owned(),
        String::new(),
        "A subject type is made from tokens, from a payload, or from text that is parsed.".to_owned(),
    ];
    tree.add(path, file(contract, path, &about, quote! { #( pub mod #names; )* })?)
}

/// The name of a subject's type in its module.
pub(super) fn type_ident(subject: &Subject) -> Ident {
    format_ident!("{}Subject", casing::pascal(&subject.leaf))
}

fn filter_ident(subject: &Subject) -> Ident {
    format_ident!("{}Filter", casing::pascal(&subject.leaf))
}

/// The path of a subject's type, below `crate`.
pub(super) fn type_path(subject: &Subject) -> TokenStream {
    let (module, ty) = (ident(&subject.module), type_ident(subject));
    quote! { subjects::#module::#ty }
}

/// The path of a payload's type, below `crate`.
pub(super) fn payload_path(name: &str) -> TokenStream {
    let ty = ident(name);
    quote! { payloads::#ty }
}

fn module(contract: &Contract, subjects: &[&Subject]) -> TokenStream {
    let mut helpers: Vec<&str> = Vec::new();
    let mut traits = vec!["SubjectError", "SubjectFilter", "TypedSubject"];
    let mut used: Vec<&str> = Vec::new();
    for subject in subjects {
        helpers.push("parse_template");
        helpers.push("write_filter");
        for token in subject.template.tokens() {
            helpers.push("within_token");
            used.push(token);
            if subject.bind.contains_key(token) {
                helpers.extend(["bound_token", "agree_token"]);
                traits.push("TokenValue");
            } else {
                helpers.push("scoped_token");
            }
        }
        if subject.message_id.is_some() {
            traits.push("TokenValue");
        }
        if is_borrowed(contract, subject) {
            traits.push("BorrowedSubject");
        }
        if subject.is_request() {
            traits.push("RequestSubject");
        }
        if persisted_in(contract, subject).is_some() {
            traits.push("PersistedSubject");
        }
    }
    let token_value = traits
        .contains(&"TokenValue")
        .then(|| quote! { use natsmith_runtime::payload::TokenValue; });
    traits.retain(|name| *name != "TokenValue");
    let (helpers, traits, used) = (imports(helpers), imports(traits), token_types(contract, &used));
    let duration = subjects
        .iter()
        .any(|subject| subject.is_request())
        .then(|| quote! { use std::time::Duration; });
    let used = (!used.is_empty()).then(|| quote! { use crate::tokens::{#(#used),*}; });
    let subjects = subjects.iter().map(|subject| self::subject(contract, subject));
    quote! {
        use std::fmt;
        use std::str::FromStr;
        #duration
        #token_value
        use natsmith_runtime::subject::{#(#helpers),*};
        use natsmith_runtime::{#(#traits),*};
        use crate::payloads;
        #used
        #(#subjects)*
    }
}

fn token_types(contract: &Contract, used: &[&str]) -> Vec<Ident> {
    let tokens = contract.tokens.keys().filter(|name| used.contains(&name.as_str()));
    let mut types: Vec<Ident> = tokens.map(|name| tokens::type_ident(name)).collect();
    types.sort();
    types
}

/// The stream that keeps every message of a subject.
fn persisted_in<'c>(contract: &'c Contract, subject: &Subject) -> Option<&'c str> {
    let wildcard = subject.template.wildcard();
    let mut streams = contract.streams.values().filter(|stream| stream.captures(&wildcard));
    streams.next().map(|stream| stream.name.as_str())
}

fn subject(contract: &Contract, subject: &Subject) -> TokenStream {
    let declared = structs(contract, subject);
    let text = text_impls(subject);
    let typed = typed_subject(contract, subject);
    let filter = filter_impls(contract, subject);
    let ty = type_ident(subject);
    let request = match &subject.pattern {
        Pattern::Request { reply, timeout, .. } => {
            let reply = payload_path(reply);
            let timeout = print::duration(
                timeout
                    .or(contract.connection.request_timeout)
                    .unwrap_or(DEFAULT_TIMEOUT),
            );
            Some(quote! {
                impl RequestSubject for #ty {
                    type Reply = #reply;
                    const TIMEOUT: Duration = #timeout;
                }
            })
        }
        Pattern::Event { .. } => None,
    };
    let persisted = persisted_in(contract, subject).map(|stream| {
        quote! {
            impl PersistedSubject for #ty {
                const STREAM: &'static str = #stream;
            }
        }
    });
    quote! { #declared #text #typed #request #persisted #filter }
}

/// How long an asker waits where the contract does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

fn structs(contract: &Contract, subject: &Subject) -> TokenStream {
    let (ty, filter) = (type_ident(subject), filter_ident(subject));
    let about = doc(&about(contract, subject));
    let fields: Vec<TokenStream> = subject
        .template
        .tokens()
        .map(|token| {
            let (field, ty) = (field_ident(token), tokens::type_ident(token));
            let described = contract
                .tokens
                .get(token)
                .and_then(|token| token.description.as_deref());
            let line = described.map_or_else(|| format!("The token `{token}`."), sentence);
            let line = doc(&[line]);
            quote! { #line pub #field: #ty }
        })
        .collect();
    let options = subject.template.tokens().map(|token| {
        let (field, ty) = (field_ident(token), tokens::type_ident(token));
        quote! { #field: Option<#ty> }
    });
    let filter_about = doc(&[format!(
        "A filter over [`{ty}`]: `{}` unless it is narrowed.",
        subject.template.wildcard()
    )]);
    if fields.is_empty() {
        return quote! {
            #about
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
            pub struct #ty;

            #filter_about
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
            pub struct #filter;
        };
    }
    quote! {
        #about
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct #ty { #(#fields),* }

        #filter_about
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
        pub struct #filter { #(#options),* }
    }
}

fn about(contract: &Contract, subject: &Subject) -> Vec<String> {
    let link = |payload: &str| format!("[`{payload}`](crate::payloads::{payload})");
    let carries = match &subject.pattern {
        Pattern::Event { payload, .. } => format!("carries {}", link(payload)),
        Pattern::Request { request, reply, .. } => {
            format!("asks with {}, answered with {}", link(request), link(reply))
        }
    };
    let mut lines = vec![format!("Subject `{}`; {carries}.", subject.template.text.value)];
    for text in [&subject.summary, &subject.description].into_iter().flatten() {
        lines.extend([String::new(), sentence(text)]);
    }
    if let Some(example) = example(contract, subject) {
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

/// A concrete subject, if every token has a value to show.
fn example(contract: &Contract, subject: &Subject) -> Option<String> {
    let values = subject.template.segments.iter().map(|segment| match segment {
        Segment::Literal(text) => Some(text.as_str()),
        Segment::Token(name) => contract.tokens.get(name)?.sample(),
    });
    let values: Vec<&str> = values.collect::<Option<_>>()?;
    Some(values.join("."))
}

fn text_impls(subject: &Subject) -> TokenStream {
    let ty = type_ident(subject);
    let parts: Vec<&str> = subject
        .template
        .segments
        .iter()
        .map(|segment| match segment {
            Segment::Literal(text) => text.as_str(),
            Segment::Token(_) => "{}",
        })
        .collect();
    let format = parts.join(".");
    let fields: Vec<Ident> = subject.template.tokens().map(field_ident).collect();
    if fields.is_empty() {
        return quote! {
            impl fmt::Display for #ty {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(Self::TEMPLATE)
                }
            }

            impl FromStr for #ty {
                type Err = SubjectError;

                fn from_str(subject: &str) -> Result<Self, SubjectError> {
                    let [] = parse_template(Self::TEMPLATE, subject)?;
                    Ok(Self)
                }
            }
        };
    }
    quote! {
        impl fmt::Display for #ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, #format, #(self.#fields),*)
            }
        }

        impl FromStr for #ty {
            type Err = SubjectError;

            fn from_str(subject: &str) -> Result<Self, SubjectError> {
                let [#(#fields),*] = parse_template(Self::TEMPLATE, subject)?;
                Ok(Self { #( #fields: #fields.parse()? ),* })
            }
        }
    }
}

fn typed_subject(contract: &Contract, subject: &Subject) -> TokenStream {
    let (ty, filter) = (type_ident(subject), filter_ident(subject));
    let payload = payload_path(subject.payload());
    let (name, template) = (subject.name.as_str(), subject.template.text.as_str());
    let wildcard = subject.template.wildcard();
    let queue_group = subject.queue_group.as_ref().map(|group| {
        let group = group.as_str();
        quote! { const QUEUE_GROUP: Option<&'static str> = Some(#group); }
    });
    let mut reads_payload = false;
    let mut reads_scope = false;
    let resolved: Vec<TokenStream> = subject
        .template
        .tokens()
        .map(|token| {
            let field = field_ident(token);
            reads_scope = true;
            if let Some(binding) = subject.bind.get(token) {
                reads_payload = true;
                let (pointer, text) = (
                    binding.pointer.as_str(),
                    token_text(contract, subject, &binding.pointer),
                );
                quote! { #field: bound_token(#token, scope.#field.as_ref(), #pointer, &#text)? }
            } else {
                quote! { #field: scoped_token(#token, scope.#field.as_ref())? }
            }
        })
        .collect();
    let agreements: Vec<TokenStream> = subject
        .template
        .tokens()
        .filter_map(|token| Some((token, subject.bind.get(token)?)))
        .map(|(token, binding)| {
            let (field, pointer, text) = (
                field_ident(token),
                binding.pointer.as_str(),
                token_text(contract, subject, &binding.pointer),
            );
            quote! { agree_token(#token, &self.#field, #pointer, &#text) }
        })
        .collect();
    let agree = |name: &str, payload: &TokenStream| {
        let name = ident(name);
        agreements.split_last().map(|(last, others)| {
            quote! {
                fn #name(&self, payload: &#payload) -> Result<(), SubjectError> {
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
            impl<'a> BorrowedSubject<#payload<'a>> for #ty {
                #agree
            }
        }
    });
    let agree = agree("agree", &quote! { Self::Payload });
    let message_id = subject.message_id.as_ref().map(|pointer| {
        let text = token_text(contract, subject, pointer);
        quote! {
            fn message_id(payload: &Self::Payload) -> Option<String> {
                Some(#text.into_owned())
            }
        }
    });
    let scope = ident(if reads_scope { "scope" } else { "_scope" });
    let payload_name = ident(if reads_payload { "payload" } else { "_payload" });
    let value = if resolved.is_empty() {
        quote! { Self }
    } else {
        quote! { Self { #(#resolved),* } }
    };
    quote! {
        impl TypedSubject for #ty {
            type Payload = #payload;
            type Filter = #filter;
            const NAME: &'static str = #name;
            const TEMPLATE: &'static str = #template;
            const WILDCARD: &'static str = #wildcard;
            #queue_group

            fn resolve(#scope: &Self::Filter, #payload_name: &Self::Payload) -> Result<Self, SubjectError> {
                Ok(#value)
            }

            #agree

            #message_id
        }

        #borrowed
    }
}

/// Whether the payload has a borrowed form.
fn is_borrowed(contract: &Contract, subject: &Subject) -> bool {
    let payloads = &contract.rust.borrowed;
    payloads.iter().any(|name| name.value == subject.payload().value)
}

/// The text of the payload's field behind a pointer.
fn token_text(contract: &Contract, subject: &Subject, pointer: &str) -> TokenStream {
    match contract.payloads.lookup(subject.payload(), pointer) {
        Ok(Leaf {
            kind: LeafKind::Constant(text),
            ..
        }) => quote! { std::borrow::Cow::Borrowed(#text) },
        Ok(leaf) => {
            let steps = leaf.steps.iter().map(|step| field_ident(step));
            quote! { payload #( .#steps )*.token_text() }
        }
        // The bindings of a sound contract lead to fields.
        Err(_) => quote! { compile_error!("no such field") },
    }
}

fn filter_impls(contract: &Contract, subject: &Subject) -> TokenStream {
    let (ty, filter) = (type_ident(subject), filter_ident(subject));
    let fields: Vec<Ident> = subject.template.tokens().map(field_ident).collect();
    let names: Vec<&str> = subject.template.tokens().collect();
    let setters = subject.template.tokens().map(|token| {
        let (field, ty) = (field_ident(token), tokens::type_ident(token));
        let known = contract.tokens.contains_key(token);
        let line = doc(&[format!("Hears only subjects with this `{token}`.")]);
        known.then(|| {
            quote! {
                #line
                #[must_use]
                pub fn #field(mut self, #field: #ty) -> Self {
                    self.#field = Some(#field);
                    self
                }
            }
        })
    });
    let setters = (!fields.is_empty()).then(|| quote! { impl #filter { #(#setters)* } });
    let (scope, within) = if fields.is_empty() {
        (ident("_scope"), quote! { Self })
    } else {
        let within = quote! {
            Self { #( #fields: within_token(#names, self.#fields.as_ref(), scope.#fields.as_ref())? ),* }
        };
        (ident("scope"), within)
    };
    quote! {
        #setters

        impl fmt::Display for #filter {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_filter(f, #ty::TEMPLATE, &[#( self.#fields.as_ref().map(|token| token as &dyn fmt::Display) ),*])
            }
        }

        impl SubjectFilter for #filter {
            type Subject = #ty;

            fn within(&self, #scope: &Self) -> Result<Self, SubjectError> {
                Ok(#within)
            }
        }
    }
}
