//! `docs/asyncapi/`: the contract as AsyncAPI 3.0, for the tools of other languages.

mod channels;
mod draft7;
mod extension;
mod inline;
mod messages;
mod schemas;

use indexmap::IndexSet;
use serde_json::{Map, Value, json};

use super::described;
use super::examples::Examples;
use super::tree::{EmitError, MARKER, Tree};
use crate::contract::{Contract, Security, Server};
use crate::to_yaml;
use channels::Channels;
use messages::Messages;

/// The JSON Schema of everything that stands under `x-natsmith`.
const EXTENSION: &str = include_str!("../../../templates/docs/x-natsmith.schema.json");

/// Adds the document in both notations, and the schema of the extension.
pub(super) fn emit(contract: &Contract, examples: &Examples, tree: &mut Tree) -> Result<(), EmitError> {
    let document = document(contract, examples);
    tree.add("docs/asyncapi/asyncapi.json", format!("{document:#}\n"))?;
    let yaml = format!("# {MARKER}; do not edit.\n{}", to_yaml::document(&document));
    tree.add("docs/asyncapi/asyncapi.yaml", yaml)?;
    tree.add("docs/asyncapi/x-natsmith.schema.json", EXTENSION)
}

fn document(contract: &Contract, examples: &Examples) -> Value {
    let payloads = described::payloads(contract, examples);
    let schemas = schemas::schemas(&payloads);
    let mut messages = Messages::new(contract, &payloads, &schemas);
    let mut channels = Channels {
        contract,
        messages: &mut messages,
        by_name: Map::new(),
        operations: Map::new(),
    };
    for subject in contract.subjects.values() {
        channels.subject(subject);
    }
    for bucket in contract.kv.values() {
        channels.bucket(bucket);
    }
    let (all_channels, operations) = (channels.by_name, channels.operations);
    let mut components = Map::new();
    components.insert("schemas".to_owned(), Value::Object(schemas.components.clone()));
    components.insert("messages".to_owned(), Value::Object(messages.components));
    let security = security_schemes(contract);
    if !security.is_empty() {
        components.insert("securitySchemes".to_owned(), Value::Object(security));
    }
    let mut document = object(json!({
        "asyncapi": "3.0.0",
        "id": format!("urn:natsmith:{}", contract.name.value),
        "info": info(contract),
        "defaultContentType": "application/json",
    }));
    if !contract.servers.is_empty() {
        let servers = contract
            .servers
            .values()
            .map(|declared| (declared.name.value.clone(), server(declared)));
        document.insert("servers".to_owned(), Value::Object(servers.collect()));
    }
    document.insert("channels".to_owned(), Value::Object(all_channels));
    document.insert("operations".to_owned(), Value::Object(operations));
    document.insert("components".to_owned(), Value::Object(components));
    document.insert("x-natsmith".to_owned(), extension::contract(contract));
    Value::Object(document)
}

fn info(contract: &Contract) -> Value {
    let roles = contract.roles.values().map(|role| {
        let mut tag = object(json!({ "name": role.name.value }));
        set(&mut tag, "description", role.description.as_deref());
        Value::Object(tag)
    });
    let modules: IndexSet<&str> = contract
        .subjects
        .values()
        .map(|subject| subject.module.as_str())
        .collect();
    let modules = modules.into_iter().filter(|name| !contract.roles.contains_key(*name));
    let tags = roles.chain(modules.map(|name| json!({ "name": name })));
    let mut info = object(json!({
        "title": contract.title.as_ref().unwrap_or(&contract.name.value),
        "version": contract.version,
    }));
    set(&mut info, "description", contract.description.as_deref());
    info.insert("tags".to_owned(), tags.collect());
    Value::Object(info)
}

fn server(server: &Server) -> Value {
    let mut entry = object(json!({ "host": server.host, "protocol": server.protocol }));
    set(&mut entry, "description", server.description.as_deref());
    if !server.security.is_empty() {
        let ways = server
            .security
            .iter()
            .map(|way| Reference::component("securitySchemes", way.as_str()));
        entry.insert("security".to_owned(), ways.collect());
    }
    Value::Object(entry)
}

/// The ways to prove who one is that any server knows.
fn security_schemes(contract: &Contract) -> Map<String, Value> {
    let used = |way: &Security| contract.servers.values().any(|server| server.security.contains(way));
    let schemes = Security::ALL.into_iter().filter(used).map(|way| {
        let (kind, description) = match way {
            Security::UserPassword => ("userPassword", "A user and a password."),
            Security::Token => ("apiKey", "A token."),
            Security::Nkey => ("asymmetricEncryption", "The signature of an nkey."),
            Security::Jwt => (
                "asymmetricEncryption",
                "A user's JWT and the signature of its nkey: a credentials file.",
            ),
            Security::Tls => ("X509", "A certificate of the client."),
        };
        let mut scheme = object(json!({ "type": kind, "description": description }));
        if way == Security::Token {
            scheme.insert("in".to_owned(), "password".into());
        }
        (way.as_str().to_owned(), Value::Object(scheme))
    });
    schemes.collect()
}

/// References into the document.
struct Reference;

impl Reference {
    fn to(path: &str) -> Value {
        json!({ "$ref": path })
    }

    fn component(kind: &str, name: &str) -> Value {
        Self::to(&format!("#/components/{kind}/{name}"))
    }

    fn channel(id: &str) -> Value {
        Self::to(&format!("#/channels/{id}"))
    }

    fn channel_message(id: &str, key: &str) -> Value {
        Self::to(&format!("#/channels/{id}/messages/{key}"))
    }
}

/// The members of an object that was just written down.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// Adds text where there is any.
fn set(object: &mut Map<String, Value>, key: &str, text: Option<&str>) {
    if let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) {
        object.insert(key.to_owned(), text.into());
    }
}
