//! Text for people, from templates over prepared views.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value};

use super::tree::EmitError;

/// Every template by its path under `codegen/templates/`.
const TEMPLATES: [(&str, &str); 3] = [
    (
        "crate/Cargo.toml.j2",
        include_str!("../../templates/crate/Cargo.toml.j2"),
    ),
    ("crate/README.md.j2", include_str!("../../templates/crate/README.md.j2")),
    (
        "docs/reference.md.j2",
        include_str!("../../templates/docs/reference.md.j2"),
    ),
];

/// Renders a template; a name that the view does not define is an error.
///
/// # Errors
///
/// The template and its view do not fit: a fault in natsmith.
pub(super) fn render(name: &str, view: Value) -> Result<String, EmitError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    environment.set_syntax(syntax.build().map_err(|error| EmitError::new(name, error))?);
    for (name, source) in TEMPLATES {
        environment
            .add_template(name, source)
            .map_err(|error| EmitError::new(name, error))?;
    }
    let template = environment
        .get_template(name)
        .map_err(|error| EmitError::new(name, error))?;
    template.render(view).map_err(|error| EmitError::new(name, error))
}
