//! Each state once.
//!
//! Two paths that come to the same state go on alike: below both hang the same schedules, and these end with the same verdicts. So the search keeps, for each state that it has
//! gone on from, how many schedules lie below it and what each of them showed. Where it comes to such a state again it turns back, and adds that up. The counts are
//! those of all schedules, though few were run.
//!
//! What makes two states the same is a fingerprint (`World::fingerprint` and `Checker::fingerprint`), and everything rests on this: *equal fingerprints, equal futures*.
//!
//! - **The world** goes on by what its stores hold, by what was done to the source and to the log (in order: who, knowing what, asked for the how-manieth time), by the checkpoints,
//!   by what each process has heard (a process that waits is its past: it holds nothing that it has not heard, and hearing the same it does the same), by the legs that are
//!   open, and by the timers that are set. Time itself stands still while anybody is on the way ([`driftlab_sim::schedule::Clocks::StandStill`]), so nobody can tell how many choices there were before.
//! - **The verdict** depends on the past too: what a copy shows is judged by what it has shown. So the fingerprint holds, of each copy and key, which version is shown, the newest that was ever
//!   shown, whether an older one has taken its place, what was shown of the uncommitted and may still commit, where in the commit order the copy as a whole was,
//!   which changes were applied, which anomalies are there now, and which have been and healed. The order of all commits is in it with what was done to the source. *When* things
//!   happened is not: no anomaly depends on it but by order. (`unbounded_lag` does, and is not looked for in races.)
//! - **Clients that do the same** (statements of the same kind on the same keys, which set what they write) are called by the order in which they first took effect. Whoever exchanges two of
//!   them in a whole schedule has another schedule that goes the same way and shows the same, so a state counts as met where it differs in their names alone.
//!   A client that draws, or waits for a time to come, is not exchangeable: draws and timers are keyed by names. Where one does, the search begins anew with everybody under their own name.
//!
//! - **A process that begins a round** may say what it remembers of all that it heard (`Runtime::remembers`): its position, say, and not in how many batches it came there. It is then known by that, and by
//!   what it hears from there on. A process that draws is not believed, because draws are keyed by what came before.
//!
//! What is kept of a past forgets less than it might (a process that says nothing remembers every batch that it read), so a state may count as new that is not. That costs time and never a verdict.
//!
//! Faults are not in the fingerprint: a scenario that has any is searched schedule by schedule.

use super::super::survey::Survey;
use super::super::{Cause, NEVER_GLANCE, Watch};
use super::{Exhausted, choosing, exhaust};
use crate::stage::Stage;
use driftlab_check::{Checker, Judgement};
use driftlab_model::{Fingerprint, Lookup, Names, Observer};
use driftlab_sim::schedule::{Chooser, OpenLeg, Schedule};
use driftlab_sim::world::{Memory, World};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

/// Goes on from every state of a stage once, in at most `limit` runs, and counts all schedules. The stage of a scenario with faults is searched schedule by schedule, by `jobs` threads.
pub fn exhaust_by_state(
    make: &(dyn Fn() -> Stage + Sync),
    seed: u64,
    limit: u64,
    jobs: usize,
    watch: &dyn Watch,
) -> Exhausted {
    let stage = make();
    if stage.has_faults() {
        return exhaust(make, seed, limit, jobs, watch);
    }
    let memory = if stage.has_luck() { Memory::Whole } else { Memory::AsTheySay };
    by_state(&stage, seed, limit, memory, watch)
}

/// As [`exhaust_by_state`], of a scenario without faults, with processes that are believed to remember what they say, or not. What is counted is the same, and so it is tested.
pub fn exhaust_remembering(
    make: &(dyn Fn() -> Stage + Sync),
    seed: u64,
    limit: u64,
    memory: Memory,
    watch: &dyn Watch,
) -> Exhausted {
    by_state(&make(), seed, limit, memory, watch)
}

fn by_state(stage: &Stage, seed: u64, limit: u64, memory: Memory, watch: &dyn Watch) -> Exhausted {
    let survey = Survey::of(stage, seed);
    let search = |names, memory| search(stage, &survey, seed, limit, Rc::new(names), memory, watch);
    let found = search(stage.names(seed, &survey.script), memory)
        .or_else(|_: Strayed| search(Names::default(), memory))
        .or_else(|_| search(Names::default(), Memory::Whole));
    found.unwrap_or_else(|_| unreachable!("under their own names and with all that they heard, none strays"))
}

/// Somebody was not like others that were taken for the same.
struct Strayed;

/// The search with clients under these names, and with processes that remember what they say or all.
fn search(
    stage: &Stage,
    survey: &Survey,
    seed: u64,
    limit: u64,
    names: Rc<Names>,
    memory: Memory,
    watch: &dyn Watch,
) -> Result<Exhausted, Strayed> {
    let (world, are_given) = (stage.world(), names.are_given());
    let checker = Rc::new(RefCell::new(stage.checker().anomalies_only()));
    let trail = Trail::new(Rc::downgrade(world), Rc::clone(&checker), Rc::clone(&names));
    let trail = Rc::new(RefCell::new(trail));
    let chooser: Rc<RefCell<dyn Chooser>> = trail.clone();
    world.keep_prints(names, memory);
    world.set_schedule(choosing(chooser));
    let (mut runs, mut is_complete) = (0, false);
    while runs < limit && !watch.interrupted() {
        stage.prepare_script(seed, survey.script.clone());
        checker.borrow_mut().restart();
        let observer: Rc<RefCell<dyn Observer>> = checker.clone();
        world.run(seed, observer, NEVER_GLANCE, &mut |_| true);
        if (are_given && world.has_strayed()) || (memory == Memory::AsTheySay && world.has_drawn()) {
            return Err(Strayed);
        }
        let mut trail = trail.borrow_mut();
        trail.end(runs, checker.borrow_mut().conclude());
        runs += 1;
        if runs.is_multiple_of(256) {
            watch.explored(runs, trail.first.len() as u64);
        }
        if !trail.turn() {
            is_complete = true;
            break;
        }
    }
    world.set_schedule(Schedule::default());
    let trail = std::mem::take(&mut *trail.borrow_mut());
    Ok(trail.sum(is_complete))
}

