//! What a contract changes about the look of its documents.

use indexmap::IndexMap;

/// The look of the documents.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Style that comes after natsmith's own.
    pub theme: Option<String>,
    /// Templates in the place of natsmith's own, by their name.
    pub templates: IndexMap<String, String>,
}
