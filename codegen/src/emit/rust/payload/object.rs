//! Structs: their declarations, and what belongs to each.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::borrowed;
use super::codec::Codec;
use super::docs;
use super::member::{Member, members};
use super::reading::Form;
use super::types::Scope;
use super::value::Written;
use crate::contract::payload::{Additional, Definition, DefinitionId, Map, Properties, Struct, Type};
use crate::emit::rust::{names, print};

/// From this many fields on, a struct with optional ones can be made from its required ones.
const MANY_FIELDS: usize = 5;

/// Everything about one struct.
pub(super) fn render(scope: &Scope<'_>, id: DefinitionId, definition: &Definition, object: &Struct) -> TokenStream {
    let members = members(scope, id, object);
    let absent: Vec<Option<Written>> = members.iter().map(|member| scope.absent(member)).collect();
    let kept = match &object.additional {
        Additional::Kept(ty) => Some(scope.rust_type(&Type::Map(Box::new(Map {
            value: ty.clone(),
            rules: Properties::default(),
        })))),
        _ => None,
    };
    let declaration = declaration(definition, &members, &absent, kept.as_ref());
    let required = required(scope, id, definition, &members, &absent, kept.is_some());
    let handlings = members
        .iter()
        .map(|member| scope.handling(&member.field.ty, &format!("{} {}", definition.name, member.field.name)))
        .collect();
    let additional = match &object.additional {
        Additional::Kept(ty) => Some(scope.handling(ty, &format!("{} additional", definition.name))),
        _ => None,
    };
    let rules = (!object.rules.is_any()).then(|| scope.properties_static(&definition.name, &object.rules));
    let name = names::type_ident(&definition.name);
    let codec = Codec {
        name: name.clone(),
        borrowed: scope.borrowed,
        object,
        members: &members,
        absent: &absent,
        handlings,
        additional,
        rules,
    };
    let read = codec.read(Form::Owned);
    let check = codec.check();
    let write = codec.write();
    let known = members.iter().map(|member| member.field.name.as_str());
    let known = (!members.is_empty()).then(|| {
        quote! {
            impl #name {
                const MEMBERS: &'static [&'static str] = &[#(#known),*];
            }
        }
    });
    let statics = scope.take_statics();
    let borrowed = borrowed::of_struct(scope, id, definition, &codec);
    quote! {
        #declaration
        #required
        #known
        #statics
        impl json::Codec for #name {
            #read
            #check
            #write
        }
        #borrowed
    }
}

fn declaration(
    definition: &Definition,
    members: &[Member<'_>],
    absent: &[Option<Written>],
    kept: Option<&TokenStream>,
) -> TokenStream {
    let name = names::type_ident(&definition.name);
    let docs = docs::comment(
        &definition.docs,
        &definition.name,
        &format!("The object `{}`.", definition.name),
    );
    let deprecated = docs::deprecated(definition.docs.deprecated);
    let stored: Vec<&Member<'_>> = members.iter().filter(|member| !member.constant).collect();
    let values: Option<Vec<&Written>> = stored_values(members, absent).map(|(_, absent)| absent).collect();
    let derived = values
        .as_ref()
        .is_some_and(|values| values.iter().all(|value| value.is_default));
    let default = derived.then(|| quote!(, Default));
    let implemented = values.filter(|_| !derived).map(|values| {
        let fields = stored.iter().zip(values).map(|(member, value)| {
            let (ident, value) = (&member.ident, &value.tokens);
            quote!(#ident: #value)
        });
        let kept = kept.map(|_| quote!(additional_properties: BTreeMap::new(),));
        quote! {
            impl Default for #name {
                fn default() -> Self {
                    Self { #(#fields,)* #kept }
                }
            }
        }
    });
    let flags = stored
        .iter()
        .filter(|member| matches!(member.field.ty, Type::Boolean) && !member.optional)
        .count();
    let allow =
        (flags > 3).then(|| quote!(#[allow(clippy::struct_excessive_bools, reason = "the schema has as many")]));
    let fields = stored.iter().map(|member| {
        let (docs, ident, ty) = (member.docs(), &member.ident, member.field_type());
        quote!(#docs pub #ident: #ty)
    });
    let kept = kept.map(|ty| {
        quote! {
            /// Members that the schema does not name.
            pub additional_properties: #ty,
        }
    });
    quote! {
        #docs
        #allow
        #[derive(Clone, Debug, PartialEq #default)]
        #deprecated
        pub struct #name {
            #(#fields,)*
            #kept
        }

        #implemented
    }
}

/// The members that have fields, with what they are where a document leaves them out.
fn stored_values<'m, 'f>(
    members: &'m [Member<'f>],
    absent: &'m [Option<Written>],
) -> impl Iterator<Item = (&'m Member<'f>, Option<&'m Written>)> {
    let all = members.iter().zip(absent).filter(|(member, _)| !member.constant);
    all.map(|(member, absent)| (member, absent.as_ref()))
}

/// The required fields as a struct of their own, from which the whole one is made.
fn required(
    scope: &Scope<'_>,
    id: DefinitionId,
    definition: &Definition,
    members: &[Member<'_>],
    absent: &[Option<Written>],
    kept: bool,
) -> TokenStream {
    let stored: Vec<_> = stored_values(members, absent).collect();
    let (optional, required): (Vec<_>, Vec<_>) = stored.iter().copied().partition(|(_, absent)| absent.is_some());
    if stored.len() < MANY_FIELDS || required.is_empty() || optional.is_empty() {
        return TokenStream::new();
    }
    let whole = names::type_ident(&definition.name);
    let name = format_ident!("{whole}Required");
    let defaults = optional.iter().any(|(member, _)| member.field.default.is_some());
    let others = if defaults {
        "have their defaults or are `None`"
    } else {
        "are `None`"
    };
    let mut about = vec![format!(
        "The fields that every [`{whole}`] has; the others {others} in what is made of them."
    )];
    // One that is `None` can be shown without knowing what else is there.
    let shown = optional
        .iter()
        .find(|(member, _)| member.optional && !member.field.docs.deprecated);
    if let Some((shown, _)) = shown {
        let module = scope.user_path(id);
        about.extend([
            String::new(),
            "```".to_owned(),
            format!("use {module}::{{{whole}, {name}}};"),
            String::new(),
            format!("fn made(required: {name}) -> {whole} {{"),
            format!("    {whole} {{ {}: None, ..required.into() }}", shown.ident),
            "}".to_owned(),
            "```".to_owned(),
        ]);
    }
    let about = print::doc(&about);
    let fields = required.iter().map(|(member, _)| {
        let (docs, ident, ty) = (member.docs(), &member.ident, member.field_type());
        quote!(#docs pub #ident: #ty)
    });
    let values = stored.iter().map(|(member, absent)| {
        let ident = &member.ident;
        let value = absent.map_or_else(|| quote!(required.#ident), |absent| absent.tokens.clone());
        quote!(#ident: #value)
    });
    let kept = kept.then(|| quote!(additional_properties: BTreeMap::new(),));
    quote! {
        #about
        #[derive(Clone, Debug, PartialEq)]
        pub struct #name {
            #(#fields,)*
        }
        impl From<#name> for #whole {
            fn from(required: #name) -> Self {
                Self {
                    #(#values,)*
                    #kept
                }
            }
        }
    }
}