/// The path of the run under way, and what is known of the states that were gone on from.
#[derive(Default)]
struct Trail {
    world: Weak<World>,
    checker: Option<Rc<RefCell<Checker>>>,
    names: Rc<Names>,
    forks: Vec<Fork>,
    depth: usize,
    /// A state that was met again: the run ends there.
    met: Option<Rc<Below>>,
    known: Lookup<u128, Rc<Below>>,
    /// What hangs below the beginning.
    whole: Below,
    /// The sets of causes that schedules showed, by number.
    sets: Vec<Vec<Cause>>,
    numbers: BTreeMap<Vec<Cause>, u32>,
    /// The first run that showed a cause, and its choices.
    first: BTreeMap<Cause, (u64, Vec<usize>)>,
}

/// A state in which somebody has to be chosen.
struct Fork {
    state: u128,
    taken: usize,
    of: usize,
    below: Below,
}

/// The schedules below a state.
#[derive(Clone, Debug, Default)]
struct Below {
    /// How many showed each set of causes.
    schedules: BTreeMap<u32, u64>,
    unsettled: u64,
}

impl Below {
    fn add(&mut self, other: &Self) {
        for (set, count) in &other.schedules {
            *self.schedules.entry(*set).or_default() += count;
        }
        self.unsettled += other.unsettled;
    }
}

impl Chooser for Trail {
    fn choose(&mut self, open: &[OpenLeg]) -> Option<usize> {
        if self.met.is_some() {
            return None;
        }
        if self.depth == self.forks.len() {
            let state = self.state(open);
            if let Some(below) = self.known.get(&state) {
                self.met = Some(Rc::clone(below));
                return None;
            }
            self.forks.push(Fork { state, taken: 0, of: open.len(), below: Below::default() });
        }
        self.depth += 1;
        Some(self.forks[self.depth - 1].taken)
    }
}

impl Trail {
    fn new(world: Weak<World>, checker: Rc<RefCell<Checker>>, names: Rc<Names>) -> Self {
        Self { world, checker: Some(checker), names, ..Self::default() }
    }

    /// The state in which the run stands.
    fn state(&self, open: &[OpenLeg]) -> u128 {
        let mut print = Fingerprint::new(&self.names);
        print.word(open.len() as u64);
        if let (Some(world), Some(checker)) = (self.world.upgrade(), &self.checker) {
            world.fingerprint(&mut print);
            checker.borrow_mut().fingerprint(&mut print);
        }
        print.value()
    }

    /// The run is over: it was a schedule, or has come to a state that is known.
    fn end(&mut self, run: u64, judgement: &Judgement) {
        self.depth = 0;
        if let Some(below) = self.met.take() {
            return self.deepest().add(&below);
        }
        let mut causes: Vec<Cause> = judgement.findings.iter().map(Cause::of).collect();
        causes.sort_unstable();
        causes.dedup();
        for cause in &causes {
            if !self.first.contains_key(cause) {
                let choices = self.forks.iter().map(|fork| fork.taken).collect();
                self.first.insert(*cause, (run, choices));
            }
        }
        let set = match self.numbers.get(&causes) {
            Some(&set) => set,
            None => {
                let set = self.sets.len() as u32;
                self.numbers.insert(causes.clone(), set);
                self.sets.push(causes);
                set
            }
        };
        let unsettled = u64::from(!judgement.quiescent);
        self.deepest().add(&Below { schedules: BTreeMap::from([(set, 1)]), unsettled });
    }

    fn deepest(&mut self) -> &mut Below {
        self.forks.last_mut().map_or(&mut self.whole, |fork| &mut fork.below)
    }

    /// Goes on to the next path; false where there is none. A state whose ways have all been gone is known from now on.
    fn turn(&mut self) -> bool {
        while let Some(fork) = self.forks.last_mut() {
            if fork.taken + 1 < fork.of {
                fork.taken += 1;
                return true;
            }
            self.leave();
        }
        false
    }

    fn leave(&mut self) {
        if let Some(Fork { state, below, .. }) = self.forks.pop() {
            self.deepest().add(&below);
            self.known.insert(state, Rc::new(below));
        }
    }

    fn sum(mut self, is_complete: bool) -> Exhausted {
        let states = self.known.len() + self.forks.len();
        while !self.forks.is_empty() {
            self.leave();
        }
        let mut all = Exhausted { is_complete, states: Some(states as u64), ..Exhausted::default() };
        for (set, count) in &self.whole.schedules {
            let causes = &self.sets[*set as usize];
            let first = |cause: &Cause| self.first[cause].0;
            all.tally.count_many(super::super::policy::WALK, *count, causes, first);
        }
        all.schedules = all.tally.schedules.total();
        all.tally.unsettled = self.whole.unsettled;
        all.paths = self.first.into_iter().map(|(cause, (_, choices))| (cause, choices)).collect();
        all
    }
}
