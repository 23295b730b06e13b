//! The workspace of natsmith. See the crates `natsmith-codegen` and `natsmith-runtime`.

/// The examples of `README.md`, compiled as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
