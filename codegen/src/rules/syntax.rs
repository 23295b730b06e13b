//! Findings about the shape of declarations.

use crate::diagnostics::Rule;

/// A key that nobody reads.
pub static UNKNOWN_KEY: Rule = Rule::error("syntax/unknown-key");
/// A required key that is not there.
pub static MISSING_KEY: Rule = Rule::error("syntax/missing-key");
/// A value of another type than expected.
pub static WRONG_TYPE: Rule = Rule::error("syntax/wrong-type");
/// A duration or size without its unit.
pub static UNIT: Rule = Rule::error("syntax/unit");
/// A value that is not one of those that can stand here.
pub static VALUE: Rule = Rule::error("syntax/value");
/// A name that is declared twice.
pub static DECLARED_TWICE: Rule = Rule::error("syntax/declared-twice");
