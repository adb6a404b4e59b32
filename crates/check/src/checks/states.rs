//! The states that the source has had, by their hashes.
//!
//! A state's hash is the sum of its rows' hashes, so it follows from the state before in a few nanoseconds a row, and a sink's state is
//! equal to one of the source's if its hash is found here (but for a chance of 2^-128). The literature calls it a multiset hash
//! (Clarke et al., "Incremental Multiset Hash Functions", ASIACRYPT 2003).

use driftlab_model::Lookup;

/// The states of a source, by position.
#[derive(Default)]
pub(super) struct States {
    hashes: Vec<u128>,
    /// How many states are in the tables below. Sinks that follow in order never ask for the tables, so they are filled when first
    /// asked.
    indexed: usize,
    latest: Lookup<u128, u32>,
    /// For each position the one before it with an equal state; [`NONE`] where there was none.
    earlier: Vec<u32>,
}

const NONE: u32 = u32::MAX;

/// How many states ahead are looked at before the tables are asked.
const NEAR: usize = 4;
/// So many states are looked through without any tables.
const FEW: usize = 32;

/// Where a state was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// At this position, the first that is not below the one asked for.
    At(u32),
    /// Only at positions below; this is the last of them.
    Below(u32),
    /// Nowhere.
    Nowhere,
}

impl States {
    /// Begins with the state of the initial load.
    pub(super) fn restart(&mut self, load: u128) {
        self.hashes.clear();
        self.hashes.push(load);
        self.indexed = 0;
        self.latest.clear();
        self.earlier.clear();
    }

    /// The newest state.
    pub(super) fn newest(&self) -> u128 {
        self.hashes[self.hashes.len() - 1]
    }

    /// Adds the state after a commit.
    pub(super) fn push(&mut self, hash: u128) {
        self.hashes.push(hash);
    }

    /// Finds a state at a position not below `from`, if there is one, and the smallest such.
    #[inline]
    pub(super) fn find(&mut self, hash: u128, from: u32) -> Found {
        // Mostly it is where it was or one further.
        let near = self.hashes.get(from as usize..).unwrap_or_default();
        if near.first() == Some(&hash) {
            return Found::At(from);
        }
        if near.get(1) == Some(&hash) {
            return Found::At(from + 1);
        }
        self.search(hash, from)
    }

    fn search(&mut self, hash: u128, from: u32) -> Found {
        // States that are not in the tables yet are looked through, which costs less than to put them in: a sink that follows in order,
        // however far it goes at once, goes forward over each of them but once.
        let (below, ahead) = self.hashes.split_at(from as usize);
        let ahead = if below.len() >= self.indexed { ahead } else { &ahead[..ahead.len().min(NEAR)] };
        if let Some(ahead) = ahead.iter().position(|state| *state == hash) {
            return Found::At(from + ahead as u32);
        }
        if self.hashes.len() <= FEW {
            return below
                .iter()
                .rposition(|state| *state == hash)
                .map_or(Found::Nowhere, |at| Found::Below(at as u32));
        }
        self.index();
        let Some(&latest) = self.latest.get(&hash) else { return Found::Nowhere };
        if latest < from {
            return Found::Below(latest);
        }
        let mut at = latest;
        while self.earlier[at as usize] != NONE && self.earlier[at as usize] >= from {
            at = self.earlier[at as usize];
        }
        Found::At(at)
    }

    fn index(&mut self) {
        while self.indexed < self.hashes.len() {
            let position = self.indexed as u32;
            let earlier = self.latest.insert(self.hashes[self.indexed], position);
            self.earlier.push(earlier.unwrap_or(NONE));
            self.indexed += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row that is inserted and deleted again brings an old state back: a sink there is at the later position, not going backwards.
    #[test]
    fn of_equal_states_the_first_that_is_not_below_counts() {
        let mut states = States::default();
        states.restart(7);
        for hash in [8, 7, 9, 10, 11, 8, 12] {
            states.push(hash);
        }
        assert_eq!(states.find(7, 0), Found::At(0));
        assert_eq!(states.find(7, 1), Found::At(2));
        assert_eq!(states.find(7, 3), Found::Below(2));
        assert_eq!(states.find(8, 2), Found::At(6));
        assert_eq!(states.find(12, 0), Found::At(7));
        assert_eq!(states.find(13, 0), Found::Nowhere);
        states.push(13);
        assert_eq!(states.find(13, 2), Found::At(8));
        // The same by the tables, which are not asked while the states are few.
        (100..200).for_each(|hash| states.push(hash));
        assert_eq!(states.find(99, 0), Found::Nowhere);
        states.push(7);
        assert_eq!(states.find(7, 1), Found::At(2));
        assert_eq!(states.find(7, 3), Found::At(109));
        assert_eq!(states.find(8, 7), Found::Below(6));
        assert_eq!(states.find(150, 7), Found::At(59));
        assert_eq!(states.find(99, 109), Found::Nowhere);
    }
}
