//! Text for people, from templates over prepared views.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, Value, escape_formatter};
use serde::Serialize;

use super::tree::EmitError;

/// Templates by their path under `codegen/templates/`.
macro_rules! templates {
    ($($name:literal)*) => {
        [$( ($name, include_str!(concat!("../../templates/", $name))) ),*]
    };
}

/// Every template.
const TEMPLATES: &[(&str, &str)] = &templates! {
    "crate/Cargo.toml.j2"
    "crate/README.md.j2"
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
    "html/code/rust.html.j2"
    "html/code/python.html.j2"
    "html/code/typescript.html.j2"
    "html/code/cli.html.j2"
};

/// All templates, read once. Those that end in `.html.j2` escape what their views say.
pub(super) struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// Reads the templates.
    ///
    /// # Errors
    ///
    /// One that is not a template: a fault in natsmith.
    pub(super) fn new() -> Result<Self, EmitError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut syntax = SyntaxConfig::builder();
        syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
        let syntax = syntax.build().map_err(|error| EmitError::new("templates", error))?;
        environment.set_syntax(syntax);
        environment.add_filter("cell", cell);
        environment.set_formatter(format);
        for (name, source) in TEMPLATES {
            environment
                .add_template(name, source)
                .map_err(|error| EmitError::new(*name, error))?;
        }
        Ok(Self { environment })
    }

    /// For filters that an emitter brings along.
    pub(super) fn environment(&mut self) -> &mut Environment<'static> {
        &mut self.environment
    }

    /// Renders a template; a name that the view does not define is an error.
    ///
    /// # Errors
    ///
    /// The template and its view do not fit: a fault in natsmith.
    pub(super) fn render(&self, name: &str, view: Value) -> Result<String, EmitError> {
        let template = self.environment.get_template(name);
        let template = template.map_err(|error| EmitError::new(name, error))?;
        template.render(view).map_err(|error| EmitError::new(name, error))
    }
}

/// A prepared view as templates see it.
pub(super) fn view_of(view: impl Serialize) -> Value {
    Value::from(Serde(view))
}

/// Renders one template.
///
/// # Errors
///
/// As [`Templates::render`].
pub(super) fn render(name: &str, view: Value) -> Result<String, EmitError> {
    Templates::new()?.render(name, view)
}

/// Writes a value into a text. In HTML what is special there is escaped, and nothing else, so that people can read it.
fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), minijinja::Error> {
    let text = match value.as_str() {
        Some(text) if matches!(state.auto_escape(), AutoEscape::Html) && !value.is_safe() => text,
        _ => return escape_formatter(out, state, value),
    };
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        let (plain, special) = rest.split_at(at);
        out.write_str(plain)?;
        out.write_str(match special.as_bytes().first() {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            Some(b'"') => "&quot;",
            _ => "&#39;",
        })?;
        rest = special.get(1..).unwrap_or_default();
    }
    Ok(out.write_str(rest)?)
}

/// Text for one cell of a Markdown table.
#[allow(clippy::needless_pass_by_value, reason = "filters get their values")]
fn cell(text: String) -> String {
    let text: Vec<&str> = text.split_whitespace().collect();
    text.join(" ").replace('|', "\\|")
}
