//! Publications: one payload on several subjects.

use crate::source::Spanned;

/// What is published on several subjects at once.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Its name.
    pub name: Spanned<String>,
    /// One sentence.
    pub summary: Option<String>,
    /// What is published, where the subjects carry different payloads.
    pub payload: Option<Spanned<String>>,
    /// The events that carry it, which exist.
    pub subjects: Vec<Spanned<String>>,
    /// Who publishes it.
    pub publish: Vec<Spanned<String>>,
}
