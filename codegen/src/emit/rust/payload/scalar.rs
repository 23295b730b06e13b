//! Enumerations and text with rules.

use proc_macro2::TokenStream;
use quote::quote;

use super::borrowed;
use super::docs;
use super::types::Scope;
use crate::contract::payload::{Definition, DefinitionId, Docs, EnumValue, Text};
use crate::emit::rust::names;

/// An enumeration of texts.
pub(super) fn render_enum(definition: &Definition, values: &[EnumValue]) -> TokenStream {
    let name = names::type_ident(&definition.name);
    let docs = docs::comment(
        &definition.docs,
        &definition.name,
        &format!("The values of `{}`.", definition.name),
    );
    let deprecated = docs::deprecated(definition.docs.deprecated);
    let texts: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
    let variants: Vec<_> = texts.iter().map(|text| names::variant_ident(text)).collect();
    let old: Vec<Option<TokenStream>> = values.iter().map(|value| docs::deprecated(value.deprecated)).collect();
    let comments = values.iter().map(|value| {
        let docs = Docs {
            description: value.description.clone(),
            ..Docs::default()
        };
        docs::comment(&docs, "", &format!("`{}`", value.text))
    });
    quote! {
        #docs
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #deprecated
        pub enum #name {
            #(#comments #old #variants,)*
        }

        impl #name {
            /// Every value, in the schema's order.
            pub const ALL: &'static [Self] = &[#(Self::#variants),*];

            const TEXTS: &'static [&'static str] = &[#(#texts),*];

            /// The value as it stands in a document.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    #(Self::#variants => #texts,)*
                }
            }

            fn known(text: &str) -> Option<Self> {
                match text {
                    #(#texts => Some(Self::#variants),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for #name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for #name {
            type Err = natsmith_runtime::PayloadError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::known(text).ok_or_else(|| json::unlisted(text, Self::TEXTS))
            }
        }

        impl natsmith_runtime::TokenValue for #name {
            fn token_text(&self) -> std::borrow::Cow<'_, str> {
                self.as_str().into()
            }
        }

        impl json::Codec for #name {
            fn read(cursor: &mut json::Cursor<'_>) -> json::Parsed<Self> {
                cursor.one_of(Self::known, Self::TEXTS)
            }

            fn write(&self, out: &mut natsmith_runtime::bytes::BytesMut) {
                json::text(self.as_str(), out);
            }
        }
    }
}

/// Text with rules, which a value of the type is known to follow.
pub(super) fn render_text(scope: &Scope<'_>, id: DefinitionId, definition: &Definition, text: &Text) -> TokenStream {
    let name = names::type_ident(&definition.name);
    let docs = docs::comment(
        &definition.docs,
        &definition.name,
        &format!("The text `{}`.", definition.name),
    );
    let deprecated = docs::deprecated(definition.docs.deprecated);
    let rules = scope.text_rules(&definition.name, text);
    let statics = scope.take_statics();
    let borrowed = borrowed::of_text(scope, id, definition, &rules);
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #deprecated
        pub struct #name(pub(crate) String);

        #statics

        impl #name {
            /// Takes text that follows the rules.
            ///
            /// # Errors
            ///
            /// The first rule that the text breaks.
            pub fn new(text: impl Into<String>) -> Result<Self, natsmith_runtime::PayloadError> {
                let text = text.into();
                #rules.check(&text)?;
                Ok(Self(text))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for #name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::str::FromStr for #name {
            type Err = natsmith_runtime::PayloadError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for #name {
            type Error = natsmith_runtime::PayloadError;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for #name {
            type Error = natsmith_runtime::PayloadError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(text)
            }
        }

        impl From<#name> for String {
            fn from(text: #name) -> Self {
                text.0
            }
        }

        impl AsRef<str> for #name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl natsmith_runtime::TokenValue for #name {
            fn token_text(&self) -> std::borrow::Cow<'_, str> {
                self.as_str().into()
            }
        }

        impl json::Codec for #name {
            fn read(cursor: &mut json::Cursor<'_>) -> json::Parsed<Self> {
                cursor.text(&#rules).map(Self)
            }

            fn write(&self, out: &mut natsmith_runtime::bytes::BytesMut) {
                json::text(&self.0, out);
            }

            fn as_text(&self) -> Option<&str> {
                Some(&self.0)
            }
        }

        #borrowed
    }
}
