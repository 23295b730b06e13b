//! Findings about roles: who takes part in what.

use super::rules;

rules! {
    /// A subject that nobody publishes, or a request that nobody asks.
    warning NOBODY_SENDS = "roles/nobody-sends";
    /// An event that nobody hears and no stream keeps.
    warning NOBODY_HEARS = "roles/nobody-hears";
    /// A request that nobody answers.
    warning NOBODY_ANSWERS = "roles/nobody-answers";
    /// A role that does nothing.
    warning IDLE = "roles/idle";
    /// A role that can speak in the name of others.
    warning FORGED = "roles/forged-identity";
}
