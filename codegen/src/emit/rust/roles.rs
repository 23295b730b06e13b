//! `src/roles/`: one client a role, which offers only what the role may do.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::names::field_ident;
use super::paths::{is_copied, type_path};
use super::print::{self, doc, file, ident, sentence};
use super::scope::{asked_tokens, hearing_scope, own_fields, scope};
use super::{presence, publications, services, stores, subscriptions, tokens, work};
use crate::casing;
use crate::contract::{Answers, Contract, Role, Subject};
use crate::emit::threads;
use crate::emit::tree::{EmitError, Tree};
use crate::source::Spanned;

pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    let roles: Vec<&Role> = contract.roles.values().collect();
    threads::emit_each(&roles, tree, |role, tree| {
        let path = format!("src/roles/{}.rs", role.name.value);
        let about = [format!("The role `{}`.", role.name.value)];
        let text = file(contract, &path, &about, client(contract, role))?;
        tree.add(path, text)
    })?;
    let modules: Vec<Ident> = contract.roles.keys().map(|name| ident(name)).collect();
    let types = contract.roles.keys().map(|name| ident(&casing::pascal(name)));
    let path = "src/roles/mod.rs";
    let about = ["One client a role. What a client does not offer, its role may not do.".to_owned()];
    let items = quote! { #( mod #modules; )* #( pub use #modules::#types; )* };
    tree.add(path, file(contract, path, &about, items)?)
}

/// What a role may do with a subject.
struct Part {
    sends: bool,
    receives: bool,
}

fn part(role: &Role, subject: &Subject) -> Option<Part> {
    let named = |roles: &[Spanned<String>]| roles.iter().any(|name| name.value == role.name.value);
    let part = Part {
        sends: named(subject.senders()),
        receives: named(subject.receivers()),
    };
    (part.sends || part.receives).then_some(part)
}

fn client(contract: &Contract, role: &Role) -> TokenStream {
    let ty = ident(&casing::pascal(&role.name));
    let described = role
        .description
        .as_deref()
        .map_or_else(|| format!("The role `{}`.", role.name.value), sentence);
    let about = doc(&[described]);
    let own: Vec<&str> = role.own.iter().map(|token| token.as_str()).collect();
    let own_fields: Vec<Ident> = own.iter().map(|token| field_ident(token)).collect();
    let own_types: Vec<Ident> = own.iter().map(|token| tokens::type_ident(token)).collect();
    let mut used: Vec<&str> = own.clone();
    let mut endpoints: Vec<TokenStream> = Vec::new();
    for subject in contract.subjects.values() {
        if let Some(part) = part(role, subject) {
            endpoints.push(endpoint(contract, role, subject, &part, &mut used));
        }
    }
    let publications = publications::methods(contract, role, &mut used);
    let sets: Vec<TokenStream> = contract
        .subscriptions
        .values()
        .filter(|subscription| subscription.subscribe.iter().any(|name| name.value == role.name.value))
        .map(|subscription| {
            let (method, ty) = (ident(&subscription.name), subscriptions::type_ident(subscription));
            let line = doc(&[format!("Everything that `{}` hears.", subscription.filter.value)]);
            quote! {
                #line
                #[must_use]
                pub fn #method(&self) -> SetEndpoint<subscriptions::#ty> {
                    SetEndpoint::new(&self.connection)
                }
            }
        })
        .collect();
    let consumers = consumers(contract, role);
    let dead_letters = work::methods(contract.streams.values(), role);
    let stores = stores::methods(contract, role);
    let services = services::methods(contract, role);
    let presence = presence::methods(contract, role);
    let imports = imports(
        contract,
        role,
        &used,
        [
            !endpoints.is_empty(),
            !sets.is_empty(),
            !consumers.is_empty(),
            !dead_letters.is_empty(),
        ],
    );
    let constructor_about = if own.is_empty() {
        doc(&["The role over a connection.".to_owned()])
    } else {
        let names: Vec<String> = own.iter().map(|token| format!("`{token}`")).collect();
        doc(&[format!("The role over a connection, for one {}.", names.join(", "))])
    };
    let identity = identity(contract, role, &own_fields, &own_types);
    // The lint looks at structs of three fields or more.
    let lints = (own.len() > 1).then(|| {
        quote! { #[allow(clippy::struct_field_names, reason = "tokens have the contract's names")] }
    });
    quote! {
        #imports

        #about
        #[derive(Clone, Debug)]
        #lints
        pub struct #ty {
            connection: Connection,
            #( #own_fields: #own_types, )*
        }

        impl #ty {
            #constructor_about
            #[must_use]
            pub fn new(connection: Connection, #( #own_fields: #own_types ),*) -> Self {
                Self { connection, #(#own_fields),* }
            }

            #identity

            /// The connection that everything is sent and received on.
            #[must_use]
            pub fn connection(&self) -> &Connection {
                &self.connection
            }

            #(#endpoints)*
            #(#publications)*
            #(#sets)*
            #(#consumers)*
            #(#dead_letters)*
            #(#stores)*
            #(#services)*
            #(#presence)*
        }
    }
}

