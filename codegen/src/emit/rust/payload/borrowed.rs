//! Types that borrow from the document they are read from.
//!
//! They are read as the types that stand for themselves are, by the same rules and in the same order, so that both say
//! the same of every document.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::codec::Codec;
use super::docs;
use super::reading::{Form, Reading};
use super::types::{Scope, borrowed_name};
use crate::contract::payload::{Additional, Definition, DefinitionId, Map, Properties, Type};
use crate::emit::rust::names;

/// A type that comes in two forms.
struct Pair {
    owned: Ident,
    name: Ident,
    /// What is written before the declaration.
    head: TokenStream,
}

impl Pair {
    /// Nothing where nobody asks for the borrowed form, or it would be the other one.
    fn of(scope: &Scope<'_>, id: DefinitionId, definition: &Definition) -> Option<Self> {
        if !scope.borrowed.borrows(id) {
            return None;
        }
        let owned = names::type_ident(&definition.name);
        let mut about = vec![format!(
            " [`{owned}`] as it stands in a document, from which it borrows."
        )];
        if scope.set.payload_of(id).is_some() {
            about.push(String::new());
            about.push(" Read by [`BorrowedPayload::decode`](natsmith_runtime::BorrowedPayload::decode).".to_owned());
        }
        let deprecated = docs::deprecated(definition.docs.deprecated);
        Some(Self {
            name: borrowed_name(&owned),
            owned,
            head: quote! {
                #(#[doc = #about])*
                #[derive(Clone, Debug, PartialEq)]
                #deprecated
            },
        })
    }

    /// What reads the type, and makes the owned one of it.
    fn codec(&self, read: &TokenStream, into_owned: &TokenStream) -> TokenStream {
        let Self { owned, name, .. } = self;
        quote! {
            impl<'a> json::Borrowed<'a> for #name<'a> {
                type Owned = #owned;

                #read

                fn into_owned(self) -> #owned {
                    #into_owned
                }
            }
        }
    }
}

