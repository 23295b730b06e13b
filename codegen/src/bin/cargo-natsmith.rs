//! The same command as a part of cargo: `cargo natsmith check`.

#[path = "../cli/mod.rs"]
mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // Cargo passes the name that it was called by as the first argument.
    let arguments = std::env::args_os().enumerate();
    let arguments = arguments.filter(|(index, argument)| *index != 1 || argument != "natsmith");
    cli::run(cli::Arguments::parse_from(arguments.map(|(_, argument)| argument)))
}
