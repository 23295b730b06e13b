//! Text for people, from templates over prepared views.

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Output, State, Value, escape_formatter};
use serde::Serialize;

use super::tree::EmitError;
use crate::contract::Look;
use crate::templates::{self, OF_DOCUMENTS, OF_THE_CRATE};

/// What the name of natsmith's own template begins with where a contract has another in its place, which may extend it.
const OWN: &str = "natsmith/";

/// All templates, read once. Those that end in `.html.j2` escape what their views say.
pub(super) struct Templates {
    environment: Environment<'static>,
    /// The names of those that belong to the contract.
    replaced: Vec<String>,
}

impl Templates {
    /// Reads the templates of documents, with those of the contract in the place of natsmith's.
    ///
    /// # Errors
    ///
    /// One that is not a template: a fault in natsmith.
    pub(super) fn of_documents(look: &Look) -> Result<Self, EmitError> {
        let mut templates = Self::new(OF_DOCUMENTS)?;
        for (name, text) in &look.templates {
            let added = match OF_DOCUMENTS.iter().find(|(own, _)| own == name) {
                Some((_, own)) => templates.environment.add_template_owned(format!("{OWN}{name}"), *own),
                None => Ok(()),
            };
            let added = added.and_then(|()| templates.environment.add_template_owned(name.clone(), text.clone()));
            added.map_err(|error| EmitError::new(name, error))?;
            templates.replaced.push(name.clone());
        }
        Ok(templates)
    }

    fn new(sources: &'static [(&'static str, &'static str)]) -> Result<Self, EmitError> {
        let mut environment = templates::environment();
        environment.add_filter("cell", cell);
        environment.set_formatter(format);
        for (name, source) in sources {
            environment
                .add_template(name, source)
                .map_err(|error| EmitError::new(*name, error))?;
        }
        Ok(Self {
            environment,
            replaced: Vec::new(),
        })
    }

    /// For filters that an emitter brings along.
    pub(super) fn environment(&mut self) -> &mut Environment<'static> {
        &mut self.environment
    }

    /// Renders a template; a name that the view does not define is an error.
    ///
    /// # Errors
    ///
    /// The template and its view do not fit: a fault in natsmith, or in a template of the contract.
    pub(super) fn render(&self, name: &str, view: Value) -> Result<String, EmitError> {
        let template = self.environment.get_template(name);
        let rendered = template.and_then(|template| template.render(view));
        rendered.map_err(|error| self.fault(name, &error))
    }

    /// Says whose fault it is.
    fn fault(&self, name: &str, error: &minijinja::Error) -> EmitError {
        let mut causes: Vec<&minijinja::Error> = vec![error];
        while let Some(cause) = causes.last().and_then(|last| std::error::Error::source(*last)) {
            match cause.downcast_ref() {
                Some(cause) => causes.push(cause),
                None => break,
            }
        }
        let of_the_contract = causes.iter().rev().find_map(|cause| {
            let name = self.replaced.iter().find(|name| cause.name() == Some(name))?;
            Some((name, cause.line().unwrap_or(1), cause.detail().unwrap_or_default()))
        });
        match of_the_contract {
            Some((name, line, reason)) => {
                EmitError::of_template(format!("docs/templates/{name}:{line}"), reason.to_owned())
            }
            None => EmitError::new(name, error),
        }
    }
}

/// A prepared view as templates see it.
pub(super) fn view_of(view: impl Serialize) -> Value {
    Value::from(Serde(view))
}

/// Renders one template of the generated crate.
///
/// # Errors
///
/// As [`Templates::render`].
pub(super) fn render(name: &str, view: Value) -> Result<String, EmitError> {
    Templates::new(OF_THE_CRATE)?.render(name, view)
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
