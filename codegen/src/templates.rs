//! Natsmith's own templates, and how templates are read.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior};

/// Templates by their path under `codegen/templates/`.
macro_rules! templates {
    ($($name:literal)*) => {
        [$( ($name, include_str!(concat!("../templates/", $name))) ),*]
    };
}

/// The templates of the generated crate and of its deployment, which belong to natsmith.
pub(crate) const OF_THE_CRATE: &[(&str, &str)] = &templates! {
    "crate/Cargo.toml.j2"
    "crate/README.md.j2"
    "deploy/account.conf.j2"
    "deploy/nats-server.conf.j2"
    "deploy/permissions.md.j2"
    "deploy/user.conf.j2"
};

/// The templates of documents, which a contract may replace.
pub(crate) const OF_DOCUMENTS: &[(&str, &str)] = &templates! {
    "docs/llms.txt.j2"
    "docs/reference.md.j2"
    "html/layout.html.j2"
    "html/macros.html.j2"
    "html/index.html.j2"
    "html/subject.html.j2"
    "html/payloads.html.j2"
    "html/payload.html.j2"
    "html/stream.html.j2"
    "html/store.html.j2"
    "html/services.html.j2"
    "html/presence.html.j2"
    "html/roles.html.j2"
    "html/tokens.html.j2"
    "html/subscriptions.html.j2"
    "html/topology.html.j2"
    "graph/drawing.html.j2"
    "graph/svg.html.j2"
    "html/changes.html.j2"
    "html/publications.html.j2"
    "html/code/rust.html.j2"
    "html/code/python.html.j2"
    "html/code/typescript.html.j2"
    "html/code/cli.html.j2"
};

/// An environment in which a name that a view does not define is an error, and without a template.
pub(crate) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    // The delimiters are the usual ones, which are always accepted.
    if let Ok(syntax) = syntax.build() {
        environment.set_syntax(syntax);
    }
    environment
}

/// The first fault of a text as a template: its line, counted from 1, and what is wrong.
pub(crate) fn fault(name: &str, text: &str) -> Option<(usize, String)> {
    let mut environment = environment();
    let error = environment.add_template_owned(name.to_owned(), text.to_owned()).err()?;
    let reason = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    Some((error.line().unwrap_or(1), reason))
}
