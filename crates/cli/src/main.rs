//! The driftlab command.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the command talks to the machine: files, terminal, clock and environment"
)]

mod arguments;
mod command;
mod fault;
mod history;
mod interrupt;
mod output;
mod progress;
mod status;
mod step_summary;
mod tale;
mod terminal;

use std::process::ExitCode;

fn main() -> ExitCode {
    fault::install();
    match arguments::parse() {
        Ok(command) => command.execute().into(),
        Err(status) => status.into(),
    }
}
