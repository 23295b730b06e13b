//! Findings about what a contract says of findings.

use super::rules;

rules! {
    /// A code that no rule has.
    error UNKNOWN_RULE = "check/unknown-rule", fixable;
    /// A level or an exception for a rule whose findings nothing can be generated with.
    error FIXED_LEVEL = "check/fixed-level", fixable;
    /// An exception at a place that is not there.
    error UNKNOWN_PLACE = "check/unknown-place";
    /// An exception that no finding needs any more.
    warning UNUSED_EXCEPTION = "check/unused-exception", fixable;
}
