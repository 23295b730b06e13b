//! What generated natsmith crates stand on.

pub mod format;
pub mod json;
pub mod pattern;
pub mod payload;

pub use payload::{FreeForm, Keyword, Payload, PayloadError, TokenValue};

pub use bytes;
pub use chrono;
pub use uuid;
