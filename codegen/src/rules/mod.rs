//! Every kind of finding, by what it is about. Each has a page under `codegen/docs/rules/`.

pub mod contract;
pub mod example;
pub mod file;
pub mod payload;
pub mod stream;
pub mod subject;
pub mod syntax;
