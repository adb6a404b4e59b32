//! `driftlab run`.

mod sweep;

use crate::command::Format;
use crate::outcome::Outcome;
use crate::output::{complain, explain, say};
use crate::progress::Bar;
use crate::status::{self, Status};
use crate::{duration, history, interrupt, step_summary, terminal};
use driftlab_lab::{Dossier, Experiment, RunError, RunOptions, WorldEntry, predicting};
use driftlab_model::Span;
use driftlab_report::{Album, EXPORTERS, Environment, OutputFolder, Report, Summary, terminal as table};
use driftlab_scenario::{LoadError, Matrix, Overrides, Scenario};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Run scenarios: print the table, write the reports, judge the expectations.
///
/// Every strategy of a scenario meets the same clients and the same faults, once for each seed. In the virtual world the same scenario, seed and version of
/// driftlab give the same run, event by event; in the embedded world stores and time are real, and no run comes twice. Control-C keeps the runs that are
/// finished; a second one ends at once.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help())]
pub(crate) struct Arguments {
    /// Scenario files; `driftlab list scenarios` shows those that are here.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The first seed: everything left to chance follows from it. Default: the scenario's.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How many seeds to run, from the first on. Default: the scenario's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    seeds: Option<u64>,
    /// Run only this strategy, by its name in the scenario; may be given several times.
    #[arg(long = "strategy", value_name = "NAME")]
    strategies: Vec<String>,
    /// The world to run in: virtual (simulated stores in virtual time) or embedded (real stores inside this process, in real time). Default: the scenario's.
    #[arg(long, value_name = "KIND")]
    world: Option<String>,
    /// The SQLite file whose tables and rows the clients work on, for scenarios of the shape `database`; it is read, never written.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
    /// A profile of `driftlab calibrate`: virtual stores take the times measured in it, and a run on real stores shows what they predict beside what it measured.
    /// Default: the scenario's.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// How long the clients are at work, such as 30s or 5min; in the embedded world by the clock on the wall. Default: the scenario's.
    #[arg(long, value_name = "D", value_parser = duration::such_as("30s"))]
    duration: Option<Span>,
    /// How many runs are made at once; results do not depend on it. Default: as many as the machine has cores. Real stores are always run one at a time.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// The folder for results.
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// What to print: the table, or the summary as one JSON document (an array where there are several files).
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write the histories of the first seed's runs, however long they are: history/STRATEGY.parquet. Short ones are always written.
    #[arg(long)]
    history: bool,
    /// Print neither table nor progress: the exit status and the files tell.
    #[arg(long, short)]
    quiet: bool,
}

fn after_help() -> String {
    format!(
        "\
Results are in DIR/<scenario>/<run>/: report.html to read, report.md for pull requests, summary.json and Parquet files for programs, junit.xml for build servers,
findings/*.json to replay; DIR/<scenario>/latest points at the newest run. Where GITHUB_STEP_SUMMARY names a file, report.md is appended to it.
A scenario with a [matrix] is run for every combination of the options that it sweeps; the reports of each are in combinations/ below.

Examples:
  driftlab run scenarios/dual-write/two-writers/broken.toml
  driftlab run scenarios/compare.toml --seed 7 --strategy CDC
  driftlab run scenarios/compare.toml --database shop.sqlite --seeds 20
  driftlab run scenarios/quickstart.toml --world embedded --duration 20s
  driftlab calibrate && driftlab run scenarios/real/predicted.toml --profile profile.toml
  driftlab run scenarios/*/*/fixed.toml --quiet && echo fine
  driftlab run scenarios/compare.toml --format json | jq '.strategies[].name'

{}",
        status::TABLE
    )
}

pub(crate) fn execute(arguments: &Arguments) -> Status {
    interrupt::install();
    let overrides = Overrides {
        seed: arguments.seed,
        seeds: arguments.seeds,
        strategies: arguments.strategies.clone(),
        world: arguments.world.clone(),
        database: arguments.database.clone(),
        profile: arguments.profile.clone(),
        duration: arguments.duration,
    };
    let mut worst = Status::Holds;
    // All files are read and all folders made before the first run, so that a mistake in the last file is told now and not in an hour.
    let mut planned = Vec::new();
    for file in &arguments.files {
        match plan(file, &overrides, &arguments.out) {
            Ok(plan) => planned.push(plan),
            Err(status) => worst = worst.max(status),
        }
    }
    let mut summaries = Vec::new();
    let mut left = planned.len();
    for (matrix, folder) in planned {
        if interrupt::asked() {
            complain(&format!("interrupted: {left} of {} scenarios were not run", arguments.files.len()));
            worst = worst.max(Status::Unknown);
            folder.abandon();
            break;
        }
        left -= 1;
        let (status, result) = match matrix.single() {
            Ok(scenario) => {
                let (status, summary) = run_one(arguments, &scenario, folder);
                (status, summary.map(|summary| Outcome::One(Box::new(summary))))
            }
            Err(matrix) => {
                let (status, sweep) = sweep::run_all(arguments, &matrix, folder);
                (status, sweep.map(|sweep| Outcome::Matrix(Box::new(sweep))))
            }
        };
        worst = worst.max(status);
        summaries.extend(result);
    }
    if arguments.format == Format::Json {
        worst = worst.max(print_json(arguments.files.len(), &summaries));
    }
    worst
}

