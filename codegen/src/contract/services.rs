//! Discoverable services.

use indexmap::IndexMap;

use crate::source::Spanned;

/// A discoverable service (ADR-32): requests under a name and a version.
#[derive(Clone, Debug)]
pub struct Service {
    /// The name of the declaration, in `snake_case`.
    pub name: Spanned<String>,
    /// The name that others find it by.
    pub service: String,
    /// Its version.
    pub version: String,
    /// What it is for.
    pub description: Option<String>,
    /// Notes for tools.
    pub metadata: IndexMap<String, String>,
    /// The request subjects that it answers, which exist.
    pub endpoints: Vec<Spanned<String>>,
    /// Who provides it.
    pub provide: Vec<Spanned<String>>,
}
