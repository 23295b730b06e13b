//! Payload types in formats that serde knows: through JSON, so that only valid values come in.

use bytes::BytesMut;
use serde::de::Error as _;
use serde::{Deserializer, Serializer};

use super::{Codec, read_document};
use crate::payload::FreeForm;

crate::serde_impls!(FreeForm);

/// Writes a value as its encoder writes it.
///
/// # Errors
///
/// Those of the serializer. A number of free-form JSON that fits no 64 bits is rounded.
pub fn serialize<T: Codec, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut out = BytesMut::new();
    value.write(&mut out);
    let mut reader = serde_json::Deserializer::from_slice(&out);
    serde_transcode::transcode(&mut reader, serializer)
}

/// Reads a value as its decoder reads it.
///
/// # Errors
///
/// Those of the deserializer, and the first place at which the value is not what the type asks for.
pub fn deserialize<'de, T: Codec, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let mut text = Vec::new();
    serde_transcode::transcode(deserializer, &mut serde_json::Serializer::new(&mut text)).map_err(D::Error::custom)?;
    read_document(&text, T::read).map_err(D::Error::custom)
}
