//! The faults of a run: when each is active, and whom it strikes.

use super::World;
use super::caller::Caller;
use super::node::NodeId;
use super::process::ProcessState;
use driftlab_fault::{Affliction, Aimed, Fate, Fault, Schedule, Turn, matches};
use driftlab_model::draws::{Entity, Purpose};
use driftlab_model::{Event, ProcessId, Role, Time};
use std::cell::Cell;
use std::rc::Rc;

const FATE: Purpose = Purpose::named("fate");

/// All faults of a world.
pub(super) struct Faults {
    all: Vec<Rc<Aimed>>,
    /// How many faults of requests are active, so that a healthy run asks no further.
    active_requests: Cell<u32>,
}

impl Faults {
    pub(super) fn new(faults: &[Fault], nodes: &[String]) -> Self {
        let aimed =
            |fault| Rc::new(Aimed::new(fault, (0..).map(ProcessId).zip(nodes.iter().map(String::as_str))));
        Self { all: faults.iter().map(aimed).collect(), active_requests: Cell::new(0) }
    }

    /// Learns of a process, before any run.
    pub(super) fn aim_at(&mut self, process: ProcessId, name: &str, role: Role) {
        for aimed in &mut self.all {
            Rc::get_mut(aimed).expect("processes are added before the run").aim_at(process, name, role);
        }
    }

    pub(super) fn reset(&self) {
        self.active_requests.set(0);
        self.all.iter().for_each(|aimed| aimed.reset());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl World {
    /// What the active faults make of a process's next request.
    pub(super) fn fate(&self, caller: &Caller, node: NodeId) -> Fate {
        let subject = caller.next_call();
        let mut fate = Fate::default();
        let faults = self.faults.borrow();
        if faults.active_requests.get() == 0 {
            return fate;
        }
        for (number, aimed) in faults.all.iter().enumerate() {
            if aimed.strikes(node.process(), caller.process) {
                let draw =
                    |choice| caller.draw_for(self, FATE.numbered((number as u64) << 8 | choice), subject);
                aimed.request(&mut fate, &draw);
            }
        }
        fate
    }

    /// Starts a task for each fault that opens and closes its windows.
    pub(super) fn schedule_faults(self: &Rc<Self>) {
        let end = Time::ZERO + self.config.duration;
        for (number, aimed) in self.faults.borrow().all.iter().enumerate() {
            let entity = Entity::named(&aimed.fault().name);
            let windows = aimed.fault().schedule.windows(&self.draws.get(), entity, end);
            let (world, live, aimed) = (Rc::clone(self), self.live(), Rc::clone(aimed));
            tokio::task::spawn_local(async move {
                for (begin, until) in windows {
                    // Faults of the first moment strike whoever acts in the first moment.
                    if begin > live.clock.now() {
                        live.alarm.sleep_until(begin).await;
                    }
                    world.turn(&aimed, number as u16, Turn::Begin);
                    live.alarm.sleep_until(until).await;
                    world.turn(&aimed, number as u16, Turn::End);
                }
            });
        }
    }

    fn turn(&self, aimed: &Aimed, number: u16, turn: Turn) {
        let fault = aimed.fault();
        // A fault without windows is the weather, not an event that one recovers from.
        if fault.schedule != Schedule::Always {
            for &target in aimed.struck() {
                self.emit(Event::Fault { fault: number, target, active: turn == Turn::Begin });
            }
        }
        match fault.strike.affliction() {
            None if fault.strike.wipes() => {
                if turn == Turn::Begin {
                    self.wipe(aimed.struck());
                }
            }
            None => {
                if turn == Turn::End && fault.strike.drops_slots() {
                    self.live().database.stream.lose_all();
                }
                aimed.turn(turn);
                let faults = self.faults.borrow();
                faults.active_requests.set(turn.counted(faults.active_requests.get()));
            }
            Some(Affliction::Skew(nanos)) => {
                let nanos = if turn == Turn::Begin { nanos } else { 0 };
                if matches(&fault.target, "source") {
                    self.live().database.set_skew(nanos);
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

    fn each_victim(&self, aimed: &Aimed, mut act: impl FnMut(&ProcessState)) {
        let processes = self.processes.borrow();
        let struck = |process: &&Rc<ProcessState>| aimed.victims().contains(&process.caller.process);
        processes.iter().filter(struck).for_each(|process| act(process));
    }
}
