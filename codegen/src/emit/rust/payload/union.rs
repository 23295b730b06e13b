//! Unions, and documents that are no objects.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::borrowed;
use super::docs;
use super::reading::{Form, Reading};
use super::rules::{Check, Handling, Place};
use super::types::Scope;
use crate::contract::payload::{Definition, DefinitionId, JsonType, Tagged, Type, UntaggedVariant};
use crate::emit::rust::names;

/// Objects that a member tells apart.
pub(super) fn render_tagged(
    scope: &Scope<'_>,
    id: DefinitionId,
    definition: &Definition,
    tagged: &Tagged,
) -> TokenStream {
    let name = names::type_ident(&definition.name);
    let docs = union_docs(definition);
    let tag = &tagged.tag;
    let values: Vec<&str> = tagged.variants.iter().map(|variant| variant.value.as_str()).collect();
    let variants: Vec<Ident> = values.iter().map(|value| names::variant_ident(value)).collect();
    let types: Vec<TokenStream> = tagged
        .variants
        .iter()
        .map(|variant| scope.path(variant.definition))
        .collect();
    let read = |form: Form| {
        let read = Reading::Plain.expression(form);
        let arms = variants
            .iter()
            .zip(&values)
            .enumerate()
            .map(|(index, (variant, value))| {
                let read = quote!(json::tagged(#value, #read).map(Self::#variant));
                if index + 1 == variants.len() {
                    return quote!(_ => #read);
                }
                let index = Literal::usize_unsuffixed(index);
                quote!(#index => #read)
            });
        let signature = form.signature();
        quote! {
            #signature {
                match cursor.tag(#tag, &[#(#values),*])? {
                    #(#arms,)*
                }
            }
        }
    };
    let conversions = conversions(&name, &variants, &types);
    let comments: Vec<TokenStream> = values
        .iter()
        .map(|value| docs::lines(&format!("`{tag}` is `{value}`.")))
        .collect();
    let parts: Vec<(Ident, Type, TokenStream)> = tagged
        .variants
        .iter()
        .zip(&variants)
        .zip(&comments)
        .map(|((variant, ident), comment)| (ident.clone(), Type::Named(variant.definition), comment.clone()))
        .collect();
    let borrowed = borrowed::of_union(scope, id, definition, &parts, read);
    let read = read(Form::Owned);
    quote! {
        #docs
        #[allow(clippy::large_enum_variant, reason = "what is large is decided by the schema")]
        #[derive(Clone, Debug, PartialEq)]
        pub enum #name {
            #(#comments #variants(#types),)*
        }

        #conversions

        impl json::Codec for #name {
            #read

            fn check(&self) -> json::Checked {
                match self {
                    #(Self::#variants(value) => json::tagged(#values, json::Codec::check(value)),)*
                }
            }

            fn write(&self, out: &mut natsmith_runtime::bytes::BytesMut) {
                match self {
                    #(Self::#variants(value) => json::Codec::write(value, out),)*
                }
            }
        }

        #borrowed
    }
}

/// Types that their JSON type tells apart.
pub(super) fn render_untagged(
    scope: &Scope<'_>,
    id: DefinitionId,
    definition: &Definition,
    variants: &[UntaggedVariant],
) -> TokenStream {
    let name = names::type_ident(&definition.name);
    let docs = union_docs(definition);
    let idents: Vec<Ident> = variants
        .iter()
        .map(|variant| names::variant_ident(variant.json.as_str()))
        .collect();
    let types: Vec<TokenStream> = variants.iter().map(|variant| scope.rust_type(&variant.ty)).collect();
    let handlings: Vec<Handling> = variants
        .iter()
        .map(|variant| scope.handling(&variant.ty, &format!("{} {}", definition.name, variant.json.as_str())))
        .collect();
    let comments: Vec<TokenStream> = variants
        .iter()
        .map(|variant| docs::lines(&format!("{}.", capital(words(variant.json)))))
        .collect();
    let kinds: Vec<Ident> = variants
        .iter()
        .map(|variant| format_ident!("{}", kind(variant.json)))
        .collect();
    let types_of_json: Vec<&str> = variants.iter().map(|variant| variant.json.as_str()).collect();
    let checked = check_variants(&idents, &types_of_json, &handlings);
    let expected: Vec<&str> = variants.iter().map(|variant| words(variant.json)).collect();
    let expected = expected.join(" or ");
    let read = |form: Form| {
        let reads = handlings.iter().map(|handling| handling.read.expression(form));
        let signature = form.signature();
        quote! {
            #signature {
                match cursor.kind() {
                    #(json::Kind::#kinds => json::typed(#types_of_json, #reads).map(Self::#idents),)*
                    _ => Err(cursor.wrong_type(#expected)),
                }
            }
        }
    };
    let statics = scope.take_statics();
    let conversions = conversions(&name, &idents, &types);
    let parts: Vec<(Ident, Type, TokenStream)> = variants
        .iter()
        .zip(&idents)
        .zip(&comments)
        .map(|((variant, ident), comment)| (ident.clone(), variant.ty.clone(), comment.clone()))
        .collect();
    let borrowed = borrowed::of_union(scope, id, definition, &parts, read);
    let read = read(Form::Owned);
    quote! {
        #docs
        #[allow(clippy::large_enum_variant, reason = "what is large is decided by the schema")]
        #[derive(Clone, Debug, PartialEq)]
        pub enum #name {
            #(#comments #idents(#types),)*
        }

        #conversions
        #statics

        impl json::Codec for #name {
            #read

            #checked

            fn write(&self, out: &mut natsmith_runtime::bytes::BytesMut) {
                match self {
                    #(Self::#idents(value) => json::Codec::write(value, out),)*
                }
            }
        }

        #borrowed
    }
}

