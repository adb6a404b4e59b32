//! How a run goes where the scenario leaves that open, and who follows it.

use super::World;
use crate::schedule::{LegId, Schedule, StallKind};
use driftlab_model::hash::mix;
use driftlab_model::{Follower, Passing, Span};
use std::cell::RefCell;
use std::rc::Rc;

impl World {
    /// Sets how runs go from now on.
    pub fn set_schedule(&self, schedule: Schedule) {
        self.follows_the_scenario.set(schedule.is_plain());
        self.executor.set_chooser(schedule.chooser.clone(), schedule.clocks);
        self.schedule.replace(schedule);
    }

    /// Runs keep the lengths of their legs from now on, for [`World::legs`].
    pub fn keep_legs(&self) {
        self.follows_the_scenario.set(false);
    }

    /// The legs of the last run and how long they took. Where a schedule gives them these lengths, the next run goes the same way.
    #[must_use]
    pub fn legs(&self) -> Vec<(LegId, Span)> {
        self.executor.legs()
    }

    /// Lets somebody follow all requests of the runs to come; `None` ends it.
    pub fn set_follower(&self, follower: Option<Rc<RefCell<dyn Follower>>>) {
        self.is_followed.set(follower.is_some());
        self.follower.replace(follower);
    }

    /// The number of a new request, where somebody follows them.
    pub(super) fn number_if_followed(&self) -> Option<u64> {
        self.is_followed.get().then(|| self.followed.replace(self.followed.get() + 1))
    }

    pub(super) fn tell(&self, passing: Passing) {
        if let Some(follower) = self.follower.borrow().as_ref().filter(|_| !self.is_ending()) {
            follower.borrow_mut().follow(passing);
        }
    }

    pub(super) fn follows_the_scenario(&self) -> bool {
        self.follows_the_scenario.get()
    }

    /// How long a leg takes; `None` where a chooser ends it.
    pub(super) fn length_of(&self, id: LegId, declared: Span, draw: impl FnOnce() -> u64) -> Option<Span> {
        let schedule = self.schedule.borrow();
        let length = match schedule.lengths.get(&id) {
            Some(&length) => length,
            None if schedule.chooser.is_some() => return None,
            None => schedule.pace.of(declared, draw()),
        };
        self.executor.note_leg(id, length);
        Some(length)
    }

    /// Lets the schedule's stall happen, once its process has come so far.
    pub(super) fn stall_if_due(self: &Rc<Self>) {
        let Some(stall) = self.schedule.borrow().stall else { return };
        let processes = self.processes.borrow();
        let place = processes.iter().position(|process| process.caller.entity == stall.process);
        let Some((place, process)) = place.map(|place| (place, &processes[place])) else { return };
        if process.polls(self) < stall.step {
            return;
        }
        self.stall_is_due.set(false);
        if !process.is_running(self) {
            return;
        }
        match stall.kind {
            StallKind::Pause => process.pause(self),
            StallKind::Crash => process.crash(self),
        }
        let (world, name) = (Rc::clone(self), mix(process.caller.entity.digest(), 0x0073_7461_6c6c));
        self.executor.spawn(name, async move {
            world.executor.sleep_until(world.executor.now() + stall.span).await;
            let processes = world.processes.borrow();
            match stall.kind {
                StallKind::Pause => processes[place].resume(&world),
                StallKind::Crash => processes[place].restart(&world),
            }
        });
    }
}
