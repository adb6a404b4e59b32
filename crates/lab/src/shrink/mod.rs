//! Shrinks a case: the fewest operations, rows, copies, faults and waits that still show the same anomaly.
//!
//! It works because every choice is keyed by a stable name: leaving an operation out leaves the luck of all others as it was. What is left is 1-minimal: no single thing can
//! go any more, which the last round has tried.

mod effort;
mod target;
mod trial;

pub use effort::Effort;
pub use target::Target;

use crate::case::{Case, Recording};
use crate::error::RunError;
use crate::stage::Stage;
use driftlab_check::Finding;
use driftlab_model::{Span, Time};
use driftlab_scenario::Scenario;
use driftlab_sim::schedule::LegId;
use driftlab_workload::{Script, Task};
use std::collections::BTreeSet;
use std::sync::Arc;
use trial::Trial;

/// Makes the stage of a scenario; the shrinker leaves out copies of it.
pub type Staging<'a> = &'a dyn Fn(&Scenario) -> Result<Stage, RunError>;

/// What a shrinker came to.
pub struct Shrunk {
    /// The names of the copies that are left.
    pub sinks: Vec<String>,
    /// The case.
    pub case: Case,
    /// Its run.
    pub recording: Recording,
    /// The finding in it.
    pub finding: Finding,
    /// How many runs it took.
    pub runs: u64,
    /// Whether nothing more can go; otherwise the shrinker was stopped by its limit.
    pub is_minimal: bool,
}

/// The lengths that a leg is given in turn, where it cannot be nothing: whole milliseconds read best. The last are beyond most timeouts.
const ROUND: [u64; 12] = [1, 2, 3, 4, 6, 8, 15, 50, 200, 600, 1_100, 2_000];

/// Shrinks a case that shows `target`; `None` where it does not show it.
///
/// # Errors
/// What keeps the scenario from being run.
pub fn shrink(
    scenario: &Scenario,
    staging: Staging<'_>,
    case: &Case,
    target: &Target,
) -> Result<Option<Shrunk>, RunError> {
    shrink_within(scenario, staging, case, target, Effort::THOROUGH)
}

/// The same with a bound to the effort; what it comes to may then not be minimal.
///
/// # Errors
/// What keeps the scenario from being run.
pub fn shrink_within(
    scenario: &Scenario,
    staging: Staging<'_>,
    case: &Case,
    target: &Target,
    effort: Effort,
) -> Result<Option<Shrunk>, RunError> {
    let stage = staging(scenario)?;
    let recording = case.record(&stage);
    let Some(finding) = target.of(&recording.history.cast, &recording.judgement.findings).cloned() else {
        return Ok(None);
    };
    let mut trial = Trial::new(scenario.clone(), staging, stage, target.clone(), case.clone(), effort);
    let pinned = pin(trial.stage(), case, &recording);
    trial.attempt(pinned);
    leap(&mut trial, &finding);
    // A long run has tens of thousands of legs, and every attempt carries their lengths along.
    forget_unused(&mut trial);
    let mut is_minimal = false;
    while !is_minimal && !trial.is_spent() {
        let before = trial.kept;
        operations(&mut trial);
        faults(&mut trial);
        copies(&mut trial)?;
        rows(&mut trial);
        starts(&mut trial);
        waits(&mut trial);
        is_minimal = trial.kept == before && !trial.is_spent();
    }
    round_off(&mut trial);
    forget_unused(&mut trial);
    let recording = trial.case.record(trial.stage());
    let finding = target.of(&recording.history.cast, &recording.judgement.findings).cloned();
    Ok(finding.map(|finding| Shrunk {
        sinks: trial.sinks(),
        case: trial.case.clone(),
        runs: trial.runs,
        recording,
        finding,
        is_minimal,
    }))
}

/// The same run, with everything that was left to policy and seed written down.
fn pin(stage: &Stage, case: &Case, recording: &Recording) -> Case {
    Case {
        script: Some(stage.script_of(&recording.history)),
        lengths: Arc::new(recording.legs.iter().copied().collect()),
        windows: case.windows.clone().or_else(|| Some(stage.world().fault_windows(case.seed))),
        ..case.clone()
    }
}

