//! `driftlab replay`.

use crate::output::{complain, say};
use crate::status::{self, Status};
use crate::tale::Tale;
use crate::terminal;
use driftlab_lab::finding::{FindingFile, Replay, ReplayError, replay};
use std::path::{Path, PathBuf};

/// Run a finding again, bit for bit, and tell what happens.
///
/// The finding holds everything that its run follows from. It is run first and told afterwards: where the run is not the same, event by event (another version of driftlab,
/// a changed file), nothing is told but the reason.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help())]
pub(crate) struct Arguments {
    /// The finding, as `driftlab explore` wrote it.
    #[arg(value_name = "FINDING.json")]
    file: PathBuf,
    /// Tell every step of the run: requests, commits, what each copy shows, faults.
    #[arg(long)]
    step: bool,
}

fn after_help() -> String {
    format!(
        "\
Examples:
  driftlab replay results/dual-write/two-writers/broken/latest/findings/dual-writes-stale_overwrite.json
  driftlab replay finding.json --step

{}",
        status::TABLE
    )
}

pub(crate) fn execute(arguments: &Arguments) -> Status {
    let replayed = match read(&arguments.file) {
        Ok(replayed) => replayed,
        Err(status) => return status,
    };
    let style = terminal::style();
    let tale = Tale::again(&replayed);
    let mut text = tale.text(style);
    if arguments.step {
        text.push('\n');
        text.push_str(&tale.steps());
    }
    text.push_str("\nThe same run, event by event.\n");
    say(&text)
}

/// Reads a finding and runs it again.
pub(crate) fn read(path: &Path) -> Result<Replay, Status> {
    let complain_of = |error: &dyn std::fmt::Display| complain(&format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| {
        if error.kind() == std::io::ErrorKind::InvalidData {
            complain_of(&"this is no finding: it is not text");
            return Status::Refused;
        }
        complain_of(&format!("it cannot be read: {error}"));
        Status::Impossible
    })?;
    let file = FindingFile::parse(&text).map_err(|error| {
        complain_of(&error);
        Status::Refused
    })?;
    replay(&file).map_err(|error| {
        complain_of(&error);
        match error {
            ReplayError::Finding(_) => Status::Refused,
            ReplayError::Run(error) => Status::of_code(error.exit_code()),
        }
    })
}
