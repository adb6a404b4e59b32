use crate::call::Call;
use crate::change::{ChangeEvent, Commit, Watermark};
use crate::key::Key;
use crate::outcome::Outcome;
use crate::port::{Slot, Snapshot};
use crate::position::{Lsn, Sequence};
use crate::row::Row;
use crate::transaction::Transaction;
use std::rc::Rc;
use std::sync::Arc;

/// The database that everything else is a copy of.
pub trait Source {
    /// Runs a whole transaction: its statements in order, its pause, its end.
    ///
    /// `Ok` promises that it committed and gives what it changed. Refused means it left no trace (rolled back, deadlock,
    /// conflict). Unknown means it may have committed. Where the process dies before the end was asked for, the source rolls back.
    fn transact<'a>(
        &'a self,
        transaction: &'a Transaction,
        capture: Capture,
    ) -> Call<'a, Outcome<Arc<Commit>>>;
    /// The committed row of a key, now.
    fn read<'a>(&'a self, key: &'a Key) -> Call<'a, Outcome<Option<Row>>>;
    /// Opens a consistent view of all tables.
    fn snapshot(&self) -> Call<'_, Outcome<Box<dyn Snapshot>>>;
    /// Reads committed entries of the event table (outbox or change table) with sequences above `after`, in the order of their sequences.
    fn poll(&self, after: Sequence, limit: usize) -> Call<'_, Outcome<QueuePage>>;
    /// Deletes entries of the event table that have been dealt with.
    fn remove(&self, entries: Vec<Sequence>) -> Call<'_, Outcome<()>>;
    /// Creates a replication slot at the current end of the log, or finds it where it exists. Gives the position after which it reads.
    fn create_slot<'a>(&'a self, name: &'a str) -> Call<'a, Outcome<Lsn>>;
    /// A slot by name; whether it exists shows when it is read.
    fn slot(&self, name: &str) -> Rc<dyn Slot>;
    /// Writes a watermark into the log and gives its position.
    fn mark(&self, watermark: Watermark) -> Call<'_, Outcome<Lsn>>;
    /// Gives the source back the rows of the tables that it has lost, in one step, each as it was: by the same write, of the same version. No commit comes of it, so no log tells it and no copy hears of it.
    ///
    /// A source that has lost its state refuses transactions, reads and snapshots as [`StateLost`](crate::Refusal::StateLost) until this succeeds; a snapshot of before
    /// is over. Its log, its slots and its event table are still there. It knows what its last commit has left, as a backup is known by its
    /// manifest: refused as a conflict where these are not all of the rows, as they were acknowledged, or not those alone. Done where nothing is lost.
    fn restore(&self, rows: Vec<(Key, Row)>) -> Call<'_, Outcome<()>>;
}

/// What the application does in its transactions, beside its own statements, so that changes can be captured.
///
/// What the database does by itself (triggers, log) is set up before the run; see [`crate::port::Demands`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Capture {
    /// Nothing.
    #[default]
    Nothing,
    /// An event for each change is inserted into the outbox, in the same transaction.
    Outbox,
    /// A deletion marks the row as deleted and stamps it, instead of removing it.
    SoftDeletes,
}

/// Entries of the event table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueuePage {
    /// The committed entries that were read, by sequence.
    pub entries: Vec<QueueEntry>,
    /// No open transaction holds a sequence below this one: gaps below it will never be filled.
    pub settled_below: Sequence,
}

/// An entry of the event table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueEntry {
    /// Its sequence, which is also the event's position.
    pub sequence: Sequence,
    /// The event.
    pub event: ChangeEvent,
}
