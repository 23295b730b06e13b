//! How values are read from a document.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// How a value is read from `cursor`.
pub(super) enum Reading {
    /// By its own type.
    Plain,
    /// As an object whose inside is left open.
    Object,
    /// As a text that is always the same.
    Constant(String),
    /// As an integer that follows a static's rules.
    Integer(Ident),
    /// As a number that follows a static's rules.
    Number(Ident),
    /// As text that follows a static's rules.
    Text(Ident),
    /// As a list, by its rules and how its items are read.
    Array(TokenStream, Box<Reading>),
    /// As a map, by its rules and how its values are read.
    Map(TokenStream, Box<Reading>),
    /// As `null`, or in another way.
    Nullable(Box<Reading>),
}

impl Reading {
    /// Whether the value's own type reads it.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self, Self::Plain)
    }

    /// An expression that reads from `cursor`.
    pub(super) fn expression(&self) -> TokenStream {
        match self {
            Self::Plain => quote!(json::Codec::read(cursor)),
            Self::Object => quote!(FreeForm::read_object(cursor)),
            Self::Constant(text) => quote!(cursor.constant(#text)),
            Self::Integer(rules) => quote!(cursor.integer(&#rules)),
            Self::Number(rules) => quote!(cursor.number(&#rules)),
            Self::Text(rules) => quote!(cursor.text(&#rules)),
            Self::Array(rules, item) => {
                let item = item.function();
                quote!(cursor.array(&#rules, #item))
            }
            Self::Map(rules, value) => {
                let value = value.function();
                quote!(cursor.map(&#rules, #value))
            }
            Self::Nullable(inner) => {
                let inner = inner.function();
                quote!(cursor.nullable(#inner))
            }
        }
    }

    /// A function that reads from a cursor.
    pub(super) fn function(&self) -> TokenStream {
        match self {
            Self::Plain => quote!(json::Codec::read),
            Self::Object => quote!(FreeForm::read_object),
            other => {
                let read = other.expression();
                quote!(|cursor| #read)
            }
        }
    }
}
