//! The `natsmith` command.
//!
//! Only this binary prints for people, colours, or sets an exit code: 0 clean, 1 findings, 2 could not run.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    cli::run(cli::Arguments::parse())
}
