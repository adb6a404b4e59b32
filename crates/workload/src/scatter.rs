//! Popular keys should not be neighbours: a fixed permutation of the key space.

use driftlab_model::hash::mix;

/// A permutation of `0..count` that looks random and is always the same.
///
/// YCSB scatters its popular keys with a hash, under which some keys collide and others are never chosen; a permutation keeps the law exact.
/// It is a four-round Feistel network over the next even power of two, walked until it lands inside (Black and Rogaway, "Ciphers with arbitrary
/// finite domains", CT-RSA 2002); four steps on average at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scatter {
    count: u64,
    half_bits: u32,
}

impl Scatter {
    /// The permutation of `count` places, at least one.
    pub(crate) fn new(count: u64) -> Self {
        let bits = u64::BITS - (count - 1).leading_zeros();
        Self { count, half_bits: bits.div_ceil(2).max(1) }
    }

    /// Where `place` goes.
    pub(crate) fn of(&self, place: u64) -> u64 {
        let mask = (1u64 << self.half_bits) - 1;
        let mut at = place;
        loop {
            let (mut left, mut right) = (at >> self.half_bits, at & mask);
            for round in 0..4 {
                (left, right) = (right, left ^ (mix(round, right) & mask));
            }
            at = left << self.half_bits | right;
            if at < self.count {
                return at;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_place_is_reached_exactly_once() {
        for count in [1, 2, 3, 5, 16, 17, 1_000] {
            let scatter = Scatter::new(count);
            let reached: BTreeSet<u64> = (0..count).map(|place| scatter.of(place)).collect();
            assert_eq!(reached, (0..count).collect(), "{count} places");
        }
    }

    #[test]
    fn neighbours_are_torn_apart() {
        let scatter = Scatter::new(1_000);
        let near = (0..999).filter(|&place| scatter.of(place).abs_diff(scatter.of(place + 1)) < 10).count();
        assert!(near < 60, "{near} of 999 pairs stay within ten places; chance alone leaves some 19");
    }
}