/// Nothing where every value that the variants can hold is valid.
fn check_variants(idents: &[Ident], types: &[&str], handlings: &[Handling]) -> Option<TokenStream> {
    let checks = handlings
        .iter()
        .zip(idents)
        .zip(types)
        .filter_map(|((handling, ident), ty)| {
            let check = handling.check.as_ref()?.expression(&Place::value());
            Some(quote!(Self::#ident(value) => json::typed(#ty, #check),))
        });
    let checks: Vec<TokenStream> = checks.collect();
    let sound: Vec<&Ident> = handlings
        .iter()
        .zip(idents)
        .filter(|(handling, _)| handling.check.is_none())
        .map(|(_, ident)| ident)
        .collect();
    let sound = (!sound.is_empty()).then(|| quote!(#(Self::#sound(_))|* => Ok(()),));
    (!checks.is_empty()).then(|| {
        quote! {
            fn check(&self) -> json::Checked {
                match self {
                    #(#checks)*
                    #sound
                }
            }
        }
    })
}

/// A document that is no object.
pub(super) fn render_wrapper(
    scope: &Scope<'_>,
    id: DefinitionId,
    definition: &Definition,
    inner: &Type,
) -> TokenStream {
    let name = names::type_ident(&definition.name);
    let docs = docs::comment(
        &definition.docs,
        &definition.name,
        &format!("The value `{}`.", definition.name),
    );
    let deprecated = docs::deprecated(definition.docs.deprecated);
    let ty = scope.rust_type(inner);
    let Handling { read, check } = scope.handling(inner, &definition.name);
    let borrowed = borrowed::of_wrapper(scope, id, definition, inner, &read);
    let read = read.expression(Form::Owned);
    let statics = scope.take_statics();
    let check = check.as_ref().map(|check: &Check| {
        let check = check.expression(&Place::position(&Literal::usize_unsuffixed(0)));
        quote! {
            fn check(&self) -> json::Checked {
                #check
            }
        }
    });
    quote! {
        #docs
        #deprecated
        #[derive(Clone, Debug, PartialEq)]
        pub struct #name(
            /// The value.
            pub #ty,
        );

        #statics

        impl json::Codec for #name {
            fn read(cursor: &mut json::Cursor<'_>) -> json::Parsed<Self> {
                #read.map(Self)
            }

            #check

            fn write(&self, out: &mut natsmith_runtime::bytes::BytesMut) {
                json::Codec::write(&self.0, out);
            }
        }

        #borrowed
    }
}

fn union_docs(definition: &Definition) -> TokenStream {
    let docs = docs::comment(
        &definition.docs,
        &definition.name,
        &format!("The cases of `{}`.", definition.name),
    );
    let deprecated = docs::deprecated(definition.docs.deprecated);
    quote!(#docs #deprecated)
}

/// `From` for each type that only one variant has.
fn conversions(name: &Ident, variants: &[Ident], types: &[TokenStream]) -> TokenStream {
    let texts: Vec<String> = types.iter().map(TokenStream::to_string).collect();
    let conversions = variants
        .iter()
        .zip(types)
        .zip(&texts)
        .filter_map(|((variant, ty), text)| {
            let only = texts.iter().filter(|other| *other == text).count() == 1;
            only.then(|| {
                quote! {
                    impl From<#ty> for #name {
                        fn from(value: #ty) -> Self {
                            Self::#variant(value)
                        }
                    }
                }
            })
        });
    quote!(#(#conversions)*)
}

fn words(json: JsonType) -> &'static str {
    match json {
        JsonType::Null => "null",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "an integer",
        JsonType::Number => "a number",
        JsonType::String => "text",
        JsonType::Array => "a list",
        JsonType::Object => "an object",
    }
}

fn kind(json: JsonType) -> &'static str {
    match json {
        JsonType::Null => "Null",
        JsonType::Boolean => "Boolean",
        JsonType::Integer | JsonType::Number => "Number",
        JsonType::String => "String",
        JsonType::Array => "Array",
        JsonType::Object => "Object",
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}
