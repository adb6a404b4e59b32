//! Runs a whole scenario: every strategy, every seed, spread over threads.

use crate::dataset::read_dataset;
use crate::error::RunError;
use crate::expect::judge;
use crate::experiment::{Experiment, Run, StrategyResult};
use crate::explore::Watch;
use crate::witness::{Listening, Witness};
use crate::world::{Arena, WorldEntry};
use driftlab_model::{Observer, Settings, Span};
use driftlab_scenario::{Choice, Scenario};
use driftlab_sim::store::StoreEntry;
use driftlab_strategies::StrategyEntry;
use driftlab_workload::{Dataset, ShapeEntry};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The kind of strategy that does nothing; what it costs the clients is what everything else is measured against.
const CONTROL: &str = "none";

/// How a scenario is run.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// How many threads work at once; the results do not depend on it.
    pub jobs: usize,
}

/// Follows the runs of an experiment; called from several threads.
pub trait Progress: Sync {
    /// So many runs are to be done, each of which takes so long at least by the clock on the wall; `None` where that depends on the machine alone.
    fn started(&self, total_runs: usize, each: Option<Span>);
    /// A run has come so far, in its own time; a full load is not the end, because the world has to come to rest.
    fn progress(&self, run: usize, fraction_of_load: f64);
    /// So many anomalies have begun in a run so far; called with [`Progress::progress`], for those who show it.
    fn anomalies(&self, _run: usize, _so_far: u64) {}
    /// A run is done, and showed so many anomalies.
    fn finished(&self, run: usize, strategy: &str, seed: u64, anomalies: u64);
    /// Whether to stop: runs that are not done are given up, those that are done are kept.
    fn interrupted(&self) -> bool;
}

/// Nobody follows.
pub struct Quiet;

impl Progress for Quiet {
    fn started(&self, _: usize, _: Option<Span>) {}
    fn progress(&self, _: usize, _: f64) {}
    fn finished(&self, _: usize, _: &str, _: u64, _: u64) {}
    fn interrupted(&self) -> bool {
        false
    }
}

impl Watch for Quiet {
    fn explored(&self, _: u64, _: u64) {}
    fn interrupted(&self) -> bool {
        false
    }
}

/// Runs a scenario in its world and judges it.
///
/// # Errors
/// What keeps it from being run; see [`RunError`].
pub fn run(
    scenario: &Scenario,
    options: &RunOptions,
    progress: &dyn Progress,
) -> Result<Experiment, RunError> {
    WorldEntry::admit(scenario)?;
    let world = WorldEntry::of(scenario);
    let dataset = dataset_of(scenario)?;
    let first = scenario.world.count("seed");
    let seeds: Vec<u64> = (0..scenario.world.count("seeds")).map(|n| first.wrapping_add(n)).collect();
    let choices = with_control(scenario);
    for choice in &choices {
        // Whatever contradicts itself is found before the first run, not after an hour.
        (world.stage)(scenario, choice, dataset.as_ref())?;
    }

    let jobs: Vec<(usize, u64)> =
        (0..choices.len()).flat_map(|choice| seeds.iter().map(move |&seed| (choice, seed))).collect();
    progress.started(jobs.len(), world.takes(scenario));
    let done: Vec<Mutex<Option<Run>>> = jobs.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let failure: Mutex<Option<RunError>> = Mutex::new(None);
    let work_on = |number: usize, stage: &mut Option<(usize, Box<dyn Arena>)>| {
        let (choice, seed) = jobs[number];
        let arena = match stage {
            Some((staged, arena)) if *staged == choice => arena,
            _ => {
                let made = (world.stage)(scenario, &choices[choice], dataset.as_ref())?;
                &mut stage.insert((choice, made)).1
            }
        };
        let advance = |part, anomalies| {
            progress.anomalies(number, anomalies);
            progress.progress(number, part);
        };
        let witness = if seed == first { Witness::of(&arena.cast()) } else { Witness::default() };
        if let Some(run) = run_once(scenario, arena.as_ref(), seed, witness, &advance, progress)? {
            let anomalies = run.judgement.seen().map(|(_, tally)| tally.total).sum();
            progress.finished(number, &choices[choice].name, seed, anomalies);
            *done[number].lock().expect("no thread panics while it holds a result") = Some(run);
        }
        Ok(())
    };
    let work = || {
        let mut stage = None;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= jobs.len() || progress.interrupted() {
                break;
            }
            if let Err(error) = work_on(number, &mut stage) {
                // Nobody takes another run, and the first to fail says why.
                next.store(jobs.len(), Ordering::Relaxed);
                failure.lock().expect("no thread panics while it holds an error").get_or_insert(error);
                break;
            }
        }
    };
    let threads = world.jobs(options.jobs).min(jobs.len());
    if threads == 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    }
    if let Some(error) = failure.into_inner().expect("no thread panicked") {
        return Err(error);
    }
    let mut done = done.into_iter().map(|run| run.into_inner().expect("no thread panicked"));
    let mut strategies: Vec<StrategyResult> = choices
        .iter()
        .map(|choice| StrategyResult {
            name: choice.name.clone(),
            kind: choice.kind,
            runs: done.by_ref().take(seeds.len()).flatten().collect(),
        })
        .collect();
    let interrupted = progress.interrupted();
    if interrupted && strategies.iter().all(|strategy| strategy.runs.is_empty()) {
        return Err(RunError::Interrupted);
    }
    let baseline = control_of(scenario, &mut strategies);
    let sinks = scenario.sinks.iter().map(|sink| {
        let entry = StoreEntry::named(sink.kind).expect("a parsed scenario names known sinks");
        (sink.name.clone(), entry.kind)
    });
    let expectations = judge(scenario, &strategies);
    Ok(Experiment {
        sinks: sinks.collect(),
        scenario: scenario.clone(),
        seeds,
        strategies,
        baseline,
        expectations,
        interrupted,
    })
}

