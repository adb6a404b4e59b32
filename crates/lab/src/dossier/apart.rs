//! Each fault apart: the same run of each strategy without faults, and with each fault alone.
//!
//! A run in which several things go wrong does not say which of them a strategy could not bear. Faults are windows of time, and every choice is keyed by a stable name, so
//! leaving the windows of all others away leaves everything else as it was.

use super::spread::spread;
use crate::case::Case;
use crate::error::RunError;
use crate::experiment::Experiment;
use crate::run::Progress;
use crate::stage::Stage;
use driftlab_check::{Anomaly, Tally, Until};
use driftlab_model::Time;
use driftlab_workload::Dataset;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// More steps than these are not made for it: a few seconds.
const MOST_STEPS: u64 = 6_000_000;

/// What each strategy showed under each fault alone, in the run of one seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Apart {
    /// The seed.
    pub seed: u64,
    /// The faults' names, in the order of the scenario.
    pub faults: Vec<String>,
    /// By strategy, in the order of the scenario: first without any fault, then under each.
    pub strategies: Vec<Vec<Under>>,
}

/// What a strategy showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Under {
    /// The run.
    pub(super) case: Case,
    /// Whether the fault struck at all.
    pub struck: bool,
    /// Whether the run came to rest.
    pub quiescent: bool,
    /// How often each anomaly was seen, over all sinks and the source.
    pub anomalies: BTreeMap<Anomaly, Tally>,
    /// Where each was seen first: the sink's place, whether it stayed, and when it began; what stayed comes first.
    pub(super) first: BTreeMap<Anomaly, (Option<usize>, bool, Time)>,
}

pub(super) fn apart(
    experiment: &Experiment,
    dataset: Option<&Arc<Dataset>>,
    jobs: usize,
    progress: &dyn Progress,
) -> Result<Option<Apart>, RunError> {
    let scenario = &experiment.scenario;
    let Some(&seed) = experiment.seeds.first() else { return Ok(None) };
    let steps: u64 =
        experiment.strategies.iter().filter_map(|one| one.runs.first()).map(|run| run.steps).sum();
    let is_long = steps.saturating_mul(scenario.faults.len() as u64 + 1) > MOST_STEPS;
    if scenario.faults.is_empty() || is_long {
        return Ok(None);
    }
    progress.started(scenario.strategies.len(), None);
    let strategies = spread(scenario.strategies.len(), jobs, |number| {
        let choice = &scenario.strategies[number];
        let stage = Stage::new(scenario, choice, dataset)?;
        let all = under_each(&stage, seed, scenario.faults.len(), progress);
        progress.finished(number, &choice.name, seed, 0);
        Ok(all)
    });
    let strategies = strategies.into_iter().collect::<Result<Vec<_>, RunError>>()?;
    if progress.interrupted() {
        return Ok(None);
    }
    let faults = scenario.faults.iter().map(|fault| fault.name.clone()).collect();
    Ok(Some(Apart { seed, faults, strategies }))
}

fn under_each(stage: &Stage, seed: u64, faults: usize, progress: &dyn Progress) -> Vec<Under> {
    stage.prepare(seed);
    let windows = stage.world().fault_windows(seed);
    let alone = |fault: Option<usize>| {
        let keep =
            |(place, all): (usize, &Vec<_>)| if fault == Some(place) { all.clone() } else { Vec::new() };
        windows.iter().enumerate().map(keep).collect()
    };
    (0..=faults)
        .take_while(|_| !progress.interrupted())
        .map(|column| {
            let fault = column.checked_sub(1);
            let struck = fault.is_none_or(|fault| windows.get(fault).is_some_and(|all| !all.is_empty()));
            let case = Case { windows: Some(alone(fault)), ..Case::of_seed(seed) };
            under(stage, case, struck)
        })
        .collect()
}

fn under(stage: &Stage, case: Case, struck: bool) -> Under {
    let checker = Rc::new(RefCell::new(stage.checker().anomalies_only()));
    case.judge(stage, &checker);
    let mut checker = checker.borrow_mut();
    let judgement = checker.conclude();
    let mut first: BTreeMap<Anomaly, (Option<usize>, bool, Time)> = BTreeMap::new();
    for finding in &judgement.findings {
        let stays = finding.until == Until::Permanent;
        let sink = finding.sink.map(|sink| usize::from(sink.0));
        // Findings come by the time they began.
        let known = first.entry(finding.anomaly).or_insert((sink, stays, finding.begin));
        if stays && !known.1 {
            *known = (sink, stays, finding.begin);
        }
    }
    Under { struck, quiescent: judgement.quiescent, anomalies: judgement.seen().collect(), first, case }
}
