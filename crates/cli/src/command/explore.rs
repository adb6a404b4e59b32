//! `driftlab explore`.

use crate::command::Format;
use crate::output::{complain, explain, say};
use crate::progress::Schedules;
use crate::status::{self, Status};
use crate::tale::Tale;
use crate::{interrupt, terminal};
use driftlab_lab::explore::{
    Cause, ExploreOptions, POLICIES, Policies, Tally, case_of, case_of_path, exhaust_by_state, explore,
};
use driftlab_lab::finding::{FindingFile, Sighting};
use driftlab_lab::{RunError, Shrunk, Stage, Target, dataset_of, shrink};
use driftlab_report::exploration::{self, Exploration, StrategyExploration};
use driftlab_report::{ENVIRONMENT_FILE, Environment, OutputFolder};
use driftlab_scenario::{Choice, LoadError, Overrides, Scenario};
use std::path::PathBuf;
use std::time::Instant;

/// Explore schedules of a scenario: how often each anomaly shows, and the shortest case of each.
///
/// Seeds take turns with policies that vary who is fast and who is slow, from the scenario's own latencies to processes that stand still for most of a run. The first
/// case of each anomaly is shrunk to the fewest operations, copies, faults and waits that still show it, drawn, and kept as a file that `driftlab replay` runs
/// again bit for bit. What is counted does not depend on the number of threads; shards add up to the whole with `driftlab report`.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help())]
pub(crate) struct Arguments {
    /// The scenario file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How many seeds, one schedule each, for every strategy.
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Search every schedule there is instead, going on from each state once: latencies are arbitrary then, and shorter than any timer. For scenarios of a few operations.
    #[arg(long, conflicts_with_all = ["seeds", "shard", "policy"])]
    exhaustive: bool,
    /// The first seed. Default: the scenario's.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Only the I-th of N equal parts of the seeds, counted from 0: any batch scheduler can spread them over machines.
    #[arg(long, value_name = "I/N", value_parser = shard, default_value = "0/1")]
    shard: (u64, u64),
    /// Explore only this strategy, by its name in the scenario; may be given several times.
    #[arg(long = "strategy", value_name = "NAME")]
    strategies: Vec<String>,
    /// Use one policy instead of all in turn: "as declared", even, wild, "random walk", priorities, frozen, crash.
    #[arg(long, value_name = "NAME", value_parser = policy)]
    policy: Option<usize>,
    /// The SQLite file whose tables and rows the clients work on, for scenarios of the shape `database`; it is read, never written.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
    /// How many schedules are run at once; results do not depend on it. Default: as many as the machine has cores.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// The folder for results.
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// What to print: the table with the stories, or the counts as one JSON document.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Print neither table nor progress: the exit status and the files tell.
    #[arg(long, short)]
    quiet: bool,
}

