//! Payload types: one module a schema file, with types, and what reads, checks and writes them.
//!
//! Implementations are written out rather than derived: they compile in a fraction of the time that derives take, and
//! what they do can be read. Rules of the schema are statics that functions of the runtime take.

mod borrowed;
mod codec;
mod docs;
mod judged;
mod listed;
mod literal;
mod member;
mod object;
mod reading;
mod rules;
mod scalar;
mod tuple;
mod types;
mod union;
mod value;

use std::iter;

use proc_macro2::TokenStream;
use quote::quote;

use super::files::{self, Part};
use super::names;
use super::print::file;
use crate::contract::Contract;
use crate::contract::payload::{
    Borrowed, Definition, DefinitionId, DefinitionKind, Module, ModuleId, Payload, PayloadSet,
};
use crate::emit::threads;
use crate::emit::tree::{EmitError, Tree};

use types::Scope;

/// Adds the modules of the payloads.
pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    let set = &contract.payloads;
    let borrowed = set.borrowed(contract.rust.borrowed.iter().map(|name| name.as_str()));
    let all: Vec<(ModuleId, &Module)> = set.modules().collect();
    threads::emit_each(&all, tree, |(id, module), tree| {
        emit_module(contract, &borrowed, *id, module, tree)
    })?;
    let path = "src/payloads/mod.rs";
    let about = [
        "What travels on the subjects.".to_owned(),
        String::new(),
        "Each payload is a [`Payload`](natsmith_runtime::Payload): it reads, checks and writes documents by its JSON Schema."
            .to_owned(),
    ];
    tree.add(path, file(contract, path, &about, modules(contract))?)
}

/// Adds the definitions of a schema file: in one file, or with a file for each.
fn emit_module(
    contract: &Contract,
    borrowed: &Borrowed,
    id: ModuleId,
    module: &Module,
    tree: &mut Tree,
) -> Result<(), EmitError> {
    let set = &contract.payloads;
    let definitions = set.definitions(id);
    if definitions.is_empty() {
        return Ok(());
    }
    let name = names::module_ident(&module.name).to_string();
    let path = format!("src/payloads/{}", name.trim_start_matches("r#"));
    let whole = items(&Scope::new(contract, borrowed, id), &definitions);
    let part = |(of, definition): &(DefinitionId, &Definition)| {
        let name = names::type_ident(&definition.name);
        let said = if set.payload_of(*of).is_some() {
            about(set, id, module)
        } else {
            vec![format!("The definition [`{name}`], from `{}`.", module.path)]
        };
        Part {
            name: name.to_string(),
            about: said,
            items: items(&Scope::new(contract, borrowed, id).of_one(*of), &[(*of, definition)]),
        }
    };
    let about = about(set, id, module);
    files::add(contract, tree, &path, &about, whole, (&definitions, part))
}

fn items(scope: &Scope<'_>, definitions: &[(DefinitionId, &Definition)]) -> TokenStream {
    let items: Vec<TokenStream> = definitions
        .iter()
        .map(|(id, definition)| render(scope, *id, definition))
        .collect();
    // `quote!` would copy every token.
    iter::once(scope.used.imports()).chain(items).collect()
}

/// The list of modules, with the payloads where people look for them.
fn modules(contract: &Contract) -> TokenStream {
    let set = &contract.payloads;
    let mut names: Vec<(String, &Module, Option<&Payload>)> = set
        .modules()
        .filter(|(id, _)| !set.definitions(*id).is_empty())
        .map(|(id, module)| (module.name.clone(), module, set.payload_in(id)))
        .collect();
    names.sort_by(|left, right| left.0.cmp(&right.0));
    let modules = names.iter().map(|(name, ..)| {
        let name = names::module_ident(name);
        quote!(pub mod #name;)
    });
    let payloads = names.iter().filter_map(|(name, _, payload)| {
        let payload = payload.as_ref()?;
        let (module, ty) = (names::module_ident(name), names::type_ident(&payload.name));
        if contract.rust.borrowed.iter().any(|name| name.value == payload.name) {
            let borrowed = types::borrowed_name(&ty);
            return Some(quote!(pub use #module::{#ty, #borrowed};));
        }
        Some(quote!(pub use #module::#ty;))
    });
    quote!(#(#modules)* #(#payloads)*)
}

fn about(set: &PayloadSet, id: ModuleId, module: &Module) -> Vec<String> {
    match set.payload_in(id) {
        Some(payload) => vec![format!("The payload [`{}`], from `{}`.", payload.name, module.path)],
        None => vec![format!("Definitions that payloads share, from `{}`.", module.path)],
    }
}

fn render(scope: &Scope<'_>, id: DefinitionId, definition: &Definition) -> TokenStream {
    let item = match &definition.kind {
        DefinitionKind::Struct(object) => object::render(scope, id, definition, object),
        DefinitionKind::Enum(values) => scalar::render_enum(definition, values),
        DefinitionKind::Values(values) => listed::render(scope, definition, values),
        DefinitionKind::Text(text) => scalar::render_text(scope, id, definition, text),
        DefinitionKind::Tuple(tuple) => tuple::render(scope, id, definition, tuple),
        DefinitionKind::Tagged(tagged) => union::render_tagged(scope, id, definition, tagged),
        DefinitionKind::Untagged(variants) => union::render_untagged(scope, id, definition, variants),
        DefinitionKind::Wrapper(inner) => union::render_wrapper(scope, id, definition, inner),
        DefinitionKind::Judged(schema) => judged::render(scope, id, definition, schema),
    };
    let copied = borrowed::copied(scope, id, definition);
    let payload = scope.set.payload_of(id).map(|of| payload(scope, of));
    let name = names::type_ident(&definition.name);
    let serde = quote!(natsmith_runtime::serde_impls!(#name););
    iter::once(item).chain(copied).chain(payload).chain([serde]).collect()
}

fn payload(scope: &Scope<'_>, payload: &Payload) -> TokenStream {
    let name = names::type_ident(&payload.name);
    let text = &payload.name;
    let schema = format!("{}../../docs/json-schema/{}.json", scope.deeper(), payload.name);
    quote! {
        impl natsmith_runtime::Payload for #name {
            const NAME: &'static str = #text;
            const SCHEMA: &'static str = include_str!(#schema);

            fn decode(document: &[u8]) -> Result<Self, natsmith_runtime::PayloadError> {
                json::decode(document)
            }

            fn validate(&self) -> Result<(), natsmith_runtime::PayloadError> {
                json::validate(self)
            }

            fn encode(&self, out: &mut natsmith_runtime::bytes::BytesMut) {
                json::Codec::write(self, out);
            }
        }
    }
}
