//! The runtime against a real nats-server. Where none can be had, these tests fail.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub
)]

mod asking_restarts;
mod batches;
mod cluster;
mod connection;
mod contract;
mod headed;
mod identity;
mod jetstream;
mod life;
mod messages;
mod presence;
mod provisioning;
mod publication;
mod reply_on;
mod requests;
mod resources;
mod servers;
mod services;
mod stores;
mod streamed;
mod tasks;
mod traced;
mod work;
mod work_faults;
