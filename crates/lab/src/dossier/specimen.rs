//! Specimens: the first case of each anomaly of each strategy, shrunk as far as is affordable within a run.

use super::apart::Apart;
use super::spread::spread;
use crate::case::Case;
use crate::error::RunError;
use crate::experiment::Experiment;
use crate::finding::Sighting;
use crate::run::Progress;
use crate::shrink::{Effort, Shrunk, Target, shrink_within};
use crate::stage::Stage;
use driftlab_check::{Anomaly, Until};
use driftlab_model::Time;
use driftlab_scenario::Scenario;
use driftlab_workload::Dataset;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most steps that all specimens share, and that one is given: a few seconds for all.
const ALL_STEPS: u64 = 4_000_000;
const MOST_STEPS: u64 = 400_000;
/// They share no more than so many times the steps of the runs themselves, so that what is over in a moment stays so; but these they have in any case.
const TIMES_THE_RUNS: u64 = 12;
const LEAST_STEPS: u64 = 300_000;

/// The first case of an anomaly of a strategy.
pub struct Specimen {
    /// The strategy, by its place in the scenario.
    pub strategy: usize,
    /// The anomaly.
    pub anomaly: Anomaly,
    /// How often it was seen.
    pub sighting: Sighting,
    /// What a shrinker made of it; `None` where the run was too long to be made even once more.
    pub shrunk: Option<Shrunk>,
}

/// What is to be shrunk.
struct Candidate {
    strategy: usize,
    case: Case,
    target: Target,
    sighting: Sighting,
    /// The steps of its run, before anything is left out.
    steps: u64,
}

pub(super) fn specimens(
    experiment: &Experiment,
    apart: Option<&Apart>,
    dataset: Option<&Arc<Dataset>>,
    jobs: usize,
    progress: &dyn Progress,
) -> Result<Vec<Specimen>, RunError> {
    let candidates = candidates(experiment, apart);
    let runs: u64 = experiment.strategies.iter().flat_map(|one| &one.runs).map(|run| run.steps).sum();
    let all = runs.saturating_mul(TIMES_THE_RUNS).clamp(LEAST_STEPS, ALL_STEPS);
    let share = (all / candidates.len().max(1) as u64).min(MOST_STEPS);
    progress.started(candidates.len(), None);
    let specimens = spread(candidates.len(), jobs, |number| {
        let one = &candidates[number];
        let choice = &experiment.scenario.strategies[one.strategy];
        let staging = |scenario: &Scenario| Stage::new(scenario, choice, dataset);
        let shrunk = if one.steps > share || progress.interrupted() {
            None
        } else {
            let effort = Effort { steps: share, ..Effort::THOROUGH };
            shrink_within(&experiment.scenario, &staging, &one.case, &one.target, effort)?
        };
        progress.finished(number, &choice.name, one.case.seed, 1);
        let Candidate { strategy, sighting, .. } = *one;
        Ok(Specimen { strategy, anomaly: one.target.anomaly, sighting, shrunk })
    });
    specimens.into_iter().collect()
}

/// The first case of each anomaly: of the runs, and where none of them shows it, of those under one fault alone.
fn candidates(experiment: &Experiment, apart: Option<&Apart>) -> Vec<Candidate> {
    let mut all = Vec::new();
    let name = |sink: usize| experiment.sinks[sink].0.clone();
    for (strategy, result) in experiment.strategies.iter().enumerate() {
        let mut first: BTreeMap<Anomaly, ((bool, u64, Time), Candidate)> = BTreeMap::new();
        let mut seen: BTreeMap<Anomaly, u64> = BTreeMap::new();
        let of = result.runs.len() as u64;
        for run in &result.runs {
            let mut shown: Vec<Anomaly> =
                run.judgement.findings.iter().map(|finding| finding.anomaly).collect();
            shown.sort_unstable();
            shown.dedup();
            shown.into_iter().for_each(|anomaly| *seen.entry(anomaly).or_default() += 1);
            for finding in &run.judgement.findings {
                // A growth over hundreds of measured changes is no case that could be drawn.
                if finding.anomaly == Anomaly::UnboundedLag {
                    continue;
                }
                let is_permanent = finding.until == Until::Permanent;
                let rank = (!is_permanent, run.seed, finding.begin);
                if first.get(&finding.anomaly).is_some_and(|(known, _)| *known <= rank) {
                    continue;
                }
                let target = Target {
                    anomaly: finding.anomaly,
                    sink: finding.sink.map(|sink| name(usize::from(sink.0))),
                    is_permanent,
                };
                let sighting = Sighting { schedules: 0, of, first_seed: run.seed };
                let case = Case::of_seed(run.seed);
                first.insert(
                    finding.anomaly,
                    (rank, Candidate { strategy, case, target, sighting, steps: run.steps }),
                );
            }
        }
        let steps = result.runs.first().map_or(0, |run| run.steps);
        for under in apart.iter().filter_map(|apart| apart.strategies.get(strategy)).flatten() {
            for (&anomaly, &(sink, is_permanent, begin)) in &under.first {
                let target = Target { anomaly, sink: sink.map(name), is_permanent };
                let sighting = Sighting { schedules: 1, of: 1, first_seed: under.case.seed };
                let candidate = Candidate { strategy, case: under.case.clone(), target, sighting, steps };
                first.entry(anomaly).or_insert(((!is_permanent, under.case.seed, begin), candidate));
            }
        }
        for (anomaly, (_, mut candidate)) in first {
            if let Some(&schedules) = seen.get(&anomaly) {
                candidate.sighting.schedules = schedules;
            }
            all.push(candidate);
        }
    }
    all
}
