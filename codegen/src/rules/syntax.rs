//! Findings about the shape of declarations.

use super::rules;

rules! {
    /// A key that nobody reads.
    error UNKNOWN_KEY = "syntax/unknown-key", fixable;
    /// A required key that is not there.
    error MISSING_KEY = "syntax/missing-key";
    /// A value of another type than expected.
    error WRONG_TYPE = "syntax/wrong-type", fixable;
    /// A duration or size without its unit.
    error UNIT = "syntax/unit", fixable;
    /// A value that is not one of those that can stand here.
    error VALUE = "syntax/value", fixable;
    /// A name that is declared twice.
    error DECLARED_TWICE = "syntax/declared-twice";
}
