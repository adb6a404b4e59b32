//! `driftlab report`.

mod drawn;
mod shards;

use crate::status::{self, Status};
use std::path::PathBuf;

/// Show a result again, draw the page of a matrix anew, or put the shards of an exploration together.
///
/// What is done depends on what is in the folders. A run: its table is printed. A matrix: its table is printed, and its report.html and report.md are drawn anew from its
/// summary.json. Explorations, each in a folder that `driftlab explore --shard` wrote, on whatever machine: the counts add up to those of a run without shards; of each anomaly the
/// case is kept that such a run would keep, run again and drawn; and the scenario's expectations are judged. Shards of another scenario, another version of driftlab or other seeds are refused, and so is one that comes twice.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help())]
pub(crate) struct Arguments {
    /// The folder of a run or a matrix, or all folders with the explore.json of a shard.
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    /// The folder for a whole exploration.
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
}

fn after_help() -> String {
    format!(
        "\
The status is that of the result. An exploration of which shards are missing or were cut short ends with 2, unless what is there breaks an expectation already.
The page of a run shows more than its summary holds: to have it drawn anew, run the scenario again; in the virtual world the same comes out.

Examples:
  driftlab report results/quickstart/latest
  driftlab report results/headline/overload/latest
  driftlab explore scenarios/compare.toml --seeds 1000000 --shard 0/2 --out shard-0
  driftlab explore scenarios/compare.toml --seeds 1000000 --shard 1/2 --out shard-1
  driftlab report shard-0/compare/latest shard-1/compare/latest

{}",
        status::TABLE
    )
}

pub(crate) fn execute(arguments: &Arguments) -> Status {
    let done = match arguments.folders.as_slice() {
        [folder] if !folder.join("explore.json").exists() => drawn::again(folder),
        folders => shards::put_together(folders, &arguments.out),
    };
    done.unwrap_or_else(|status| status)
}
