//! `driftlab shrink`.

use crate::command::replay;
use crate::output::{complain, say};
use crate::status::{self, Status};
use crate::tale::Tale;
use crate::terminal;
use driftlab_lab::finding::{FindingFile, Sighting};
use driftlab_lab::{Stage, dataset_of, shrink};
use driftlab_report::write_whole;
use driftlab_scenario::Scenario;
use std::path::PathBuf;

/// Shrink a finding to the fewest operations, rows, copies, faults and waits that still show it.
///
/// `driftlab explore` does this by itself for the first of each kind. The finding's file is replaced by the shrunk one, whole, unless --out names another.
#[derive(Debug, clap::Args)]
#[command(after_help = status::TABLE)]
pub(crate) struct Arguments {
    /// The finding.
    #[arg(value_name = "FINDING.json")]
    file: PathBuf,
    /// Where the shrunk finding goes. Default: in place of the one that was given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn execute(arguments: &Arguments) -> Status {
    let replayed = match replay::read(&arguments.file) {
        Ok(replayed) => replayed,
        Err(status) => return status,
    };
    let dataset = match dataset_of(&replayed.scenario) {
        Ok(dataset) => dataset,
        Err(error) => {
            complain(&error.to_string());
            return Status::of_code(error.exit_code());
        }
    };
    let staging = |scenario: &Scenario| Stage::new(scenario, &replayed.strategy, dataset.as_ref());
    let shrunk = match shrink(&replayed.scenario, &staging, &replayed.case, &replayed.target) {
        Ok(Some(shrunk)) => shrunk,
        Ok(None) => {
            complain(
                "the run shows the finding when it is recorded and not when it is judged: please report this",
            );
            return Status::Fault;
        }
        Err(error) => {
            complain(&error.to_string());
            return Status::of_code(error.exit_code());
        }
    };
    let finding = FindingFile::of(&replayed.scenario, &replayed.strategy, &shrunk, Sighting::ONCE);
    let out = arguments.out.as_ref().unwrap_or(&arguments.file);
    if let Err(error) = write_whole(out, finding.json()) {
        complain(&error.to_string());
        return Status::Impossible;
    }
    let operations = shrunk.case.script.as_ref().map_or(0, driftlab_lab::Script::len);
    let minimal = if shrunk.is_minimal { "nothing more can go" } else { "there may be more that can go" };
    let tale = Tale::of(&replayed.scenario, &replayed.strategy, &shrunk);
    say(&format!(
        "{}\n{operations} operations are left after {} runs; {minimal}.\n{}\n",
        tale.text(terminal::style()),
        shrunk.runs,
        out.display()
    ))
}
