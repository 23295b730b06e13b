//! What a subject is that a stream keeps.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::quote;

use super::paths::type_ident;
use super::print::duration;
use crate::contract::{Contract, Stream, Subject};

/// How long the server remembers message ids unless it is told otherwise.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// The stream that keeps every message of a subject.
fn stream<'c>(contract: &'c Contract, subject: &Subject) -> Option<&'c Stream> {
    let wildcard = subject.template.wildcard();
    contract.streams.values().find(|stream| stream.captures(&wildcard))
}

pub(super) fn emit(contract: &Contract, subject: &Subject) -> Option<TokenStream> {
    let stream = stream(contract, subject)?;
    let (ty, name) = (type_ident(subject), stream.name.as_str());
    let identified = subject.message_id.as_ref().map(|_| {
        let window = duration(duplicate_window(contract, stream));
        quote! {
            impl natsmith_runtime::subject::IdentifiedSubject for #ty {
                const DUPLICATE_WINDOW: std::time::Duration = std::time::#window;
            }
        }
    });
    let atomic = stream
        .is_atomic()
        .then(|| quote! { impl natsmith_runtime::jetstream::AtomicSubject for #ty {} });
    Some(quote! {
        impl natsmith_runtime::PersistedSubject for #ty {
            const STREAM: &'static str = #name;
        }

        #identified
        #atomic
    })
}

/// How long a stream remembers ids under every profile.
fn duplicate_window(contract: &Contract, stream: &Stream) -> Duration {
    let windows = contract.every_profile().filter_map(|profile| {
        let provisioned = contract.provisioned(profile);
        let ours = provisioned
            .iter()
            .find(|ours| ours.stream.name.value == stream.name.value)?;
        let said = |name: &str| {
            ours.settings
                .number(name)
                .filter(|length| *length > 0)
                .map(Duration::from_nanos)
        };
        Some(said("duplicate_window").unwrap_or_else(|| {
            // No id outlives the messages.
            said("max_age").map_or(DUPLICATE_WINDOW, |age| age.min(DUPLICATE_WINDOW))
        }))
    });
    windows.min().unwrap_or(DUPLICATE_WINDOW)
}
