//! The `never` cells of the truth table, over as many schedules as one has the time for, or over every schedule of two clients with two transactions.
//!
//! - `cargo run --release -p driftlab-lab --example never -- 1000000` goes through so many schedules of each strategy, spread over its hazards and over the policies that suit them.
//! - `--from SEED` begins with another seed than 1: a hunt says at its end from where the next goes on, and none of its schedules come again.
//! - `--only WORDS` hunts the strategies whose settings contain these words, `--jobs N` uses so many threads. `--only event_sourcing` is the hunt for seats that are sold twice: under four
//!   cells none may be, and under the fifth, whose appends expect no version, the hunt says with which seed the first was.
//! - `never every` searches every schedule of the small scenarios that have no faults.
//!
//! Each hazard of a strategy is told when it is done, and on standard error how far a long one is. Ends with 1 where a cell is broken, and prints the scenario that breaks it.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a command: it takes arguments and the time"
)]
#![allow(
    dead_code,
    unused_imports,
    reason = "hazards that no cell needs are for the tests that share the file"
)]

#[path = "../tests/truth_table/cells.rs"]
mod cells;
#[path = "../tests/truth_table/hazards.rs"]
mod hazards;

use cells::{CELLS, Cell};
use driftlab_lab::Stage;
use driftlab_lab::explore::{
    ExploreOptions, Needs, POLICIES, Policies, Tally, Watch, exhaust_by_state, explore,
};
use driftlab_scenario::{Overrides, Registries, Scenario};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// More runs than these are not made for one proof.
const MOST_RUNS: u64 = 2_000_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match Hunt::of(&arguments) {
        Ok(hunt) => hunt.make(),
        Err(why) => {
            eprintln!("{why}; usage: never every | SCHEDULES [--from SEED] [--only WORDS] [--jobs N]");
            ExitCode::from(64)
        }
    }
}

/// What is asked for.
struct Hunt {
    /// How many schedules of each strategy; `None` for every one of the small scenarios.
    schedules: Option<u64>,
    from: u64,
    only: String,
    jobs: usize,
}

impl Hunt {
    fn of(arguments: &[String]) -> Result<Self, String> {
        let (first, options) = arguments.split_first().ok_or("how many schedules?")?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{text:?} is no number"));
        let schedules = if first == "every" { None } else { Some(number(first)?) };
        let mut hunt = Self { schedules, from: 1, only: String::new(), jobs: 1 };
        for option in options.chunks(2) {
            let [name, value] = option else { return Err(format!("{} wants a value", option[0])) };
            match name.as_str() {
                "--from" => hunt.from = number(value)?,
                "--only" => hunt.only.clone_from(value),
                "--jobs" => hunt.jobs = number(value)?.max(1) as usize,
                _ => return Err(format!("{name} is no option")),
            }
        }
        Ok(hunt)
    }

    fn make(&self) -> ExitCode {
        let began = Instant::now();
        let mut sum = Sum::default();
        let cells: Vec<&Cell> = CELLS.iter().filter(|cell| cell.strategy.contains(&self.only)).collect();
        let mut seeds_most = 0;
        for (place, cell) in (1..).zip(&cells) {
            println!("-- {place} of {}: {}", cells.len(), cell.strategy.replace('\n', ", "));
            match self.schedules {
                Some(schedules) => seeds_most = seeds_most.max(self.explore(cell, schedules, &mut sum)),
                None => search(cell, &mut sum),
            }
        }
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "{} schedules in {seconds:.0} s, {:.0} a second; {} broken",
            sum.schedules,
            sum.schedules as f64 / seconds,
            sum.broken
        );
        if self.schedules.is_some() {
            println!("go on with --from {}", self.from + seeds_most);
        }
        if sum.broken == 0 && sum.schedules > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// Goes through at least so many schedules of a cell; gives how many seeds each hazard and policy had.
    fn explore(&self, cell: &Cell, schedules: u64, sum: &mut Sum) -> u64 {
        let scenarios: Vec<(&str, Scenario)> =
            cell.hazards.iter().map(|hazard| (hazard.name, scenario(&cell.text(*hazard)))).collect();
        let suiting = |scenario: &Scenario| -> Vec<usize> {
            let has_crashes = stage(scenario).has_crashes();
            let suits = |place: &usize| {
                let policy = &POLICIES[*place];
                cell.rests_on.bears(policy.name) && (policy.needs == Needs::Nothing || has_crashes)
            };
            (0..POLICIES.len()).filter(suits).collect()
        };
        let parts: u64 = scenarios.iter().map(|(_, scenario)| suiting(scenario).len() as u64).sum();
        let seeds = schedules.div_ceil(parts);
        for (what, scenario) in &scenarios {
            let mut tally = Tally::default();
            for place in suiting(scenario) {
                let policies = Policies::Only(place);
                let options =
                    ExploreOptions { first: self.from, seeds, shard: (0, 1), jobs: self.jobs, policies };
                let progress = Progress::of(format!("{what}, {}", POLICIES[place].name), seeds);
                tally.add(&explore(&|| stage(scenario), &options, &progress).tally);
            }
            sum.tell(cell, what, scenario, &tally, "");
        }
        seeds
    }
}