/// How the role connects, so that nobody else hears the answers to it.
fn identity(contract: &Contract, role: &Role, fields: &[Ident], types: &[Ident]) -> TokenStream {
    let prefix = contract.inbox_prefix(role);
    let connect = if fields.is_empty() {
        doc(&[
            format!("Connects as `{}`, with inboxes of the role's own.", role.name.value),
            String::new(),
            "# Errors".to_owned(),
            String::new(),
            "As [`ConnectionBuilder::connect`].".to_owned(),
        ])
    } else {
        doc(&[
            format!("Connects as one `{}`, with inboxes of its own.", role.name.value),
            String::new(),
            "# Errors".to_owned(),
            String::new(),
            "As [`ConnectionBuilder::connect`].".to_owned(),
        ])
    };
    let about = doc(&[
        "What the inboxes of this connection begin with.".to_owned(),
        String::new(),
        "The permissions of `deploy/` allow these inboxes and no others: whoever makes the connection itself gives this to".to_owned(),
        "[`ConnectionBuilder::inbox_prefix`].".to_owned(),
    ]);
    let written = if fields.is_empty() {
        quote! { #prefix.to_owned() }
    } else {
        quote! { format!(#prefix) }
    };
    quote! {
        #connect
        pub async fn connect(builder: ConnectionBuilder, #( #fields: #types ),*) -> Result<Self, ConnectError> {
            let connection = builder.inbox_prefix(Self::inbox_prefix(#( &#fields ),*)).connect().await?;
            Ok(Self::new(connection, #( #fields ),*))
        }

        #about
        #[must_use]
        pub fn inbox_prefix(#( #fields: &#types ),*) -> String {
            #written
        }
    }
}

/// What the role works on.
fn consumers(contract: &Contract, role: &Role) -> Vec<TokenStream> {
    let mut methods = Vec::new();
    for stream in contract.streams.values() {
        let consumers = stream.consumers.values();
        for consumer in consumers.filter(|consumer| consumer.consume.iter().any(|name| name.value == role.name.value)) {
            let (module, ty) = (
                ident(&casing::snake(&stream.name)),
                ident(&casing::pascal(&consumer.name)),
            );
            let method = ident(&casing::snake(&consumer.name));
            let mut lines = vec![format!(
                "Works on what the consumer `{}` delivers.",
                consumer.name.value
            )];
            if let Some(summary) = &consumer.summary {
                lines.extend([String::new(), sentence(summary)]);
            }
            let about = doc(&lines);
            methods.push(quote! {
                #about
                #[must_use]
                pub fn #method(&self) -> ConsumerEndpoint<streams::#module::#ty> {
                    ConsumerEndpoint::new(&self.connection)
                }
            });
        }
    }
    methods
}

fn imports(
    contract: &Contract,
    role: &Role,
    used: &[&str],
    [endpoints, sets, consumers, dead_letters]: [bool; 4],
) -> TokenStream {
    let tokens = contract.tokens.keys().filter(|name| used.contains(&name.as_str()));
    let mut types: Vec<Ident> = tokens.map(|name| tokens::type_ident(name)).collect();
    types.sort();
    let tokens = (!types.is_empty()).then(|| quote! { use crate::tokens::{#(#types),*}; });
    let mut names = vec!["Connection", "ConnectionBuilder"];
    names.extend(
        endpoints
            .then_some(["Endpoint", "TypedSubject", "access"])
            .into_iter()
            .flatten(),
    );
    names.extend(publications::publishes(contract, role).then_some("PublicationEndpoint"));
    names.extend(sets.then_some("SetEndpoint"));
    names.extend(consumers.then_some("ConsumerEndpoint"));
    names.extend(dead_letters.then_some("DeadLetters"));
    let (store_names, store_modules) = stores::role_imports(contract, role);
    names.extend(store_names);
    let provides = services::provides(contract, role);
    names.extend(provides.then_some(["Message", "ServiceError"]).into_iter().flatten());
    let present = presence::concerns(contract, role);
    let presence = present.then(|| quote! { use natsmith_runtime::presence::PresenceEndpoint; use crate::presence; });
    let names = print::imports(names);
    let services = provides.then(|| {
        quote! {
            use natsmith_runtime::service::{Provider, Providing};
            use natsmith_runtime::subscription::SubscribeError;
            use crate::payloads;
            use crate::services;
        }
    });
    let store_modules = print::imports(store_modules);
    let streams = (consumers || dead_letters).then(|| quote! { use crate::streams; });
    let subjects = endpoints.then(|| quote! { use crate::subjects; });
    let subscriptions = sets.then(|| quote! { use crate::subscriptions; });
    quote! { use natsmith_runtime::{#(#names),*}; use natsmith_runtime::connection::ConnectError; #presence #services #( use crate::#store_modules; )* #streams #subjects #subscriptions #tokens }
}

fn endpoint<'c>(
    contract: &'c Contract,
    role: &'c Role,
    subject: &'c Subject,
    part: &Part,
    used: &mut Vec<&'c str>,
) -> TokenStream {
    let (method, path) = (ident(&subject.leaf), type_path(subject));
    let (access, verb) = match (subject.is_request(), part.sends, part.receives) {
        (false, true, true) => ("PublishSubscribe", "Publishes and hears"),
        (false, true, false) => ("Publish", "Publishes"),
        (false, ..) => ("Subscribe", "Hears"),
        (true, true, true) => ("AskAnswer", "Asks and answers"),
        (true, true, false) => ("Ask", "Asks"),
        (true, ..) => ("Answer", "Answers"),
    };
    let access = ident(access);
    let sending = own_fields(contract, role, subject, subject.sender.as_ref());
    let receiving = own_fields(contract, role, subject, subject.receiver.as_ref());
    let asked = if part.sends {
        asked_tokens(subject, &sending)
    } else {
        Vec::new()
    };
    used.extend(&asked);
    let parameters = asked.iter().map(|token| {
        let (name, ty) = (field_ident(token), tokens::type_ident(token));
        if is_copied(contract, token) {
            quote! { #name: #ty }
        } else {
            quote! { #name: &#ty }
        }
    });
    let endpoint = if subject.names_no_party() || !(part.sends && part.receives) {
        let own = if part.sends { &sending } else { &receiving };
        let scope = scope(contract, subject, own, &asked);
        quote! { Endpoint::new(&self.connection, #scope) }
    } else {
        let (sends, hears) = (
            scope(contract, subject, &sending, &asked),
            scope(contract, subject, &receiving, &[]),
        );
        quote! { Endpoint::new(&self.connection, #hears).sending(#sends) }
    };
    let hearing = hearing_scope(contract, role, subject).filter(|_| part.sends);
    let hearing = hearing.map(|scope| quote! { .hearing(&#scope) });
    let mut lines = vec![format!("{verb} on `{}`.", subject.template.text.value)];
    if let Some(summary) = &subject.summary {
        lines.extend([String::new(), sentence(summary)]);
    }
    lines.extend(answered(contract, subject, part));
    let about = doc(&lines);
    quote! {
        #about
        #[must_use]
        pub fn #method(&self, #(#parameters),*) -> Endpoint<#path, access::#access> {
            #endpoint #hearing
        }
    }
}

/// Which functions an endpoint has for answers that are out of the ordinary.
fn answered(contract: &Contract, subject: &Subject, part: &Part) -> Vec<String> {
    let asked = match subject.answers() {
        None | Some(Answers::One { .. }) => return Vec::new(),
        Some(Answers::Many(_)) => "Several answer: [`gather`](Endpoint::gather) what they say.".to_owned(),
        Some(Answers::Streamed(_)) => "[`open`](Endpoint::open) gives the answer in chunks.".to_owned(),
        Some(Answers::On(reply_on)) => {
            let event = contract.subjects.get(&reply_on.subject.value);
            let template = event.map_or("", |event| event.template.text.as_str());
            format!("An [`asker`](Endpoint::asker) sends requests and hears the answers on `{template}`.")
        }
    };
    let answering = "[`serve_streamed`](Endpoint::serve_streamed) answers in chunks.";
    let is_streamed = matches!(subject.answers(), Some(Answers::Streamed(_)));
    let lines = [
        part.sends.then_some(asked),
        (part.receives && is_streamed).then(|| answering.to_owned()),
    ];
    lines
        .into_iter()
        .flatten()
        .flat_map(|line| [String::new(), line])
        .collect()
}
