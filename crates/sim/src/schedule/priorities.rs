use super::{Chooser, OpenLeg};
use driftlab_model::hash::mix;

/// Probabilistic concurrency testing: everybody has a random priority, the highest goes first, and at a few random steps whoever is about to go falls below
/// all others. A race that takes `d` ordered steps to show is found with a chance of at least `1 / (n · k^(d - 1))` for `n` processes and `k` steps
/// (Burckhardt et al., "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010, theorem 9).
#[derive(Clone, Debug)]
pub struct Priorities {
    seed: u64,
    step: u64,
    /// The steps at which somebody falls, in order.
    falls: Vec<u64>,
    /// Who fell, in that order; the last is the lowest.
    fallen: Vec<u64>,
}

impl Priorities {
    /// The priorities of a seed, for bugs of a depth, in runs of about so many steps.
    #[must_use]
    pub fn new(seed: u64, depth: u32, steps: u64) -> Self {
        let seed = mix(seed, 0x7063_7400);
        let at =
            |n: u32| 1 + ((u128::from(mix(seed, 1 + u64::from(n))) * u128::from(steps.max(1))) >> 64) as u64;
        let mut falls: Vec<u64> = (1..depth).map(at).collect();
        falls.sort_unstable();
        Self { seed, step: 0, falls, fallen: Vec::new() }
    }

    fn highest(&self, open: &[OpenLeg]) -> usize {
        let priority = |leg: &OpenLeg| {
            let fell = self.fallen.iter().rposition(|entity| *entity == leg.entity);
            (fell.is_none(), fell.map(|place| usize::MAX - place), mix(self.seed, leg.entity), leg.id)
        };
        (0..open.len()).max_by_key(|&place| priority(&open[place])).unwrap_or(0)
    }
}

impl Chooser for Priorities {
    fn choose(&mut self, open: &[OpenLeg]) -> Option<usize> {
        self.step += 1;
        while self.falls.first() == Some(&self.step) {
            self.falls.remove(0);
            let falls = open[self.highest(open)].entity;
            self.fallen.push(falls);
        }
        Some(self.highest(open))
    }
}
