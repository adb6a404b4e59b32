//! Reproducible choices.

use rand::{RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

/// A generator that gives the same for a seed on every machine and in every version.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }
    pub(crate) fn next(&mut self) -> u64 {
        self.0.random()
    }
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0.random_range(0..bound)
    }
    pub(crate) fn one_in(&mut self, bound: u32) -> bool {
        self.0.random_ratio(1, bound)
    }
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        *of.choose(&mut self.0).expect("there is something to pick from")
    }
}

/// The seed to run, if `DRIFTLAB_WAL_SEED` names one, else `count` seeds; `DRIFTLAB_WAL_SEEDS` overrides the count.
pub(crate) fn seeds(count: u64) -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    match number("DRIFTLAB_WAL_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("DRIFTLAB_WAL_SEEDS").unwrap_or(count)).collect(),
    }
}
