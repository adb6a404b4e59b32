//! The intervals of the keys that a cache holds: each shown version was the source's from its own commit to before the next one's.

use super::arrivals::Arrivals;
use super::witness::{Witness, begin, end, is_impossible};
use crate::timeline::{Changed, CommitNo, KeyNo, Kind, State, Timeline};
use std::cmp::Reverse;

/// Beginnings and ends. Those of versions that are not shown any more are dropped when they come to the top.
#[derive(Default)]
pub(super) struct Intervals {
    /// The latest first.
    begins: Arrivals<(CommitNo, KeyNo)>,
    /// Of versions that have been replaced at the source, the earliest first.
    ends: Arrivals<Reverse<(CommitNo, KeyNo)>>,
    impossible: u64,
}

/// What the intervals have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Common {
    /// The positions from the first on, to before the second where there is one.
    Positions(CommitNo, Option<CommitNo>),
    /// Nothing.
    Nothing,
}

impl Intervals {
    pub(super) fn clear(&mut self) {
        self.begins.clear();
        self.ends.clear();
        self.impossible = 0;
    }

    /// Keys of which no state ever looked like what is shown.
    pub(super) fn impossible(&self) -> u64 {
        self.impossible
    }

    /// What is shown of a key has come to its end with the newest commit. Gives whether that may change what a judge would say.
    #[inline]
    pub(super) fn outdated(&mut self, newest: CommitNo, key: KeyNo) -> bool {
        self.ends.push(Reverse((newest, key)));
        // An end after all beginnings leaves the positions before it as they were.
        self.begins.top().is_some_and(|(begin, _)| begin >= newest)
    }

    /// A version became the current one of its key. Gives whether that may change what a judge would say.
    pub(super) fn changed(&mut self, timeline: &Timeline, step: &Changed) -> bool {
        let version = timeline.version(step.version);
        if step.before.kind == Kind::Row && step.before.exact == version.previous {
            return self.outdated(version.commit, version.key);
        }
        if step.changes {
            self.moved(timeline, step.key, step.before, timeline.slots[step.slot].state);
            return true;
        }
        false
    }

    #[inline]
    pub(super) fn moved(&mut self, timeline: &Timeline, key: KeyNo, before: State, after: State) {
        self.impossible += u64::from(is_impossible(after));
        self.impossible -= u64::from(is_impossible(before));
        if after.kind != Kind::Row {
            return;
        }
        self.begins.push((begin(timeline, after.exact), key));
        if let Some(end) = end(timeline, after.exact) {
            self.ends.push(Reverse((end, key)));
        }
    }

    pub(super) fn common(&mut self, timeline: &Timeline, sink: usize) -> Common {
        let shown = |key: KeyNo| {
            let state = timeline.slot(sink, key).state;
            (state.kind == Kind::Row).then_some(state.exact)
        };
        let begins = |(commit, key): (CommitNo, KeyNo)| {
            shown(key).is_some_and(|version| begin(timeline, version) == commit)
        };
        let ends = |Reverse((commit, key)): Reverse<(CommitNo, KeyNo)>| {
            shown(key).is_some_and(|version| end(timeline, version) == Some(commit))
        };
        // What lies below the top is cleaned only when there is too much of it.
        let most = 64 + 4 * timeline.keys.len();
        if self.begins.len() > most {
            self.begins.clean(begins);
        }
        if self.ends.len() > most {
            self.ends.clean(ends);
        }
        let first = self.begins.first_that(begins).map_or(0, |(commit, _)| commit);
        let last = self.ends.first_that(ends).map(|Reverse((commit, _))| commit);
        if self.impossible > 0 || last.is_some_and(|last| first >= last) {
            return Common::Nothing;
        }
        Common::Positions(first, last)
    }

    /// The two keys whose intervals have nothing in common.
    pub(super) fn witness(&self, timeline: &Timeline, sink: usize) -> Witness {
        let (Some((_, newer)), Some(Reverse((_, older)))) = (self.begins.top(), self.ends.top()) else {
            return Witness::Whole;
        };
        let version = |key| timeline.slot(sink, key).state.exact;
        Witness::Pair { newer: (newer, version(newer)), older: (older, version(older)) }
    }
}
