//! `src/tokens`: one type a token, which cannot hold what would change the subject.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::files::{self, Part};
use super::names::{self, module_ident, variant_ident};
use super::print::{doc, ident, imports, sentence};
use crate::casing;
use crate::contract::payload::{LeafKind, Text};
use crate::contract::{Contract, Token};
use crate::emit::tree::{EmitError, Tree};
use crate::source::Spanned;

pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    if contract.tokens.is_empty() {
        return Ok(());
    }
    let about_all = [
        "The tokens of subjects.".to_owned(),
        String::new(),
        "A value that could change the subject it stands in is refused where it is made.".to_owned(),
    ];
    let all: Vec<&Token> = contract.tokens.values().collect();
    let part = |token: &&Token| Part {
        name: token.name.value.clone(),
        about: vec![format!("The token `{}`.", *token.name)],
        items: items(contract, &[token]),
    };
    let whole = items(contract, &all);
    files::add(contract, tree, "src/tokens", &about_all, whole, (&all, part))
}

fn items(contract: &Contract, of: &[&Token]) -> TokenStream {
    let tokens = of.iter().map(|token| {
        if let Some(same_as) = &token.same_as {
            return alias(token, same_as);
        }
        let ty = match &token.members {
            Some(members) => enumeration(token, members),
            None => newtype(token),
        };
        let conversions = conversions(contract, token);
        quote! { #ty #(#conversions)* }
    });
    let of: Vec<&&Token> = of.iter().filter(|token| token.same_as.is_none()).collect();
    let patterns = of.iter().any(|token| token.pattern.is_some()).then(|| {
        quote! { use natsmith_runtime::pattern::Pattern; }
    });
    let checks = of.iter().filter(|token| token.members.is_none());
    let checks = imports(checks.map(|token| check_of(token)));
    let checks = (!checks.is_empty()).then(|| {
        quote! { use natsmith_runtime::subject::{#(#checks),*}; }
    });
    let common = (!of.is_empty()).then(|| {
        quote! { use std::fmt; use std::str::FromStr; use natsmith_runtime::TokenError; }
    });
    quote! {
        #common
        #patterns
        #checks
        #(#tokens)*
    }
}

/// The name of a token's type.
pub(super) fn type_ident(token: &str) -> Ident {
    ident(&casing::pascal(token))
}

/// What checks that a text can stand where the token does.
fn check_of(token: &Token) -> &'static str {
    if token.tail { "check_tail" } else { "check_token" }
}

fn about(token: &Token) -> Vec<String> {
    let described = token
        .description
        .as_deref()
        .map_or_else(|| format!("The token `{}`.", *token.name), sentence);
    let mut lines = vec![described];
    if let Some(example) = &token.example {
        lines.extend([String::new(), format!("Example: `{}`.", **example)]);
    }
    if token.tail {
        let text =
            "It stands at the end of a subject for all that follows: one or more tokens, with dots between them.";
        lines.extend([String::new(), text.to_owned()]);
    }
    lines
}

/// Another token under another name.
fn alias(token: &Token, same_as: &str) -> TokenStream {
    let (ty, other) = (type_ident(token.name.as_str()), type_ident(same_as));
    let about = doc(&about(token));
    quote! {
        #about
        pub type #ty = crate::tokens::#other;
    }
}

fn newtype(token: &Token) -> TokenStream {
    let name = token.name.as_str();
    let ty = type_ident(name);
    let mut lines = about(token);
    let (regex, check) = match &token.pattern {
        Some(pattern) => {
            let pattern = pattern.as_str();
            lines.extend([String::new(), format!("Matches `{pattern}`.")]);
            let expected = format!("a text that matches `{pattern}`");
            let check = quote! {
                if !PATTERN.is_match(text) {
                    return Err(TokenError::new(#name, #expected, text));
                }
            };
            (
                Some(quote! { static PATTERN: Pattern = Pattern::new(#pattern); }),
                check,
            )
        }
        None => (None, TokenStream::new()),
    };
    // A pattern may admit more than a token can hold, so both are checked.
    let about = doc(&lines);
    let errors = doc(&[match (&token.pattern, token.tail) {
        (Some(_), _) => "The text does not match the pattern.".to_owned(),
        (None, false) => "The text is empty, or holds `.`, `*`, `>` or white space.".to_owned(),
        (None, true) => "The text or a token of it is empty, or holds `*`, `>` or white space.".to_owned(),
    }]);
    let check_text = ident(check_of(token));
    quote! {
        #about
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct #ty(String);

        impl #ty {
            /// Checks a text and keeps it.
            ///
            /// # Errors
            ///
            #errors
            pub fn new(text: impl Into<String>) -> Result<Self, TokenError> {
                let text = text.into();
                <Self as natsmith_runtime::Token>::check(&text)?;
                Ok(Self(text))
            }

            /// The text of the token.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl natsmith_runtime::Token for #ty {
            fn text(&self) -> &str {
                &self.0
            }

            fn check(text: &str) -> Result<(), TokenError> {
                #regex
                #check_text(#name, text)?;
                #check
                Ok(())
            }
        }

        impl fmt::Display for #ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for #ty {
            type Err = TokenError;

            fn from_str(text: &str) -> Result<Self, TokenError> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for #ty {
            type Error = TokenError;

            fn try_from(text: &str) -> Result<Self, TokenError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for #ty {
            type Error = TokenError;

            fn try_from(text: String) -> Result<Self, TokenError> {
                Self::new(text)
            }
        }

        impl AsRef<str> for #ty {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    }
}

fn enumeration(token: &Token, members: &[Spanned<String>]) -> TokenStream {
    let name = token.name.as_str();
    let ty = type_ident(name);
    let about = doc(&about(token));
    let texts: Vec<&str> = members.iter().map(|member| member.as_str()).collect();
    let variants: Vec<Ident> = texts.iter().map(|text| variant_ident(text)).collect();
    let docs = texts.iter().map(|text| doc(&[format!("`{text}`")]));
    let expected = format!(
        "one of {}",
        texts
            .iter()
            .map(|text| format!("`{text}`"))
            .collect::<Vec<_>>()
            .join(", ")
    );
    quote! {
        #about
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum #ty {
            #( #docs #variants, )*
        }

        impl #ty {
            /// Every value, in the order of the schema.
            pub const ALL: &'static [Self] = &[#(Self::#variants),*];

            /// The text of the token.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    #( Self::#variants => #texts, )*
                }
            }
        }

        impl natsmith_runtime::Token for #ty {
            fn text(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for #ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for #ty {
            type Err = TokenError;

            fn from_str(text: &str) -> Result<Self, TokenError> {
                match text {
                    #( #texts => Ok(Self::#variants), )*
                    _ => Err(TokenError::new(#name, #expected, text)),
                }
            }
        }
    }
}

/// From a token to the types of the payload fields that it is bound to, where both admit the same texts.
fn conversions(contract: &Contract, token: &Token) -> Vec<TokenStream> {
    let means = |name: &str| {
        name == token.name.value
            || contract
                .tokens
                .get(name)
                .and_then(|other| other.same_as.as_ref())
                .is_some_and(|same_as| same_as.value == token.name.value)
    };
    let bindings = contract.subjects.values().flat_map(|subject| {
        let bound = subject.bind.iter().filter(|(name, _)| means(name));
        bound.flat_map(move |(_, binding)| subject.payloads().into_iter().map(move |payload| (payload, binding)))
    });
    let bound = bindings.filter_map(|(payload, binding)| contract.payloads.lookup(payload, &binding.pointer).ok());
    let mut done = BTreeSet::new();
    let mut conversions = Vec::new();
    for leaf in bound {
        let Some(definition) = leaf.definition else { continue };
        let module = &contract.payloads.module(definition.module).name;
        if !done.insert((module.clone(), definition.name.clone())) {
            continue;
        }
        let (module, name) = (module_ident(module), names::type_ident(&definition.name));
        conversions.extend(conversion(
            token,
            &leaf.kind,
            &quote! { crate::payloads::#module::#name },
        ));
    }
    conversions
}

fn conversion(token: &Token, kind: &LeafKind<'_>, field: &TokenStream) -> Option<TokenStream> {
    let ty = type_ident(token.name.as_str());
    match (&token.members, &token.pattern, kind) {
        (Some(members), _, LeafKind::Enum(values)) if members.len() == values.len() => {
            let variants: Vec<Ident> = members.iter().map(|member| variant_ident(member)).collect();
            let texts = members
                .iter()
                .map(|member| values.iter().find(|value| value.text == member.value));
            let others = texts.map(|value| Some(variant_ident(&value?.text)));
            let others: Vec<Ident> = others.collect::<Option<_>>()?;
            Some(quote! {
                impl From<#ty> for #field {
                    fn from(token: #ty) -> Self {
                        match token { #( #ty::#variants => Self::#others, )* }
                    }
                }

                impl From<#field> for #ty {
                    fn from(value: #field) -> Self {
                        match value { #( #field::#others => Self::#variants, )* }
                    }
                }
            })
        }
        (None, Some(pattern), LeafKind::Text(text)) => {
            let only = Text {
                pattern: text.pattern.clone().filter(|field| field.source == pattern.value),
                ..Text::default()
            };
            (only.pattern.is_some() && **text == only).then(|| {
                quote! {
                    impl From<#ty> for #field {
                        fn from(token: #ty) -> Self {
                            Self(token.0)
                        }
                    }
                }
            })
        }
        _ => None,
    }
}
