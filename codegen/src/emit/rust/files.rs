//! A module as one file, or as a folder of files where one would be too long to read.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::names;
use super::print::file;
use crate::casing;
use crate::contract::Contract;
use crate::emit::tree::{EmitError, Tree};

/// The most lines of a file that could be taken apart.
pub(super) const MOST_LINES: usize = 600;

/// A part of a module that can have a file of its own.
pub(super) struct Part {
    /// What it is called after.
    pub(super) name: String,
    /// What its file says about it.
    pub(super) about: Vec<String>,
    pub(super) items: TokenStream,
}

/// Adds a module: `path` is its file without `.rs`. What it offers is found under the same path either way.
pub(super) fn add(
    contract: &Contract,
    tree: &mut Tree,
    path: &str,
    about: &[String],
    whole: TokenStream,
    parts: impl FnOnce() -> Vec<Part>,
) -> Result<(), EmitError> {
    let one = format!("{path}.rs");
    let text = file(contract, &one, about, whole)?;
    let parts = if text.lines().count() > MOST_LINES {
        parts()
    } else {
        Vec::new()
    };
    if parts.len() < 2 {
        return tree.add(one, text);
    }
    // A module in a module of the same name confuses people, and `mod.rs` is the list of the files.
    let module = path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut taken = HashSet::from(["mod".to_owned(), module]);
    let mut files: Vec<(String, TokenStream)> = Vec::new();
    for part in parts {
        let mut name = casing::snake(&part.name);
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        let path = format!("{path}/{name}.rs");
        let types = types(&path, &part.items)?;
        tree.add(&*path, file(contract, &path, &part.about, part.items)?)?;
        files.push((name, types));
    }
    files.sort_by(|left, right| left.0.cmp(&right.0));
    let modules = files.iter().map(|(name, _)| names::ident(name));
    let types = files.iter().map(|(name, types)| {
        let name = names::ident(name);
        quote!(pub use #name::#types;)
    });
    let path = format!("{path}/mod.rs");
    let text = file(contract, &path, about, quote!(#(mod #modules;)* #(#types)*))?;
    tree.add(path, text)
}

/// The types of a file, as a list for `use`.
fn types(path: &str, items: &TokenStream) -> Result<TokenStream, EmitError> {
    let file: syn::File = syn::parse2(items.clone()).map_err(|error| EmitError::new(path, error))?;
    let types: Vec<syn::Ident> = file
        .items
        .into_iter()
        .filter_map(|item| match item {
            syn::Item::Struct(item) => Some(item.ident),
            syn::Item::Enum(item) => Some(item.ident),
            syn::Item::Type(item) => Some(item.ident),
            _ => None,
        })
        .collect();
    Ok(match types.as_slice() {
        [only] => quote!(#only),
        many => quote!({#(#many),*}),
    })
}