/// Searches every schedule of the small scenarios of a cell; of one hazard alone, the others' hold it.
fn search(cell: &Cell, sum: &mut Sum) {
    if cell.hazards.len() == 1 {
        return;
    }
    for &hazard in cell.smalls() {
        let what = hazard.name;
        let scenario = scenario(&cell.text(hazard));
        let all = exhaust_by_state(&|| stage(&scenario), 1, MOST_RUNS, 1, &Progress::of(what.to_owned(), 0));
        let whole = if all.is_complete { "all" } else { "NOT ALL" };
        let more = format!(", {whole}, {} states", all.states.unwrap_or(0));
        sum.tell(cell, what, &scenario, &all.tally, &more);
    }
}

/// What came of the hunt so far.
#[derive(Default)]
struct Sum {
    schedules: u64,
    broken: u64,
}

impl Sum {
    fn tell(&mut self, cell: &Cell, what: &str, scenario: &Scenario, tally: &Tally, more: &str) {
        let wrong = cell.broken_by(scenario, tally);
        self.schedules += tally.schedules.total();
        self.broken += u64::from(!wrong.is_empty());
        let verdict = match wrong.as_slice() {
            [] => "holds".to_owned(),
            wrong => format!("BROKEN: {}\n{}", wrong.join("; "), scenario.text),
        };
        let (schedules, unsettled) = (tally.schedules.total(), tally.unsettled);
        println!("{schedules:>12} schedules, {unsettled} unsettled{more}: {what}: {verdict}");
        // What a cell does not promise shows that the hunt finds what is there.
        for (anomaly, seen) in tally.anomalies.iter().filter(|_| wrong.is_empty()) {
            println!(
                "{:>12} of them show {anomaly}, the first with seed {}",
                seen.schedules.total(),
                seen.first
            );
        }
    }
}

/// Says now and then how far a hazard is, to whoever watches.
struct Progress {
    what: String,
    of: u64,
    began: Instant,
    /// The seconds at which it was last said.
    said: AtomicU64,
}

impl Progress {
    const EVERY_SECONDS: u64 = 10;

    fn of(what: String, of: u64) -> Self {
        Self { what, of, began: Instant::now(), said: AtomicU64::new(0) }
    }
}

impl Watch for Progress {
    fn explored(&self, schedules: u64, _: u64) {
        let seconds = self.began.elapsed().as_secs();
        let said = self.said.load(Ordering::Relaxed);
        let is_due = seconds >= said + Self::EVERY_SECONDS;
        let is_mine =
            || self.said.compare_exchange(said, seconds, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if is_due && is_mine() {
            let rate = schedules as f64 / self.began.elapsed().as_secs_f64();
            eprintln!("   {}: {schedules} of {}, {rate:.0} a second", self.what, self.of);
        }
    }
    fn interrupted(&self) -> bool {
        false
    }
}

fn scenario(text: &str) -> Scenario {
    Scenario::parse(text, "cell.toml", &Overrides::default(), &Registries::standard())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn stage(scenario: &Scenario) -> Stage {
    Stage::new(scenario, &scenario.strategies[0], None).expect("a cell can be staged")
}
