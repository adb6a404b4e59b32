//! What a transaction writes into the log to say who it is.
//!
//! SQLite's log holds pages and no names: neither the transaction nor, for a row that is gone, whose deletion it was. Databases with logical decoding
//! put that into every commit record. Here a transaction does it with its last statement, in a table of one row, and only where somebody
//! reads the log: that row is the price of log-based capture at this source, and is counted as such.

use super::values::{signed, unsigned};
use driftlab_model::{
    Change, Commit, CommitIndex, Key, Lsn, Time, TransactionId, Value, Version, Watermark, WriteId,
};
use rusqlite::Connection;

/// The table's name, by which its changes are known in the log.
pub(super) const TABLE: &str = "driftlab_label";

const CREATE: &str =
    "CREATE TABLE driftlab_label (id INTEGER PRIMARY KEY, lsn INTEGER, place INTEGER, txn INTEGER, \
                      at INTEGER, watermark INTEGER, deletions BLOB) STRICT;
                      INSERT INTO driftlab_label VALUES (1, 0, 0, 0, 0, NULL, NULL);";
const WRITE: &str =
    "UPDATE driftlab_label SET lsn = ?1, place = ?2, txn = ?3, at = ?4, watermark = ?5, deletions = ?6";

/// What the row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) transaction: TransactionId,
    pub(super) index: CommitIndex,
    pub(super) lsn: Lsn,
    pub(super) at: Time,
    pub(super) watermark: Option<Watermark>,
    deletions: Vec<Deletion>,
}

/// Whose deletion of a key it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Deletion {
    key: u64,
    index: u32,
    version: u64,
}

const DELETION_SIZE: usize = 20;

pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(CREATE)
}

impl Deletion {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (key, rest) = bytes.split_first_chunk()?;
        let (index, rest) = rest.split_first_chunk()?;
        let (version, _) = rest.split_first_chunk()?;
        Some(Self {
            key: u64::from_le_bytes(*key),
            index: u32::from_le_bytes(*index),
            version: u64::from_le_bytes(*version),
        })
    }
}

impl Label {
    /// What a commit says of itself.
    pub(super) fn of(commit: &Commit) -> Self {
        let deleted = commit.changes.iter().filter(|change| change.after.is_none());
        let deletion = |change: &Change| Deletion {
            key: change.key.digest(),
            index: change.write.index,
            version: change.version.0,
        };
        Self {
            transaction: commit.transaction,
            index: commit.index,
            lsn: commit.lsn,
            at: commit.at,
            watermark: commit.watermark,
            deletions: deleted.map(deletion).collect(),
        }
    }

    /// Writes it, as the last statement of its transaction.
    pub(super) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut deletions = Vec::with_capacity(self.deletions.len() * DELETION_SIZE);
        for deletion in &self.deletions {
            deletions.extend_from_slice(&deletion.key.to_le_bytes());
            deletions.extend_from_slice(&deletion.index.to_le_bytes());
            deletions.extend_from_slice(&deletion.version.to_le_bytes());
        }
        connection.prepare_cached(WRITE)?.execute((
            signed(self.lsn.0),
            signed(self.index.0),
            signed(self.transaction.0),
            signed(self.at.nanos()),
            self.watermark.map(|watermark| signed(watermark.0)),
            (!deletions.is_empty()).then_some(deletions),
        ))?;
        Ok(())
    }

    /// What a row of the table says, by its values; `None` where it is none.
    pub(super) fn read(values: &[Value]) -> Option<Self> {
        let [_, lsn, index, transaction, at, watermark, deletions] = values else { return None };
        let number = |value: &Value| value.as_integer().map(unsigned);
        let deletions = match deletions {
            Value::Blob(bytes) => bytes.chunks_exact(DELETION_SIZE).filter_map(Deletion::read).collect(),
            _ => Vec::new(),
        };
        Some(Self {
            transaction: TransactionId(number(transaction)?),
            index: CommitIndex(number(index)?),
            lsn: Lsn(number(lsn)?),
            at: Time::from_nanos(number(at)?),
            watermark: number(watermark).map(Watermark),
            deletions,
        })
    }

    /// Which write of its transaction deleted a key, and with which version.
    pub(super) fn deletion_of(&self, key: &Key) -> Option<(WriteId, Version)> {
        let digest = key.digest();
        let deletion = self.deletions.iter().find(|deletion| deletion.key == digest)?;
        let write = WriteId { transaction: self.transaction, index: deletion.index };
        Some((write, Version(deletion.version)))
    }
}
