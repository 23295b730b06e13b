//! `Cargo.toml`, `README.md` and `src/lib.rs` of the generated crate.

use minijinja::context;
use quote::quote;
use serde_json::Value;

use super::names::field_ident;
use super::print::{self, file, ident, sentence};
use super::tokens;
use crate::casing;
use crate::contract::{ConnectionSettings, Contract, DateTimeType, Role, RuntimeSource, Subject};
use crate::emit::template;
use crate::emit::tree::{EmitError, MARKER, Tree};
use crate::source::Spanned;

const LIB: &str = "src/lib.rs";

pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    let manifest = context! {
        marker => MARKER,
        contract => &contract.name.value,
        name => quoted(&contract.rust.crate_name),
        version => quoted(&contract.version),
        rust_version => quoted(env!("CARGO_PKG_RUST_VERSION")),
        description => quoted(&one_line(&title(contract))),
        features => features(contract),
        runtime => runtime(&contract.rust.runtime),
    };
    tree.add("Cargo.toml", template::render("crate/Cargo.toml.j2", manifest)?)?;
    tree.add("README.md", template::render("crate/README.md.j2", readme(contract))?)?;
    tree.add(LIB, lib(contract)?)
}

/// What the types of the crate need of the runtime.
fn features(contract: &Contract) -> String {
    let judged = contract.payloads.is_judged().then_some("validator");
    let date_time = match contract.rust.date_time {
        DateTimeType::Jiff => Some("jiff"),
        DateTimeType::Time => Some("time"),
        DateTimeType::Chrono | DateTimeType::Text => None,
    };
    let features: Vec<String> = judged.into_iter().chain(date_time).map(quoted).collect();
    features.join(", ")
}

/// The contract's name for people.
fn title(contract: &Contract) -> String {
    contract.title.clone().unwrap_or_else(|| contract.name.value.clone())
}

/// A TOML string; JSON's escapes are TOML's.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn runtime(source: &RuntimeSource) -> String {
    match source {
        RuntimeSource::Version(version) => format!("version = {}", quoted(version)),
        RuntimeSource::Path(path) => format!("path = {}", quoted(path)),
        RuntimeSource::Git { url, rev: None } => format!("git = {}", quoted(url)),
        RuntimeSource::Git { url, rev: Some(rev) } => format!("git = {}, rev = {}", quoted(url), quoted(rev)),
    }
}

fn readme(contract: &Contract) -> minijinja::Value {
    let described = |role: &Role| role.description.as_deref().map(one_line).unwrap_or_default();
    let roles: Vec<minijinja::Value> = contract
        .roles
        .values()
        .map(|role| {
            let own: Vec<minijinja::Value> = role
                .own
                .iter()
                .map(|token| {
                    let declared = contract.tokens.get(&token.value);
                    let example = declared
                        .and_then(|token| token.example.as_ref())
                        .map_or("..", |example| example.as_str());
                    context! {
                        field => field_ident(token).to_string(),
                        type => tokens::type_ident(token).to_string(),
                        example => quoted(example),
                    }
                })
                .collect();
            context! {
                type => casing::pascal(&role.name),
                variable => casing::snake(&role.name),
                description => described(role),
                own => own,
            }
        })
        .collect();
    let streams: Vec<minijinja::Value> = contract
        .streams
        .values()
        .map(|stream| context! { name => &stream.name.value, summary => stream.summary.clone().unwrap_or_default() })
        .collect();
    context! {
        marker => MARKER,
        contract => &contract.name.value,
        title => title(contract),
        description => contract.description.as_deref().map(str::trim).unwrap_or_default(),
        version => &contract.version,
        nats => contract.nats.to_string(),
        name => &contract.rust.crate_name,
        module => contract.rust.crate_name.replace('-', "_"),
        role => roles.first(),
        roles => roles,
        streams => streams,
    }
}

