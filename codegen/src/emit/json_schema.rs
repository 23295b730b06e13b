//! The schemas of payloads, each as one document for readers in any language.

use super::tree::{EmitError, Tree};
use crate::contract::Contract;

/// Adds one file a payload.
pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    for payload in contract.payloads.iter() {
        let path = format!("docs/json-schema/{}.json", payload.name);
        tree.add(path, format!("{:#}\n", payload.schema))?;
    }
    Ok(())
}
