//! Views: the places in the commit order that somebody still reads at.

use driftlab_model::CommitIndex;
use std::collections::VecDeque;

/// Which commit indices are still read at, by snapshots and by transactions under snapshot isolation.
///
/// A view is always opened at the newest commit, so the indices come in order and a queue is enough. Both ends of it are in use;
/// in between there may be some that are not any more.
#[derive(Debug, Default)]
pub(super) struct Views {
    open: VecDeque<(CommitIndex, u32)>,
}

impl Views {
    /// Opens a view at the newest commit, and gives that back.
    pub(super) fn open(&mut self, newest: CommitIndex) -> CommitIndex {
        match self.open.back_mut() {
            Some((index, count)) if *index == newest => *count += 1,
            _ => self.open.push_back((newest, 1)),
        }
        newest
    }

    /// Closes one of the views at an index.
    pub(super) fn close(&mut self, index: CommitIndex) {
        if let Ok(place) = self.open.binary_search_by_key(&index, |&(index, _)| index) {
            let count = &mut self.open[place].1;
            *count = count.saturating_sub(1);
        }
        while self.open.front().is_some_and(|&(_, count)| count == 0) {
            self.open.pop_front();
        }
        while self.open.back().is_some_and(|&(_, count)| count == 0) {
            self.open.pop_back();
        }
    }

    /// The oldest view; what was replaced at or before it, nobody can see any more.
    pub(super) fn horizon(&self) -> Option<CommitIndex> {
        self.open.front().map(|&(index, _)| index)
    }

    /// Whether a view sees an image that has been current since a commit and is being replaced now.
    pub(super) fn see(&self, since: CommitIndex) -> bool {
        self.open.back().is_some_and(|&(index, _)| index >= since)
    }

    /// Closes all.
    pub(super) fn reset(&mut self) {
        self.open.clear();
    }
}
