//! stand-in
use heck::*;
use proc_macro2::{Ident, Span};
pub(crate) fn field_ident(s: &str) -> Ident {
    Ident::new(&s.to_snake_case(), Span::call_site())
}
pub(crate) fn variant_ident(s: &str) -> Ident {
    Ident::new(&s.to_upper_camel_case(), Span::call_site())
}
