//! Findings about the example documents of payloads.

use crate::diagnostics::Rule;

/// A valid example that its schema refuses.
pub static REFUSED: Rule = Rule::error("examples/refused");
/// An invalid example that its schema accepts.
pub static ACCEPTED: Rule = Rule::error("examples/accepted");
/// An example of a payload that no file declares.
pub static UNKNOWN: Rule = Rule::error("examples/unknown-payload");
