//! From a contract to everything that is made of it.
//!
//! The way runs one way only: [`source`] reads files into spanned trees, [`syntax`] into declarations, [`lower`] resolves
//! them to a [`contract`], [`analysis`] proves that the contract holds together, [`emit`] makes trees of files of it, and
//! [`output`] is the only step that touches the disk. Every step returns a value and a report, and goes on after an error.
//!
//! [`check`] and [`generate`] walk that way; the command line and build scripts call nothing else.
//!
//! ```no_run
//! use natsmith_codegen::{check, generate, output};
//!
//! let checked = check("schema/shop".as_ref());
//! if let Some(contract) = checked.contract.filter(|_| !checked.report.has_errors()) {
//!     let tree = generate(&contract)?;
//!     output::write(&tree, "generated/shop".as_ref())?;
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod analysis;
pub mod build_script;
mod casing;
pub mod contract;
#[cfg(feature = "credentials")]
pub mod credentials;
pub mod diagnostics;
pub mod emit;
pub mod explain;
pub mod findings;
pub mod fix;
pub mod import;
pub mod lower;
pub mod output;
mod pipeline;
pub mod rules;
pub mod sample;
pub mod source;
pub mod subject;
pub mod syntax;
mod templates;
mod to_yaml;
mod validator;
pub mod verdict;
mod weighing;
mod words;

pub use pipeline::{
    Checked, CheckedAll, CheckedContract, check, check_all, check_texts, deployment, document, generate, graph,
    output_folder, user_of,
};

/// The templates of documents, by their names: what a contract may replace.
pub fn templates() -> impl Iterator<Item = (&'static str, &'static str)> {
    templates::OF_DOCUMENTS.iter().copied()
}
