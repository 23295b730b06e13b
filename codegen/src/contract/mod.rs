//! The resolved model: what a contract means, without how it was written.

pub mod settings;
