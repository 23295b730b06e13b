//! The Rust code that the pages of the reference show compiles against the generated crates.

#![allow(
    dead_code,
    unused_variables,
    clippy::all,
    clippy::pedantic,
    reason = "people read this code, and nobody calls it"
)]

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// How many pieces of code there are.
macro_rules! code {
    ($($name:ident;)*) => {
        const PIECES: usize = [$(stringify!($name)),*].len();
    };
}

include!(concat!(env!("OUT_DIR"), "/page_code.rs"));

#[test]
fn there_is_code_for_both_sides_of_every_subject() {
    const { assert!(PIECES > 150) }
}
