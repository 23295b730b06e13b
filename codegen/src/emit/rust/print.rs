//! Prints generated items the way people write them.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{File, Item, LitStr};

use crate::contract::Contract;
use crate::emit::tree::{EmitError, MARKER};

/// A Rust file with its header, its documentation and its items, a blank line between two of them.
///
/// # Errors
///
/// The tokens are not Rust: a fault in an emitter.
pub(super) fn file(contract: &Contract, path: &str, about: &[String], items: TokenStream) -> Result<String, EmitError> {
    let start = start(contract, about);
    Ok(std::iter::once(start).chain(print(parse(path, items)?)).collect())
}

/// The items of a file.
///
/// # Errors
///
/// The tokens are not Rust: a fault in an emitter.
pub(super) fn parse(path: &str, items: TokenStream) -> Result<Vec<Item>, EmitError> {
    let file: File = syn::parse2(items).map_err(|error| EmitError::new(path, error))?;
    Ok(file.items)
}

/// What stands before the items of a file. The first line says where it comes from, and how to make it again.
pub(super) fn start(contract: &Contract, about: &[String]) -> String {
    let contract = &contract.name.value;
    let mut text = format!("// {MARKER} from schema `{contract}`; run `cargo natsmith generate` to change it.\n\n");
    for line in about {
        text.push_str("//!");
        if !line.is_empty() {
            text.push(' ');
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

/// The text of each item, with the blank line before it.
pub(super) fn print(items: Vec<Item>) -> impl Iterator<Item = String> {
    let mut block = None;
    items.into_iter().map(move |item| {
        // Imports stand together, and so do modules.
        let kind = matches!(item, Item::Use(_) | Item::Mod(_)).then(|| std::mem::discriminant(&item));
        let apart = kind.is_none() || kind != block;
        block = kind;
        let text = unparse(item);
        if apart { format!("\n{text}") } else { text }
    })
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

/// Puts a blank line before every function of an `impl` that is not its first member.
fn space_members(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    let mut previous = "";
    for line in text.lines() {
        let ends_member = previous == "    }" || (is_member(previous) && previous.ends_with(';'));
        let starts_function = is_member(line)
            && ["///", "#[", "pub fn", "fn", "pub const fn"]
                .iter()
                .any(|start| line.trim_start().starts_with(start));
        if ends_member && (starts_function || (previous == "    }" && line != "}")) {
            spaced.push('\n');
        }
        spaced.push_str(line);
        spaced.push('\n');
        previous = line;
    }
    spaced
}

/// Whether a line stands directly inside an item.
fn is_member(line: &str) -> bool {
    line.strip_prefix("    ").is_some_and(|rest| !rest.starts_with(' '))
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

/// A whole number as people write it: `1_048_576`.
pub(super) fn number(value: u64) -> proc_macro2::TokenStream {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && digits.len() > 4 {
            text.push('_');
        }
        text.push(digit);
    }
    // Digits and separators are always a literal.
    text.parse().unwrap_or_default()
}

/// A duration in the largest unit that holds it without a rest.
pub(super) fn duration(value: std::time::Duration) -> TokenStream {
    if value.subsec_nanos() == 0 {
        let seconds = number(value.as_secs());
        quote! { Duration::from_secs(#seconds) }
    } else if value.subsec_nanos().is_multiple_of(1_000_000) {
        let milliseconds = number(u64::try_from(value.as_millis()).unwrap_or(u64::MAX));
        quote! { Duration::from_millis(#milliseconds) }
    } else {
        let nanoseconds = number(u64::try_from(value.as_nanos()).unwrap_or(u64::MAX));
        quote! { Duration::from_nanos(#nanoseconds) }
    }
}

/// Names to import, without repetition and in alphabetical order.
pub(super) fn imports<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<proc_macro2::Ident> {
    let names: std::collections::BTreeSet<&str> = names.into_iter().collect();
    names.into_iter().map(ident).collect()
}
