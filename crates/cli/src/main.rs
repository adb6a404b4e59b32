//! The driftlab command.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the command talks to the machine: files, terminal, clock and environment"
)]

mod arguments;
mod command;
mod duration;
mod fault;
mod history;
mod interrupt;
mod outcome;
mod output;
mod progress;
mod status;
mod step_summary;
mod tale;
mod terminal;

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// A full batch to Parquet takes a sixth less time with it than with the C library's (docs/dependencies.md).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    fault::install();
    match arguments::parse() {
        Ok(command) => command.execute().into(),
        Err(status) => status.into(),
    }
}
