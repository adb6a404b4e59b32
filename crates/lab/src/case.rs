//! Cases: everything that one run of a stage follows from.

use crate::stage::Stage;
use driftlab_check::{Checker, Judgement};
use driftlab_model::{Follower, History, Observer, Passing, Span, Time};
use driftlab_sim::schedule::{Clocks, LegId, Pace, Schedule, Stall};
use driftlab_sim::world::RunSummary;
use driftlab_workload::Script;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Everything that a run follows from, beside its stage: equal cases are equal runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case {
    /// The seed.
    pub seed: u64,
    /// What the clients do; `None` for what the workload says.
    pub script: Option<Script>,
    /// How long legs take that have no length of their own.
    pub pace: Pace,
    /// The legs that have one. Long runs have tens of thousands, and attempts at a shorter case share them.
    pub lengths: Arc<BTreeMap<LegId, Span>>,
    /// What happens to one process.
    pub stall: Option<Stall>,
    /// When each fault is active; `None` for what the seed says.
    pub windows: Option<Vec<Vec<(Time, Time)>>>,
}

/// A run that was watched closely.
pub struct Recording {
    /// What it came to.
    pub summary: RunSummary,
    /// What the checker says of it.
    pub judgement: Judgement,
    /// What happened.
    pub history: History,
    /// Where each request was.
    pub passings: Vec<Passing>,
    /// How long each leg took.
    pub legs: Vec<(LegId, Span)>,
}

/// Glances at a run's progress would split its time; nobody needs them in runs this short.
pub(crate) const NEVER_GLANCE: Span = Span::MAX;

impl Case {
    /// The scenario's own run of a seed.
    #[must_use]
    pub fn of_seed(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// The schedule of its run.
    #[must_use]
    pub fn schedule(&self) -> Schedule {
        Schedule {
            pace: self.pace,
            chooser: None,
            clocks: Clocks::Run,
            lengths: Arc::clone(&self.lengths),
            stall: self.stall,
            windows: self.windows.clone(),
        }
    }

    /// Makes a stage ready for its run.
    pub(crate) fn set(&self, stage: &Stage) {
        match &self.script {
            Some(script) => stage.prepare_script(self.seed, script.clone()),
            None => stage.prepare(self.seed),
        }
        stage.world().set_schedule(self.schedule());
    }

    /// Runs it under a checker that was made for this stage, without recording anything.
    pub(crate) fn judge(&self, stage: &Stage, checker: &Rc<RefCell<Checker>>) -> RunSummary {
        self.set(stage);
        checker.borrow_mut().restart();
        let observer: Rc<RefCell<dyn Observer>> = checker.clone();
        stage.world().run(self.seed, observer, NEVER_GLANCE, &mut |_| true)
    }

    /// Runs it and records everything.
    #[must_use]
    pub fn record(&self, stage: &Stage) -> Recording {
        self.set(stage);
        stage.world().keep_legs();
        record(stage, self.seed)
    }
}

/// Runs a stage that is ready, and records everything.
pub(crate) fn record(stage: &Stage, seed: u64) -> Recording {
    let world = stage.world();
    let history = History { cast: world.cast(), events: Vec::new() };
    let history = Rc::new(RefCell::new(history));
    let passings: Rc<RefCell<Vec<Passing>>> = Rc::default();
    let follower: Rc<RefCell<dyn Follower>> = passings.clone();
    world.set_follower(Some(follower));
    let observer: Rc<RefCell<dyn Observer>> = history.clone();
    let summary = world.run(seed, observer, NEVER_GLANCE, &mut |_| true);
    world.set_follower(None);
    let history = history.take();
    let mut checker = stage.checker();
    history.replay(&mut checker);
    Recording { summary, judgement: checker.finish(), history, passings: passings.take(), legs: world.legs() }
}
