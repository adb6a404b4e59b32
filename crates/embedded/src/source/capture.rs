//! From the write-ahead log to commits.

use super::label::{self, Label};
use super::layout::Layout;
use super::values::unsigned;
use super::{Database, SourceError};
use driftlab_model::{Change, Changes, Commit, Row, Time, TransactionId, Value, Version, WriteId};
use driftlab_sqlite_wal as wal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A thread that reads the log and fills the stream, until it is dropped.
pub(super) struct Capturing {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// How often the log is looked at while nothing happens.
const POLL: Duration = Duration::from_micros(200);
/// How long the thread waits for news before it looks whether it is to stop.
const PATIENCE: Duration = Duration::from_millis(20);

impl Capturing {
    /// Begins to read at the current end of the log.
    ///
    /// What is read and not yet confirmed is kept in the stream, which lives as long as the source does: no fault stops the source's own processes. So
    /// the reader need not keep it a second time, in files.
    pub(super) fn start(database: &Arc<Database>) -> Result<Self, SourceError> {
        let reader = wal::Reader::open(&database.path, wal::Options { state: None, poll: POLL });
        let mut reader = reader.map_err(|error| SourceError::new("attach a reader to its log", error))?;
        let stop = Arc::new(AtomicBool::new(false));
        let thread = std::thread::Builder::new().name("source log".to_owned()).spawn({
            let (database, stop) = (Arc::clone(database), Arc::clone(&stop));
            move || {
                while !stop.load(Ordering::Relaxed) {
                    match reader.next(PATIENCE) {
                        Ok(Some(event)) => database.took_in(event),
                        Ok(None) => {}
                        Err(error) => {
                            database.fail(SourceError::new("read its log", error));
                            break;
                        }
                    }
                }
            }
        });
        let thread = thread.map_err(|error| SourceError::new("start a thread that reads its log", error))?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Capturing {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // If it panicked, the run has been told that the log was read no further.
            let _ = thread.join();
        }
    }
}

impl Database {
    fn took_in(&self, event: wal::Event) {
        match event {
            wal::Event::Transaction(transaction) => match transaction.origin {
                wal::Origin::Log => {
                    if let Some(commit) = commit(&self.layout, &transaction.changes) {
                        self.stream.push(Arc::new(commit), self.recorder.clock().now());
                    }
                }
                // Several transactions in one, and nobody can tell them apart.
                wal::Origin::Reconciled => {
                    if let Some(label) = label_of(&transaction.changes) {
                        self.stream.skip_to(label.lsn);
                    }
                }
            },
            wal::Event::Gap(_) => self.stream.lose_all(),
            // The run itself makes its tables, before anybody reads the log.
            wal::Event::Schema(_) => {}
        }
    }
}

/// The commit that these changes are; `None` for what is no record: the removal of events, a transaction that changed nothing.
fn commit(layout: &Layout, changes: &[wal::Change]) -> Option<Commit> {
    let label = label_of(changes)?;
    let mut changes: Changes =
        changes.iter().filter_map(|change| row_change(layout, &label, change)).collect();
    // The log has them in the order of pages; the application made them in this one.
    changes.sort_by_key(|change| change.write.index);
    Some(Commit {
        transaction: label.transaction,
        index: label.index,
        lsn: label.lsn,
        at: label.at,
        changes,
        watermark: label.watermark,
    })
}

fn label_of(changes: &[wal::Change]) -> Option<Label> {
    let change = changes.iter().find(|change| change.table.name == label::TABLE)?;
    Label::read(&values(change.after.as_ref()?))
}

/// A change of one of the schema's tables. A row that is marked as deleted is none, before and after.
fn row_change(layout: &Layout, label: &Label, change: &wal::Change) -> Option<Change> {
    let table = layout.named(&change.table.name)?;
    let [before, after] = [&change.before, &change.after].map(|row| Some(values(row.as_ref()?)));
    let row = |values: &Option<Vec<Value>>| stored(values.as_ref()?, table.columns);
    let key = layout.key_of(table.id, after.as_ref().or(before.as_ref())?);
    let (before, after) = (row(&before), row(&after));
    let (write, version) = match (&before, &after) {
        (None, None) => return None,
        (_, Some(after)) => (after.write(), after.version()),
        (Some(_), None) => label.deletion_of(&key)?,
    };
    Some(Change { key, before, after, write, version })
}

/// A row out of a table's columns; `None` where it is marked as deleted.
fn stored(values: &[Value], columns: usize) -> Option<Row> {
    let (own, book) = values.split_at_checked(columns)?;
    let number = |place: usize| book.get(place)?.as_integer().map(unsigned);
    if number(4)? != 0 {
        return None;
    }
    let write = WriteId { transaction: TransactionId(number(0)?), index: u32::try_from(number(1)?).ok()? };
    Some(Row::new(write, Version(number(2)?), Time::from_nanos(number(3)?), own.into()))
}

fn values(row: &wal::Row) -> Vec<Value> {
    let value = |value: &wal::Value| match value {
        wal::Value::Null => Value::Null,
        wal::Value::Integer(n) => Value::Integer(*n),
        wal::Value::Real(x) => Value::Real(*x),
        wal::Value::Text(text) => Value::text(text),
        wal::Value::Blob(bytes) => Value::Blob(bytes.as_slice().into()),
    };
    row.values.iter().map(value).collect()
}
