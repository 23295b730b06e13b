//! `docs/`: the contract for people. One set of facts and examples, told as Markdown, as plain text and as HTML.

mod examples;
mod facts;
mod fields;
mod html;
mod llms;
mod reference;
mod settings;

use examples::Examples;

use super::template::Templates;
use super::tree::{EmitError, Tree};
use crate::contract::Contract;

/// Adds every document that people read.
pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    let examples = Examples::of(contract);
    let templates = Templates::of_documents(&contract.look)?;
    reference::emit(contract, &examples, &templates, tree)?;
    llms::emit(contract, &examples, &templates, tree)?;
    html::emit(contract, &examples, templates, tree)
}
