//! The event table: an outbox that the application fills, or a change table that triggers fill.

use driftlab_model::port::{QueueEntry, QueuePage};
use driftlab_model::{Change, ChangeEvent, Lsn, Sequence, TransactionId};
use std::collections::VecDeque;

/// The event table with the database sequence that numbers its entries.
///
/// A number is taken when the entry is written, outside the transaction: a rollback leaves a gap for good, and an open
/// transaction one that may be filled, below entries that everybody sees already.
#[derive(Debug)]
pub(super) struct EventTable {
    entries: VecDeque<Entry>,
    /// The sequence of the first entry that is kept.
    first: Sequence,
    /// The lowest sequence that an open transaction holds, or the next one.
    settled_below: Sequence,
    removed: u64,
}

#[derive(Debug)]
enum Entry {
    /// Of a transaction that is still open.
    Open(ChangeEvent),
    Committed(ChangeEvent),
    /// Rolled back or removed.
    Gone,
}

impl Default for EventTable {
    fn default() -> Self {
        Self { entries: VecDeque::new(), first: Sequence(1), settled_below: Sequence(1), removed: 0 }
    }
}

impl EventTable {
    /// Writes an entry of an open transaction: its event `index` of `of`.
    pub(super) fn append(
        &mut self,
        transaction: TransactionId,
        index: u32,
        of: Option<u32>,
        change: Change,
    ) -> Sequence {
        let sequence = Sequence(self.first.0 + self.entries.len() as u64);
        let event = ChangeEvent { position: Lsn(sequence.0), transaction, index, of, change };
        self.entries.push_back(Entry::Open(event));
        sequence
    }

    /// Makes entries of an open transaction visible, and gives the bytes they take.
    pub(super) fn commit(&mut self, sequences: &[Sequence]) -> u64 {
        let mut bytes = 0;
        for &sequence in sequences {
            if let Some(entry) = self.entry(sequence)
                && let Entry::Open(event) = std::mem::replace(entry, Entry::Gone)
            {
                bytes += event.size() as u64;
                *entry = Entry::Committed(event);
            }
        }
        self.settle();
        bytes
    }

    /// Takes back entries of an open transaction.
    pub(super) fn roll_back(&mut self, sequences: &[Sequence]) {
        for &sequence in sequences {
            if let Some(entry) = self.entry(sequence) {
                *entry = Entry::Gone;
            }
        }
        self.settle();
    }

    /// Reads committed entries above a sequence.
    pub(super) fn poll(&self, after: Sequence, limit: usize) -> QueuePage {
        let from = after.0.saturating_add(1).saturating_sub(self.first.0);
        let from = usize::try_from(from).map_or(self.entries.len(), |from| from.min(self.entries.len()));
        let entries = self.entries.range(from..).filter_map(|entry| match entry {
            Entry::Committed(event) => {
                Some(QueueEntry { sequence: Sequence(event.position.0), event: event.clone() })
            }
            Entry::Open(_) | Entry::Gone => None,
        });
        QueuePage { entries: entries.take(limit).collect(), settled_below: self.settled_below }
    }

    /// Removes committed entries, and says how many there were.
    pub(super) fn remove(&mut self, sequences: &[Sequence]) -> u64 {
        let mut removed = 0;
        for &sequence in sequences {
            if let Some(entry @ Entry::Committed(_)) = self.entry(sequence) {
                *entry = Entry::Gone;
                removed += 1;
            }
        }
        self.settle();
        self.removed += removed;
        removed
    }

    /// How many committed entries were removed so far.
    pub(super) const fn removed(&self) -> u64 {
        self.removed
    }

    /// Forgets all entries, begins to count anew, and keeps the memory.
    pub(super) fn reset(&mut self) {
        self.entries.clear();
        (self.first, self.settled_below, self.removed) = (Sequence(1), Sequence(1), 0);
    }

    fn entry(&mut self, sequence: Sequence) -> Option<&mut Entry> {
        let place = sequence.0.checked_sub(self.first.0)?;
        self.entries.get_mut(usize::try_from(place).ok()?)
    }

    fn settle(&mut self) {
        while let Some(entry) = self.entry(self.settled_below)
            && !matches!(entry, Entry::Open(_))
        {
            self.settled_below = self.settled_below.next();
        }
        while let Some(Entry::Gone) = self.entries.front() {
            self.entries.pop_front();
            self.first = self.first.next();
        }
    }
}
