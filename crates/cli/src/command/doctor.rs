//! `driftlab doctor`.

use crate::output::say;
use crate::status::Status;
use crate::terminal;
use driftlab_lab::{Quiet, Readiness, RunOptions};
use driftlab_report::write_whole;
use driftlab_scenario::{Colour, Overrides, Registries, Scenario};
use std::io::{IsTerminal, stderr, stdout};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  driftlab doctor
  driftlab doctor --out /data/results

Exit status: 0 when this machine is ready, 3 when something is in the way, 70 when driftlab itself is.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The folder for results that is to be tried.
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
}

/// What one check says.
struct Finding {
    status: Status,
    text: String,
}

pub(crate) fn execute(arguments: &Arguments) -> Status {
    let findings =
        [version(), cores(), results(&arguments.out), screen(), itself(trace_hashes), embedded_world()];
    let mut text = String::new();
    let mut worst = Status::Holds;
    for finding in findings {
        let mark = if finding.status == Status::Holds { "ok   " } else { "WRONG" };
        text.push_str(&format!("{mark}  {}\n", finding.text));
        worst = worst.max(finding.status);
    }
    worst.max(say(&text))
}

fn well(text: String) -> Finding {
    Finding { status: Status::Holds, text }
}

fn version() -> Finding {
    let build =
        if cfg!(debug_assertions) { "a debug build, slower than a release" } else { "a release build" };
    let (system, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
    well(format!("driftlab {}, {build}, on {system} {architecture}", env!("CARGO_PKG_VERSION")))
}

fn cores() -> Finding {
    match std::thread::available_parallelism() {
        Ok(cores) => well(format!("{cores} runs at once (one a core; --jobs changes it)")),
        Err(error) => well(format!("1 run at once, because the number of cores is not told: {error}")),
    }
}

/// Tries the folder, or where it does not exist yet, the nearest one above it: a check leaves no folder behind.
fn results(out: &Path) -> Finding {
    let absolute = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
    let Some(folder) = absolute.ancestors().find(|folder| folder.exists()) else {
        return Finding {
            status: Status::Impossible,
            text: format!("no folder above {} exists", out.display()),
        };
    };
    let probe = folder.join(format!(".driftlab-doctor.{}", std::process::id()));
    match write_whole(&probe, "driftlab doctor was here\n") {
        Ok(()) => {
            let _ = std::fs::remove_file(&probe);
            well(format!("results can be written to {}", absolute.display()))
        }
        Err(error) => Finding { status: Status::Impossible, text: error.to_string() },
    }
}

fn screen() -> Finding {
    let style = terminal::style();
    let kind = if stdout().is_terminal() { "a terminal" } else { "no terminal" };
    let colour = if style.colour == Colour::On { "colours" } else { "no colours" };
    let progress = if stderr().is_terminal() { "progress is shown" } else { "progress is not shown" };
    well(format!("output goes to {kind}: {} columns, {colour}; {progress}", style.width))
}

/// A scenario that takes a moment and in which something happens.
const TINY: &str = r#"
title = "self-check"

[world]
seed = 7
seeds = 2
duration = "2s"

[workload]
shape = "kv"
clients = 4

[[sink]]
name = "search"
kind = "search"

[[strategy]]
name = "dual writes"
kind = "dual_writes"
"#;

/// Runs a tiny scenario twice, on one thread and on two, and compares the trace hashes: a machine or a build on which they differ gives results that nobody can repeat.
fn itself(run: fn(&Scenario, usize) -> Result<Vec<u128>, String>) -> Finding {
    let at_fault = |text: String| Finding { status: Status::Fault, text };
    let scenario = match Scenario::parse(TINY, "self-check", &Overrides::default(), &Registries::standard()) {
        Ok(scenario) => scenario,
        Err(problems) => return at_fault(format!("self-check: {}", problems.render(Colour::Off))),
    };
    match (run(&scenario, 1), run(&scenario, 2)) {
        (Ok(first), Ok(second)) if first == second && !first.is_empty() => {
            well(format!("self-check: {} runs, made twice, were the same event by event", first.len()))
        }
        (Ok(first), Ok(_)) if first.is_empty() => at_fault("self-check: nothing was run".to_owned()),
        (Ok(_), Ok(_)) => {
            at_fault("self-check: the same run, made twice, was not the same; please report it".to_owned())
        }
        (Err(error), _) | (_, Err(error)) => at_fault(format!("self-check: {error}")),
    }
}

fn trace_hashes(scenario: &Scenario, jobs: usize) -> Result<Vec<u128>, String> {
    let experiment =
        driftlab_lab::run(scenario, &RunOptions { jobs }, &Quiet).map_err(|error| error.to_string())?;
    Ok(experiment.strategies.iter().flat_map(|strategy| &strategy.runs).map(|run| run.trace).collect())
}

/// A run keeps a database with its log, a log of events, an index and a warehouse, and removes them at its end.
const ROOM: u64 = 512 << 20;

fn embedded_world() -> Finding {
    let ready = match Readiness::of_this_machine() {
        Ok(ready) => ready,
        Err(error) => {
            let text = format!(
                "the embedded world cannot run: {} cannot be used for temporary files: {error}; TMPDIR names another folder",
                std::env::temp_dir().display()
            );
            return Finding { status: Status::Impossible, text };
        }
    };
    let (folder, free) = (ready.folder.display(), ready.free_bytes >> 20);
    if ready.free_bytes < ROOM {
        let text = format!(
            "the embedded world has {free} MiB in {folder} and may need {}; TMPDIR names another folder",
            ROOM >> 20
        );
        return Finding { status: Status::Impossible, text };
    }
    well(format!("the embedded world can run: SQLite {}, {free} MiB free in {folder}", ready.sqlite))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_self_check_notices_runs_that_differ() {
        assert_eq!(itself(|_, _| Ok(vec![1, 2])).status, Status::Holds);
        assert_eq!(itself(|_, jobs| Ok(vec![jobs as u128])).status, Status::Fault);
        assert_eq!(itself(|_, _| Ok(Vec::new())).status, Status::Fault);
        assert_eq!(itself(|_, _| Err("no".to_owned())).status, Status::Fault);
    }
}
