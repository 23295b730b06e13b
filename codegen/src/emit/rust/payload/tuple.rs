//! Lists whose positions have types of their own.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs;
use super::reading::Form;
use super::rules::{Handling, Place};
use super::types::Scope;
use crate::contract::payload::{Definition, DefinitionId, Rest, Tuple};
use crate::emit::rust::names;

/// A position with what is written for it.
struct Item {
    docs: TokenStream,
    index: Literal,
    ty: TokenStream,
    required: bool,
    handling: Handling,
}

/// A list as a tuple struct.
pub(super) fn render(scope: &Scope<'_>, id: DefinitionId, definition: &Definition, tuple: &Tuple) -> TokenStream {
    let name = names::type_ident(&definition.name);
    let docs = docs::comment(
        &definition.docs,
        &definition.name,
        &format!("The list `{}`.", definition.name),
    );
    let deprecated = docs::deprecated(definition.docs.deprecated);
    let positions = items(scope, id, definition, tuple);
    let rest = match &tuple.rest {
        Rest::Refused => None,
        Rest::Kept(ty) => Some((
            scope.rust_type(ty),
            scope.handling(ty, &format!("{} rest", definition.name)),
        )),
    };
    let fields = positions.iter().map(|position| {
        let (docs, ty) = (&position.docs, &position.ty);
        if position.required {
            quote!(#docs pub #ty)
        } else {
            quote!(#docs pub Option<#ty>)
        }
    });
    let rest_field = rest.as_ref().map(|(ty, _)| {
        quote! {
            /// The items that follow.
            pub Vec<#ty>,
        }
    });
    let rules = scope.tuple_rules(&definition.name, &tuple.rules);
    let statics = scope.take_statics();
    let reads = positions.iter().map(|position| {
        let read = position.handling.read.function(Form::Owned);
        if position.required {
            quote!(items.required(cursor, #read)?)
        } else {
            quote!(items.optional(cursor, #read)?)
        }
    });
    let rest_read = rest.as_ref().map(|(_, handling)| {
        let read = handling.read.function(Form::Owned);
        quote!(items.others(cursor, #read)?,)
    });
    let checks = checks(&positions, rest.as_ref().map(|(_, handling)| handling));
    let optional = positions.iter().filter(|position| !position.required).map(|position| {
        let index = &position.index;
        quote!(self.#index.is_some())
    });
    let required = Literal::usize_unsuffixed(tuple.required);
    let after = Literal::usize_unsuffixed(positions.len());
    let others = rest.as_ref().map_or_else(|| quote!(0), |_| quote!(self.#after.len()));
    let writes = positions.iter().map(|position| {
        let index = &position.index;
        if position.required {
            quote!(list.item(&self.#index);)
        } else {
            quote!(list.optional(self.#index.as_ref());)
        }
    });
    let rest_write = rest.as_ref().map(|_| quote!(list.others(&self.#after);));
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq)]
        #deprecated
        pub struct #name(#(#fields,)* #rest_field);

        #statics

        impl json::Codec for #name {
            fn read(cursor: &mut json::Cursor<'_>) -> json::Parsed<Self> {
                let mut items = cursor.tuple(&#rules)?;
                let list = Self(#(#reads,)* #rest_read);
                items.end(cursor)?;
                Ok(list)
            }

            fn check(&self) -> json::Checked {
                #checks
                let length = json::positions(#required, &[#(#optional),*], #others)?;
                #rules.check_tuple(length, self)
            }

            fn write(&self, out: &mut natsmith_runtime::bytes::BytesMut) {
                let mut list = json::ListWriter::new(out);
                #(#writes)*
                #rest_write
                list.finish();
            }
        }
    }
}

fn items(scope: &Scope<'_>, id: DefinitionId, definition: &Definition, tuple: &Tuple) -> Vec<Item> {
    tuple
        .positions
        .iter()
        .enumerate()
        .map(|(index, position)| {
            let ty = &position.ty;
            let handling = scope.handling(ty, &format!("{} item {index}", definition.name));
            let boxed = scope.holds(ty, id);
            let ty = scope.rust_type(ty);
            let mut about = format!("The item at {index}.");
            if index >= tuple.required {
                about.push_str(" It is only there if those before it are.");
            }
            Item {
                docs: docs::comment(&position.docs, "", &about),
                index: Literal::usize_unsuffixed(index),
                ty: if boxed { quote!(Box<#ty>) } else { ty },
                required: index < tuple.required,
                handling,
            }
        })
        .collect()
}

fn checks(positions: &[Item], rest: Option<&Handling>) -> TokenStream {
    let each = positions.iter().filter_map(|position| {
        let index = &position.index;
        let check = position.handling.check.as_ref()?;
        Some(if position.required {
            let check = check.expression(&Place::position(index));
            quote!(json::element(#index, #check)?;)
        } else {
            let check = check.expression(&Place::value());
            quote! {
                if let Some(value) = &self.#index {
                    json::element(#index, #check)?;
                }
            }
        })
    });
    let after = Literal::usize_unsuffixed(positions.len());
    let rest = rest.and_then(|handling| {
        let check = handling.check.as_ref()?.expression(&Place::value());
        Some(quote! {
            for (index, value) in self.#after.iter().enumerate() {
                json::element(index + #after, #check)?;
            }
        })
    });
    quote!(#(#each)* #rest)
}
