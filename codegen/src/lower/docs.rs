//! What documents say beside the contract itself.

use indexmap::IndexMap;

use super::names;
use crate::contract::payload::Format;
use crate::contract::{DEFAULT_SCHEMA_ID, Security, Server};
use crate::diagnostics::{Diagnostic, Report};
use crate::rules::syntax as rules;
use crate::source::{Span, Spanned};
use crate::syntax::{DocsDecl, ServerDecl};
use crate::validator;

/// The protocols of NATS clients.
const PROTOCOLS: [&str; 4] = ["nats", "tls", "ws", "wss"];

/// What the `$id`s of JSON Schemas are made of.
pub(super) fn schema_id(declared: Option<&Spanned<DocsDecl>>, report: &mut Report) -> String {
    let Some(id) = declared.and_then(|docs| docs.schema_id.as_ref()) else {
        return DEFAULT_SCHEMA_ID.to_owned();
    };
    let filled = ["{contract}", "{version}", "{payload}"]
        .iter()
        .fold(id.value.clone(), |text, name| text.replace(name, "a"));
    let fault = if !id.contains("{payload}") {
        "it gives every payload the same `$id`"
    } else if !validator::is_of_format(Format::Uri, &filled) {
        "it makes no absolute URI"
    } else if filled.contains('#') {
        "it has a fragment, which names a place inside a schema"
    } else {
        return id.value.clone();
    };
    let help = "write a URI such as `https://schemas.example.com/{contract}/{payload}.json`";
    report.push(value(
        id.span,
        format!("expected a URI with `{{payload}}` in it, found `{}`: {fault}", id.value),
        help,
    ));
    DEFAULT_SCHEMA_ID.to_owned()
}

/// The servers, by name.
pub(super) fn servers(declared: Vec<(Spanned<String>, ServerDecl)>, report: &mut Report) -> IndexMap<String, Server> {
    let mut servers = IndexMap::new();
    for (name, server) in declared {
        let named = names::snake_case(&name, "a server", report);
        let security = server
            .security
            .iter()
            .filter_map(|word| security(word, report))
            .collect();
        let Some((protocol, host)) = parts(&server.url, report).filter(|_| named) else {
            continue;
        };
        let lowered = Server {
            protocol,
            host,
            description: server.description.map(|text| text.value),
            security,
            name,
        };
        servers.insert(lowered.name.value.clone(), lowered);
    }
    servers
}

/// The protocol, and the host with its port.
fn parts(url: &Spanned<String>, report: &mut Report) -> Option<(String, String)> {
    let help = "write it as `nats://nats.example.com:4222`; users and passwords have no place in a contract";
    let parts = url
        .split_once("://")
        .filter(|(protocol, host)| PROTOCOLS.contains(protocol) && is_host(host));
    if parts.is_none() {
        let protocols: Vec<String> = PROTOCOLS.iter().map(|name| format!("`{name}://`")).collect();
        let message = format!(
            "expected a URL that starts with {} and names a host, found `{}`",
            protocols.join(", "),
            url.value
        );
        report.push(value(url.span, message, help));
    }
    parts.map(|(protocol, host)| (protocol.to_owned(), host.trim_end_matches('/').to_owned()))
}

fn is_host(host: &str) -> bool {
    let host = host.trim_end_matches('/');
    !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c.is_control() || "@/?#{}".contains(c))
}

fn security(word: &Spanned<String>, report: &mut Report) -> Option<Security> {
    let known = Security::ALL
        .into_iter()
        .find(|security| security.as_str() == word.value);
    if known.is_none() {
        let words: Vec<String> = Security::ALL
            .iter()
            .map(|known| format!("`{}`", known.as_str()))
            .collect();
        let message = format!("expected one of {}, found `{}`", words.join(", "), word.value);
        report.push(value(word.span, message, "take one of these words"));
    }
    known
}

fn value(place: Span, message: String, help: &str) -> Diagnostic {
    Diagnostic::new(&rules::VALUE, place, message, "").with_help(help)
}
