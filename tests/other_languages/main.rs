//! Programs in other languages take part, on a real server: they know a contract by its generated JSON Schemas alone, and hold all that they
//! receive against these with a validator of their own language.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that meets what it does not expect has failed; in a program, `pub` says which part of a module the others use"
)]

mod asyncapi;
mod install;
mod mesh;
mod pages;
mod platform;
mod program;
#[path = "../support/install.rs"]
mod support;

use std::time::Duration;

use natsmith_runtime::Payload;
use natsmith_runtime::testing::Server;
use serde_json::Value;

async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(30), future)
        .await
        .expect("this was to happen within 30 s")
}

async fn server() -> Server {
    Server::start().await.unwrap_or_else(|error| panic!("{error}"))
}

/// A payload from JSON.
fn made<P: Payload>(document: &Value) -> P {
    P::decode(document.to_string().as_bytes()).unwrap_or_else(|error| panic!("{}: {error}", P::NAME))
}
