//! The generated crate `mister-smith` against a real server. Where none can be had, these tests fail.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that meets what it does not expect has failed"
)]

#[path = "../common/mod.rs"]
mod common;

mod hooks;
mod outages;
mod provisioning;
mod requests;
mod roles;
mod sets;
mod tasks;
mod work;
