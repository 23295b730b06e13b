//! The workspace of natsmith. See the crates `natsmith-codegen` and `natsmith-runtime`.
