//! Small runs of the virtual world, recorded.

use driftlab_check::{Checker, Finding};
use driftlab_lab::Stage;
use driftlab_model::{Event, Follower, History, Observer, Passing, Span, Time};
use driftlab_report::drawing::Subject;
use driftlab_scenario::{Choice, Overrides, Registries, Scenario};
use std::cell::RefCell;
use std::rc::Rc;

/// A run that showed an anomaly.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) history: History,
    pub(crate) passings: Vec<Passing>,
    pub(crate) finding: Finding,
    strategy: Choice,
    faults: Vec<&'static str>,
}

impl Found {
    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject {
            history: &self.history,
            passings: &self.passings,
            finding: &self.finding,
            strategy: &self.strategy,
            faults: &self.faults,
        }
    }
}

struct Watcher {
    history: History,
    checker: Checker,
}

impl Observer for Watcher {
    fn observe(&mut self, at: Time, event: &Event) {
        self.checker.observe(at, event);
        self.history.observe(at, event);
    }
}

/// Of the runs with these seeds in which something is found that `fits`, the one with the fewest requests.
pub(crate) fn smallest(text: &str, seeds: u64, fits: impl Fn(&Finding) -> bool) -> Option<Found> {
    let scenario = Scenario::parse(text, "drawn.toml", &Overrides::default(), &Registries::standard())
        .unwrap_or_else(|problems| panic!("{problems}"));
    let stage =
        Stage::new(&scenario, &scenario.strategies[0], None).unwrap_or_else(|error| panic!("{error}"));
    let mut best: Option<Found> = None;
    for seed in 1..=seeds {
        let (history, passings, findings) = record(&stage, seed);
        let finding = findings.into_iter().find(&fits);
        let Some(finding) = finding else { continue };
        if best.as_ref().is_none_or(|best| passings.len() < best.passings.len()) {
            let strategy = scenario.strategies[0].clone();
            let faults = scenario.faults.iter().map(|fault| fault.kind).collect();
            best = Some(Found { history, passings, finding, strategy, faults });
        }
    }
    best
}

fn record(stage: &Stage, seed: u64) -> (History, Vec<Passing>, Vec<Finding>) {
    stage.prepare(seed);
    let history = History { cast: stage.world().cast(), events: Vec::new() };
    let watcher = Rc::new(RefCell::new(Watcher { history, checker: stage.checker() }));
    let passings: Rc<RefCell<Vec<Passing>>> = Rc::default();
    let follower: Rc<RefCell<dyn Follower>> = passings.clone();
    stage.world().set_follower(Some(follower));
    let observer: Rc<RefCell<dyn Observer>> = watcher.clone();
    stage.world().run(seed, observer, Span::from_secs(7_200), &mut |_| true);
    stage.world().set_follower(None);
    let judgement = watcher.borrow_mut().checker.finish();
    let history = std::mem::take(&mut watcher.borrow_mut().history);
    (history, passings.take(), judgement.findings)
}
