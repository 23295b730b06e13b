//! A module as one file, or as a folder of files where one would be too long to read.

use std::collections::HashSet;
use std::iter;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, Item};

use super::{names, print};
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
pub(super) fn add<T>(
    contract: &Contract,
    tree: &mut Tree,
    path: &str,
    about: &[String],
    whole: TokenStream,
    (things, part): (&[T], impl Fn(&T) -> Part),
) -> Result<(), EmitError> {
    let one = format!("{path}.rs");
    let most = if things.len() < 2 { usize::MAX } else { MOST_LINES };
    if let Some(text) = print_within(most, contract, about, print::parse(&one, whole)?) {
        return tree.add(one, text);
    }
    // A module in a module of the same name confuses people, and `mod.rs` is the list of the files.
    let module = path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut taken = HashSet::from(["mod".to_owned(), module]);
    let mut files: Vec<(String, TokenStream)> = Vec::new();
    for thing in things {
        let part = part(thing);
        let mut name = casing::snake(&part.name);
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        let path = format!("{path}/{name}.rs");
        let items = print::parse(&path, part.items)?;
        files.push((name, types(&items)));
        let start = print::start(contract, &part.about);
        tree.add(path, iter::once(start).chain(print::print(items)).collect::<String>())?;
    }
    files.sort_by(|left, right| left.0.cmp(&right.0));
    let modules = files.iter().map(|(name, _)| names::ident(name));
    let types = files.iter().map(|(name, types)| {
        let name = names::ident(name);
        quote!(pub use #name::#types;)
    });
    let path = format!("{path}/mod.rs");
    let text = print::file(contract, &path, about, quote!(#(mod #modules;)* #(#types)*))?;
    tree.add(path, text)
}

/// The text of a file, if it has no more lines.
fn print_within(most: usize, contract: &Contract, about: &[String], items: Vec<Item>) -> Option<String> {
    let mut text = String::new();
    let mut lines = 0;
    for part in iter::once(print::start(contract, about)).chain(print::print(items)) {
        lines += part.lines().count();
        if lines > most {
            return None;
        }
        text.push_str(&part);
    }
    Some(text)
}

/// The types of a file, as a list for `use`.
fn types(items: &[Item]) -> TokenStream {
    let types: Vec<&Ident> = items
        .iter()
        .filter_map(|item| match item {
            Item::Struct(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            _ => None,
        })
        .collect();
    match types.as_slice() {
        [only] => quote!(#only),
        many => quote!({#(#many),*}),
    }
}
