//! Every kind of finding, by the step that makes it. Each has a page under `codegen/docs/rules/`.

pub mod file;
pub mod syntax;
