//! Proves that a contract holds together, before anything is generated or run.
//!
//! Each pass reads the contract and reports; none changes it and none depends on another.

mod across;
mod advice;
mod ambiguous;
mod answers;
mod bindings;
mod borrowed;
mod characters;
mod circles;
mod consumer_settings;
mod consumers;
mod copies;
mod dead_letters;
mod examples;
mod extent;
mod findings;
mod forms;
mod headers;
mod language;
mod mapping;
mod messages;
mod names;
mod near;
mod personal;
mod presence;
mod publications;
mod queues;
mod reply_on;
mod retention;
mod services;
mod sizes;
mod stores;
mod stream_settings;
mod streams;
mod subscriptions;
mod templates;
mod token_use;
mod tokens;
mod versions;
mod wording;
mod work;

pub use across::across;

use crate::contract::Contract;
use crate::diagnostics::Report;

/// One pass over a contract.
type Pass = fn(&Contract, &mut Report);

/// All passes, in the order in which they run.
const PASSES: &[Pass] = &[
    tokens::check,
    templates::check,
    ambiguous::check,
    forms::check,
    characters::check,
    wording::check,
    token_use::check,
    queues::check,
    names::check,
    bindings::check,
    headers::check,
    messages::check,
    answers::check,
    reply_on::check,
    borrowed::check,
    subscriptions::check,
    publications::check,
    services::check,
    stores::check,
    presence::check,
    streams::check,
    stream_settings::check,
    retention::check,
    consumers::check,
    consumer_settings::check,
    copies::check,
    work::check,
    dead_letters::check,
    versions::check,
    examples::check,
    sizes::check,
    personal::check,
    advice::check,
];

/// Runs every pass.
pub fn analyse(contract: &Contract, report: &mut Report) {
    for pass in PASSES {
        pass(contract, report);
    }
}
