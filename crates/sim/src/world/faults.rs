//! The faults of a run: when each is active, and whom it strikes.

use super::World;
use super::caller::{CallSubject, Caller};
use driftlab_fault::{Affliction, Aimed, Fate, Fault, Schedule, Turn, matches};
use driftlab_model::draws::{Draws, Entity, Purpose};
use driftlab_model::{Event, ProcessId, Retention, Role, Time};
use std::rc::Rc;

const FATE: Purpose = Purpose::named("fate");

/// All faults of a world.
pub(super) struct Faults {
    all: Vec<Rc<Aimed>>,
}

impl Faults {
    pub(super) fn new(faults: &[Fault], nodes: &[(ProcessId, &str)]) -> Self {
        let aimed = |fault| Rc::new(Aimed::new(fault, nodes.iter().copied()));
        Self { all: faults.iter().map(aimed).collect() }
    }

    /// Learns of a process, before any run.
    pub(super) fn aim_at(&mut self, process: ProcessId, name: &str, role: Role) {
        for aimed in &mut self.all {
            Rc::get_mut(aimed).expect("processes are added before the run").aim_at(process, name, role);
        }
    }

    pub(super) fn reset(&self) {
        self.all.iter().for_each(|aimed| aimed.reset());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl World {
    /// Whether any fault of requests is active: a healthy run asks no further.
    #[inline]
    pub(super) fn requests_are_struck(&self) -> bool {
        self.active_faults.get() > 0
    }

    /// What the active faults make of a request.
    pub(super) fn fate(&self, caller: &Caller, node: ProcessId, subject: CallSubject) -> Fate {
        let mut fate = Fate::default();
        let faults = self.faults.borrow();
        for (number, aimed) in faults.all.iter().enumerate() {
            if aimed.strikes(node, caller.process) {
                let draw =
                    |choice| caller.draw_for(self, FATE.numbered((number as u64) << 8 | choice), subject);
                aimed.request(&mut fate, &draw);
            }
        }
        fate
    }

    /// Starts a task for each fault that opens and closes its windows.
    pub(super) fn schedule_faults(self: &Rc<Self>) {
        let faults = self.faults.borrow();
        if faults.is_empty() {
            return;
        }
        let end = Time::ZERO + self.config.duration;
        for (number, aimed) in faults.all.iter().enumerate() {
            let entity = Entity::named(&aimed.fault().name);
            let given = self.schedule.borrow().windows.as_ref().and_then(|all| all.get(number).cloned());
            let windows =
                given.unwrap_or_else(|| aimed.fault().schedule.windows(&self.draws.get(), entity, end));
            let (world, aimed) = (Rc::clone(self), Rc::clone(aimed));
            self.executor.spawn(entity.digest(), async move {
                for (begin, until) in windows {
                    world.executor.sleep_until(begin).await;
                    world.turn(&aimed, number as u16, Turn::Begin);
                    world.executor.sleep_until(until).await;
                    world.turn(&aimed, number as u16, Turn::End);
                }
            });
        }
    }

    /// When each fault of the scenario is active in the run of a seed.
    #[must_use]
    pub fn fault_windows(&self, seed: u64) -> Vec<Vec<(Time, Time)>> {
        let (draws, end) = (Draws::new(seed), Time::ZERO + self.config.duration);
        let windows = |fault: &Fault| fault.schedule.windows(&draws, Entity::named(&fault.name), end);
        self.faults.borrow().all.iter().map(|aimed| windows(aimed.fault())).collect()
    }

    fn turn(self: &Rc<Self>, aimed: &Aimed, number: u16, turn: Turn) {
        let fault = aimed.fault();
        // A fault without windows is the weather, not an event that one recovers from.
        if fault.schedule != Schedule::Always {
            for &target in aimed.struck() {
                self.emit(Event::Fault { fault: number, target, active: turn == Turn::Begin });
            }
        }
        match fault.strike.affliction() {
            None if fault.strike.retention().is_some() => {
                aimed.turn(turn);
                self.retain_log();
            }
            None if fault.strike.wipes() => {
                if turn == Turn::Begin {
                    self.wipe(aimed.struck());
                }
            }
            None if fault.strike.loses_state() => {
                if turn == Turn::Begin {
                    self.lose_state();
                }
            }
            None => {
                if turn == Turn::End && fault.strike.drops_slots() {
                    self.database.borrow_mut().drop_slots();
                    self.log_written.raise(&self.executor);
                }
                aimed.turn(turn);
                self.active_faults.set(turn.counted(self.active_faults.get()));
            }
            Some(Affliction::Skew(nanos)) => {
                let nanos = if turn == Turn::Begin { nanos } else { 0 };
                if matches(&fault.target, "source") {
                    self.database_skew_nanos.set(nanos);
                }
                self.each_victim(aimed, |process| process.caller.skew_nanos.set(nanos));
            }
            Some(Affliction::Crash) => self.each_victim(aimed, |process| match turn {
                Turn::Begin => process.crash(self),
                Turn::End => process.restart(self),
            }),
            Some(Affliction::Pause) => self.each_victim(aimed, |process| match turn {
                Turn::Begin => process.pause(self),
                Turn::End => process.resume(self),
            }),
        }
    }

    /// Lets the log keep what the scenario says, and no more than any active fault leaves it.
    fn retain_log(&self) {
        let faults = self.faults.borrow();
        let active = faults.all.iter().filter(|aimed| aimed.is_active());
        let retention = active
            .filter_map(|aimed| aimed.fault().strike.retention())
            .fold(self.config.log_retention, Retention::and);
        self.log.borrow_mut().retain(self.executor.now(), retention);
    }

    fn each_victim(&self, aimed: &Aimed, mut act: impl FnMut(&super::process::ProcessState)) {
        let first = self.nodes.len() as u16;
        for victim in aimed.victims() {
            let processes = self.processes.borrow();
            act(&processes[usize::from(victim.0 - first)]);
        }
    }
}
