//! Reading and writing JSON for types that are made from a schema.
//!
//! Generated code is made of three things: [`Codec`], which a type implements to be read, checked and written; the
//! rules ([`Text`], [`Integer`], [`Number`], [`Items`], [`Properties`]), which say what a schema asks of a value and stand in
//! `static`s; and [`Cursor`], which reads a document in one pass. While all goes well no more is noted down than the
//! last place in each open object and list: an error knows the byte at which it happened, and the JSON pointer is found by
//! reading the document again from those places on.

#[cfg(feature = "validator")]
mod all_errors;
mod array;
mod borrow;
mod codec;
mod contains;
mod cursor;
mod decimal;
#[cfg(feature = "validator")]
mod descend;
mod fault;
#[cfg(feature = "validator")]
mod judge;
mod listed;
mod locate;
mod map;
#[cfg(any(feature = "jiff", feature = "time"))]
mod moments;
mod names;
mod numbers;
mod object;
mod phrases;
mod properties;
mod rules;
mod same;
mod skip;
mod strings;
#[cfg(feature = "serde-payloads")]
mod transcode;
mod tuple;
mod unique;
mod value;
pub(crate) mod words;
mod write;

use bytes::BytesMut;

use crate::payload::{Payload, PayloadError};

#[cfg(feature = "validator")]
pub(crate) use all_errors::all_errors;
pub use borrow::{Borrowed, RuledText, or_default};
pub use contains::Contains;
pub use cursor::{Cursor, DEPTH, Kind};
pub(crate) use locate::push_name;
pub use names::Names;

pub use fault::{Checked, Fault, Parsed, additional, element, member, nullable, tagged, typed, unlisted};
#[cfg(feature = "validator")]
pub use judge::Judge;
pub use listed::Listed;
pub use map::not_named;
pub use object::Members;
pub use properties::Properties;
pub use rules::{Integer, Items, Number, Text};
#[cfg(feature = "serde-payloads")]
pub use transcode::{deserialize, serialize};
pub use tuple::{ListWriter, Tuple, positions};
pub use write::{ObjectWriter, array, map, text};

/// A type that stands for a value in a document.
pub trait Codec: Sized {
    /// Reads the value at the cursor.
    ///
    /// # Errors
    ///
    /// The first place at which the value is not what the type asks for.
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self>;

    /// Checks a value that was built in this program.
    ///
    /// # Errors
    ///
    /// The first place that no valid document can hold.
    fn check(&self) -> Checked {
        Ok(())
    }

    /// Writes the value, without checking it.
    fn write(&self, out: &mut BytesMut);

    /// The text that the value is, where the type stands for text and nothing else; equal texts are equal values.
    fn as_text(&self) -> Option<&str> {
        None
    }
}

/// Reads a whole document.
///
/// # Errors
///
/// The first place at which the document is not what the type asks for.
pub fn decode<T: Payload + Codec>(document: &[u8]) -> Result<T, PayloadError> {
    read_document(document, T::read).map_err(|error| error.under(T::SCHEMA))
}

/// Checks a value that was built in this program.
///
/// # Errors
///
/// The first place that no valid document can hold.
pub fn validate<T: Payload + Codec>(value: &T) -> Result<(), PayloadError> {
    value.check().map_err(|fault| fault.into_built_error().under(T::SCHEMA))
}

/// Reads a whole document with a function.
pub(crate) fn read_document<'a, T>(
    document: &'a [u8],
    read: impl FnOnce(&mut Cursor<'a>) -> Parsed<T>,
) -> Result<T, PayloadError> {
    let mut cursor = match Cursor::new(document) {
        Ok(cursor) => cursor,
        Err(fault) => return Err(fault.into_error(&Cursor::at_start(locate::readable(document)))),
    };
    let fault = match read(&mut cursor) {
        Ok(value) => match cursor.end() {
            Ok(()) => return Ok(value),
            Err(fault) => fault,
        },
        Err(fault) => fault,
    };
    Err(fault.into_error(&cursor))
}
