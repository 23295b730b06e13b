//! From a contract to everything that is made of it.

mod casing;
pub mod contract;
pub mod diagnostics;
pub mod lower;
pub mod rules;
pub mod source;
pub mod subject;
pub mod syntax;
