//! Findings about what documents are made of.

use super::rules;

rules! {
    /// A file that no document is made of.
    error UNKNOWN = "docs/unknown-file";
    /// A template that cannot be read.
    error TEMPLATE = "docs/template";
}
