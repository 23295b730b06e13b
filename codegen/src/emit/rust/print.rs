//! Prints generated items the way people write them.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{File, Item, LitStr};

use crate::contract::Contract;
use crate::emit::tree::EmitError;
use crate::output::MARKER;

/// A Rust file with its header, its documentation and its items, a blank line between two of them.
///
/// # Errors
///
/// The tokens are not Rust: a fault in an emitter.
pub(super) fn file(contract: &Contract, path: &str, about: &[String], items: TokenStream) -> Result<String, EmitError> {
    let file: File = syn::parse2(items).map_err(|error| EmitError::new(path, error))?;
    let mut text = header(contract);
    text.push('\n');
    for line in about {
        text.push_str("//!");
        if !line.is_empty() {
            text.push(' ');
            text.push_str(line);
        }
        text.push('\n');
    }
    let mut was_import = false;
    for item in file.items {
        let is_import = matches!(item, Item::Use(_) | Item::Mod(_));
        if !(was_import && is_import) {
            text.push('\n');
        }
        was_import = is_import;
        text.push_str(&unparse(item));
    }
    Ok(text)
}

/// The first line of every generated file: where it comes from, and how to make it again.
fn header(contract: &Contract) -> String {
    format!(
        "// {MARKER} from schema `{}`; run `cargo natsmith generate` to change it.\n",
        contract.name.value
    )
}

fn unparse(item: Item) -> String {
    // Members of an `impl` get a blank line between them; prettyplease prints them without.
    let spaced = matches!(item, Item::Impl(_));
    let text = prettyplease::unparse(&File {
        frontmatter: None,
        shebang: None,
        attrs: Vec::new(),
        items: vec![item],
    });
    if spaced { space_members(&text) } else { text }
}

/// Puts a blank line between the functions of an `impl`.
fn space_members(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        spaced.push_str(line);
        spaced.push('\n');
        if line == "    }" && lines.peek().is_some_and(|next| *next != "}") {
            spaced.push('\n');
        }
    }
    spaced
}

/// Documentation of an item, from Markdown lines.
pub(super) fn doc(lines: &[String]) -> TokenStream {
    let lines = lines.iter().flat_map(|line| line.split('\n')).map(|line| {
        let line = if line.is_empty() {
            String::new()
        } else {
            format!(" {}", line.trim_end())
        };
        quote! { #[doc = #line] }
    });
    quote! { #(#lines)* }
}

/// One sentence as documentation: it starts with a capital letter and ends with a full stop.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', ':']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// A text that is written as a raw literal, so that it stands in the code as it is.
///
/// # Errors
///
/// No literal can be made of it: a fault in an emitter.
pub(super) fn raw_literal(path: &str, text: &str) -> Result<TokenStream, EmitError> {
    let mut hashes = String::new();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    let literal: LitStr =
        syn::parse_str(&format!("r{hashes}\"{text}\"{hashes}")).map_err(|error| EmitError::new(path, error))?;
    Ok(literal.into_token_stream())
}

/// An identifier made by the emitter itself.
pub(super) fn ident(name: &str) -> proc_macro2::Ident {
    proc_macro2::Ident::new(name, Span::call_site())
}
