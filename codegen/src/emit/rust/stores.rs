//! `src/kv/` and `src/object_stores/`: one module a store, with its key type and what the runtime needs to know of it.

use indexmap::IndexMap;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::address::{self, Address};
use super::names::field_ident;
use super::paths::{payload_path, token_types};
use super::print::{doc, file, ident, imports, sentence};
use super::scope::own_value;
use crate::casing;
use crate::contract::{ByContent, Contract, Role, Store, StoreKind};
use crate::emit::tree::{EmitError, Tree};

pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    folder(
        contract,
        &contract.kv,
        "kv",
        "The key-value buckets, each with its key type.",
        tree,
    )?;
    folder(
        contract,
        &contract.object_stores,
        "object_stores",
        "The object stores, each with the type of its objects' names.",
        tree,
    )
}

fn folder(
    contract: &Contract,
    stores: &IndexMap<String, Store>,
    folder: &str,
    about: &str,
    tree: &mut Tree,
) -> Result<(), EmitError> {
    if stores.is_empty() {
        return Ok(());
    }
    for store in stores.values() {
        let path = format!("src/{folder}/{}.rs", casing::snake(&store.name));
        let about = [format!("The {} `{}`.", kind_name(store), store.name.value)];
        tree.add(path.clone(), file(contract, &path, &about, module(contract, store))?)?;
    }
    let modules: Vec<Ident> = stores.keys().map(|name| ident(&casing::snake(name))).collect();
    let types = stores.values().map(|store| {
        let types = [type_ident(store), key_ident(store), filter_ident(store)];
        quote! { {#(#types),*} }
    });
    let items = quote! { #( mod #modules; )* #( pub use #modules::#types; )* };
    let path = format!("src/{folder}/mod.rs");
    tree.add(path.clone(), file(contract, &path, &[about.to_owned()], items)?)
}

fn kind_name(store: &Store) -> &'static str {
    match store.kind {
        StoreKind::KeyValue { .. } => "key-value bucket",
        StoreKind::Object => "object store",
    }
}

fn type_ident(store: &Store) -> Ident {
    ident(&casing::pascal(&store.name))
}

fn key_ident(store: &Store) -> Ident {
    let suffix = match store.kind {
        StoreKind::KeyValue { .. } => "Key",
        StoreKind::Object => "Name",
    };
    format_ident!("{}{suffix}", casing::pascal(&store.name))
}

fn filter_ident(store: &Store) -> Ident {
    format_ident!("{}Filter", casing::pascal(&store.name))
}

fn module(contract: &Contract, store: &Store) -> TokenStream {
    let (ty, key, filter) = (type_ident(store), key_ident(store), filter_ident(store));
    let (name, template) = (store.name.as_str(), store.key.text.as_str());
    let address = Address {
        ty: key.clone(),
        filter: filter.clone(),
        template: &store.key,
        what: "Matches only keys",
    };
    let declared = address.structs(contract, &key_about(contract, store));
    let (text, filters) = (address.text_impls(), address.filter_impls());
    let used: Vec<&str> = store.key.tokens().collect();
    let used = token_types(contract, &used);
    let used = (!used.is_empty()).then(|| quote! { use crate::tokens::{#(#used),*}; });
    let mut lines = vec![match &store.kind {
        StoreKind::KeyValue { value, .. } => {
            format!(
                "The key-value bucket `{name}`, of [`{0}`](crate::payloads::{0}) by [`{key}`].",
                value.value
            )
        }
        StoreKind::Object => format!("The object store `{name}`, with names of the form [`{key}`]."),
    }];
    lines.extend(
        store
            .summary
            .iter()
            .flat_map(|summary| [String::new(), sentence(summary)]),
    );
    let about = doc(&lines);
    let (modules, implementation) = match &store.kind {
        StoreKind::KeyValue { value, by_content } => {
            let value = payload_path(value);
            let content = by_content
                .as_ref()
                .map(|by_content| content_impl(&ty, &filter, by_content));
            let implementation = quote! {
                impl TypedBucket for #ty {
                    type Key = #key;
                    type Value = #value;
                    const NAME: &'static str = #name;
                }

                #content
            };
            let traits = content.map(|_| quote! { ContentBucket, });
            (
                quote! { use natsmith_runtime::kv::{BucketKey, #traits TypedBucket}; use crate::payloads; },
                implementation,
            )
        }
        StoreKind::Object => {
            let implementation = quote! {
                impl TypedObjectStore for #ty {
                    type Name = #key;
                    const NAME: &'static str = #name;
                }
            };
            (
                quote! { use natsmith_runtime::kv::BucketKey; use natsmith_runtime::object_store::TypedObjectStore; },
                implementation,
            )
        }
    };
    let helpers = imports(["parse_template", "write_filter"]);
    quote! {
        use std::fmt;
        use std::str::FromStr;
        use natsmith_runtime::SubjectError;
        use natsmith_runtime::subject::{#(#helpers),*};
        #modules
        #used

        #about
        #[derive(Clone, Copy, Debug)]
        pub enum #ty {}

        #implementation

        #declared

        impl BucketKey for #key {
            type Filter = #filter;
            const TEMPLATE: &'static str = #template;
        }

        #text
        #filters
    }
}

/// What makes a bucket one whose values are kept by the content of what they were made of.
fn content_impl(ty: &Ident, filter: &Ident, by_content: &ByContent) -> TokenStream {
    let (of, token) = (payload_path(&by_content.of), field_ident(&by_content.token));
    let part = by_content.part.as_ref().map_or("", |part| part.as_str());
    quote! {
        impl ContentBucket for #ty {
            type Content = #of;
            const PART: &'static str = #part;

            fn with_hash(scope: &#filter, hash: &str) -> Result<#filter, SubjectError> {
                Ok(scope.clone().#token(hash.parse()?))
            }
        }
    }
}

fn key_about(contract: &Contract, store: &Store) -> Vec<String> {
    let (ty, key) = (type_ident(store), key_ident(store));
    let what = match store.kind {
        StoreKind::KeyValue { .. } => "A key",
        StoreKind::Object => "A name",
    };
    let mut lines = vec![format!("{what} of [`{ty}`]: `{}`.", store.key.text.value)];
    if let Some(example) = address::example(contract, &store.key) {
        let name = contract.rust.crate_name.replace('-', "_");
        let folder = folder_of(store);
        lines.extend([
            String::new(),
            "```".to_owned(),
            format!("use {name}::{folder}::{key};"),
            String::new(),
            format!("let key: {key} = {example:?}.parse()?;"),
            format!("assert_eq!(key.to_string(), {example:?});"),
            "# Ok::<(), natsmith_runtime::SubjectError>(())".to_owned(),
            "```".to_owned(),
        ]);
    }
    lines
}

fn folder_of(store: &Store) -> &'static str {
    match store.kind {
        StoreKind::KeyValue { .. } => "kv",
        StoreKind::Object => "object_stores",
    }
}

/// The methods of a role's client for the stores that it may use.
pub(super) fn methods(contract: &Contract, role: &Role) -> Vec<TokenStream> {
    contract
        .stores()
        .filter_map(|store| method(contract, store, role))
        .collect()
}

fn method(contract: &Contract, store: &Store, role: &Role) -> Option<TokenStream> {
    let (access, verb) = match (store.is_read_by(&role.name), store.is_written_by(&role.name)) {
        (true, true) => ("ReadWrite", "Reads and writes"),
        (true, false) => ("Read", "Reads"),
        (false, true) => ("Write", "Writes"),
        (false, false) => return None,
    };
    let (method, module) = (ident(&casing::snake(&store.name)), ident(folder_of(store)));
    let (ty, filter, access) = (type_ident(store), filter_ident(store), ident(access));
    let endpoint = ident(match store.kind {
        StoreKind::KeyValue { .. } => "Bucket",
        StoreKind::Object => "ObjectStore",
    });
    let own: Vec<&str> = store
        .key
        .tokens()
        .filter(|token| store.is_written_by(&role.name) && role.own.iter().any(|own| own.value == *token))
        .collect();
    let setters = own.iter().map(|token| {
        let field = field_ident(token);
        let value = own_value(contract, token, &field);
        quote! { .#field(#value) }
    });
    let mut lines = vec![format!("{verb} the {} `{}`.", kind_name(store), store.name.value)];
    lines.extend(
        store
            .summary
            .iter()
            .flat_map(|summary| [String::new(), sentence(summary)]),
    );
    if !own.is_empty() {
        lines.extend([
            String::new(),
            format!(
                "It writes only what has its own {}.",
                own.iter()
                    .map(|token| format!("`{token}`"))
                    .collect::<Vec<_>>()
                    .join(" and ")
            ),
        ]);
    }
    let about = doc(&lines);
    Some(quote! {
        #about
        #[must_use]
        pub fn #method(&self) -> #endpoint<#module::#ty, access::#access> {
            #endpoint::new(&self.connection, #module::#filter::default() #(#setters)*)
        }
    })
}

/// What a role's client needs for its stores: names of the runtime, and modules of the crate.
pub(super) fn role_imports(contract: &Contract, role: &Role) -> (Vec<&'static str>, Vec<&'static str>) {
    let used: Vec<&Store> = contract
        .stores()
        .filter(|store| store.is_read_by(&role.name) || store.is_written_by(&role.name))
        .collect();
    let mut names = Vec::new();
    if used.iter().any(|store| folder_of(store) == "kv") {
        names.push("Bucket");
    }
    if used.iter().any(|store| folder_of(store) == "object_stores") {
        names.push("ObjectStore");
    }
    if !used.is_empty() {
        names.push("access");
    }
    (names, used.into_iter().map(folder_of).collect())
}
