//! Runs a number of three-writer races, for profilers: `valgrind --tool=callgrind target/release/examples/races 20000`.

use driftlab_bench::{Races, race};

fn main() {
    let count = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_000_000u64);
    let mut races = Races::new(&race(3));
    let (mut steps, mut found) = (0, 0u64);
    races.run(count, |summary, judgement| {
        steps += summary.steps;
        found += u64::from(!judgement.findings.is_empty());
    });
    println!("{count} races, {found} of them lost, {steps} steps");
}