/// Reads a scenario with all its combinations, and makes the folder for its results.
fn plan(file: &Path, overrides: &Overrides, out: &Path) -> Result<(Matrix, OutputFolder), Status> {
    let matrix = Matrix::load(file, overrides).map_err(|error| match error {
        LoadError::Unreadable { .. } => {
            complain(&error.to_string());
            Status::Impossible
        }
        LoadError::Invalid(problems) => {
            explain(&problems.render(terminal::message_colour()));
            Status::Refused
        }
    })?;
    for cell in &matrix.cells {
        WorldEntry::admit(&cell.scenario).map_err(|error| refused(&cell.scenario, &error))?;
    }
    let first = &matrix.cells[0].scenario;
    let (seed, seeds) = (first.world.count("seed"), first.world.count("seeds"));
    let whole = Scenario { digest: matrix.digest.clone(), ..first.clone() };
    let folder = OutputFolder::prepare(out, &whole, seed, seeds).map_err(|error| {
        complain(&error.to_string());
        Status::Impossible
    })?;
    Ok((matrix, folder))
}

/// Runs a scenario, writes its results, and prints its table.
fn run_one(arguments: &Arguments, scenario: &Scenario, folder: OutputFolder) -> (Status, Option<Summary>) {
    let began = Instant::now();
    let results = in_the_lab(arguments, scenario, &scenario.name)
        .and_then(|experiment| looked_into(arguments, &experiment).map(|dossier| (experiment, dossier)));
    let (experiment, dossier) = match results {
        Ok(results) => results,
        Err(status) => {
            folder.abandon();
            return (status, None);
        }
    };
    let album = Album::of(&experiment, dossier);
    let summary = Summary::of(&experiment).with(&album);
    let summary = match beside_its_prediction(arguments, scenario, summary) {
        Ok(summary) => summary,
        Err(status) => {
            folder.abandon();
            return (status, None);
        }
    };
    let mut status = Status::from(summary.verdict);
    let report = Report { experiment: &experiment, summary: &summary, album: &album };
    let written = history::write(&experiment, arguments.history, &folder).and_then(|()| {
        let environment = Environment::here(&scenario.file, began.elapsed()).of_run(scenario, &summary.seeds);
        folder.write(&report, &environment).map_err(|error| error.to_string())
    });
    if let Err(error) = written.clone().and_then(|()| step_summary::append(|| markdown(&report))) {
        complain(&error);
        status = status.max(Status::Impossible);
    }
    if arguments.format == Format::Table && !arguments.quiet {
        let path = written.is_ok().then(|| folder.path());
        status = status.max(say(&format!("{}\n", table::render(&summary, terminal::style(), path))));
    }
    if experiment.interrupted {
        complain(&format!("interrupted: {}", finished(&experiment)));
    }
    (status, Some(summary))
}

/// `report.md`.
fn markdown(report: &Report<'_>) -> Vec<u8> {
    let markdown = EXPORTERS.iter().find(|exporter| exporter.file() == "report.md");
    markdown.expect("it is registered").render(report)
}

/// The summary with what the virtual world predicts, where a real world ran a scenario that names a profile.
fn beside_its_prediction(
    arguments: &Arguments,
    scenario: &Scenario,
    summary: Summary,
) -> Result<Summary, Status> {
    match (predicting(scenario), scenario.world.text_if_set("profile")) {
        (Some(twin), Some(profile)) if !summary.interrupted => {
            let predicted = Summary::of(&in_the_lab(arguments, &twin, &twin.name)?);
            Ok(summary.predicted_by(&predicted, profile))
        }
        _ => Ok(summary),
    }
}

/// The one place where the command meets the lab.
fn in_the_lab(arguments: &Arguments, scenario: &Scenario, name: &str) -> Result<Experiment, Status> {
    let bar = if arguments.quiet { Bar::hidden() } else { Bar::shown(name, scenario) };
    let result = driftlab_lab::run(scenario, &options(arguments), &bar);
    bar.clear();
    result.map_err(|error| refused(scenario, &error))
}

/// What each fault breaks alone, and the first case of each anomaly, shrunk.
fn looked_into(arguments: &Arguments, experiment: &Experiment) -> Result<Dossier, Status> {
    let scenario = &experiment.scenario;
    let bar = if arguments.quiet { Bar::hidden() } else { Bar::drawing(scenario) };
    let result = driftlab_lab::dossier(experiment, &options(arguments), &bar);
    bar.clear();
    result.map_err(|error| refused(scenario, &error))
}

fn options(arguments: &Arguments) -> RunOptions {
    RunOptions { jobs: arguments.jobs.map_or_else(cores, usize::from) }
}

/// Tells why a scenario is not run, or no further.
fn refused(scenario: &Scenario, error: &RunError) -> Status {
    match error {
        RunError::Refused(problems) => explain(&problems.render(terminal::message_colour())),
        _ => complain(&format!("{}: {error}", scenario.file)),
    }
    Status::of_code(error.exit_code())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn finished(experiment: &Experiment) -> String {
    let done: usize = experiment.strategies.iter().map(|strategy| strategy.runs.len()).sum();
    let all = experiment.strategies.len() * experiment.seeds.len();
    format!("{done} of {all} runs were finished, and only those are counted")
}

/// One document for one file, an array for several; nothing where the only file came to nothing.
fn print_json(files: usize, summaries: &[Outcome]) -> Status {
    let json = match (files, summaries) {
        (1, []) => return Status::Holds,
        (1, [summary]) => serde_json::to_string_pretty(summary),
        _ => serde_json::to_string_pretty(summaries),
    };
    say(&format!(
        "{}\n",
        json.expect("a summary has text keys and finite numbers, which JSON can always say")
    ))
}
