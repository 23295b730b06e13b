//! The command line, from outside: what it prints, what it changes, how it ends.
//!
//! Snapshots hold the text that people read. Accept a new one with `INSTA_UPDATE=always` after having read it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "../common/mod.rs"]
mod common;

mod check;
mod credentials;
mod docs;
mod generate;
mod import;
mod replace;
mod sample;
mod validate;
