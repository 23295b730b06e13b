//! Parts of payloads that borrow from the document they were read from.
//!
//! A payload that the contract lists under `rust: borrowed:` has a second type, which ends in `Ref` and is read by
//! [`BorrowedPayload::decode`](crate::BorrowedPayload::decode). It accepts what the payload itself accepts, and takes no
//! memory of its own for text, lists, maps and free-form JSON: they are views of the document, which was checked as a
//! whole when the payload was read.

mod free_form;
mod list;
mod map;
#[cfg(test)]
mod tests;
mod text;

pub use free_form::FreeForm;
pub use list::{Items, List};
pub use map::{Map, Members};
pub use text::Text;
