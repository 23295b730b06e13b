//! `src/subscriptions.rs`: one enum a named subscription.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::files::{self, Part};
use super::print::{ident, imports, sentence};
use super::sets;
use crate::casing;
use crate::contract::{Contract, Subject, Subscription};
use crate::emit::tree::{EmitError, Tree};

pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    let all: Vec<&Subscription> = contract.subscriptions.values().collect();
    let about =
        ["Named wildcard subscriptions: one typed message for every subject that each of them hears.".to_owned()];
    let part = |subscription: &&Subscription| Part {
        name: subscription.name.value.clone(),
        about: vec![format!("The subscription `{}`.", subscription.name.value)],
        items: items(contract, &[subscription]),
    };
    let whole = items(contract, &all);
    files::add(contract, tree, "src/subscriptions", &about, whole, (&all, part))
}

fn items(contract: &Contract, subscriptions: &[&Subscription]) -> TokenStream {
    let imports = imports(sets::IMPORTS.into_iter().chain(["MessageSet"]));
    let subscriptions = subscriptions
        .iter()
        .map(|subscription| self::subscription(contract, subscription));
    quote! {
        use natsmith_runtime::{#(#imports),*};
        use crate::subjects;
        #(#subscriptions)*
    }
}

/// The name of a subscription's type.
pub(super) fn type_ident(subscription: &Subscription) -> Ident {
    ident(&casing::pascal(&subscription.name))
}

fn subscription(contract: &Contract, subscription: &Subscription) -> TokenStream {
    let ty = type_ident(subscription);
    let (name, filter) = (subscription.name.as_str(), subscription.filter.as_str());
    let heard: Vec<&Subject> = contract.heard_by(filter).collect();
    let mut about = vec![format!("What the subscription `{filter}` hears.")];
    if let Some(summary) = &subscription.summary {
        about.extend([String::new(), sentence(summary)]);
    }
    let messages = sets::message_enum(&ty, &about, filter, &heard);
    let queue_group = subscription.queue_group.as_ref().map(|group| {
        let group = group.as_str();
        quote! { const QUEUE_GROUP: Option<&'static str> = Some(#group); }
    });
    quote! {
        #messages

        impl MessageSet for #ty {
            const NAME: &'static str = #name;
            const FILTER: &'static str = #filter;
            #queue_group
        }
    }
}
