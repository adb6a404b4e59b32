//! `driftlab calibrate`.

use crate::output::{complain, say};
use crate::status::{self, Status};
use crate::{duration, interrupt};
use driftlab_lab::{Calibration, calibrate};
use driftlab_model::Span;
use driftlab_report::write_whole;
use std::path::PathBuf;

/// Measure the stores of this machine, and write their times as a profile for the virtual world.
///
/// Clients write to SQLite, and one strategy after another brings their changes to a cache, a search index and a warehouse, all real. How long each kind of request takes, how late
/// sleepers wake, how long a commit takes to be read out of the log: all of it becomes distributions. A scenario that is run with the profile takes these times in the virtual world, and
/// in the embedded world its report shows what they predict beside what was measured. Let the machine do nothing else meanwhile.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help())]
pub(crate) struct Arguments {
    /// Where the profile goes.
    #[arg(long, value_name = "FILE", default_value = "profile.toml")]
    out: PathBuf,
    /// How long to measure, by the clock on the wall.
    #[arg(long, value_name = "D", value_parser = duration::such_as("1min"), default_value = "1min")]
    duration: Span,
}

fn after_help() -> String {
    format!(
        "\
Examples:
  driftlab calibrate --out here.toml
  driftlab run scenarios/real/predicted.toml --profile here.toml
  or, in a scenario:  [world]
                      profile = \"here.toml\"

{}",
        status::TABLE
    )
}

pub(crate) fn execute(arguments: &Arguments) -> Status {
    interrupt::install();
    let calibration = match calibrate(arguments.duration, &interrupt::asked) {
        Ok(calibration) => calibration,
        Err(error) => {
            complain(&error.to_string());
            return Status::of_code(error.exit_code());
        }
    };
    let origin = [
        format!(
            "How long stores take on this machine, measured for {} by driftlab {} on {} {}.",
            arguments.duration,
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
        "docs/profile.md says what stands in it.".to_owned(),
    ];
    if let Err(error) = write_whole(&arguments.out, calibration.profile().render(&origin)) {
        complain(&error.to_string());
        return Status::Impossible;
    }
    say(&format!("{}\nProfile: {}\n", table(&calibration), arguments.out.display()))
}

fn table(calibration: &Calibration) -> String {
    let mut text = format!("{:<12} {:>9} {:>10} {:>10}\n", "store", "requests", "median", "p99");
    for node in calibration.nodes() {
        text.push_str(&format!(
            "{:<12} {:>9} {:>10} {:>10}\n",
            node.node,
            node.requests,
            node.median.to_string(),
            node.p99.to_string()
        ));
    }
    text
}
