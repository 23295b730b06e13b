//! Enumerations of values of any type.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::docs;
use super::rules::raw;
use super::types::Scope;
use crate::contract::payload::{Definition, Docs, ListedValue};
use crate::emit::rust::names;

/// One of some values, as an enum of plain variants.
pub(super) fn render(scope: &Scope<'_>, definition: &Definition, values: &[ListedValue]) -> TokenStream {
    let name = names::type_ident(&definition.name);
    let docs = docs::comment(
        &definition.docs,
        &definition.name,
        &format!("The values of `{}`.", definition.name),
    );
    let deprecated = docs::deprecated(definition.docs.deprecated);
    let plain: Vec<String> = values.iter().map(|listed| listed.value.to_string()).collect();
    let texts: Vec<TokenStream> = plain.iter().map(|text| raw(text)).collect();
    let variants: Vec<Ident> = values.iter().map(|listed| names::ident(&listed.variant)).collect();
    let old: Vec<Option<TokenStream>> = values.iter().map(|value| docs::deprecated(value.deprecated)).collect();
    let comments = values.iter().zip(&plain).map(|(listed, text)| {
        let docs = Docs {
            description: listed.description.clone(),
            ..Docs::default()
        };
        docs::comment(&docs, "", &format!("`{text}`"))
    });
    let arms = variants.iter().enumerate().map(|(index, variant)| {
        if index + 1 == variants.len() {
            return quote!(_ => Ok(Self::#variant));
        }
        let index = Literal::usize_unsuffixed(index);
        quote!(#index => Ok(Self::#variant))
    });
    let listed = scope.listed(&definition.name, &quote!(#name::TEXTS));
    let statics = scope.take_statics();
    let read = if let [only] = variants.as_slice() {
        quote!(#listed.read(cursor).map(|_| Self::#only))
    } else {
        quote! {
            match #listed.read(cursor)? {
                #(#arms,)*
            }
        }
    };
    quote! {
        #docs
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #deprecated
        pub enum #name {
            #(#comments #old #variants,)*
        }

        #statics

        impl #name {
            /// Every value, in the schema's order.
            pub const ALL: &'static [Self] = &[#(Self::#variants),*];

            const TEXTS: &'static [&'static str] = &[#(#texts),*];

            /// The value as JSON text.
            #[must_use]
            pub const fn as_json(self) -> &'static str {
                match self {
                    #(Self::#variants => #texts,)*
                }
            }
        }

        impl json::Codec for #name {
            fn read(cursor: &mut json::Cursor<'_>) -> json::Parsed<Self> {
                #read
            }

            fn write(&self, out: &mut natsmith_runtime::bytes::BytesMut) {
                out.extend_from_slice(self.as_json().as_bytes());
            }
        }
    }
}
