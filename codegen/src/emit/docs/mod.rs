//! `docs/`: the contract for people. One set of facts and examples, told as Markdown, as plain text and as HTML.

mod examples;
mod facts;
mod fields;
mod html;
mod llms;
mod reference;
mod settings;

use examples::Examples;

use super::tree::{EmitError, Tree};
use crate::contract::Contract;

/// Adds every document that people read.
pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    let examples = Examples::of(contract);
    reference::emit(contract, &examples, tree)?;
    llms::emit(contract, &examples, tree)?;
    html::emit(contract, &examples, tree)
}
