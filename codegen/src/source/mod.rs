//! Files and the spanned tree that is read from them.
//!
//! This step knows YAML and JSON and nothing of NATS: it turns each file into a [`Node`] whose every part remembers
//! where it stands, so that later steps can point at it.

mod edit;
mod files;
mod folder;
mod node;
mod spanned;
mod way;
mod yaml;

pub use edit::{Change, Edit, Replacement, Trees};
pub use files::{FileId, FileRange, Files, SourceFile, Span};
pub use folder::{FolderFile, read_folder};
pub use node::{Entry, Mapping, Node, Value};
pub use spanned::Spanned;
pub use yaml::parse;