fn lib(contract: &Contract) -> Result<String, EmitError> {
    let settings = connection(&contract.connection);
    let timed = settings.to_string().contains("Duration");
    let duration = timed.then(|| quote! { use std::time::Duration; });
    // Only users are to be warned of what the schemas call deprecated.
    let deprecated = contract.payloads.is_deprecated();
    let deprecated = deprecated
        .then(|| quote! { #[allow(deprecated, reason = "what others are not to use any more is still here")] });
    let module = |wanted: bool, name: &str| {
        let name = ident(name);
        wanted.then(|| quote! { #deprecated pub mod #name; })
    };
    let kv = module(!contract.kv.is_empty(), "kv");
    let object_stores = module(!contract.object_stores.is_empty(), "object_stores");
    let subscriptions = module(!contract.subscriptions.is_empty(), "subscriptions");
    let provision = module(contract.has_assets(), "provision");
    let stream_types = module(!contract.streams.is_empty(), "streams");
    let presence = module(!contract.presence.is_empty(), "presence");
    let services = module(!contract.services.is_empty(), "services");
    let tokens = module(!contract.tokens.is_empty(), "tokens");
    let items = quote! {
        #kv
        #object_stores
        #[allow(
            clippy::doc_lazy_continuation,
            clippy::doc_markdown,
            clippy::just_underscores_and_digits,
            clippy::similar_names,
            clippy::too_many_lines,
            rustdoc::bare_urls,
            rustdoc::broken_intra_doc_links,
            rustdoc::invalid_html_tags,
            reason = "names and descriptions are those of the schemas"
        )]
        #deprecated
        pub mod payloads;
        #presence
        #provision
        #deprecated
        pub mod roles;
        #services
        #stream_types
        #deprecated
        pub mod subjects;
        #subscriptions
        #tokens

        #duration
        use natsmith_runtime::{Connection, ConnectionBuilder};

        /// A connection with the contract's settings; credentials and name are the program's own.
        #[must_use]
        pub fn connection(url: impl Into<String>) -> ConnectionBuilder {
            with_settings(Connection::builder(url))
        }

        /// A connection with the contract's settings, to the servers that `NATS_URL` names.
        #[must_use]
        pub fn connection_from_env() -> ConnectionBuilder {
            with_settings(Connection::from_env())
        }

        fn with_settings(builder: ConnectionBuilder) -> ConnectionBuilder {
            builder #settings
        }
    };
    let mut about = vec![format!("{}, version {}.", title(contract), contract.version)];
    if let Some(description) = &contract.description {
        about.push(String::new());
        about.extend(sentence(description).lines().map(str::to_owned));
    }
    about.extend([
        String::new(),
        "Start with a role in [`roles`]; it offers what the role may do.".to_owned(),
    ]);
    about.extend(start(contract).into_iter().flatten());
    file(contract, LIB, &about, items)
}

/// How a program starts: as a role without an identity of its own that hears an event.
fn start(contract: &Contract) -> Option<Vec<String>> {
    let roles = || contract.roles.values().filter(|role| role.own.is_empty());
    let hears = |role: &Role, subject: &Subject| {
        let named = |roles: &[Spanned<String>]| roles.iter().any(|name| name.value == role.name.value);
        // A role that sends too is asked for tokens.
        !subject.is_request() && named(subject.receivers()) && !named(subject.senders())
    };
    let (role, subject) = contract
        .subjects
        .values()
        .find_map(|subject| Some((roles().find(|role| hears(role, subject))?, subject)))?;
    let krate = contract.rust.crate_name.replace('-', "_");
    let (variable, ty) = (&role.name.value, casing::pascal(&role.name));
    let lines = [
        String::new(),
        "```no_run".to_owned(),
        "# async fn start() -> Result<(), Box<dyn std::error::Error>> {".to_owned(),
        format!(
            "let connection = {krate}::connection(\"nats://localhost:4222\").name(\"my-service\").connect().await?;"
        ),
        format!("let {variable} = {krate}::roles::{ty}::new(connection);"),
        format!("let mut messages = {variable}.{}().subscribe().await?;", subject.leaf),
        "while let Some(message) = messages.next().await {".to_owned(),
        "    let message = message?;".to_owned(),
        "    println!(\"{} {:?}\", message.subject, message.payload);".to_owned(),
        "}".to_owned(),
        "# Ok(())".to_owned(),
        "# }".to_owned(),
        "```".to_owned(),
    ];
    Some(lines.into())
}

fn connection(settings: &ConnectionSettings) -> proc_macro2::TokenStream {
    let durations = [
        ("ping_interval", settings.ping_interval),
        ("reconnect_delay", settings.reconnect_delay),
        ("max_reconnect_delay", settings.max_reconnect_delay),
        ("connection_timeout", settings.connection_timeout),
        ("request_timeout", settings.request_timeout),
        ("flush_timeout", settings.flush_timeout),
    ];
    let durations = durations.into_iter().filter_map(|(name, duration)| {
        let (name, duration) = (ident(name), print::duration(duration?));
        Some(quote! { .#name(#duration) })
    });
    let counts = [
        ("max_reconnects", settings.max_reconnects),
        ("client_capacity", settings.max_pending_messages),
        ("subscription_capacity", settings.subscription_pending_messages),
    ];
    let counts = counts.into_iter().filter_map(|(name, count)| {
        let (name, count) = (ident(name), print::number(count?));
        Some(quote! { .#name(#count) })
    });
    quote! { #(#durations)* #(#counts)* }
}
