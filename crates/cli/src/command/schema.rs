//! `driftlab schema`.

use crate::output::say;
use crate::status::Status;
use clap::ValueEnum;
use driftlab_report::summary_schema;
use driftlab_scenario::{Registries, scenario_schema};

const EXAMPLES: &str = "\
Examples:
  driftlab schema > scenario.schema.json
  driftlab schema summary > summary.schema.json

An editor that knows TOML checks and completes a scenario whose first line is
  #:schema scenario.schema.json";

/// Print the JSON Schema of scenario files, or of summary.json.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Of what.
    #[arg(value_enum, default_value_t = Of::Scenario)]
    of: Of,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Of {
    /// Scenario files: every strategy, sink, fault and shape, with every setting, what it means, and its default.
    Scenario,
    /// The summary of a run, which `--format json` prints and `summary.json` holds.
    Summary,
}

pub(crate) fn execute(arguments: &Arguments) -> Status {
    let schema = match arguments.of {
        Of::Scenario => scenario_schema(&Registries::standard()),
        Of::Summary => summary_schema(),
    };
    say(&format!("{schema:#}\n"))
}
