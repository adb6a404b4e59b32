//! Explores schedules: how often each anomaly shows, and the first case of each.
//!
//! Seeds are spread over threads, and policies take turns with them ([`POLICIES`]). What was counted does not depend on the number of threads, and shards add up to
//! the whole ([`Tally::add`]). A schedule that a chooser went through is kept as the lengths of its legs, so a found case is replayed without the chooser.

mod exhaustive;
mod interval;
mod policy;
mod survey;
mod tally;

pub use driftlab_sim::world::Memory;
pub use exhaustive::{Exhausted, case_of_path, exhaust, exhaust_by_state, exhaust_remembering};
pub use interval::interval;
pub use policy::{AS_DECLARED, Needs, POLICIES, Policy, Terrain};
pub use tally::{ByPolicy, Cause, Seen, Tally};

use crate::case::{Case, NEVER_GLANCE, Recording, record};
use crate::reel::Reel;
use crate::stage::Stage;
use driftlab_check::Judgement;
use driftlab_model::Observer;
use driftlab_sim::schedule::Schedule;
use driftlab_workload::Script;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use survey::Survey;

/// Which schedules are explored, and by how many threads.
#[derive(Clone, Copy, Debug)]
pub struct ExploreOptions {
    /// The first seed.
    pub first: u64,
    /// How many seeds from there on.
    pub seeds: u64,
    /// Of these, the part of this shard, and how many shards there are: `(0, 1)` for all.
    pub shard: (u64, u64),
    /// How many threads work at once; what is counted does not depend on it.
    pub jobs: usize,
    /// Whether to use only the policy that leaves the scenario as it is.
    pub policies: Policies,
}

/// Which policies take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policies {
    /// All that suit the scenario.
    Portfolio,
    /// This one alone, by its place among [`POLICIES`].
    Only(usize),
}

/// What an exploration of one strategy came to.
#[derive(Clone, Debug)]
pub struct Explored {
    /// What was counted.
    pub tally: Tally,
    /// Whether it was interrupted: then not all seeds were run.
    pub interrupted: bool,
}

/// Follows an exploration; called from several threads.
pub trait Watch: Sync {
    /// So many schedules are done, and so many of them showed something.
    fn explored(&self, schedules: u64, telling: u64);
    /// Whether to stop.
    fn interrupted(&self) -> bool;
}

/// How many seeds a thread takes at once.
const CHUNK: u64 = 64;

/// Explores the schedules of stages that `make` gives: one for each thread, all of one strategy and scenario.
pub fn explore(make: &(dyn Fn() -> Stage + Sync), options: &ExploreOptions, watch: &dyn Watch) -> Explored {
    let survey = Survey::of(&make(), options.first);
    let whole = Mutex::new(Tally::default());
    let (next, done, telling) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let interrupted = AtomicBool::new(false);
    let work = || {
        let stage = make();
        let mut checker = stage.checker().anomalies_only();
        let mut reel = Reel::default();
        let mut tally = Tally::default();
        loop {
            let begin = next.fetch_add(CHUNK, Ordering::Relaxed);
            if begin >= options.seeds {
                break;
            }
            if watch.interrupted() {
                interrupted.store(true, Ordering::Relaxed);
                break;
            }
            let (mut count, mut told) = (0, 0);
            let mut judged = |(policy, seed), judgement: &Judgement| {
                told += u64::from(!judgement.findings.is_empty());
                tally.count(policy, seed, judgement);
            };
            for offset in begin..(begin + CHUNK).min(options.seeds) {
                let seed = options.first.wrapping_add(offset);
                if offset % options.shard.1 != options.shard.0 {
                    continue;
                }
                let policy = survey.policy(options.policies, offset);
                survey.run(&stage, reel.recorder(), policy, seed);
                reel.cut((policy, seed));
                count += 1;
                if reel.is_full() {
                    reel.judge(&mut checker, &mut judged);
                }
            }
            reel.judge(&mut checker, &mut judged);
            let (count, told) = (
                done.fetch_add(count, Ordering::Relaxed) + count,
                telling.fetch_add(told, Ordering::Relaxed) + told,
            );
            watch.explored(count, told);
        }
        whole.lock().expect("no thread panics while it holds the tally").add(&tally);
    };
    let threads = options.jobs.clamp(1, options.seeds.div_ceil(CHUNK).max(1) as usize);
    if threads == 1 {
        work();
    } else {
        std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    }
    Explored { tally: whole.into_inner().expect("no thread panicked"), interrupted: interrupted.into_inner() }
}

/// The case of a seed of an exploration, as a run that needs no policy any more.
#[must_use]
pub fn case_of(stage: &Stage, options: &ExploreOptions, seed: u64) -> Case {
    let survey = Survey::of(stage, options.first);
    let policy = survey.policy(options.policies, seed.wrapping_sub(options.first));
    let schedule = survey.prepare(stage, policy, seed);
    let (pace, stall, is_chosen) = (schedule.pace, schedule.stall, schedule.chooser.is_some());
    let mut case = Case { seed, pace, stall, ..Case::default() };
    if is_chosen {
        stage.world().set_schedule(schedule);
        stage.world().keep_legs();
        case.lengths = Arc::new(record(stage, seed).legs.into_iter().collect());
        case.script = Some(survey.script);
    }
    case
}