/// The strategies of a scenario, and last the control where the scenario has none.
fn with_control(scenario: &Scenario) -> Vec<Choice> {
    let mut choices = scenario.strategies.clone();
    if choices.iter().all(|choice| choice.kind != CONTROL) {
        let entry = StrategyEntry::named(CONTROL).expect("the control is registered");
        choices.push(Choice {
            name: CONTROL.to_owned(),
            kind: CONTROL,
            settings: Settings::defaults(entry.settings),
        });
    }
    choices
}

fn control_of(scenario: &Scenario, strategies: &mut Vec<StrategyResult>) -> StrategyResult {
    if strategies.len() > scenario.strategies.len() {
        return strategies.pop().expect("the control was added last");
    }
    let control = strategies.iter().find(|strategy| strategy.kind == CONTROL);
    control.expect("the scenario has a control of its own").clone()
}

/// The dataset of a scenario, where its shape needs one.
///
/// # Errors
/// When it cannot be read.
///
/// # Panics
/// When the scenario names a shape that no registry has: one that was parsed names none.
pub fn dataset_of(scenario: &Scenario) -> Result<Option<Arc<Dataset>>, RunError> {
    let entry = ShapeEntry::named(scenario.workload.shape).expect("a parsed scenario names a known shape");
    match (&scenario.workload.database, entry.needs_dataset) {
        (Some(path), true) => Ok(Some(Arc::new(read_dataset(path)?))),
        _ => Ok(None),
    }
}

/// One run; `None` where it was interrupted.
fn run_once(
    scenario: &Scenario,
    arena: &dyn Arena,
    seed: u64,
    witness: Witness,
    advance: &dyn Fn(f64, u64),
    progress: &dyn Progress,
) -> Result<Option<Run>, RunError> {
    let checker = Rc::new(RefCell::new(arena.checker()));
    let duration = scenario.world.span("duration");
    let every = Span::from_nanos((duration.nanos() / 100).max(1));
    let watched = checker.clone();
    let mut goes_on = |now: driftlab_model::Time| {
        advance((now.seconds() / duration.seconds()).min(1.0), watched.borrow_mut().anomalies_so_far());
        !progress.interrupted()
    };
    let listening = Rc::new(RefCell::new(Listening { checker: checker.clone(), witness }));
    let observer: Rc<RefCell<dyn Observer>> = listening.clone();
    let ended = arena.run(seed, observer, every, &mut goes_on)?;
    if progress.interrupted() && !ended.quiescent {
        return Ok(None);
    }
    let judgement = checker.borrow_mut().finish();
    let answers = listening.borrow().witness.questioned(arena);
    Ok(Some(Run {
        seed,
        trace: ended.trace,
        steps: ended.steps,
        processes: arena.cast().processes,
        judgement,
        answers,
        compacted_log: ended.compacted_log,
    }))
}
