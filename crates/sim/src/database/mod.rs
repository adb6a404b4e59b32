//! The simulated database: the source that everything else is a copy of.
//!
//! [`Database`] is a synchronous state machine. Time and stamps are given to it, nothing in it is left to chance, and it never waits: where
//! a real database would block, it says [`Step::Wait`] and later names the session that may go on. One mechanism a file:
//!
//! - `session`: open transactions. [`Database::begin`], then [`Database::execute`] for each statement, then [`Database::commit`] or
//!   [`Database::rollback`].
//! - `lock`: exclusive row locks, first come first served; the request that would close a circle of waiting is refused.
//! - `truncate`: all rows of a table at once, and the lock of a table; `rekey`: a row that is given another key.
//! - `loss`: all tables of current state at once, without a commit, and their restoration.
//! - `version`: multi-version storage. A writer's draft beside the committed row, and older versions for whoever still reads at one (`view`).
//! - `snapshot`: consistent views of all tables, read page by page in key order.
//! - `wal`: the write-ahead log, which replication slots read and hold back.
//! - `queue`: the event table with sequences that are allocated outside the transaction, filled by triggers or by the application.
//!
//! What is deliberately absent: statements over several rows (but for a truncate) and predicate locks, secondary indices, and a recovery after a crash (a commit
//! is durable when it returns). The places of deleted keys are kept, so a database grows with the keys ever used.

mod commit;
mod config;
mod costs;
mod execute;
mod lock;
mod loss;
mod queue;
mod rekey;
mod retained;
mod session;
mod snapshot;
mod stamp;
mod truncate;
mod version;
mod view;
mod wal;

pub use config::{DatabaseConfig, Isolation};
pub use costs::Costs;
pub use session::SessionId;
pub use snapshot::{SnapshotId, SnapshotView};

use driftlab_model::port::QueuePage;
use driftlab_model::{
    Commit, CommitIndex, Fingerprint, Key, Lsn, Refusal, Row, Sequence, Time, Value, Version, WriteId,
};
use std::sync::Arc;

/// What the removal of one entry of the event table takes in the log, and the transaction around it.
const REMOVAL_BYTES: u64 = 24;
const TRANSACTION_BYTES: u64 = 48;

/// What came of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Step {
    /// It ran.
    Done,
    /// It waits for the row's lock, and is to be run again when that is granted.
    Wait,
    /// It did not run, and its transaction can only be rolled back.
    Refused(Refusal),
}

/// The rows of the state `S(0)`, as the database holds them.
#[must_use]
pub fn initial_rows(load: Vec<(Key, Arc<[Value]>)>) -> Vec<(Key, Row)> {
    let row = |values| Row::new(WriteId::LOAD, Version::default(), Time::ZERO, values);
    load.into_iter().map(|(key, values)| (key, row(values))).collect()
}

/// A database as a state machine.
#[derive(Debug, Default)]
pub struct Database {
    config: DatabaseConfig,
    sessions: session::Sessions,
    locks: lock::Locks,
    versions: version::Versions,
    views: view::Views,
    snapshots: snapshot::Snapshots,
    events: queue::EventTable,
    wal: wal::Wal,
    /// Whether anybody has truncated a table, so that there are locks of tables to look at.
    has_truncates: bool,
    /// What the tables held that were lost, and not restored yet.
    lost: Option<loss::Manifest>,
    last_index: CommitIndex,
    last_version: Version,
    rows_read: u64,
    rows_written: u64,
    extra_rows_written: u64,
}

impl Database {
    /// An empty database.
    #[must_use]
    pub fn new(config: DatabaseConfig) -> Self {
        Self { config, ..Self::default() }
    }

    /// Fills an empty database with the state `S(0)`, and gives its rows; of one key given twice, the later row stands.
    pub fn preload(&mut self, rows: Vec<(Key, Arc<[Value]>)>) -> Vec<(Key, Row)> {
        let rows = initial_rows(rows);
        self.restore(&rows);
        rows
    }

    /// Fills an empty database with rows that [`initial_rows`] gave.
    pub fn restore(&mut self, rows: &[(Key, Row)]) {
        for (key, row) in rows {
            self.versions.load(key, row.clone());
        }
    }

