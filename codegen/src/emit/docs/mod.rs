//! `docs/`: the contract for people. One set of facts and examples, told as Markdown, as plain text and as HTML.

pub(crate) mod facts;
mod fields;
mod html;
mod llms;
mod reference;
mod settings;

use super::examples::Examples;
use super::template::Templates;
use super::tree::{EmitError, Tree};
use crate::contract::Contract;

/// Adds every document that people read.
pub(super) fn emit(contract: &Contract, examples: &Examples, tree: &mut Tree) -> Result<(), EmitError> {
    let templates = Templates::of_documents(&contract.look)?;
    reference::emit(contract, examples, &templates, tree)?;
    llms::emit(contract, examples, &templates, tree)?;
    html::emit(contract, examples, templates, tree)
}
