//! What a reader gives.

use crate::position::Position;
use crate::schema::Table;
use crate::value::{Row, Value};
use std::fmt;
use std::sync::Arc;

/// One event of the stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A committed transaction. Every commit gives exactly one, even one that changed no row (an index was built, the file was vacuumed).
    Transaction(Transaction),
    /// A table was created, dropped or altered. Comes before the row changes of the transaction that did it, and carries its position.
    Schema(SchemaChange),
    /// Part of the log could not be read; what it did follows as one transaction of [`Origin::Reconciled`].
    Gap(Gap),
}

/// A committed transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Transaction {
    /// Its place in the stream.
    pub position: Position,
    /// How its changes are known.
    pub origin: Origin,
    /// The changed rows, each once: all deletions, then all updates, then all insertions.
    pub changes: Vec<Change>,
    /// Bytes that it took in the log.
    pub log_bytes: u64,
}

/// How the changes of a transaction are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Read from the log: exactly one transaction of the application.
    Log,
    /// Found by comparing the database with its last known state: the net effect of one or more transactions, after a [`Gap`].
    Reconciled,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its table, as it is after the transaction.
    pub table: Arc<Table>,
    /// The row before, unless it was inserted.
    pub before: Option<Row>,
    /// The row after, unless it was deleted.
    pub after: Option<Row>,
}

/// The three kinds of row changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// The row is gone.
    Delete,
    /// The row has other values under the same key.
    Update,
    /// The row is new.
    Insert,
}

impl Change {
    /// Which kind it is. A row whose primary key changed is a deletion and an insertion.
    #[must_use]
    pub fn kind(&self) -> ChangeKind {
        match (&self.before, &self.after) {
            (Some(_), None) => ChangeKind::Delete,
            (Some(_), Some(_)) => ChangeKind::Update,
            (None, _) => ChangeKind::Insert,
        }
    }

    /// The row's primary key in the order of [`Table::key`], or its rowid if none is declared.
    #[must_use]
    pub fn key(&self) -> Vec<Value> {
        let Some(row) = self.after.as_ref().or(self.before.as_ref()) else { return Vec::new() };
        if self.table.key.is_empty() {
            return row.rowid.map(Value::Integer).into_iter().collect();
        }
        self.table.key.iter().map(|column| row.values[*column].clone()).collect()
    }
}

/// A table that came, went or changed its shape.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaChange {
    /// The transaction that did it.
    pub position: Position,
    /// What it did.
    pub kind: SchemaChangeKind,
}

/// What happened to a table.
#[derive(Clone, Debug, PartialEq)]
pub enum SchemaChangeKind {
    /// It is new; its rows follow as insertions.
    Created(Arc<Table>),
    /// It is gone, with all rows, of which no deletions follow.
    Dropped(Arc<Table>),
    /// Its name, columns or declaration changed.
    ///
    /// A copy follows by taking each column from where it was, or from [`Column::default`](crate::Column::default) if it is new; the
    /// before images of the transaction's changes are of that shape.
    Altered {
        /// The table as it was.
        before: Arc<Table>,
        /// The table as it is.
        after: Arc<Table>,
        /// For each column of `after`, which column of `before` it was; `None` if it is new.
        origins: Vec<Option<usize>>,
    },
}

/// Part of the log that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The position at which it is made good: that of the reconciled transaction.
    pub position: Position,
    /// Why it could not be read, or not be proven complete.
    pub reason: GapReason,
    /// Pages of the database that differ from the last known state; 0 means that nothing can be seen to be missing.
    pub pages: u64,
}

/// Why part of the log was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapReason {
    /// The log was restarted, perhaps more than once, before its end was read: the reader was away.
    Restarted,
    /// The log's file was deleted or replaced.
    LogReplaced,
    /// The database's file was replaced.
    DatabaseReplaced,
    /// A committed frame of the log does not verify.
    LogDamaged,
}

impl GapReason {
    const ALL: [Self; 4] = [Self::Restarted, Self::LogReplaced, Self::DatabaseReplaced, Self::LogDamaged];

    pub(crate) fn code(self) -> u32 {
        Self::ALL.iter().position(|reason| *reason == self).map_or(0, |at| at as u32)
    }
    pub(crate) fn from_code(code: u32) -> Option<Self> {
        Self::ALL.get(code as usize).copied()
    }
}

impl fmt::Display for GapReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Restarted => "the log was restarted before its end was read",
            Self::LogReplaced => "the log's file was deleted or replaced",
            Self::DatabaseReplaced => "the database's file was replaced",
            Self::LogDamaged => "a committed frame of the log does not verify",
        })
    }
}
