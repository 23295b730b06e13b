//! Fields of structs.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs;
use super::types::Scope;
use crate::contract::payload::{DefinitionId, Field, Struct, Type};
use crate::emit::rust::names;

/// A field with what is written for it.
pub(super) struct Member<'f> {
    pub(super) field: &'f Field,
    pub(super) ident: Ident,
    /// The type, without the `Option` of a member that may be missing.
    ty: TokenStream,
    /// Whether a struct of the type would have no size without a box.
    pub(super) boxed: bool,
    /// Whether it stands for a member that may be missing or `null`, in one `Option`.
    pub(super) optional: bool,
    /// Whether its value is always the same, so that the struct has no field.
    pub(super) constant: bool,
}

impl Member<'_> {
    pub(super) fn field_type(&self) -> TokenStream {
        self.whole_type(&self.ty)
    }

    /// The type of the field, of that of the value.
    pub(super) fn whole_type(&self, ty: &TokenStream) -> TokenStream {
        let ty = if self.boxed { quote!(Box<#ty>) } else { quote!(#ty) };
        if self.optional { quote!(Option<#ty>) } else { ty }
    }

    /// The type of the value, without a member's `Option`.
    pub(super) fn inner(&self) -> &Type {
        match &self.field.ty {
            Type::Nullable(inner) => inner,
            ty => ty,
        }
    }

    /// A name for a local that no other local of the function has.
    pub(super) fn local(&self) -> Ident {
        if ["cursor", "members", "member"].contains(&self.ident.to_string().as_str()) {
            format_ident!("{}_", self.ident)
        } else {
            self.ident.clone()
        }
    }

    /// The type of the local, where it needs no `Option` in an `Option`.
    pub(super) fn local_type(&self) -> Option<TokenStream> {
        let ty = self.field_type();
        match (self.optional, self.field.required || self.field.default.is_some()) {
            (false, _) => Some(quote!(Option<#ty>)),
            (true, false) => Some(ty),
            (true, true) => None,
        }
    }

    pub(super) fn docs(&self) -> TokenStream {
        let field = self.field;
        let comment = docs::member(field);
        let deprecated = docs::deprecated(field.docs.deprecated);
        quote!(#comment #deprecated)
    }
}

/// The members of a struct.
pub(super) fn members<'f>(scope: &Scope<'_>, id: DefinitionId, object: &'f Struct) -> Vec<Member<'f>> {
    object.fields.iter().map(|field| member(scope, id, field)).collect()
}

fn member<'f>(scope: &Scope<'_>, id: DefinitionId, field: &'f Field) -> Member<'f> {
    let constant = matches!(field.ty, Type::Constant(_));
    let (inner, optional) = match &field.ty {
        // A member that may be missing and may be `null` says the same by both.
        Type::Nullable(inner) => (&**inner, true),
        ty => (ty, !field.required && field.default.is_none()),
    };
    Member {
        field,
        ident: names::field_ident(&field.name),
        ty: scope.rust_type(inner),
        boxed: scope.holds(inner, id),
        optional,
        constant,
    }
}