fn after_help() -> String {
    let policies: Vec<String> =
        POLICIES.iter().map(|policy| format!("  {:<12} {}", policy.name, policy.summary)).collect();
    format!(
        "\
Policies:
{}

Results are in DIR/<scenario>/<run>/: explore.html with the drawings, explore.md, explore.json and findings/*.json.

Examples:
  driftlab explore scenarios/dual-write/two-writers/broken.toml
  driftlab explore scenarios/dual-write/two-writers/fixed.toml --exhaustive
  driftlab explore scenarios/compare.toml --seeds 1000000 --strategy CDC
  driftlab explore scenarios/compare.toml --seeds 1000000 --shard 3/16 --out shard-3

{}",
        policies.join("\n"),
        status::TABLE
    )
}

fn shard(text: &str) -> Result<(u64, u64), String> {
    let parts = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
    match parts {
        Some((part, of)) if part < of => Ok((part, of)),
        Some((part, of)) => Err(format!("of {of} shards, the last is {}, not {part}", of.saturating_sub(1))),
        None => Err("expected I/N, such as 0/16 for the first of sixteen".to_owned()),
    }
}

fn policy(name: &str) -> Result<usize, String> {
    POLICIES.iter().position(|policy| policy.name == name).ok_or_else(|| {
        let known: Vec<&str> = POLICIES.iter().map(|policy| policy.name).collect();
        format!("expected one of: {}", known.join(", "))
    })
}

pub(crate) fn execute(arguments: &Arguments) -> Status {
    interrupt::install();
    let overrides = Overrides {
        seed: arguments.seed,
        strategies: arguments.strategies.clone(),
        database: arguments.database.clone(),
        ..Overrides::default()
    };
    let scenario = match Scenario::load(&arguments.file, &overrides) {
        Ok(scenario) => scenario,
        Err(LoadError::Invalid(problems)) => {
            explain(&problems.render(terminal::message_colour()));
            return Status::Refused;
        }
        Err(error) => {
            complain(&error.to_string());
            return Status::Impossible;
        }
    };
    let first = scenario.world.count("seed");
    let folder = match OutputFolder::of_exploration(
        &arguments.out,
        &scenario.name,
        &scenario.digest,
        first,
        arguments.seeds,
    ) {
        Ok(folder) => folder,
        Err(error) => {
            complain(&error.to_string());
            return Status::Impossible;
        }
    };
    let options = ExploreOptions {
        first,
        seeds: arguments.seeds,
        shard: arguments.shard,
        jobs: arguments.jobs.map_or_else(cores, usize::from),
        policies: arguments.policy.map_or(Policies::Portfolio, Policies::Only),
    };
    match (Journey { arguments, scenario: &scenario, options, folder: &folder }).make() {
        Ok(status) => status,
        Err(error) => {
            complain(&format!("{}: {error}", scenario.file));
            folder.abandon();
            Status::of_code(error.exit_code())
        }
    }
}

/// More runs than these are not made for a proof: nobody waits that long.
const MOST_SCHEDULES: u64 = 20_000_000;

/// One call of the command.
struct Journey<'a> {
    arguments: &'a Arguments,
    scenario: &'a Scenario,
    options: ExploreOptions,
    folder: &'a OutputFolder,
}

impl Journey<'_> {
    fn make(&self) -> Result<Status, RunError> {
        let began = Instant::now();
        let dataset = dataset_of(self.scenario)?;
        let mut exploration = Exploration::new(self.scenario, &self.options);
        let mut tales = Vec::new();
        for choice in &self.scenario.strategies {
            let staging = |scenario: &Scenario| Stage::new(scenario, choice, dataset.as_ref());
            staging(self.scenario)?;
            let length = (!self.arguments.exhaustive).then(|| self.options.seeds / self.options.shard.1);
            let bar = Schedules::new(&choice.name, length, self.arguments.quiet);
            let make = || staging(self.scenario).expect("this stage could be made a moment ago");
            let searched = self.search(choice, &make, &bar);
            bar.clear();
            let mut strategy = searched.counts.clone();
            for (finding, shrunk) in self.first_cases(choice, &searched, &staging)? {
                let file = format!("findings/{}", finding.file_name());
                if let Some(seen) = strategy.anomalies.get_mut(&finding.anomaly) {
                    seen.finding = Some(file.clone());
                }
                tales.push(Found {
                    tale: Tale::of(self.scenario, choice, &shrunk),
                    file,
                    json: finding.json(),
                });
            }
            exploration.interrupted |= searched.is_cut_short;
            exploration.strategies.push(strategy);
            if interrupt::asked() {
                break;
            }
        }
        Ok(self.report(&exploration, tales, began))
    }

    fn search(&self, choice: &Choice, make: &(dyn Fn() -> Stage + Sync), bar: &Schedules) -> Searched {
        if !self.arguments.exhaustive {
            let explored = explore(make, &self.options, bar);
            return Searched {
                counts: StrategyExploration::of(choice, &explored),
                tally: explored.tally,
                is_cut_short: explored.interrupted,
                paths: Vec::new(),
            };
        }
        let every = exhaust_by_state(make, self.options.first, MOST_SCHEDULES, self.options.jobs, bar);
        Searched {
            counts: StrategyExploration::of_every(choice, &every),
            tally: every.tally,
            is_cut_short: !every.is_complete,
            paths: every.paths,
        }
    }

    /// The first case of each anomaly, shrunk: what stays before what heals.
    fn first_cases(
        &self,
        choice: &Choice,
        searched: &Searched,
        staging: driftlab_lab::Staging<'_>,
    ) -> Result<Vec<(FindingFile, Shrunk)>, RunError> {
        let stage = staging(self.scenario)?;
        let mut found = Vec::new();
        for (anomaly, seen) in &searched.tally.anomalies {
            let causes = searched.tally.causes.iter().filter(|(cause, _)| cause.anomaly == *anomaly);
            let Some((cause, first)) = causes.min_by_key(|(cause, seen)| (!cause.is_permanent, seen.first))
            else {
                continue;
            };
            let target = Target {
                anomaly: *anomaly,
                sink: cause.sink.map(|sink| stage.sinks()[usize::from(sink.0)].clone()),
                is_permanent: cause.is_permanent,
            };
            let case = match searched.paths.iter().find(|(known, _)| known == cause) {
                Some((_, path)) => case_of_path(&stage, self.options.first, path),
                None => case_of(&stage, &self.options, first.first),
            };
            let sighting = Sighting {
                schedules: seen.schedules.total(),
                of: searched.tally.schedules.total(),
                first_seed: seen.first,
            };
            if let Some(shrunk) = shrink(self.scenario, staging, &case, &target)? {
                found.push((FindingFile::of(self.scenario, choice, &shrunk, sighting), shrunk));
            }
        }
        Ok(found)
    }

    fn report(&self, exploration: &Exploration, found: Vec<Found>, began: Instant) -> Status {
        let (verdict, said) = exploration::judge(self.scenario, exploration);
        let mut status = Status::from(verdict);
        let environment = Environment::here(&self.scenario.file, began.elapsed()).json();
        let style = terminal::style();
        let mut told = String::new();
        let mut files: Vec<(String, String)> = Vec::new();
        let mut findings = Vec::new();
        for Found { tale, file, json } in found {
            told.push('\n');
            told.push_str(&tale.text(style));
            told.push_str(&format!("Again: driftlab replay {}\n", self.folder.path().join(&file).display()));
            findings.push(tale.for_page(&file));
            files.push((file, json));
        }
        files.push(("explore.html".to_owned(), exploration::html(exploration, &findings, &said)));
        files.push(("explore.md".to_owned(), exploration::markdown(exploration, &findings, &said)));
        files.push((ENVIRONMENT_FILE.to_owned(), environment));
        files.push(("explore.json".to_owned(), exploration.json()));
        let written = files.iter().try_for_each(|(file, text)| self.folder.put(file, text).map(drop));
        if let Err(error) = written.and_then(|()| self.folder.publish()) {
            complain(&error.to_string());
            status = status.max(Status::Impossible);
        }
        if self.arguments.format == Format::Json {
            return status.max(say(&exploration.json()));
        }
        if self.arguments.quiet {
            return status;
        }
        let mut text = exploration::render(exploration, style) + &told;
        for sentence in said {
            text.push_str(&format!("\n{sentence}\n"));
        }
        text.push_str(&format!("\nReport: {}\n", self.folder.path().join("explore.html").display()));
        status.max(say(&text))
    }
}

/// What a search through the schedules of one strategy came to.
struct Searched {
    counts: StrategyExploration,
    tally: Tally,
    is_cut_short: bool,
    /// Of an exhaustive search, the first path of each cause.
    paths: Vec<(Cause, Vec<usize>)>,
}

/// A finding that is to be told, and its file.
struct Found {
    tale: Tale,
    file: String,
    json: String,
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
