//! `src/provision.rs`: what every profile wants on the server, as the JetStream API's own JSON.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Map, Value};

use super::print::{doc, file, ident, number, raw_literal, sentence};
use crate::casing;
use crate::contract::{Contract, Limits, Profile, Provisioned, ProvisionedConsumer};
use crate::emit::tree::{EmitError, Tree};
use crate::source::Spanned;

const PATH: &str = "src/provision.rs";

pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    let default = constant(contract, None)?;
    let named = contract
        .profiles
        .values()
        .map(|profile| constant(contract, Some(profile)));
    let named: Vec<TokenStream> = named.collect::<Result<_, _>>()?;
    let limits = limits(&contract.limits);
    let inbox_prefix = contract.provisioner_inbox_prefix();
    let consumers = contract.streams.values().any(|stream| !stream.consumers.is_empty());
    let consumer_spec = consumers.then(|| quote! { ConsumerSpec, });
    let items = quote! {
        use natsmith_runtime::Connection;
        use natsmith_runtime::provision::{self, #consumer_spec Plan, ProvisionError, StreamSpec};
        use natsmith_runtime::resources::ResourceLimits;

        #limits

        /// What the inboxes of a connection begin with that may do nothing but provision, for
        /// [`inbox_prefix`](natsmith_runtime::ConnectionBuilder::inbox_prefix): the permissions of `deploy/` allow no others.
        pub const INBOX_PREFIX: &str = #inbox_prefix;

        /// The profiles of the contract.
        #[derive(Clone, Copy, Debug)]
        pub struct Profile;

        impl Profile {
            #default
            #(#named)*
        }

        /// Compares what a profile wants with what the server has. Nothing is changed before
        /// [`apply`](Plan::apply) is called on the plan.
        ///
        /// # Errors
        ///
        /// The server cannot be asked, or refuses to answer.
        pub async fn plan(connection: &Connection, profile: &'static provision::Profile) -> Result<Plan, ProvisionError> {
            provision::plan(connection, profile).await
        }
    };
    let about = [
        "What the contract keeps on a server, and how it gets there.".to_owned(),
        String::new(),
        "```no_run".to_owned(),
        "# async fn provision() -> Result<(), Box<dyn std::error::Error>> {".to_owned(),
        format!(
            "use {}::provision::{{Profile, plan}};",
            contract.rust.crate_name.replace('-', "_")
        ),
        String::new(),
        format!(
            "let connection = {}::connection(\"nats://localhost:4222\").connect().await?;",
            contract.rust.crate_name.replace('-', "_")
        ),
        "let plan = plan(&connection, Profile::DEFAULT).await?;".to_owned(),
        "println!(\"{plan}\");".to_owned(),
        "plan.apply().await?;".to_owned(),
        "# Ok(())".to_owned(),
        "# }".to_owned(),
        "```".to_owned(),
    ];
    tree.add(PATH, file(contract, PATH, &about, items)?)
}

fn constant(contract: &Contract, profile: Option<&Profile>) -> Result<TokenStream, EmitError> {
    let name = profile.map_or("default", |profile| profile.name.as_str());
    let about = match profile {
        Some(profile) => profile
            .description
            .as_deref()
            .map_or_else(|| format!("The profile `{name}`."), sentence),
        None => "What the contract says, without a profile.".to_owned(),
    };
    let (about, constant) = (doc(&[about]), ident(&casing::screaming(name)));
    let streams = contract.provisioned(profile);
    let streams: Vec<TokenStream> = streams.iter().map(stream).collect::<Result<_, _>>()?;
    Ok(quote! {
        #about
        pub const #constant: &'static provision::Profile = &provision::Profile {
            name: #name,
            streams: &[#(#streams),*],
        };
    })
}

fn stream(provisioned: &Provisioned<'_>) -> Result<TokenStream, EmitError> {
    let name = provisioned.stream.name.as_str();
    let config = literal(provisioned.config())?;
    let consumers: Vec<TokenStream> = provisioned.consumers.iter().map(consumer).collect::<Result<_, _>>()?;
    Ok(quote! {
        StreamSpec { name: #name, config: #config, consumers: &[#(#consumers),*] }
    })
}

fn consumer(provisioned: &ProvisionedConsumer<'_>) -> Result<TokenStream, EmitError> {
    let name = provisioned.consumer.name.as_str();
    let config = literal(provisioned.config())?;
    Ok(quote! { ConsumerSpec { name: #name, config: #config } })
}

fn literal(config: Map<String, Value>) -> Result<TokenStream, EmitError> {
    let text = serde_json::to_string_pretty(&Value::Object(config)).map_err(|error| EmitError::new(PATH, error))?;
    raw_literal(PATH, &text)
}

fn limits(limits: &Limits) -> TokenStream {
    let option = |limit: &Option<Spanned<u64>>| {
        limit.as_ref().map_or_else(
            || quote! { None },
            |limit| {
                let value = number(limit.value);
                quote! { Some(#value) }
            },
        )
    };
    let (memory, storage) = (option(&limits.max_memory), option(&limits.max_storage));
    let (streams, consumers) = (option(&limits.max_streams), option(&limits.max_consumers));
    let (connections, subscriptions) = (option(&limits.max_connections), option(&limits.max_subscriptions));
    quote! {
        /// What the contract counts on the account to allow.
        pub const LIMITS: ResourceLimits = ResourceLimits {
            max_memory: #memory,
            max_storage: #storage,
            max_streams: #streams,
            max_consumers: #consumers,
            max_connections: #connections,
            max_subscriptions: #subscriptions,
        };
    }
}
