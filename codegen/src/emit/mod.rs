//! One emitter a target, each from the contract to a tree of files.
//!
//! Emitters never import each other and never touch the disk.

mod asyncapi;
mod deploy;
mod described;
mod docs;
mod examples;
mod json_schema;
mod rust;
mod template;
mod threads;
mod topology;
mod tree;

pub(crate) use docs::facts;
pub(crate) use topology::graph;
pub use topology::{GraphFormat, Shown};
pub use tree::{EmitError, MARKER, Tree};

use crate::contract::Contract;
use examples::Examples;

/// An emitter of documents.
type Documents = fn(&Contract, &Examples, &mut Tree) -> Result<(), EmitError>;

/// All of them.
const DOCUMENTS: [Documents; 3] = [json_schema::emit, asyncapi::emit, docs::emit];

/// The documents that are made of a contract, and nothing else; paths are seen from their folder.
///
/// # Errors
///
/// A fault in natsmith itself, or in a template of the contract.
pub(crate) fn documents(contract: &Contract) -> Result<Tree, EmitError> {
    let mut tree = Tree::default();
    add_documents(contract, &mut tree)?;
    tree.below("docs/")
}

/// What servers and operators need, and nothing else; paths are seen from their folder.
///
/// # Errors
///
/// A fault in natsmith itself.
pub(crate) fn deployment(contract: &Contract) -> Result<Tree, EmitError> {
    let mut tree = Tree::default();
    deploy::emit(contract, &mut tree)?;
    tree.below("deploy/")
}

pub(crate) use deploy::user_of;

/// Everything that is made of a contract.
///
/// # Errors
///
/// A fault in natsmith itself, or in a template of the contract.
pub(crate) fn all(contract: &Contract) -> Result<Tree, EmitError> {
    let mut tree = Tree::default();
    rust::emit(contract, &mut tree)?;
    deploy::emit(contract, &mut tree)?;
    add_documents(contract, &mut tree)?;
    Ok(tree)
}

fn add_documents(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    let examples = Examples::of(contract);
    DOCUMENTS.iter().try_for_each(|emit| emit(contract, &examples, tree))
}
