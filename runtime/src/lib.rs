//! What generated natsmith crates stand on.
