//! One number for many runs.

use crate::case::NEVER_GLANCE;
use crate::stage::Stage;
use driftlab_model::Observer;
use driftlab_model::hash::mix;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many seeds a thread takes at once.
const CHUNK: u64 = 16;

struct Nobody;

impl Observer for Nobody {
    fn observe(&mut self, _: driftlab_model::Time, _: &driftlab_model::Event) {}
}

/// The trace hashes of the runs of seeds, from `first` on, as one number: equal numbers are equal runs, event by event. It does not depend on the number of threads, on the process, or on
/// how the program was optimised; where it does, nothing that was found can be trusted to be found again.
#[must_use]
pub fn digest(make: &(dyn Fn() -> Stage + Sync), first: u64, seeds: u64, jobs: usize) -> u128 {
    let (next, whole) = (AtomicU64::new(0), Mutex::new(0u128));
    let work = || {
        let stage = make();
        let nobody: Rc<RefCell<dyn Observer>> = Rc::new(RefCell::new(Nobody));
        let mut sum = 0u128;
        loop {
            let begin = next.fetch_add(CHUNK, Ordering::Relaxed);
            if begin >= seeds {
                break;
            }
            for seed in (begin..(begin + CHUNK).min(seeds)).map(|offset| first.wrapping_add(offset)) {
                stage.prepare(seed);
                let trace = stage.world().run(seed, Rc::clone(&nobody), NEVER_GLANCE, &mut |_| true).trace;
                // Whose turn it was must not count, but which seed had which trace must.
                let (low, high) = (trace as u64, (trace >> 64) as u64);
                let share = u128::from(mix(seed, low)) << 64 | u128::from(mix(high, seed ^ low));
                sum = sum.wrapping_add(share);
            }
        }
        let mut whole = whole.lock().expect("no thread panics while it holds the sum");
        *whole = whole.wrapping_add(sum);
    };
    if jobs <= 1 {
        work();
    } else {
        std::thread::scope(|scope| (0..jobs).for_each(|_| drop(scope.spawn(work))));
    }
    whole.into_inner().expect("no thread panicked")
}
