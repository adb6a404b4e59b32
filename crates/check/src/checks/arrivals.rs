//! A priority queue for what mostly comes in order already.

use std::collections::{BinaryHeap, VecDeque};

/// The greatest entry first.
///
/// Entries that are not below the greatest or not above the least of a sorted run are put at its end or its beginning, which costs
/// nothing; only those that fall between go into a heap. A sink that follows the source in order never needs the heap.
#[derive(Debug, Default)]
pub(super) struct Arrivals<T> {
    /// From the least to the greatest.
    run: VecDeque<T>,
    rest: BinaryHeap<T>,
}

impl<T: Ord + Copy> Arrivals<T> {
    pub(super) fn clear(&mut self) {
        self.run.clear();
        self.rest.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.run.len() + self.rest.len()
    }

    #[inline]
    pub(super) fn push(&mut self, entry: T) {
        if self.run.back().is_none_or(|greatest| *greatest <= entry) {
            self.run.push_back(entry);
        } else if self.run.front().is_some_and(|least| entry <= *least) {
            self.run.push_front(entry);
        } else {
            self.rest.push(entry);
        }
    }

    /// The greatest entry.
    #[inline]
    pub(super) fn top(&self) -> Option<T> {
        match (self.run.back(), self.rest.peek()) {
            (Some(a), Some(b)) => Some(*a.max(b)),
            (a, b) => a.or(b).copied(),
        }
    }

    /// The greatest entry that is still wanted; those above it are dropped.
    #[inline]
    pub(super) fn first_that(&mut self, wanted: impl Fn(T) -> bool) -> Option<T> {
        loop {
            let top = self.top()?;
            if wanted(top) {
                return Some(top);
            }
            self.drop_top(top);
        }
    }

    fn drop_top(&mut self, top: T) {
        if self.run.back() == Some(&top) {
            self.run.pop_back();
        } else {
            self.rest.pop();
        }
    }

    /// Keeps one of each entry that is still wanted.
    pub(super) fn clean(&mut self, wanted: impl Fn(T) -> bool) {
        let mut all: Vec<T> = std::mem::take(&mut self.run).into();
        all.extend(self.rest.drain());
        all.sort_unstable();
        all.dedup();
        all.retain(|entry| wanted(*entry));
        self.run = all.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_out_from_the_greatest_down_in_whatever_order_they_came() {
        for seed in 0..50u64 {
            let mut queue = Arrivals::default();
            let mut all: Vec<u64> =
                (0..40).map(|n| driftlab_model::hash::mix(seed, n) % (1 + seed * 4)).collect();
            all.iter().for_each(|entry| queue.push(*entry));
            if seed % 2 == 0 {
                queue.clean(|entry| entry % 3 > 0);
                all.retain(|entry| entry % 3 > 0);
                all.sort_unstable();
                all.dedup();
            }
            all.sort_unstable();
            assert_eq!(queue.len(), all.len(), "seed {seed}");
            while let Some(greatest) = all.pop() {
                assert_eq!(queue.first_that(|_| true), Some(greatest), "seed {seed}");
                queue.drop_top(greatest);
            }
            assert_eq!(queue.top(), None);
        }
    }
}
