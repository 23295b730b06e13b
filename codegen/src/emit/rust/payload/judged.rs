//! Values that a validator judges.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use serde_json::Value;

use super::borrowed;
use super::docs;
use super::rules::raw;
use super::types::Scope;
use crate::contract::payload::{Definition, DefinitionId};
use crate::emit::rust::names;

/// JSON that a schema accepts, as a type that holds nothing else.
pub(super) fn render(scope: &Scope<'_>, id: DefinitionId, definition: &Definition, schema: &Value) -> TokenStream {
    scope.used.free_form.set(true);
    let name = names::type_ident(&definition.name);
    let docs = docs::comment(
        &definition.docs,
        &definition.name,
        &format!("The value `{}`.", definition.name),
    );
    let deprecated = docs::deprecated(definition.docs.deprecated);
    let rules: Ident = scope.judge(&definition.name, &raw(&format!("{schema:#}")));
    let statics = scope.take_statics();
    let borrowed = borrowed::of_judged(scope, id, definition, &rules);
    quote! {
        #docs
        #[doc = ""]
        #[doc = " Its schema says more than a type can, so a validator judges the text, and what it accepts is kept as it is."]
        #deprecated
        #[derive(Clone, Debug, PartialEq)]
        pub struct #name(pub(crate) FreeForm);

        #statics

        impl #name {
            /// Takes JSON that the schema accepts.
            ///
            /// # Errors
            ///
            /// The first place at which it is not what the schema asks for.
            pub fn new(value: FreeForm) -> Result<Self, natsmith_runtime::PayloadError> {
                #rules.check(&value)?;
                Ok(Self(value))
            }

            /// The text, as it was received.
            #[must_use]
            pub const fn as_free_form(&self) -> &FreeForm {
                &self.0
            }

            /// Reads the value into a type of yours.
            ///
            /// # Errors
            ///
            /// When the value is not of that type.
            pub fn get<T: natsmith_runtime::serde::de::DeserializeOwned>(
                &self,
            ) -> Result<T, natsmith_runtime::serde_json::Error> {
                self.0.get()
            }

            /// Reads the value as plain JSON.
            ///
            /// # Errors
            ///
            /// When it nests deeper than `serde_json` reads, which is 127 levels.
            pub fn to_value(&self) -> Result<natsmith_runtime::serde_json::Value, natsmith_runtime::serde_json::Error> {
                self.0.to_value()
            }
        }

        impl TryFrom<FreeForm> for #name {
            type Error = natsmith_runtime::PayloadError;

            fn try_from(value: FreeForm) -> Result<Self, Self::Error> {
                Self::new(value)
            }
        }

        impl json::Codec for #name {
            fn read(cursor: &mut json::Cursor<'_>) -> json::Parsed<Self> {
                #rules.read(cursor).map(Self)
            }

            fn write(&self, out: &mut natsmith_runtime::bytes::BytesMut) {
                json::Codec::write(&self.0, out);
            }
        }

        #borrowed
    }
}
