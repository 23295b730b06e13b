//! Findings about the example documents of payloads.

use super::rules;

rules! {
    /// A valid example that its schema refuses.
    error REFUSED = "examples/refused";
    /// An invalid example that its schema accepts.
    error ACCEPTED = "examples/accepted";
    /// An example of a payload that no file declares.
    error UNKNOWN = "examples/unknown-payload";
}
