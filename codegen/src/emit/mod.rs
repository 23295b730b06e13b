//! One emitter a target, each from the contract to a tree of files.
//!
//! Emitters never import each other and never touch the disk.

mod asyncapi;
mod described;
mod docs;
mod json_schema;
mod rust;
mod template;
mod threads;
mod tree;

pub use tree::{EmitError, MARKER, Tree};

use crate::contract::Contract;

/// One emitter.
type Emitter = fn(&Contract, &mut Tree) -> Result<(), EmitError>;

/// All emitters.
const EMITTERS: [Emitter; 4] = [rust::emit, json_schema::emit, asyncapi::emit, docs::emit];

/// The documents that are made of a contract, and nothing else; paths are seen from their folder.
///
/// # Errors
///
/// A fault in natsmith itself, or in a template of the contract.
pub(crate) fn documents(contract: &Contract) -> Result<Tree, EmitError> {
    let mut tree = Tree::default();
    json_schema::emit(contract, &mut tree)?;
    asyncapi::emit(contract, &mut tree)?;
    docs::emit(contract, &mut tree)?;
    tree.below("docs/")
}

/// Everything that is made of a contract.
///
/// # Errors
///
/// A fault in natsmith itself, or in a template of the contract.
pub(crate) fn all(contract: &Contract) -> Result<Tree, EmitError> {
    let mut tree = Tree::default();
    for emit in EMITTERS {
        emit(contract, &mut tree)?;
    }
    Ok(tree)
}
