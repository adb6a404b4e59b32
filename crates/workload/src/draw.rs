//! Keyed draws: every random choice is a hash of the seed and of a stable name.

use driftlab_model::hash::{digest_bytes, mix};

/// What a draw is for.
///
/// Purposes are constants: the compiler digests their names, and a draw is left with three multiplications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purpose(u64);

impl Purpose {
    /// The purpose of a stable name, unique in the crate.
    #[must_use]
    pub const fn named(name: &str) -> Self {
        Self(digest_bytes(name.as_bytes()))
    }
}

/// The source of all choices of a workload.
///
/// It has no state: a draw depends on what it is for and on nothing that was drawn before, so a new purpose shifts no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    seed: u64,
}

impl Draws {
    /// The draws of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The draws of what is there before anybody writes, which are the same whatever the seed of a run.
    #[must_use]
    pub const fn of_the_load() -> Self {
        Self::new(digest_bytes(b"load"))
    }

    /// The draw for a purpose, for the operation `index`, and there for its part `sub`.
    #[inline]
    #[must_use]
    pub const fn at(self, purpose: Purpose, index: u64, sub: u64) -> u64 {
        mix(mix(mix(self.seed, purpose.0), index), sub)
    }
}

/// A draw as one of `count` numbers from 0, all alike; `count` is not 0.
#[inline]
pub(crate) fn below(draw: u64, count: u64) -> u64 {
    ((u128::from(draw) * u128::from(count)) >> 64) as u64
}

/// Whether a draw falls into a share between 0 (never) and 1 (always).
#[inline]
pub(crate) fn falls_in(draw: u64, share: f64) -> bool {
    // 53 bits make a float in [0, 1) exactly, so that nothing is below 0 and everything below 1.
    ((draw >> 11) as f64 / (1u64 << 53) as f64) < share
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Purpose = Purpose::named("a");
    const B: Purpose = Purpose::named("b");

    /// A correlation between draws of neighbouring operations would make "random" interleavings march in step.
    #[test]
    fn draws_of_neighbours_are_uniform_and_independent() {
        let draws = Draws::new(1);
        let mut cells = [0u32; 256];
        for index in 0..256_000 {
            let (now, next) = (draws.at(A, index, 0), draws.at(A, index + 1, 0));
            cells[(below(now, 16) * 16 + below(next, 16)) as usize] += 1;
        }
        let chi: f64 = cells.iter().map(|&n| (f64::from(n) - 1_000.0).powi(2) / 1_000.0).sum();
        // 255 degrees of freedom: mean 255, standard deviation 22.6.
        assert!((160.0..370.0).contains(&chi), "chi-square {chi} with seed 1");
    }

    #[test]
    fn purposes_indexes_parts_and_seeds_all_matter() {
        let draw = Draws::new(1).at(A, 2, 3);
        assert_eq!(draw, Draws::new(1).at(A, 2, 3));
        for other in [
            Draws::new(2).at(A, 2, 3),
            Draws::new(1).at(B, 2, 3),
            Draws::new(1).at(A, 3, 3),
            Draws::new(1).at(A, 2, 2),
        ] {
            assert_ne!(draw, other);
        }
    }

    /// A changed digest would silently give every recorded seed another workload.
    #[test]
    fn draws_never_change() {
        assert_eq!(format!("{:016x}", Draws::new(1).at(Purpose::named("rows"), 2, 3)), "3919b2378cb3d6c7");
        assert_eq!(
            format!("{:016x}", Draws::of_the_load().at(Purpose::named("rows"), 2, 3)),
            "b86ce2384ab8bc5b"
        );
    }

    #[test]
    fn shares_of_nothing_and_of_all_have_no_exceptions() {
        for draw in [0, 1, u64::MAX / 2, u64::MAX] {
            assert!(!falls_in(draw, 0.0) && falls_in(draw, 1.0));
        }
    }
}