/// The borrowed form of a struct.
pub(super) fn of_struct(
    scope: &Scope<'_>,
    id: DefinitionId,
    definition: &Definition,
    codec: &Codec<'_>,
) -> Option<TokenStream> {
    let pair = Pair::of(scope, id, definition)?;
    let Pair { owned, name, head } = &pair;
    let members = || codec.members.iter().filter(|member| !member.constant);
    let fields = members().map(|member| {
        let (docs, ident) = (member.docs(), &member.ident);
        let ty = member.whole_type(&scope.borrowed_type(member.inner()));
        quote!(#docs pub #ident: #ty,)
    });
    let values = members().map(|member| {
        let ident = &member.ident;
        if scope.borrowed.type_borrows(&member.field.ty) {
            quote!(#ident: json::Borrowed::into_owned(self.#ident),)
        } else {
            quote!(#ident: self.#ident,)
        }
    });
    let kept = match &codec.object.additional {
        Additional::Kept(value) => Some(scope.borrowed_type(&Type::Map(Box::new(Map {
            value: value.clone(),
            rules: Properties::default(),
        })))),
        Additional::Ignored | Additional::Refused => None,
    };
    let kept_value = kept
        .is_some()
        .then(|| quote!(additional_properties: json::Borrowed::into_owned(self.additional_properties),));
    let kept = kept.map(|ty| {
        quote! {
            /// Members that the schema does not name.
            pub additional_properties: #ty,
        }
    });
    let implementation = pair.codec(&codec.read(Form::Borrowed), &quote!(#owned { #(#values)* #kept_value }));
    Some(quote! {
        #head
        pub struct #name<'a> {
            #(#fields)*
            #kept
        }

        #implementation
    })
}

/// The borrowed form of a union; its variants have names, types and comments, and `read` says how it is read.
pub(super) fn of_union(
    scope: &Scope<'_>,
    id: DefinitionId,
    definition: &Definition,
    variants: &[(Ident, Type, TokenStream)],
    read: impl Fn(Form) -> TokenStream,
) -> Option<TokenStream> {
    let pair = Pair::of(scope, id, definition)?;
    let Pair { owned, name, head } = &pair;
    let declared = variants.iter().map(|(variant, ty, comment)| {
        let ty = scope.borrowed_type(ty);
        quote!(#comment #variant(#ty),)
    });
    let values = variants.iter().map(|(variant, ty, _)| {
        let value = if scope.borrowed.type_borrows(ty) {
            quote!(json::Borrowed::into_owned(value))
        } else {
            quote!(value)
        };
        quote!(Self::#variant(value) => #owned::#variant(#value),)
    });
    let implementation = pair.codec(&read(Form::Borrowed), &quote!(match self { #(#values)* }));
    Some(quote! {
        #head
        #[allow(clippy::large_enum_variant, reason = "what is large is decided by the schema")]
        pub enum #name<'a> {
            #(#declared)*
        }

        #implementation
    })
}

/// The borrowed form of a document that is no object.
pub(super) fn of_wrapper(
    scope: &Scope<'_>,
    id: DefinitionId,
    definition: &Definition,
    inner: &Type,
    read: &Reading,
) -> Option<TokenStream> {
    let pair = Pair::of(scope, id, definition)?;
    let Pair { owned, name, head } = &pair;
    let ty = scope.borrowed_type(inner);
    let (signature, read) = (Form::Borrowed.signature(), read.expression(Form::Borrowed));
    let implementation = pair.codec(
        &quote!(#signature { #read.map(Self) }),
        &quote!(#owned(json::Borrowed::into_owned(self.0))),
    );
    Some(quote! {
        #head
        pub struct #name<'a>(
            /// The value.
            pub #ty,
        );

        #implementation
    })
}

/// The borrowed form of JSON that a validator judges by the static `judge`.
pub(super) fn of_judged(
    scope: &Scope<'_>,
    id: DefinitionId,
    definition: &Definition,
    judge: &Ident,
) -> Option<TokenStream> {
    let pair = Pair::of(scope, id, definition)?;
    let Pair { owned, name, head } = &pair;
    let ty = scope.borrowed_type(&Type::Any);
    let signature = Form::Borrowed.signature();
    let implementation = pair.codec(
        &quote!(#signature { #judge.borrow(cursor).map(Self) }),
        &quote!(#owned(json::Borrowed::into_owned(self.0))),
    );
    Some(quote! {
        #head
        pub struct #name<'a>(#ty);

        impl<'a> std::ops::Deref for #name<'a> {
            type Target = #ty;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        #implementation
    })
}

/// What lets text with the rules of a static be borrowed, as [`natsmith_runtime::borrowed::Text`].
pub(super) fn of_text(
    scope: &Scope<'_>,
    id: DefinitionId,
    definition: &Definition,
    rules: &Ident,
) -> Option<TokenStream> {
    if !scope.borrowed.reaches(id) {
        return None;
    }
    let owned = names::type_ident(&definition.name);
    let view = scope.borrowed_type(&Type::Named(id));
    // A document that is nothing but text has the name that all borrowed payloads have.
    let alias = scope.set.payload_of(id).map(|_| {
        let (name, about) = (
            borrowed_name(&owned),
            format!(" [`{owned}`] as it stands in a document, from which it borrows."),
        );
        quote! {
            #[doc = #about]
            pub type #name<'a> = #view;
        }
    });
    Some(quote! {
        #alias

        impl<'a> From<#view> for #owned {
            fn from(text: #view) -> Self {
                Self(text.into_text().into_owned())
            }
        }

        impl json::RuledText for #owned {
            fn rules() -> &'static json::Text {
                &#rules
            }
        }
    })
}

/// What lets a type that holds nothing to borrow stand in borrowed ones.
pub(super) fn copied(scope: &Scope<'_>, id: DefinitionId, definition: &Definition) -> Option<TokenStream> {
    if !scope.borrowed.reaches(id) || scope.borrowed.borrows(id) {
        return None;
    }
    let name = names::type_ident(&definition.name);
    Some(quote! {
        impl json::Borrowed<'_> for #name {
            type Owned = Self;

            fn read(cursor: &mut json::Cursor<'_>) -> json::Parsed<Self> {
                json::Codec::read(cursor)
            }

            fn into_owned(self) -> Self {
                self
            }
        }
    })
}
