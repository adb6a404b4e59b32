use super::policy::{Needs, POLICIES, Terrain};
use super::{Case, NEVER_GLANCE, Observer, Policies, Rc, Recording, RefCell, Schedule, Script, Stage};
use driftlab_model::Time;

/// What one plain run was like, which policies need to know.
pub(super) struct Survey {
    terrain: Terrain,
    /// Places among [`POLICIES`] of those that suit the scenario.
    suiting: Vec<usize>,
    /// What the clients did. Where a chooser decides who goes next, time hardly passes, and clients that work until a certain time would work for ever: so they do
    /// as many operations as in the plain run.
    pub(super) script: Script,
}

impl Survey {
    pub(super) fn of(stage: &Stage, seed: u64) -> Self {
        let Recording { summary, history, legs, .. } = Case::of_seed(seed).record(stage);
        let processes = stage.world().entities();
        let script = stage.script_of(&history);
        let suits = |needs| needs == Needs::Nothing || stage.has_crashes();
        Self {
            terrain: Terrain {
                steps: (summary.steps / processes.len().max(1) as u64).max(2),
                processes,
                legs: legs.len() as u64,
                ended: summary.ended,
            },
            suiting: (0..POLICIES.len()).filter(|&place| suits(POLICIES[place].needs)).collect(),
            script: if stage.is_open_loop() { script } else { at_once(script) },
        }
    }

    /// Whose turn it is.
    pub(super) fn policy(&self, policies: Policies, offset: u64) -> usize {
        match policies {
            Policies::Portfolio => self.suiting[(offset % self.suiting.len() as u64) as usize],
            Policies::Only(place) => place,
        }
    }

    /// Makes a stage ready for a run, and gives the schedule that it is to have.
    pub(super) fn prepare(&self, stage: &Stage, policy: usize, seed: u64) -> Schedule {
        let schedule = (POLICIES[policy].schedule)(seed, &self.terrain);
        if schedule.chooser.is_some() {
            stage.prepare_script(seed, self.script.clone());
        } else {
            stage.prepare(seed);
        }
        schedule
    }

    pub(super) fn run(&self, stage: &Stage, observer: Rc<RefCell<dyn Observer>>, policy: usize, seed: u64) {
        let schedule = self.prepare(stage, policy, seed);
        stage.world().set_schedule(schedule);
        stage.world().run(seed, observer, NEVER_GLANCE, &mut |_| true);
    }
}

/// The same work, each operation as soon as its client is free.
fn at_once(mut script: Script) -> Script {
    script.clients.iter_mut().flatten().for_each(|task| task.at = Time::ZERO);
    script
}
