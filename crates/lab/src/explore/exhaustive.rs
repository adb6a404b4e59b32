//! Every schedule of a small scenario, depth first over recorded choices.
//!
//! Latencies are arbitrary here, and shorter than any timer: whoever is on the way may arrive next, and time passes only when nobody is on the way. A run is a path of choices; the
//! next path takes another way at the last choice that has one. `K` writers with two steps each have `(2K)! / 2^K` schedules.

use super::survey::Survey;
use super::tally::Tally;
use super::{NEVER_GLANCE, Watch};
use crate::case::{Case, record};
use crate::stage::Stage;
use driftlab_model::Observer;
use driftlab_sim::schedule::{Chooser, OpenLeg, Schedule};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// What a search through all schedules came to.
#[derive(Clone, Debug, Default)]
pub struct Exhausted {
    /// How many schedules were run.
    pub schedules: u64,
    /// Whether these are all there are.
    pub is_complete: bool,
    /// What was counted; all of it under the policy of the random walk, which goes through the same schedules by chance. A "seed" is the number of a path.
    pub tally: Tally,
    /// The first path of each cause, as choices.
    pub paths: Vec<(super::Cause, Vec<usize>)>,
}

/// A path through the choices of a run: those that were made before are made again, and where there are none yet, the first leg is taken.
#[derive(Default)]
struct Path {
    choices: Vec<Choice>,
    depth: usize,
}

#[derive(Clone, Copy)]
struct Choice {
    taken: usize,
    of: usize,
}

impl Chooser for Path {
    fn choose(&mut self, open: &[OpenLeg]) -> usize {
        if self.depth == self.choices.len() {
            self.choices.push(Choice { taken: 0, of: open.len() });
        }
        self.depth += 1;
        self.choices[self.depth - 1].taken
    }
}

impl Path {
    fn starting_with(prefix: &[usize]) -> Self {
        let choices = prefix.iter().map(|&taken| Choice { taken, of: 0 }).collect();
        Self { choices, depth: 0 }
    }

    fn taken(&self) -> Vec<usize> {
        self.choices.iter().map(|choice| choice.taken).collect()
    }

    /// Goes on to the next path, below the first `fixed` choices; false where there is none.
    fn next(&mut self, fixed: usize) -> bool {
        while self.choices.len() > fixed {
            let last = self.choices.len() - 1;
            if self.choices[last].taken + 1 < self.choices[last].of {
                self.choices[last].taken += 1;
                return true;
            }
            self.choices.pop();
        }
        false
    }
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
            stage.world().set_schedule(Schedule { chooser: Some(chooser), ..Schedule::default() });
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

/// The case of a path, as a run that needs no chooser any more.
#[must_use]
pub fn case_of_path(stage: &Stage, seed: u64, choices: &[usize]) -> Case {
    let survey = Survey::of(stage, seed);
    let chooser: Rc<RefCell<dyn Chooser>> = Rc::new(RefCell::new(Path::starting_with(choices)));
    stage.prepare_script(seed, survey.script.clone());
    stage.world().set_schedule(Schedule { chooser: Some(chooser), ..Schedule::default() });
    stage.world().keep_legs();
    let lengths = record(stage, seed).legs.into_iter().collect();
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
    stage.world().set_schedule(Schedule { chooser: Some(chooser), ..Schedule::default() });
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
