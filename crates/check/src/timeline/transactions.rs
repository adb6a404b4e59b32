//! What became of each transaction, and who asked for it.

use super::CommitNo;
use driftlab_model::{Lookup, ProcessId, TransactionId};

/// What became of a transaction so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is open, as far as anybody knows.
    Open,
    /// It ended without effect, and may be tried again under the same id.
    Aborted,
    /// It committed here.
    Committed(CommitNo),
    /// It committed and changed nothing, so it has no place in the commit order.
    CommittedEmpty,
}

/// A transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// The client.
    pub(crate) by: ProcessId,
    /// What became of it.
    pub(crate) fate: Fate,
}

/// All transactions that were heard of.
///
/// Ids are mostly small and dense (a client's operations are numbered), so they index an array; those that are not go into a table.
#[derive(Debug, Default)]
pub(crate) struct Transactions {
    dense: Vec<Option<Entry>>,
    /// One past the highest id in the array.
    used: usize,
    known: usize,
    sparse: Lookup<TransactionId, Entry>,
}

impl Transactions {
    #[inline]
    pub(crate) fn get(&self, id: TransactionId) -> Option<Entry> {
        match self.dense.get(id.0 as usize) {
            Some(entry) => *entry,
            None if self.sparse.is_empty() => None,
            None => self.sparse.get(&id).copied(),
        }
    }

    #[inline]
    pub(crate) fn set(&mut self, id: TransactionId, entry: Entry) {
        let place = id.0 as usize;
        if place >= self.dense.len() && id.0 < 64 + 2 * self.known as u64 {
            self.grow(place);
        }
        if let Some(slot) = self.dense.get_mut(place) {
            self.known += usize::from(slot.is_none());
            self.used = self.used.max(place + 1);
            *slot = Some(entry);
        } else {
            self.known += usize::from(self.sparse.insert(id, entry).is_none());
        }
    }

    #[cold]
    fn grow(&mut self, place: usize) {
        // Entries that were too far ahead stay where they are; they must be found there.
        let grown = (place + 1).next_power_of_two().max(64);
        let from = self.dense.len();
        self.dense.resize(grown, None);
        if !self.sparse.is_empty() {
            for moved in from..grown {
                self.dense[moved] = self.sparse.remove(&TransactionId(moved as u64));
            }
            self.used = grown;
        }
    }

    pub(crate) fn clear(&mut self) {
        if self.known > 0 {
            self.dense[..self.used].fill(None);
            self.sparse.clear();
            (self.used, self.known) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_far_ahead_are_found_before_and_after_the_array_has_grown_over_them() {
        let mut all = Transactions::default();
        let entry = |n: u64| Entry { by: ProcessId(n as u16), fate: Fate::Open };
        all.set(TransactionId(300), entry(300));
        all.set(TransactionId(u64::MAX - 1), entry(7));
        for n in 0..250 {
            all.set(TransactionId(n), entry(n));
            assert_eq!(all.get(TransactionId(300)).map(|entry| entry.by), Some(ProcessId(300)));
        }
        assert_eq!(all.get(TransactionId(u64::MAX - 1)).map(|entry| entry.by), Some(ProcessId(7)));
        assert!(all.get(TransactionId(299)).is_none());
        all.clear();
        assert!(all.get(TransactionId(3)).is_none());
    }
}
