//! The `natsmith` command.
fn main() {}
