//! The pursuit: a mutant through explored schedules, policy by policy, and the shortest case that shows its bug.

use crate::mutant::{Mutant, Specimen};
use driftlab_check::{ANOMALIES, Anomaly};
use driftlab_lab::explore::{ExploreOptions, POLICIES, Policies, Tally, case_of, explore};
use driftlab_lab::{Quiet, RunError, Stage, Target, shrink};
use driftlab_scenario::Scenario;

/// How many schedules each policy is given, and the portfolio of all.
pub const SCHEDULES: u64 = 256;
/// The most operations that a witness may have.
pub const FEW: usize = 6;

/// What the pursuit of a mutant came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pursuit {
    /// After how many schedules of each policy it had been caught by all its names; `None` where it never was. Outer `None` where the policy does not suit the scenario.
    pub by_policy: Vec<Option<Option<u64>>>,
    /// The same with all policies that suit, in turn.
    pub by_portfolio: Option<u64>,
    /// How large the shortest case is that shows the first of its names; `None` where there is none.
    pub witness: Option<Witness>,
}

/// The size of a shrunk case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Operations of clients.
    pub operations: usize,
    /// Copies.
    pub copies: usize,
}

/// Pursues a mutant with every policy, and shrinks what the portfolio finds.
///
/// # Panics
/// When its scenario cannot be run: a fault of the mutant's declaration.
#[must_use]
pub fn pursue(mutant: &Mutant) -> Pursuit {
    let (scenario, _) = mutant.specimen(Specimen::Mutant);
    let stage = |scenario: &Scenario| staging(mutant, scenario);
    let made =
        || stage(&scenario).unwrap_or_else(|why| panic!("mutant {} ({}): {why}", mutant.number, mutant.name));
    let options = |policies| ExploreOptions { first: 1, seeds: SCHEDULES, shard: (0, 1), jobs: 1, policies };
    let has_crashes = made().has_crashes();
    let by_policy = (0..POLICIES.len()).map(|place| {
        let suits = POLICIES[place].needs == driftlab_lab::explore::Needs::Nothing || has_crashes;
        suits.then(|| caught_after(mutant, &explore(&made, &options(Policies::Only(place)), &Quiet).tally))
    });
    let by_policy = by_policy.collect();
    let options = options(Policies::Portfolio);
    let tally = explore(&made, &options, &Quiet).tally;
    Pursuit {
        by_policy,
        by_portfolio: caught_after(mutant, &tally),
        witness: witness(mutant, &scenario, &options, &tally),
    }
}

fn staging(mutant: &Mutant, scenario: &Scenario) -> Result<Stage, RunError> {
    Stage::with_strategy(scenario, mutant.name, mutant.specimen(Specimen::Mutant).1, None)
}

/// How many schedules it took until each of its names had been seen.
fn caught_after(mutant: &Mutant, tally: &Tally) -> Option<u64> {
    let first = |name: &&str| tally.anomalies.get(&anomaly(name)).map(|seen| seen.first);
    let all: Option<Vec<u64>> = mutant.caught_as.iter().map(first).collect();
    all?.into_iter().max()
}

/// The shortest case among those of the first schedule of each cause of the first name.
fn witness(mutant: &Mutant, scenario: &Scenario, options: &ExploreOptions, tally: &Tally) -> Option<Witness> {
    let stage = staging(mutant, scenario).ok()?;
    let wanted = anomaly(mutant.caught_as[0]);
    let causes = tally.causes.iter().filter(|(cause, _)| cause.anomaly == wanted);
    let witnesses = causes.filter_map(|(cause, seen)| {
        let target = Target {
            anomaly: cause.anomaly,
            sink: cause.sink.map(|sink| stage.sinks()[usize::from(sink.0)].clone()),
            is_permanent: cause.is_permanent,
        };
        let case = case_of(&stage, options, seen.first);
        let shrunk = shrink(scenario, &|scenario| staging(mutant, scenario), &case, &target).ok()??;
        let operations = shrunk.case.script.as_ref().map_or(0, driftlab_lab::Script::len);
        Some(Witness { operations, copies: shrunk.sinks.len() })
    });
    witnesses.min_by_key(|witness| (witness.operations, witness.copies))
}

fn anomaly(name: &str) -> Anomaly {
    let entry = ANOMALIES.iter().find(|entry| entry.name == name);
    entry.expect("mutants are caught by the names of anomalies").anomaly
}
