use super::{Case, Effort, RunError, Scenario, Script, Stage, Staging, Target, Task};
use driftlab_check::Checker;
use std::cell::RefCell;
use std::rc::Rc;

/// The best case so far, and attempts at a better one.
pub(super) struct Trial<'a> {
    scenario: Scenario,
    staging: Staging<'a>,
    stage: Stage,
    checker: Rc<RefCell<Checker>>,
    target: Target,
    pub(super) case: Case,
    effort: Effort,
    /// Runs so far.
    pub(super) runs: u64,
    /// Their steps.
    steps: u64,
    /// Attempts that succeeded.
    pub(super) kept: u64,
}

impl<'a> Trial<'a> {
    pub(super) fn new(
        scenario: Scenario,
        staging: Staging<'a>,
        stage: Stage,
        target: Target,
        case: Case,
        effort: Effort,
    ) -> Self {
        let checker = checker_of(&stage);
        Self { scenario, staging, stage, checker, target, case, effort, runs: 0, steps: 0, kept: 0 }
    }

    /// Whether the effort is spent: no attempt is made any more.
    pub(super) fn is_spent(&self) -> bool {
        self.runs >= self.effort.runs || self.steps >= self.effort.steps
    }

    pub(super) fn stage(&self) -> &Stage {
        &self.stage
    }

    pub(super) fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The names of the copies that are left.
    pub(super) fn sinks(&self) -> Vec<String> {
        self.scenario.sinks.iter().map(|sink| sink.name.clone()).collect()
    }

    /// What the clients do in the best case.
    pub(super) fn script(&self) -> &Script {
        self.case.script.as_ref().expect("a pinned case has a script")
    }

    /// The statements that a task keeps; `None` where it has none.
    pub(super) fn rows_of(&self, task: &Task) -> Option<Vec<usize>> {
        task.rows.clone().or_else(|| {
            let statements = self.stage.statements(self.case.seed, task.operation)?;
            Some((0..statements).collect())
        })
    }

    /// Takes a case for the best one where it is different and still shows the target.
    pub(super) fn attempt(&mut self, case: Case) -> bool {
        if self.is_spent() || (case == self.case && self.kept > 0) {
            return false;
        }
        let (shows, steps) = shows(&self.stage, &self.checker, &self.target, &case);
        self.count(steps);
        if shows {
            self.kept += 1;
            self.case = case;
        }
        shows
    }

    /// The same for the best case without one of its copies.
    pub(super) fn attempt_without_sink(&mut self, place: usize) -> Result<bool, RunError> {
        if self.is_spent() || self.target.sink.as_ref() == Some(&self.scenario.sinks[place].name) {
            return Ok(false);
        }
        let mut scenario = self.scenario.clone();
        scenario.sinks.remove(place);
        let stage = (self.staging)(&scenario)?;
        let checker = checker_of(&stage);
        let (shows, steps) = shows(&stage, &checker, &self.target, &self.case);
        self.count(steps);
        if shows {
            self.kept += 1;
            (self.scenario, self.stage, self.checker) = (scenario, stage, checker);
        }
        Ok(shows)
    }

    fn count(&mut self, steps: u64) {
        self.runs += 1;
        self.steps = self.steps.saturating_add(steps);
    }
}

fn checker_of(stage: &Stage) -> Rc<RefCell<Checker>> {
    Rc::new(RefCell::new(stage.checker().anomalies_only()))
}

/// Whether a case shows the target, and how many steps its run took.
fn shows(stage: &Stage, checker: &Rc<RefCell<Checker>>, target: &Target, case: &Case) -> (bool, u64) {
    let steps = case.judge(stage, checker).steps;
    let mut checker = checker.borrow_mut();
    let sinks = stage.sinks();
    let name = |sink: Option<driftlab_model::SinkId>| sink.map(|sink| sinks[usize::from(sink.0)].as_str());
    let shows = checker.conclude().findings.iter().any(|f| target.is_shown_by(f, name(f.sink)));
    (shows, steps)
}
