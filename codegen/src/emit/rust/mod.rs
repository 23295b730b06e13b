//! The generated crate: types, subjects, roles, streams and provisioning over `natsmith-runtime`.
//!
//! Generated code is data. What would be the same in every crate belongs into the runtime.

mod address;
mod answers;
mod dispatch;
mod files;
mod headers;
mod manifest;
mod messages;
pub(crate) mod names;
mod paths;
mod payload;
mod persisted;
mod presence;
mod print;
mod provision;
mod publications;
mod roles;
mod scope;
mod services;
mod sets;
mod stores;
mod streams;
mod subjects;
mod subscriptions;
mod tokens;
mod work;

use super::tree::{EmitError, Tree};
use crate::contract::Contract;

/// Adds the generated crate to the tree.
pub(super) fn emit(contract: &Contract, tree: &mut Tree) -> Result<(), EmitError> {
    manifest::emit(contract, tree)?;
    tokens::emit(contract, tree)?;
    payload::emit(contract, tree)?;
    subjects::emit(contract, tree)?;
    if !contract.subscriptions.is_empty() {
        subscriptions::emit(contract, tree)?;
    }
    roles::emit(contract, tree)?;
    if !contract.streams.is_empty() {
        streams::emit(contract, tree)?;
    }
    stores::emit(contract, tree)?;
    services::emit(contract, tree)?;
    presence::emit(contract, tree)?;
    if contract.has_assets() {
        provision::emit(contract, tree)?;
    }
    Ok(())
}
