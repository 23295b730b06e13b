//! From documents of other languages to the files of a contract.
//!
//! What cannot be carried over is told, one line each, and never dropped in silence.

mod channels;
mod document;
mod extension;
mod names;
mod schemas;
mod subjects;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::contract::Limits;
use crate::{to_yaml, words};
use document::Document;
use extension::Extension;
use schemas::Schemas;

/// The files of a contract that was made of another document.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// The contract's name.
    pub contract: String,
    /// The text of each file by its path in the contract's folder.
    pub files: BTreeMap<String, String>,
    /// What is not in them: where it stands, and why.
    pub not_carried: Vec<String>,
}

/// Makes a contract of an AsyncAPI document of version 2 or 3.
///
/// # Errors
///
/// When it is no such document; the text says what was expected.
pub fn asyncapi(document: &Value) -> Result<Imported, String> {
    let mut not_carried = Vec::new();
    let document = Document::new(document)?;
    let mut schemas = Schemas::new(&document);
    for payload in extension::payloads(&document) {
        schemas.payload(payload);
    }
    let found = channels::channels(&document, &mut not_carried);
    let subjects = subjects::subjects(&document, &found, &mut schemas, &mut not_carried);
    let contract = names::kebab(document.contract());
    let mut files = BTreeMap::new();
    schemas.finish(&mut files, &mut not_carried);
    let header = header(&document, &contract, &mut not_carried);
    let mut extension = Extension {
        document: &document,
        not_carried: &mut not_carried,
    };
    for (key, declared) in extension.declared() {
        files.insert(format!("{key}.yaml"), to_yaml::document(&json!({ key: declared })));
    }
    let mut text = String::from("# Made of an AsyncAPI document by `natsmith import`.\n");
    if !not_carried.is_empty() {
        text.push_str("#\n# What could not be carried over:\n");
        for line in &not_carried {
            text.push_str("# - ");
            text.push_str(&line.replace(char::is_control, " "));
            text.push('\n');
        }
    }
    text.push_str(&to_yaml::document(&header));
    files.insert("contract.yaml".to_owned(), text);
    files.insert(
        "tokens.yaml".to_owned(),
        to_yaml::document(&json!({ "tokens": subjects.tokens })),
    );
    files.insert(
        "subjects.yaml".to_owned(),
        to_yaml::document(&json!({ "subjects": subjects.declared })),
    );
    Ok(Imported {
        contract,
        files,
        not_carried,
    })
}

/// What is said once a contract.
fn header(document: &Document<'_>, contract: &str, not_carried: &mut Vec<String>) -> Value {
    let info = document.root.get("info").unwrap_or(&Value::Null);
    let mut header = Map::new();
    header.insert("natsmith".to_owned(), 1.into());
    header.insert("contract".to_owned(), contract.into());
    let version = info.get("version").and_then(Value::as_str).unwrap_or_default();
    let plain = version.split('.').count() == 3
        && version
            .split('.')
            .all(|part| part.parse::<u32>().is_ok_and(|number| number.to_string() == part));
    if !plain {
        not_carried.push(format!(
            "info/version: `{version}` is no `major.minor.patch`, so the contract starts with 0.1.0"
        ));
    }
    header.insert("version".to_owned(), if plain { version } else { "0.1.0" }.into());
    for key in ["title", "description"] {
        if let Some(text) = info.get(key).and_then(Value::as_str) {
            header.insert(key.to_owned(), text.into());
        }
    }
    let unknown = ["termsOfService", "contact", "license", "externalDocs"];
    let unknown = unknown.iter().filter(|key| info.get(**key).is_some());
    not_carried.extend(unknown.map(|key| format!("info/{key}: a contract has no place for it")));
    for key in ["nats", "account", "changes"] {
        header.extend(document.extension(key).map(|said| (key.to_owned(), said.clone())));
    }
    let limit = document.extension("maxPayload").and_then(Value::as_u64);
    if let Some(limit) = limit.filter(|limit| *limit != Limits::DEFAULT_MAX_PAYLOAD) {
        header.insert("limits".to_owned(), json!({ "max_payload": words::size(limit) }));
    }
    let servers = servers(document, not_carried);
    if !servers.is_empty() {
        header.insert("servers".to_owned(), Value::Object(servers));
    }
    header.insert("roles".to_owned(), extension::roles(document));
    Value::Object(header)
}

fn servers(document: &Document<'_>, not_carried: &mut Vec<String>) -> Map<String, Value> {
    let mut servers = Map::new();
    for (name, server) in document.named("servers") {
        let server = document.resolved(server);
        let text = |key: &str| server.get(key).and_then(Value::as_str).unwrap_or_default();
        let protocol = text("protocol");
        // Version 2 has a URL, with or without the protocol before it.
        let host = if text("host").is_empty() {
            text("url")
        } else {
            text("host")
        };
        let host = host.rsplit("://").next().unwrap_or_default();
        if !["nats", "tls", "ws", "wss"].contains(&protocol) {
            not_carried.push(format!("servers/{name}: `{protocol}` is no protocol of NATS"));
            continue;
        }
        if host.contains(['{', '/', '@']) {
            not_carried.push(format!("servers/{name}: `{host}` is more than a host and a port"));
            continue;
        }
        let mut declared = Map::from_iter([("url".to_owned(), Value::from(format!("{protocol}://{host}")))]);
        if !text("description").is_empty() {
            declared.insert("description".to_owned(), text("description").into());
        }
        let ways: Vec<Value> = security(document, name, server, not_carried);
        if !ways.is_empty() {
            declared.insert("security".to_owned(), ways.into());
        }
        servers.insert(names::snake(name), Value::Object(declared));
    }
    servers
}

fn security(document: &Document<'_>, name: &str, server: &Value, not_carried: &mut Vec<String>) -> Vec<Value> {
    let listed = server.get("security").and_then(Value::as_array).into_iter().flatten();
    let mut ways = Vec::new();
    for entry in listed {
        // Version 3 refers to a scheme, version 2 names it.
        let (key, scheme) = if let Some(reference) = entry.get("$ref").and_then(Value::as_str) {
            (
                reference.rsplit('/').next().unwrap_or_default(),
                document.resolved(entry),
            )
        } else {
            let key = entry.as_object().and_then(|entry| entry.keys().next());
            let key = key.map_or("", String::as_str);
            let scheme = document.root.pointer(&format!("/components/securitySchemes/{key}"));
            (key, scheme.unwrap_or(entry))
        };
        let way = match (scheme.get("type").and_then(Value::as_str).unwrap_or_default(), key) {
            ("userPassword" | "plain", _) => "user_password",
            ("apiKey" | "http", _) => "token",
            ("asymmetricEncryption", "jwt") => "jwt",
            ("asymmetricEncryption", _) => "nkey",
            ("X509", _) => "tls",
            (other, _) => {
                not_carried.push(format!("servers/{name}/security: NATS knows no `{other}`"));
                continue;
            }
        };
        ways.push(way.into());
    }
    ways
}
