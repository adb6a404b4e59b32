//! Events of several rows, while their rows come in.

use driftlab_model::{
    Change, Changes, Commit, CommitIndex, Event, Key, Lookup, Lsn, ProcessId, Shown, SinkId, Time,
    TransactionId, Watermark,
};
use std::sync::Arc;

/// An event whose rows may not all have been read.
pub(super) struct Pending {
    /// Its first row.
    pub(super) row: u64,
    /// How many of its rows had a key.
    pub(super) rows: u32,
    pub(super) at: Time,
    pub(super) group: Option<i64>,
    pub(super) by: ProcessId,
    pub(super) what: What,
}

pub(super) enum What {
    Commit(PendingCommit),
    Shown { sink: SinkId, keys: Vec<Shown> },
}

pub(super) struct PendingCommit {
    pub(super) transaction: TransactionId,
    pub(super) index: Option<u64>,
    pub(super) lsn: Option<u64>,
    pub(super) at: Time,
    pub(super) watermark: Option<Watermark>,
    pub(super) changes: Changes,
    /// The place of each key's change, where a key may come more than once.
    pub(super) places: Lookup<Key, usize>,
}

impl PendingCommit {
    /// Takes another change. Of several of one key the last counts: a commit has net changes.
    pub(super) fn fold(&mut self, change: Change) {
        match self.places.get(&change.key) {
            Some(&place) => {
                let before = self.changes[place].before.take();
                self.changes[place] = Change { before, ..change };
            }
            None => {
                self.places.insert(change.key.clone(), self.changes.len());
                self.changes.push(change);
            }
        }
    }

    /// The commit, of which the place in the commit order is known now.
    pub(super) fn complete(self, by: ProcessId, index: u64) -> Event {
        let commit = Commit {
            transaction: self.transaction,
            index: CommitIndex(index),
            lsn: Lsn(self.lsn.unwrap_or(index)),
            at: self.at,
            changes: self.changes,
            watermark: self.watermark,
        };
        Event::Committed { by, commit: Arc::new(commit) }
    }
}
