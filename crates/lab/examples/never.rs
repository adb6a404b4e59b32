//! The `never` cells of the truth table, over as many schedules as one has the time for, or over every schedule of two clients with two transactions.
//!
//! `cargo run --release -p driftlab-lab --example never -- 1000000` spreads so many schedules over all cells and hazards; `-- every` searches every schedule of the small
//! scenarios that have no faults. Ends with 1 where a cell is broken, and prints the scenario that breaks it.
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

use cells::{CELLS, Cell, RestsOn, SMALL};
use driftlab_lab::explore::{
    AS_DECLARED, ExploreOptions, Needs, POLICIES, Policies, Tally, exhaust_by_state, explore,
};
use driftlab_lab::{Quiet, Stage};
use driftlab_scenario::{Overrides, Registries, Scenario};
use std::process::ExitCode;
use std::time::Instant;

/// More runs than these are not made for one proof.
const MOST_RUNS: u64 = 2_000_000;

fn scenario(text: &str) -> Scenario {
    Scenario::parse(text, "cell.toml", &Overrides::default(), &Registries::standard())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

/// The policies that a cell's promise can be held to. Wild latencies are longer than timeouts, and a request that times out is a hazard of its own.
fn policies(cell: &Cell, has_crashes: bool) -> Vec<usize> {
    let suits = |place: &usize| match POLICIES[*place].name {
        AS_DECLARED => true,
        "wild" => false,
        _ => cell.rests_on == RestsOn::Order && (POLICIES[*place].needs == Needs::Nothing || has_crashes),
    };
    (0..POLICIES.len()).filter(suits).collect()
}

fn main() -> ExitCode {
    let argument = std::env::args().nth(1).unwrap_or_else(|| "100000".to_owned());
    let began = Instant::now();
    let (mut schedules, mut broken) = (0, 0);
    let mut told = |cell: &Cell, what: &str, text: &str, tally: &Tally, more: &str| {
        let wrong = cell.broken_by(&scenario(text), tally);
        schedules += tally.schedules.total();
        broken += u64::from(!wrong.is_empty());
        let strategy = cell.strategy.replace('\n', ", ");
        let verdict = if wrong.is_empty() {
            "holds".to_owned()
        } else {
            format!("BROKEN: {}\n{text}", wrong.join("; "))
        };
        println!(
            "{:>12} schedules, {} unsettled{more}: {strategy} | {what}: {verdict}",
            tally.schedules.total(),
            tally.unsettled
        );
    };
    if argument == "every" {
        for cell in CELLS.iter().filter(|cell| cell.hazards.len() > 1) {
            for &hazard in SMALL {
                let text = cell.text(hazard);
                let scenario = scenario(&text);
                let make =
                    || Stage::new(&scenario, &scenario.strategies[0], None).expect("a cell can be staged");
                let all = exhaust_by_state(&make, 1, MOST_RUNS, 1, &Quiet);
                let whole = if all.is_complete { "all" } else { "NOT ALL" };
                told(
                    cell,
                    hazard.name,
                    &text,
                    &all.tally,
                    &format!(", {whole}, {} states", all.states.unwrap_or(0)),
                );
            }
        }
    } else {
        let wanted: u64 = argument.parse().expect("a number of schedules, or \"every\"");
        let cells: u64 = CELLS.iter().map(|cell| cell.hazards.len() as u64).sum();
        let jobs = std::env::args().nth(2).and_then(|jobs| jobs.parse().ok()).unwrap_or(1);
        for cell in CELLS {
            for &hazard in cell.hazards {
                let text = cell.text(hazard);
                let scenario = scenario(&text);
                let make =
                    || Stage::new(&scenario, &scenario.strategies[0], None).expect("a cell can be staged");
                let suiting = policies(cell, make().has_crashes());
                let seeds = wanted.div_ceil(cells * suiting.len() as u64);
                let mut tally = Tally::default();
                for place in suiting {
                    let policies = Policies::Only(place);
                    let options = ExploreOptions { first: 1, seeds, shard: (0, 1), jobs, policies };
                    tally.add(&explore(&make, &options, &Quiet).tally);
                }
                told(cell, hazard.name, &text, &tally, "");
            }
        }
    }
    println!("{schedules} schedules in {:.0} s; {broken} cells broken", began.elapsed().as_secs_f64());
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
