//! What is made of tokens: a type with a field a token, its text both ways, and a filter over it. Subjects are such
//! types, and so are the keys of buckets and the names in object stores.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::names::field_ident;
use super::print::{doc, sentence};
use super::tokens;
use crate::contract::{Contract, Segment, Template};

/// A type that is made of tokens.
pub(super) struct Address<'c> {
    pub(super) ty: Ident,
    pub(super) filter: Ident,
    pub(super) template: &'c Template,
    /// What the filter does, up to the token.
    pub(super) what: &'static str,
}

impl Address<'_> {
    /// The type and its filter.
    pub(super) fn structs(&self, contract: &Contract, about: &[String]) -> TokenStream {
        let (ty, filter, about) = (&self.ty, &self.filter, doc(about));
        let fields: Vec<TokenStream> = self
            .template
            .tokens()
            .map(|token| {
                let (field, ty) = (field_ident(token), tokens::type_ident(token));
                let described = contract
                    .tokens
                    .get(token)
                    .and_then(|token| token.description.as_deref());
                let line = described.map_or_else(|| format!("The token `{token}`."), sentence);
                let line = doc(&[line]);
                quote! { #line pub #field: #ty }
            })
            .collect();
        let options = self.template.tokens().map(|token| {
            let (field, ty) = (field_ident(token), tokens::type_ident(token));
            quote! { #field: Option<#ty> }
        });
        let filter_about = doc(&[format!(
            "A filter over [`{ty}`]: `{}` unless it is narrowed.",
            self.template.wildcard()
        )]);
        if fields.is_empty() {
            return quote! {
                #about
                #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
                pub struct #ty;

                #filter_about
                #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
                pub struct #filter;
            };
        }
        quote! {
            #about
            #[derive(Clone, Debug, PartialEq, Eq, Hash)]
            pub struct #ty { #(#fields),* }

            #filter_about
            #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
            pub struct #filter { #(#options),* }
        }
    }

    /// The type's text, both ways.
    pub(super) fn text_impls(&self) -> TokenStream {
        let ty = &self.ty;
        let literals = literals(self.template);
        let parts: Vec<&str> = self
            .template
            .segments
            .iter()
            .map(|segment| match segment {
                Segment::Literal(text) => text.as_str(),
                Segment::Token(_) | Segment::Tail(_) => "{}",
            })
            .collect();
        let format = parts.join(".");
        let fields: Vec<Ident> = self.template.tokens().map(field_ident).collect();
        if fields.is_empty() {
            return quote! {
                impl fmt::Display for #ty {
                    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(Self::TEMPLATE)
                    }
                }

                impl FromStr for #ty {
                    type Err = SubjectError;

                    fn from_str(subject: &str) -> Result<Self, SubjectError> {
                        let [] = parse_template(Self::TEMPLATE, &[#(#literals),*], subject)?;
                        Ok(Self)
                    }
                }
            };
        }
        quote! {
            impl fmt::Display for #ty {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write!(f, #format, #(self.#fields),*)
                }
            }

            impl FromStr for #ty {
                type Err = SubjectError;

                fn from_str(subject: &str) -> Result<Self, SubjectError> {
                    let [#(#fields),*] = parse_template(Self::TEMPLATE, &[#(#literals),*], subject)?;
                    Ok(Self { #( #fields: #fields.parse()? ),* })
                }
            }
        }
    }

    /// The filter's setters and its text.
    pub(super) fn filter_impls(&self) -> TokenStream {
        let (ty, filter) = (&self.ty, &self.filter);
        let fields: Vec<Ident> = self.template.tokens().map(field_ident).collect();
        let setters = self.template.tokens().map(|token| {
            let (field, ty) = (field_ident(token), tokens::type_ident(token));
            let line = doc(&[format!("{} with this `{token}`.", self.what)]);
            quote! {
                #line
                #[must_use]
                pub fn #field(mut self, #field: #ty) -> Self {
                    self.#field = Some(#field);
                    self
                }
            }
        });
        let setters = (!fields.is_empty()).then(|| quote! { impl #filter { #(#setters)* } });
        quote! {
            #setters

            impl fmt::Display for #filter {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write_filter(f, #ty::TEMPLATE, &[#( self.#fields.as_ref().map(|token| token as &dyn fmt::Display) ),*])
                }
            }
        }
    }
}

/// What stands around the tokens of a template, dots included: one more than there are tokens.
pub(super) fn literals(template: &Template) -> Vec<String> {
    let mut literals = vec![String::new()];
    for (position, segment) in template.segments.iter().enumerate() {
        let dot = if position > 0 { "." } else { "" };
        if let Some(literal) = literals.last_mut() {
            literal.push_str(dot);
            if let Segment::Literal(text) = segment {
                literal.push_str(text);
            }
        }
        if let Segment::Token(_) | Segment::Tail(_) = segment {
            literals.push(String::new());
        }
    }
    literals
}

/// What a template gives with a value for each token, if every token has one to show.
pub(super) fn example(contract: &Contract, template: &Template) -> Option<String> {
    let values = template.segments.iter().map(|segment| match segment {
        Segment::Literal(text) => Some(text.as_str()),
        Segment::Token(name) | Segment::Tail(name) => contract.tokens.get(name)?.sample(),
    });
    let values: Vec<&str> = values.collect::<Option<_>>()?;
    Some(values.join("."))
}
