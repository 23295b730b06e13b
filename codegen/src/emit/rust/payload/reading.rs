//! How values are read from a document.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// Whether a value stands for itself or borrows from the document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// It stands for itself.
    Owned,
    /// It borrows what it can.
    Borrowed,
}

impl Form {
    /// One of two things.
    pub(super) fn choose<T>(self, owned: T, borrowed: T) -> T {
        match self {
            Self::Owned => owned,
            Self::Borrowed => borrowed,
        }
    }

    /// The signature of a function that reads the type.
    pub(super) fn signature(self) -> TokenStream {
        let lifetime = self.choose(quote!('_), quote!('a));
        quote!(fn read(cursor: &mut json::Cursor<#lifetime>) -> json::Parsed<Self>)
    }
}

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
    pub(super) fn expression(&self, form: Form) -> TokenStream {
        match self {
            Self::Plain | Self::Object => {
                let read = self.function(form);
                quote!(#read(cursor))
            }
            Self::Constant(text) => quote!(cursor.constant(#text)),
            Self::Integer(rules) => quote!(cursor.integer(&#rules)),
            Self::Number(rules) => quote!(cursor.number(&#rules)),
            Self::Text(rules) => {
                let text = form.choose(quote!(text), quote!(borrow_text));
                quote!(cursor.#text(&#rules))
            }
            Self::Array(rules, item) => {
                let (array, item) = (form.choose(quote!(array), quote!(borrow_array)), item.function(form));
                quote!(cursor.#array(&#rules, #item))
            }
            Self::Map(rules, value) => {
                let (map, value) = (form.choose(quote!(map), quote!(borrow_map)), value.function(form));
                quote!(cursor.#map(&#rules, #value))
            }
            Self::Nullable(inner) => {
                let inner = inner.function(form);
                quote!(cursor.nullable(#inner))
            }
        }
    }

    /// A function that reads from a cursor.
    pub(super) fn function(&self, form: Form) -> TokenStream {
        match self {
            Self::Plain => form.choose(quote!(json::Codec::read), quote!(json::Borrowed::read)),
            Self::Object => form.choose(quote!(FreeForm::read_object), quote!(borrowed::FreeForm::read_object)),
            other => {
                let read = other.expression(form);
                quote!(|cursor| #read)
            }
        }
    }
}