    /// Reads committed entries of the event table above a sequence, in the order of their sequences.
    pub fn poll(&mut self, after: Sequence, limit: usize) -> QueuePage {
        let page = self.events.poll(after, limit);
        self.rows_read += page.entries.len() as u64;
        page
    }

    /// Deletes committed entries of the event table; those that are not there are passed over.
    pub fn remove(&mut self, entries: &[Sequence]) {
        let removed = self.events.remove(entries);
        if removed > 0 {
            self.extra_rows_written += removed;
            self.wal.grow(TRANSACTION_BYTES + removed * REMOVAL_BYTES);
        }
    }

    /// Creates a replication slot at the end of the log, or finds it where it exists; gives the position after which it reads.
    ///
    /// One that was invalidated begins anew at the end of the log: what it held back stays lost.
    pub fn create_slot(&mut self, name: &str) -> Lsn {
        self.wal.create_slot(name)
    }

    /// Drops a slot, if it exists.
    pub fn drop_slot(&mut self, name: &str) {
        self.wal.drop_slot(name);
    }

    /// Drops all slots, as a failover to a replica that has none does.
    pub fn drop_slots(&mut self) {
        self.wal.drop_slots();
    }

    /// Adds to `out` at most `limit` commits and watermarks after a position, read through a slot.
    ///
    /// What the slot has confirmed is not given again, even where it is asked for.
    ///
    /// # Errors
    /// `SlotLost` when there is no such slot or it was invalidated.
    pub fn read_slot(
        &self,
        name: &str,
        after: Lsn,
        limit: usize,
        out: &mut Vec<Arc<Commit>>,
    ) -> Result<(), Refusal> {
        self.wal.read(name, after, limit, out)
    }

    /// Promises that a slot's reader will ask for nothing up to a position. Never moves backwards, nor beyond the end of the log.
    ///
    /// # Errors
    /// `SlotLost` when there is no such slot or it was invalidated.
    pub fn confirm(&mut self, name: &str, lsn: Lsn) -> Result<(), Refusal> {
        self.wal.confirm(name, lsn)
    }

    /// The position that a slot has confirmed.
    ///
    /// # Errors
    /// `SlotLost` when there is no such slot or it was invalidated.
    pub fn confirmed(&self, name: &str) -> Result<Lsn, Refusal> {
        self.wal.confirmed(name)
    }

    /// Takes in what slots there are and what they have confirmed.
    pub(crate) fn print_slots(&self, print: &mut Fingerprint<'_>) {
        self.wal.print_slots(print);
    }

    /// Where the last record of the log ends: that of a commit or of a watermark.
    #[must_use]
    pub const fn log_end(&self) -> Lsn {
        self.wal.end()
    }

    /// What the work cost so far.
    #[must_use]
    pub const fn costs(&self) -> Costs {
        Costs {
            rows_read: self.rows_read,
            rows_written: self.rows_written,
            extra_rows_written: self.extra_rows_written,
            log_bytes_written: self.wal.written(),
            log_bytes_retained_max: self.wal.retained_max(),
        }
    }

    /// Empties the database and keeps its set-up and its memory: from here on it behaves as a new one would.
    ///
    /// Sessions and snapshots of before have ended, and their names are never given again.
    pub fn reset(&mut self) {
        self.versions.reset();
        self.begin_anew();
    }

    /// Puts the database back to the state `S(0)` that it was filled with: as [`Database::reset`] and [`Database::restore`], at the cost of the
    /// rows that were written since and not of all.
    pub fn rewind(&mut self) {
        self.versions.rewind();
        self.begin_anew();
    }

    /// Everything but the rows.
    fn begin_anew(&mut self) {
        self.sessions.reset();
        self.locks.reset();
        self.views.reset();
        self.snapshots.reset();
        self.events.reset();
        self.wal.reset();
        self.has_truncates = false;
        self.lost = None;
        (self.last_index, self.last_version) = (CommitIndex(0), Version(0));
        (self.rows_read, self.rows_written, self.extra_rows_written) = (0, 0, 0);
    }
}
