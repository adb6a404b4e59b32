//! Every schedule of a small scenario, depth first over recorded choices.
//!
//! Latencies are arbitrary here, and shorter than any timer: whoever is on the way may arrive next, and time passes only when nobody is on the way. A run is a path of choices; the
//! next path takes another way at the last choice that has one. `K` writers with two steps each have `(2K)! / 2^K` schedules.
//!
//! [`exhaust`] runs each of them. [`exhaust_by_state`] runs what it must: where two paths come to one state, the second is not followed, and what was counted below the first counts again.

mod by_state;
mod path;

pub use by_state::{exhaust_by_state, exhaust_remembering};

use super::survey::Survey;
use super::tally::Tally;
use super::{NEVER_GLANCE, Watch};
use crate::case::{Case, record};
use crate::stage::Stage;
use driftlab_model::Observer;
use driftlab_sim::schedule::{Chooser, Clocks, Schedule};
use path::Path;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// What a search through all schedules came to.
#[derive(Clone, Debug, Default)]
pub struct Exhausted {
    /// How many schedules there are, as far as is known.
    pub schedules: u64,
    /// In how many states somebody had to be chosen, where a state was gone on from but once; `None` where each schedule was run.
    pub states: Option<u64>,
    /// Whether these are all there are.
    pub is_complete: bool,
    /// What was counted; all of it under the policy of the random walk, which goes through the same schedules by chance. A "seed" is the number of a run.
    pub tally: Tally,
    /// The first path of each cause, as choices.
    pub paths: Vec<(super::Cause, Vec<usize>)>,
}

/// Runs every schedule of stages that `make` gives, or as many as `limit`.
pub fn exhaust(
    make: &(dyn Fn() -> Stage + Sync),
    seed: u64,
    limit: u64,
    jobs: usize,
    watch: &dyn Watch,
) -> Exhausted {
    let survey = Survey::of(&make(), seed);
    let prefixes = prefixes(&make(), &survey, seed);
    let (next, done, telling) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let is_complete = AtomicBool::new(true);
    let whole = Mutex::new(Exhausted::default());
    let work = || {
        let stage = make();
        let checker = Rc::new(RefCell::new(stage.checker().anomalies_only()));
        let mut mine = Exhausted::default();
        while let Some(prefix) = prefixes.get(next.fetch_add(1, Ordering::Relaxed)) {
            let path = Rc::new(RefCell::new(Path::starting_with(prefix)));
            let chooser: Rc<RefCell<dyn Chooser>> = path.clone();
            stage.world().set_schedule(choosing(chooser));
            loop {
                path.borrow_mut().depth = 0;
                stage.prepare_script(seed, survey.script.clone());
                checker.borrow_mut().restart();
                let observer: Rc<RefCell<dyn Observer>> = checker.clone();
                stage.world().run(seed, observer, NEVER_GLANCE, &mut |_| true);
                let mut checker = checker.borrow_mut();
                mine.count(checker.conclude(), &path.borrow());
                let so_far = done.fetch_add(1, Ordering::Relaxed) + 1;
                if so_far.is_multiple_of(256) {
                    watch.explored(so_far, telling.load(Ordering::Relaxed));
                }
                if so_far >= limit || watch.interrupted() {
                    is_complete.store(false, Ordering::Relaxed);
                    break;
                }
                if !path.borrow_mut().next(prefix.len()) {
                    break;
                }
            }
            telling.fetch_add(
                mine.tally.causes.values().map(|seen| seen.schedules.total()).max().unwrap_or(0),
                Ordering::Relaxed,
            );
            if !is_complete.load(Ordering::Relaxed) {
                break;
            }
        }
        whole.lock().expect("no thread panics while it holds the sum").add(mine);
    };
    if jobs <= 1 || prefixes.len() == 1 {
        work();
    } else {
        std::thread::scope(|scope| (0..jobs.min(prefixes.len())).for_each(|_| drop(scope.spawn(work))));
    }
    let mut whole = whole.into_inner().expect("no thread panicked");
    whole.is_complete = is_complete.into_inner();
    whole.paths.sort();
    whole.paths.dedup_by_key(|(cause, _)| *cause);
    whole
}

/// A schedule in which the order of legs is all that counts.
fn choosing(chooser: Rc<RefCell<dyn Chooser>>) -> Schedule {
    Schedule { chooser: Some(chooser), clocks: Clocks::StandStill, ..Schedule::default() }
}

/// The case of a path, as a run that needs no chooser any more.
#[must_use]
pub fn case_of_path(stage: &Stage, seed: u64, choices: &[usize]) -> Case {
    let survey = Survey::of(stage, seed);
    let chooser: Rc<RefCell<dyn Chooser>> = Rc::new(RefCell::new(Path::starting_with(choices)));
    stage.prepare_script(seed, survey.script.clone());
    stage.world().set_schedule(choosing(chooser));
    stage.world().keep_legs();
    let lengths = Arc::new(record(stage, seed).legs.into_iter().collect());
    Case { seed, script: Some(survey.script), lengths, ..Case::default() }
}

/// The beginnings of all paths, two choices deep, so that threads can share them.
fn prefixes(stage: &Stage, survey: &Survey, seed: u64) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for _ in 0..2 {
        all = all.iter().flat_map(|prefix| branches(stage, survey, seed, prefix)).collect();
    }
    all
}

fn branches(stage: &Stage, survey: &Survey, seed: u64, prefix: &[usize]) -> Vec<Vec<usize>> {
    let path = Rc::new(RefCell::new(Path::starting_with(prefix)));
    let chooser: Rc<RefCell<dyn Chooser>> = path.clone();
    stage.prepare_script(seed, survey.script.clone());
    stage.world().set_schedule(choosing(chooser));
    let nobody: Rc<RefCell<dyn Observer>> = Rc::new(RefCell::new(Nobody));
    stage.world().run(seed, nobody, NEVER_GLANCE, &mut |_| true);
    let of = path.borrow().choices.get(prefix.len()).map_or(0, |choice| choice.of);
    match of {
        0 => vec![prefix.to_vec()],
        of => (0..of).map(|taken| prefix.iter().copied().chain([taken]).collect()).collect(),
    }
}

struct Nobody;

impl Observer for Nobody {
    fn observe(&mut self, _: driftlab_model::Time, _: &driftlab_model::Event) {}
}

impl Exhausted {
    fn count(&mut self, judgement: &driftlab_check::Judgement, path: &Path) {
        self.tally.count(super::policy::WALK, self.schedules, judgement);
        self.schedules += 1;
        for finding in &judgement.findings {
            let cause = super::Cause::of(finding);
            if self.paths.iter().all(|(known, _)| *known != cause) {
                self.paths.push((cause, path.taken()));
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.schedules += other.schedules;
        self.tally.add(&other.tally);
        self.paths.extend(other.paths);
    }
}
