//! Payloads that borrow from their document.

use super::{Payload, PayloadError};
use crate::json;

/// A payload as it stands in its document: [`decode`](BorrowedPayload::decode) accepts exactly what
/// [`Payload::decode`] of the owned type accepts, says the same of what it refuses, and copies no text.
///
/// Memory is taken only where an escape stands in text, for structs that hold themselves, for values that a validator
/// judges, and to compare the items of a list that must all differ where they are more than a few or no text.
///
/// The types are generated for the payloads that the contract lists under `rust: borrowed:`.
pub trait BorrowedPayload<'a>: Sized {
    /// The payload.
    type Owned: Payload;

    /// Reads a document.
    ///
    /// # Errors
    ///
    /// As [`Payload::decode`] of the owned type.
    fn decode(document: &'a [u8]) -> Result<Self, PayloadError>;

    /// The same payload without the document; equal to what [`Payload::decode`] makes of it.
    fn into_owned(self) -> Self::Owned;
}

impl<'a, T, P> BorrowedPayload<'a> for T
where
    T: json::Borrowed<'a, Owned = P>,
    P: Payload,
{
    type Owned = P;

    fn decode(document: &'a [u8]) -> Result<Self, PayloadError> {
        json::read_document(document, T::read).map_err(|error| error.under(P::SCHEMA))
    }

    fn into_owned(self) -> P {
        json::Borrowed::into_owned(self)
    }
}
