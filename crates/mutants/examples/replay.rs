//! Replays one seed of a mutant, and of the original that it was made of: `replay NUMBER SEED`.

use driftlab_mutants::{Mutant, Specimen, judge};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let (Some(Ok(number)), Some(Ok(seed))) = (words.next(), words.next()) else {
        eprintln!("usage: replay NUMBER SEED");
        return ExitCode::from(64);
    };
    let Some(mutant) = u32::try_from(number).ok().and_then(Mutant::numbered) else {
        eprintln!("no mutant has the number {number}: docs/mutants.md lists them");
        return ExitCode::from(64);
    };
    println!("{}\n{}: {}", mutant.scenario.trim(), mutant.name, mutant.bug);
    for (who, specimen) in [("mutant", Specimen::Mutant), ("original", Specimen::Original)] {
        let judgement = judge(mutant, specimen, seed);
        let rest = if judgement.quiescent { "" } else { " (never came to rest)" };
        println!("\nseed {seed}, the {who}: {} findings{rest}", judgement.findings.len());
        for finding in &judgement.findings {
            println!("- {}: {}", finding.anomaly, finding.sentence);
        }
    }
    ExitCode::SUCCESS
}
