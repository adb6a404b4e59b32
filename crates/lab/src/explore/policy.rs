//! Policies: ways of going through schedules. Each alone is blind to something, so an exploration rotates through them.

use driftlab_model::draws::Entity;
use driftlab_model::hash::mix;
use driftlab_model::{Span, Time, open_unit};
use driftlab_sim::schedule::{Chooser, Pace, Priorities, Schedule, Stall, StallKind, Walk};
use std::cell::RefCell;
use std::rc::Rc;

/// What a policy may know of the runs to come: what one plain run was like.
#[derive(Clone, Debug)]
pub struct Terrain {
    /// All processes: those of the strategy first, then the clients.
    pub processes: Vec<Entity>,
    /// How many steps a process makes.
    pub steps: u64,
    /// How many legs there are.
    pub legs: u64,
    /// When the run ended.
    pub ended: Time,
}

/// A policy.
#[derive(Clone, Copy)]
pub struct Policy {
    /// Its name.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// The schedule of a seed.
    pub schedule: fn(seed: u64, terrain: &Terrain) -> Schedule,
    /// What it needs of a scenario.
    pub needs: Needs,
}

/// What a policy needs of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it changes who is fast and who is slow, which no scenario rules out.
    Nothing,
    /// A fault that crashes processes: where nobody crashes in the scenario, nobody crashes in its exploration.
    Crashes,
}

/// The name of the policy that leaves the scenario as it is; rates that mean something come from it.
pub const AS_DECLARED: &str = "as declared";

/// The place of the random walk among [`POLICIES`].
pub(super) const WALK: usize = 3;

/// All policies, in the order of their turns.
pub const POLICIES: &[Policy] = &[
    Policy {
        name: AS_DECLARED,
        summary: "latencies as the scenario has them",
        schedule: |_, _| Schedule::default(),
        needs: Needs::Nothing,
    },
    Policy {
        name: "even",
        summary: "latencies anywhere between zero and twice what the scenario has, extremes as likely as the middle",
        schedule: |_, _| Schedule { pace: Pace::Even, ..Schedule::default() },
        needs: Needs::Nothing,
    },
    Policy {
        name: "wild",
        summary: "latencies from a thousandth to a thousand times, each order of magnitude as likely as another",
        schedule: |_, _| Schedule { pace: Pace::Wild, ..Schedule::default() },
        needs: Needs::Nothing,
    },
    Policy {
        name: "random walk",
        summary: "whoever is on the way may arrive next, each as likely as another",
        schedule: |seed, _| chosen(Walk::new(seed)),
        needs: Needs::Nothing,
    },
    Policy {
        name: "priorities",
        summary: "the highest priority goes first, and at one to four random steps whoever is about to go falls below all others (PCT, d = 2 to 5)",
        schedule: |seed, terrain| chosen(Priorities::new(seed, 2 + (mix(seed, 5) % 4) as u32, terrain.legs)),
        needs: Needs::Nothing,
    },
    Policy {
        name: "frozen",
        summary: "one process stands still at one of its steps, for a moment or for most of the run, and goes on as if nothing had been",
        schedule: |seed, terrain| stalled(seed, terrain, StallKind::Pause),
        needs: Needs::Nothing,
    },
    Policy {
        name: "crash",
        summary: "one process dies at one of its steps and starts again from nothing",
        schedule: |seed, terrain| stalled(seed, terrain, StallKind::Crash),
        needs: Needs::Crashes,
    },
];

fn chosen(chooser: impl Chooser + 'static) -> Schedule {
    let chooser: Rc<RefCell<dyn Chooser>> = Rc::new(RefCell::new(chooser));
    Schedule { chooser: Some(chooser), ..Schedule::default() }
}

/// Who stands still, where, and for how long: early steps and short stalls are as likely as late and long ones, by orders of magnitude.
fn stalled(seed: u64, terrain: &Terrain, kind: StallKind) -> Schedule {
    let draw = |number: u64| mix(mix(seed, 0x7374_616c), number);
    let below =
        |number: u64, bound: u64| ((u128::from(draw(number)) * u128::from(bound.max(1))) >> 64) as u64;
    let scaled = |number: u64, most: u64| libm::pow(most.max(1) as f64, open_unit(draw(number))) as u64;
    let step = 1 + scaled(2, terrain.steps + 1).min(terrain.steps);
    let span = Span::from_nanos(scaled(3, terrain.ended.nanos()));
    let process = terrain.processes[below(1, terrain.processes.len() as u64) as usize];
    Schedule { stall: Some(Stall { process, step, span, kind }), ..Schedule::default() }
}
