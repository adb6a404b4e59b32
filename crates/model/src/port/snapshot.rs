use crate::call::Call;
use crate::key::Key;
use crate::outcome::Outcome;
use crate::position::{CommitIndex, Lsn};
use crate::row::Row;
use crate::schema::TableId;
use crate::time::Time;

/// A consistent view of the source at one position, for reads of many rows. Dropping it ends it.
///
/// All scans of one snapshot see the same state. Two snapshots see two states, and what lies between them is the business of whoever took two.
pub trait Snapshot {
    /// The log position of the view: every commit up to it is seen, none after it.
    fn lsn(&self) -> Lsn;
    /// The same in the commit order.
    fn index(&self) -> CommitIndex;
    /// The highest `updated_at` stamp that a row of the view carries.
    fn newest_stamp(&self) -> Time;
    /// Reads one page of a table in key order.
    fn scan(&self, scan: Scan) -> Call<'_, Outcome<Page>>;
}

/// Which rows to read.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// Of this table.
    pub table: TableId,
    /// Only keys above this one.
    pub after: Option<Key>,
    /// At most so many.
    pub limit: usize,
    /// Only rows whose `updated_at` is above this stamp; softly deleted rows are then given too.
    pub updated_after: Option<Time>,
}

/// A page of a scan.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The rows, in key order.
    pub rows: Vec<Scanned>,
    /// Where the next page begins; `None` when this was the last.
    pub next: Option<Key>,
}

/// A row of a scan.
#[derive(Clone, Debug, PartialEq)]
pub struct Scanned {
    /// Its key.
    pub key: Key,
    /// The row; `None` for one that is softly deleted.
    pub row: Option<Row>,
    /// Its stamp, that of its soft deletion included.
    pub updated_at: Time,
}
