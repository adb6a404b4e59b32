//! One digest for all traces of some scenarios over some seeds: to be compared between processes, machines, numbers of threads and optimisation levels.
//!
//! `cargo run -p driftlab-lab --example digest -- SEEDS THREADS`, and once more with `--release`; the numbers must be the same. Every strategy of the truth table's cells runs under
//! every hazard; the seeds are spread over them.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a command: it takes arguments")]
#![allow(
    dead_code,
    unused_imports,
    reason = "hazards that no cell needs are for the tests that share the file"
)]

#[path = "../tests/truth_table/cells.rs"]
mod cells;
#[path = "../tests/truth_table/hazards.rs"]
mod hazards;

use cells::CELLS;
use driftlab_lab::{Stage, digest};
use driftlab_scenario::{Overrides, Registries, Scenario};

fn main() {
    let argument = |place: usize| std::env::args().nth(place).and_then(|argument| argument.parse().ok());
    let (seeds, jobs): (u64, u64) = (argument(1).unwrap_or(1_000), argument(2).unwrap_or(1));
    let cells: u64 = CELLS.iter().map(|cell| cell.hazards.len() as u64).sum();
    let each = seeds.div_ceil(cells);
    let mut whole = 0u128;
    for cell in CELLS {
        for &hazard in cell.hazards {
            let parsed = Scenario::parse(
                &cell.text(hazard),
                "cell.toml",
                &Overrides::default(),
                &Registries::standard(),
            );
            let scenario = parsed.unwrap_or_else(|problems| panic!("{problems}"));
            let make = || Stage::new(&scenario, &scenario.strategies[0], None).expect("a cell can be staged");
            whole = whole.rotate_left(1) ^ digest(&make, 1, each, jobs as usize);
        }
    }
    println!("{whole:032x}  {} runs of {cells} scenarios, {jobs} threads", each * cells);
}
