//! `docs/index.html` and what it leads to: the reference as pages that need no server and no network.
//!
//! Each page is its own view, rendered by a template. What all pages share, the navigation and the search, a script makes
//! from one index, so that a page is no larger in a contract with thousands of subjects.

pub(super) mod address;
mod code;
mod markdown;
mod roles;
mod search;
mod site;
mod stores;
mod streams;
mod subjects;
mod topology;

use minijinja::{Value, context};
use serde::Serialize;

use super::fields::Table;
use super::settings::profiles;
use crate::contract::Contract;
use crate::contract::payload::Payload;
use crate::emit::examples::Examples;
use crate::emit::template::{Templates, view_of};
use crate::emit::threads;
use crate::emit::tree::{EmitError, Tree};
use site::{Link, Site};

/// Style and script, which are the same for every contract.
const ASSETS: [(&str, &str); 2] = [
    (
        "natsmith.css",
        include_str!("../../../../templates/html/assets/natsmith.css"),
    ),
    (
        "natsmith.js",
        include_str!("../../../../templates/html/assets/natsmith.js"),
    ),
];

pub(super) fn emit(
    contract: &Contract,
    examples: &Examples,
    mut templates: Templates,
    tree: &mut Tree,
) -> Result<(), EmitError> {
    let site = Site::new(contract, examples);
    markdown::add_filters(&site, templates.environment());
    code::add_filters(templates.environment());
    let pages = Pages {
        shared: site.shared(),
        templates,
    };
    for (name, text) in ASSETS {
        tree.add(format!("docs/assets/{name}"), text)?;
    }
    if let Some(theme) = &contract.look.theme {
        tree.add("docs/assets/theme.css", theme)?;
    }
    tree.add("docs/assets/contract.js", search::index(&site))?;

    let subjects: Vec<_> = contract.subjects.values().collect();
    threads::emit_each(&subjects, tree, |subject, tree| {
        let path = address::subject(&subject.name);
        pages.add(&path, "subject", subjects::page(&site, subject), tree)
    })?;
    let payloads: Vec<_> = contract.payloads.iter().collect();
    threads::emit_each(&payloads, tree, |payload, tree| {
        pages.add(
            &address::payload(&payload.name),
            "payload",
            self::payload(&site, payload),
            tree,
        )
    })?;
    for stream in contract.streams.values() {
        pages.add(
            &address::stream(&stream.name),
            "stream",
            streams::page(&site, stream),
            tree,
        )?;
    }
    for store in contract.stores() {
        pages.add(&site::store_path(store), "store", stores::page(&site, store), tree)?;
    }
    pages.add("index.html", "index", site.overview(), tree)?;
    pages.add("payloads.html", "payloads", self::payloads(&site), tree)?;
    pages.add("roles.html", "roles", roles::page(&site), tree)?;
    pages.add("tokens.html", "tokens", subjects::tokens(&site), tree)?;
    pages.add("topology.html", "topology", topology::page(&site), tree)?;
    if !contract.changes.is_empty() {
        pages.add("changes.html", "changes", changes(contract), tree)?;
    }
    if !contract.subscriptions.is_empty() {
        pages.add(
            "subscriptions.html",
            "subscriptions",
            subjects::subscriptions(&site),
            tree,
        )?;
    }
    if !contract.publications.is_empty() {
        pages.add("publications.html", "publications", subjects::publications(&site), tree)?;
    }
    if !contract.presence.is_empty() {
        pages.add("presence.html", "presence", stores::presence(&site), tree)?;
    }
    if !contract.services.is_empty() {
        pages.add("services.html", "services", stores::services(&site), tree)?;
    }
    Ok(())
}

/// What is needed to render a page.
struct Pages {
    shared: Value,
    templates: Templates,
}

impl Pages {
    /// Renders a page; its path is seen from `docs/`.
    fn add(&self, path: &str, template: &str, view: impl Serialize, tree: &mut Tree) -> Result<(), EmitError> {
        let root = "../".repeat(path.matches('/').count());
        let view = context! {
            site => self.shared.clone(),
            root => root,
            path => path,
            page => view_of(view),
        };
        let text = self.templates.render(&format!("html/{template}.html.j2"), view)?;
        tree.add(format!("docs/{path}"), text)
    }
}

/// The page of a payload.
#[derive(Serialize)]
struct PayloadPage<'c> {
    title: &'c str,
    summary: String,
    description: &'c str,
    draft: &'static str,
    schema: String,
    source: &'c str,
    table: Table,
    example: Option<&'c str>,
    uses: &'c [site::Use<'c>],
}

fn payload<'c>(site: &'c Site<'c>, payload: &'c Payload) -> PayloadPage<'c> {
    let description = payload.description.as_deref().map(str::trim).unwrap_or_default();
    PayloadPage {
        title: &payload.name,
        summary: site::summary(description),
        description,
        draft: payload.draft.name(),
        schema: address::schema(&payload.name),
        source: &payload.path,
        table: Table::of(&site.contract.payloads, payload),
        example: site.examples.full(&payload.name),
        uses: site.uses(&payload.name),
    }
}

/// The list of all payloads.
#[derive(Serialize)]
struct PayloadsPage<'c> {
    title: &'static str,
    summary: &'static str,
    payloads: Vec<PayloadLine<'c>>,
}

#[derive(Serialize)]
struct PayloadLine<'c> {
    link: Link,
    summary: String,
    uses: &'c [site::Use<'c>],
}

fn payloads<'c>(site: &'c Site<'c>) -> PayloadsPage<'c> {
    let payloads = site.contract.payloads.iter().map(|payload| PayloadLine {
        link: Link::payload(&payload.name),
        summary: site::summary(payload.description.as_deref().unwrap_or_default()),
        uses: site.uses(&payload.name),
    });
    PayloadsPage {
        title: "Payloads",
        summary: "What messages carry.",
        payloads: payloads.collect(),
    }
}

/// What each version changed.
#[derive(Serialize)]
struct ChangesPage<'c> {
    title: &'static str,
    summary: &'static str,
    changes: Vec<VersionEntry<'c>>,
}

#[derive(Serialize)]
struct VersionEntry<'c> {
    version: &'c str,
    text: &'c str,
}

fn changes(contract: &Contract) -> ChangesPage<'_> {
    let changes = contract.changes.iter().map(|change| VersionEntry {
        version: &change.version,
        text: change.text.trim(),
    });
    ChangesPage {
        title: "Changes",
        summary: "What each version changed for those who use the contract.",
        changes: changes.collect(),
    }
}

/// The names of the columns of tables of settings.
fn columns(contract: &Contract) -> Vec<&str> {
    profiles(contract).iter().map(|(name, _)| *name).collect()
}
