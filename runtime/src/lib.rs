//! What generated natsmith crates stand on: everything that does not depend on a schema.
//!
//! A generated crate is data: subject types, payload types, roles. The behaviour is here, written once over the
//! traits [`TypedSubject`], [`Payload`] and [`MessageSet`]: a [`Connection`] whose state can be watched, typed
//! [`Endpoint`]s, pull consumers, provisioning that reads back what the server stored, resource reports, and,
//! behind the feature `testing`, real servers for tests.

pub mod borrowed;
pub mod connection;
mod consumer;
pub mod endpoint;
pub mod error;
pub mod format;
pub mod gather;
mod handle;
pub mod headed;
pub mod headers;
pub mod idempotent;
pub mod jetstream;
pub mod json;
pub mod kv;
pub mod life;
pub mod message;
pub mod messages;
pub mod object_store;
pub mod observe;
mod outgoing;
pub mod pattern;
pub mod payload;
mod persisting;
pub mod presence;
pub mod provision;
pub mod publication;
mod random;
pub mod reply_on;
pub mod request;
pub mod resources;
pub mod serve;
pub mod service;
pub mod streamed;
pub mod subject;
pub mod subscription;
#[cfg(feature = "testing")]
pub mod testing;

mod running;
mod wind_down;

pub use async_nats;
pub use bytes;
pub use chrono;
#[cfg(feature = "jiff")]
pub use jiff;
#[cfg(feature = "metrics")]
pub use metrics;
pub use serde;
pub use serde_json;
#[cfg(feature = "time")]
pub use time;
pub use uuid;

pub use connection::{Connection, ConnectionBuilder};
pub use consumer::ConsumerEndpoint;
pub use endpoint::{Endpoint, SetEndpoint, access};
pub use gather::{Gather, Gathered};
pub use headed::HeadedSubject;
pub use jetstream::{DeadLetters, Deliveries, Delivery, Job, OnInvalid, TypedConsumer, WorkError, Working};
pub use kv::Bucket;
pub use life::Life;
pub use message::{FromMessage, InvalidCause, InvalidMessage, Message, MessageSet, RawMessage};
pub use messages::UnknownMessage;
pub use object_store::ObjectStore;
pub use payload::{BorrowedPayload, FreeForm, Keyword, Payload, PayloadError, TokenValue};
pub use presence::{Presence, PresenceEndpoint};
pub use publication::PublicationEndpoint;
pub use reply_on::{Asker, ReplyOnSubject, ReplyPlace};
pub use request::{FailingSubject, ServiceError};
pub use running::Faults;
pub use serve::Serving;
pub use streamed::{ChunkSink, Chunks, Streamed, StreamedSubject};
pub use subject::{
    AnsweredSubject, BorrowedSubject, GatherSubject, IdempotentSubject, PersistedSubject, RequestSubject, SubjectError,
    SubjectFilter, SubjectSet, Token, TokenError, TypedSubject,
};
pub use subscription::Subscription;

/// `Serialize` and `Deserialize` for a type of generated code; nothing without the feature `serde-payloads`.
///
/// A value is written by its encoder and read by its decoder, through JSON: in any format that describes itself, only
/// valid values come in.
#[cfg(feature = "serde-payloads")]
#[macro_export]
macro_rules! serde_impls {
    ($payload:ident) => {
        #[allow(deprecated)]
        impl $crate::serde::Serialize for $payload {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::json::serialize(self, serializer)
            }
        }

        #[allow(deprecated)]
        impl<'de> $crate::serde::Deserialize<'de> for $payload {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::json::deserialize(deserializer)
            }
        }
    };
}

/// `Serialize` and `Deserialize` for a type of generated code; nothing without the feature `serde-payloads`.
#[cfg(not(feature = "serde-payloads"))]
#[macro_export]
macro_rules! serde_impls {
    ($payload:ident) => {};
}
