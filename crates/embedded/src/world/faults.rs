//! The faults of a run: when each is active, and whom it strikes.

use super::World;
use super::caller::Caller;
use super::node::NodeId;
use super::process::{ProcessState, Role};
use crate::fault::{Affliction, Fate, Fault, Windows, matches};
use driftlab_model::draws::Purpose;
use driftlab_model::{Event, ProcessId, Time};
use std::cell::Cell;
use std::rc::Rc;

const FATE: Purpose = Purpose::named("fate");

/// All faults of a world.
pub(super) struct Faults {
    all: Vec<Rc<Aimed>>,
    /// How many faults of requests are active, so that a healthy run asks no further.
    active_requests: Cell<u32>,
}

struct Aimed {
    fault: Fault,
    /// The nodes whose requests it strikes.
    nodes: Vec<ProcessId>,
    /// The processes whose requests it strikes.
    senders: Vec<ProcessId>,
    /// The processes that it strikes.
    victims: Vec<ProcessId>,
    active: Cell<u32>,
}

impl Faults {
    pub(super) fn new(faults: &[Fault], nodes: &[String]) -> Self {
        let all = faults
            .iter()
            .map(|fault| {
                let ids = (0..).map(ProcessId).zip(nodes);
                let struck = ids.filter(|(_, name)| matches(&fault.target, name)).map(|(id, _)| id);
                Rc::new(Aimed {
                    nodes: struck.collect(),
                    fault: fault.clone(),
                    senders: Vec::new(),
                    victims: Vec::new(),
                    active: Cell::new(0),
                })
            })
            .collect();
        Self { all, active_requests: Cell::new(0) }
    }

    /// Learns of a process, before any run.
    pub(super) fn aim_at(&mut self, process: ProcessId, name: &str, role: Role) {
        for aimed in &mut self.all {
            let aimed = Rc::get_mut(aimed).expect("processes are added before the run");
            if names(&aimed.fault.from, name, role) {
                aimed.senders.push(process);
            }
            if names(&aimed.fault.target, name, role) {
                aimed.victims.push(process);
            }
        }
    }

    pub(super) fn reset(&self) {
        self.active_requests.set(0);
        for aimed in &self.all {
            aimed.active.set(0);
        }
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
            let strikes = aimed.active.get() > 0
                && aimed.nodes.contains(&node.process())
                && aimed.senders.contains(&caller.process);
            if strikes {
                let draw =
                    |choice| caller.draw_for(self, FATE.numbered((number as u64) << 8 | choice), subject);
                aimed.fault.strike.request(&mut fate, &draw);
            }
        }
        fate
    }

    /// Starts a task for each fault that opens and closes its windows.
    pub(super) fn schedule_faults(self: &Rc<Self>) {
        let end = Time::ZERO + self.config.duration;
        for (number, aimed) in self.faults.borrow().all.iter().enumerate() {
            let windows = match &aimed.fault.windows {
                Windows::Always => vec![(Time::ZERO, end)],
                Windows::From(windows) => windows.clone(),
            };
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
        let affliction = aimed.fault.strike.affliction();
        let struck = if affliction.is_some() { &aimed.victims } else { &aimed.nodes };
        // A fault without windows is the weather, not an event that one recovers from.
        if aimed.fault.windows != Windows::Always {
            for &target in struck {
                self.emit(&Event::Fault { fault: number, target, active: turn == Turn::Begin });
            }
        }
        match affliction {
            None => {
                let step = |n: u32| if turn == Turn::Begin { n + 1 } else { n.saturating_sub(1) };
                aimed.active.set(step(aimed.active.get()));
                let faults = self.faults.borrow();
                faults.active_requests.set(step(faults.active_requests.get()));
            }
            Some(Affliction::Skew(nanos)) => {
                let nanos = if turn == Turn::Begin { nanos } else { 0 };
                if matches(&aimed.fault.target, "source") {
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
        let struck = |process: &&Rc<ProcessState>| aimed.victims.contains(&process.caller.process);
        processes.iter().filter(struck).for_each(|process| act(process));
    }
}

/// Whether a pattern of a scenario names a process.
fn names(pattern: &str, name: &str, role: Role) -> bool {
    match pattern {
        "app" => role == Role::Client,
        "background" => role == Role::Strategy,
        _ => matches(pattern, name),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Begin,
    End,
}
