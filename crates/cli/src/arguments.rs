//! The command line.

use crate::command::{
    asof, calibrate, catalog, check, compare, completions, doctor, explore, list, replay, report, run,
    schema, shrink, tail,
};
use crate::output::explain;
use crate::status::{self, Status};
use clap::{CommandFactory, Parser, Subcommand};

/// Which way of keeping copies in step with a database goes wrong, how, how late it runs, and what it costs.
///
/// driftlab runs every strategy (batch jobs, dual writes, cache-aside, outbox, triggers, log-based CDC) on the same workload and the same
/// faults, names each anomaly, measures how late every copy runs, and counts what it costs.
#[derive(Debug, Parser)]
#[command(
    name = "driftlab",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Start with: driftlab list scenarios, then driftlab run FILE",
    after_long_help = after_help()
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run scenarios: print the table, write the reports, judge the expectations.
    Run(run::Arguments),
    /// Explore schedules of a scenario: how often each anomaly shows, and the shortest case of each.
    Explore(explore::Arguments),
    /// Run a finding again, bit for bit, and tell what happens.
    Replay(replay::Arguments),
    /// Shrink a finding to the fewest operations, rows, copies, faults and waits that still show it.
    Shrink(shrink::Arguments),
    /// Put the shards of an exploration together, and draw what they found anew.
    Report(report::Arguments),
    /// Judge a history, whoever recorded it.
    Check(check::Arguments),
    /// Say what was true of a row at a moment of a recorded run, what led there, and which stores could still tell.
    Asof(asof::Arguments),
    /// Print the changes of a SQLite database as they commit, out of its write-ahead log.
    Tail(tail::Arguments),
    /// Measure the stores of this machine, and write their times as a profile for the virtual world.
    Calibrate(calibrate::Arguments),
    /// Compare two results, or two strategies of one: what is better, what is worse, what is noise.
    Compare(compare::Arguments),
    /// List what there is: strategies, sinks, faults, anomalies, shapes, worlds, scenarios.
    List(list::Arguments),
    /// Print the JSON Schema of scenario files, or of summary.json.
    Schema(schema::Arguments),
    /// Print everything there is to choose, and the scenarios, as one page of Markdown.
    Catalog(catalog::Arguments),
    /// Say whether this machine is ready.
    Doctor(doctor::Arguments),
    /// Print completions for a shell.
    Completions(completions::Arguments),
}

impl Command {
    /// Does it.
    pub(crate) fn execute(self) -> Status {
        match self {
            Self::Run(arguments) => run::execute(&arguments),
            Self::Explore(arguments) => explore::execute(&arguments),
            Self::Replay(arguments) => replay::execute(&arguments),
            Self::Shrink(arguments) => shrink::execute(&arguments),
            Self::Report(arguments) => report::execute(&arguments),
            Self::Check(arguments) => check::execute(&arguments),
            Self::Asof(arguments) => asof::execute(&arguments),
            Self::Tail(arguments) => tail::execute(&arguments),
            Self::Calibrate(arguments) => calibrate::execute(&arguments),
            Self::Compare(arguments) => compare::execute(&arguments),
            Self::List(arguments) => list::execute(&arguments),
            Self::Schema(arguments) => schema::execute(&arguments),
            Self::Catalog(arguments) => catalog::execute(&arguments),
            Self::Doctor(arguments) => doctor::execute(&arguments),
            Self::Completions(arguments) => completions::execute(&arguments),
        }
    }
}

/// Reads the command line. What is printed instead of a command (help, version, a complaint) is printed here.
pub(crate) fn parse() -> Result<Command, Status> {
    Arguments::try_parse().map(|arguments| arguments.command).map_err(|error| {
        // A reader of the help who has gone away is no error.
        let _ = error.print();
        if error.use_stderr() {
            if error.kind() == clap::error::ErrorKind::InvalidSubcommand {
                let names: Vec<String> = Arguments::command()
                    .get_subcommands()
                    .map(|command| command.get_name().to_owned())
                    .collect();
                explain(&format!("\nWhat can be done: {}.", names.join(", ")));
            }
            Status::Refused
        } else {
            Status::Holds
        }
    })
}

fn after_help() -> String {
    format!(
        "\
Examples:
  driftlab list scenarios
  driftlab run scenarios/dual-write/two-writers/broken.toml
  driftlab run scenarios/quickstart.toml --seeds 20 --jobs 8
  driftlab list strategies log_cdc

{}",
        status::TABLE
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_argument_has_a_sentence() {
        for command in Arguments::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
        }
    }
}
