//! Row changes, the commits they belong to, and the events that pipelines move.

use crate::fingerprint::Fingerprint;
use crate::key::Key;
use crate::position::{CommitIndex, Lsn};
use crate::row::{Row, TransactionId, Version, WriteId};
use crate::time::Time;
use smallvec::SmallVec;

/// One row changed by one write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The row's key.
    pub key: Key,
    /// The row before; `None` for an insert.
    pub before: Option<Row>,
    /// The row after; `None` for a deletion.
    pub after: Option<Row>,
    /// The write, which also names a deletion.
    pub write: WriteId,
    /// The version given to the row, or to its deletion.
    pub version: Version,
}

impl Change {
    /// Takes it into a fingerprint.
    pub fn fingerprint(&self, print: &mut Fingerprint<'_>) {
        print.word(self.key.digest());
        print.row(self.before.as_ref());
        print.row(self.after.as_ref());
        print.write(self.write);
        print.word(self.version.0);
    }

    /// About how many bytes it takes on a wire or in a log.
    #[must_use]
    pub fn size(&self) -> usize {
        24 + self.key.size()
            + self.before.as_ref().map_or(0, Row::size)
            + self.after.as_ref().map_or(0, Row::size)
    }
}

/// The changes of a transaction. Most have one, which then needs no memory of its own.
pub type Changes = SmallVec<[Change; 1]>;

/// A committed transaction, as the source's log holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The transaction; a bare watermark has none of its own and uses `TransactionId::default()`.
    pub transaction: TransactionId,
    /// Its place in the commit order; a watermark has the place of the commit before it.
    pub index: CommitIndex,
    /// Where its record ends in the log.
    pub lsn: Lsn,
    /// When it committed.
    pub at: Time,
    /// Its net row changes, one a key, in the order of their first write. Where a replication slot gives the commit, they are told as the source's log tells them: see [`crate::Telling`].
    pub changes: Changes,
    /// A watermark that somebody wrote into the log, and no transaction at all.
    pub watermark: Option<Watermark>,
}

impl Commit {
    /// The bytes of its log record.
    #[must_use]
    pub fn size(&self) -> usize {
        48 + self.changes.iter().map(Change::size).sum::<usize>()
    }
}

/// A mark in the source's log, written by a snapshot to learn where in the log its reads fall (DBLog, Andreakis and Papapanagiotou, 2020).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Watermark(pub u64);

/// A change on its way to the sinks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeEvent {
    /// Where the capture found it: the commit's LSN for log-based capture, the row's sequence for an outbox or a change table.
    pub position: Lsn,
    /// Its transaction.
    pub transaction: TransactionId,
    /// Which of its transaction's events it is, from 0.
    pub index: u32,
    /// How many events its transaction has, where the capture knows.
    pub of: Option<u32>,
    /// The change itself.
    pub change: Change,
}

impl ChangeEvent {
    /// Whether it is the last event of its transaction.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.of == Some(self.index + 1)
    }
    /// About how many bytes it takes on a wire or in a log.
    #[must_use]
    pub fn size(&self) -> usize {
        24 + self.change.size()
    }
}