/// Great leaps first: most operations of a long run have nothing to do with what went wrong.
fn leap(trial: &mut Trial<'_>, finding: &Finding) {
    let named: BTreeSet<u64> = finding.transactions.iter().map(|transaction| transaction.0).collect();
    let mut leaps: Vec<Script> = Vec::new();
    if let Some(script) = &trial.case.script {
        leaps.push(script.filtered(|_, task| named.contains(&task.operation)));
        // What was on its way when it began, and what came shortly before.
        for before in [1, 4, 16, 64] {
            let last = script.tasks().filter(|(_, task)| task.at <= finding.begin).map(|(_, task)| task.at);
            let mut times: Vec<Time> = last.collect();
            times.sort_unstable();
            let from = times
                .len()
                .checked_sub(before * script.clients.len().max(1))
                .map_or(Time::ZERO, |at| times[at]);
            leaps.push(script.filtered(|_, task| {
                named.contains(&task.operation) || (task.at >= from && task.at <= finding.begin)
            }));
        }
        leaps.push(script.filtered(|_, task| task.at <= finding.begin));
    }
    for script in leaps {
        if trial.attempt(Case { script: Some(script), ..trial.case.clone() }) {
            return;
        }
    }
}

/// Leaves out operations: halves, quarters, and in the end each alone (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", TSE 2002).
fn operations(trial: &mut Trial<'_>) {
    let mut size = trial.script().len().div_ceil(2);
    while size >= 1 {
        let mut from = 0;
        while from < trial.script().len() {
            let mut place = 0;
            let script = trial.script().filtered(|_, _| {
                place += 1;
                !(from < place && place <= from + size)
            });
            if !trial.attempt(Case { script: Some(script), ..trial.case.clone() }) {
                from += size;
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
}

/// Leaves out faults, then single windows of those that are left, and lets nobody stand still.
fn faults(trial: &mut Trial<'_>) {
    if trial.case.stall.is_some() {
        trial.attempt(Case { stall: None, ..trial.case.clone() });
    }
    let count = trial.case.windows.as_ref().map_or(0, Vec::len);
    for fault in 0..count {
        let windows = |trial: &Trial<'_>| trial.case.windows.as_ref().map_or(0, |all| all[fault].len());
        let without = |trial: &Trial<'_>, from: usize, to: usize| {
            let mut case = trial.case.clone();
            if let Some(all) = &mut case.windows {
                all[fault].drain(from..to);
            }
            case
        };
        if windows(trial) > 0 {
            let all = windows(trial);
            trial.attempt(without(trial, 0, all));
        }
        let mut window = 0;
        while windows(trial) > 1 && window < windows(trial) {
            if !trial.attempt(without(trial, window, window + 1)) {
                window += 1;
            }
        }
    }
}

/// Leaves out copies, one after the other.
fn copies(trial: &mut Trial<'_>) -> Result<(), RunError> {
    let mut place = 0;
    while place < trial.scenario().sinks.len() && trial.scenario().sinks.len() > 1 {
        if !trial.attempt_without_sink(place)? {
            place += 1;
        }
    }
    Ok(())
}

/// Leaves out statements of transactions that have several.
fn rows(trial: &mut Trial<'_>) {
    let places: Vec<(usize, usize)> = (0..trial.script().clients.len())
        .flat_map(|client| (0..trial.script().clients[client].len()).map(move |task| (client, task)))
        .collect();
    for (client, task) in places {
        let Some(mut rows) = trial.rows_of(&trial.script().clients[client][task]) else { continue };
        let mut place = 0;
        while rows.len() > 1 && place < rows.len() {
            let mut fewer = rows.clone();
            fewer.remove(place);
            if trial.attempt(trial.with_task(client, task, |task| task.rows = Some(fewer.clone()))) {
                rows = fewer;
            } else {
                place += 1;
            }
        }
    }
}

/// Begins operations at once, all together or each alone.
fn starts(trial: &mut Trial<'_>) {
    let mut script = trial.script().clone();
    script.clients.iter_mut().flatten().for_each(|task| task.at = Time::ZERO);
    if trial.attempt(Case { script: Some(script), ..trial.case.clone() }) {
        return;
    }
    for client in 0..trial.script().clients.len() {
        for task in 0..trial.script().clients[client].len() {
            if trial.script().clients[client][task].at > Time::ZERO {
                trial.attempt(trial.with_task(client, task, |task| task.at = Time::ZERO));
            }
        }
    }
}

/// Takes away waits on the way, all together or each alone.
fn waits(trial: &mut Trial<'_>) {
    let legs: Vec<LegId> = nonzero(trial);
    let mut none = trial.case.clone();
    Arc::make_mut(&mut none.lengths).extend(legs.iter().map(|leg| (*leg, Span::ZERO)));
    if legs.is_empty() || trial.attempt(none) {
        return;
    }
    for leg in legs {
        if trial.is_spent() {
            return;
        }
        trial.attempt(trial.with_length(leg, Span::ZERO));
    }
}

/// Gives the starts and waits that are left round lengths, the shortest that will do; twice, because what one needs depends on the others.
fn round_off(trial: &mut Trial<'_>) {
    for _ in 0..2 {
        for client in 0..trial.script().clients.len() {
            for task in 0..trial.script().clients[client].len() {
                let now = trial.script().clients[client][task].at - Time::ZERO;
                shortest(trial, now, &ROUND, |trial, length| {
                    trial.with_task(client, task, |task| task.at = Time::ZERO + length)
                });
            }
        }
        for leg in nonzero(trial) {
            let now = trial.case.lengths.get(&leg).copied().unwrap_or(Span::MAX);
            // From two on, so that what waits does not arrive at the very moment of what starts a millisecond late.
            shortest(trial, now, &ROUND[1..], |trial, length| trial.with_length(leg, length));
        }
    }
}

/// Attempts round lengths below the one that something has; where that is next to nothing, any of them, because nobody reads nanoseconds.
fn shortest(trial: &mut Trial<'_>, now: Span, lengths: &[u64], with: impl Fn(&Trial<'_>, Span) -> Case) {
    let is_odd = !now.is_zero() && now < Span::from_millis(1);
    let rounder = |length: &Span| is_odd || *length < now;
    for length in lengths.iter().map(|n| Span::from_millis(*n)).take_while(rounder) {
        // To make a case of a long run costs as much as to run a short one.
        if trial.is_spent() || trial.attempt(with(trial, length)) {
            return;
        }
    }
}

/// Forgets the lengths of legs that nobody is on any more.
fn forget_unused(trial: &mut Trial<'_>) {
    let walked: BTreeSet<LegId> =
        trial.case.record(trial.stage()).legs.into_iter().map(|(leg, _)| leg).collect();
    let mut case = trial.case.clone();
    Arc::make_mut(&mut case.lengths).retain(|leg, _| walked.contains(leg));
    trial.attempt(case);
}

/// The legs of the run that take any time; only of those that are really walked.
fn nonzero(trial: &mut Trial<'_>) -> Vec<LegId> {
    let legs = trial.case.record(trial.stage()).legs;
    let mut seen = BTreeSet::new();
    legs.into_iter()
        .filter(|(leg, length)| !length.is_zero() && seen.insert(*leg))
        .map(|(leg, _)| leg)
        .collect()
}

impl Trial<'_> {
    fn with_task(&self, client: usize, place: usize, change: impl FnOnce(&mut Task)) -> Case {
        let mut case = self.case.clone();
        if let Some(script) = &mut case.script {
            change(&mut script.clients[client][place]);
        }
        case
    }

    fn with_length(&self, leg: LegId, length: Span) -> Case {
        let mut case = self.case.clone();
        Arc::make_mut(&mut case.lengths).insert(leg, length);
        case
    }
}
