//! Connections to the source.

use crate::store::Durability;
use driftlab_model::Span;
use rusqlite::Connection;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a connection that met the write lock waits before it tries again: at first, and at most.
///
/// SQLite's own busy timeout waits 1, 2, 5, 10, 15 milliseconds and longer. A lock that is held for fifty microseconds would cost its
/// next holder a millisecond, and the database would look slow for want of a queue.
const NAPS: (Duration, Duration) = (Duration::from_micros(20), Duration::from_millis(1));

/// Opens a connection that waits for the write lock at most as long as its clients wait for a reply.
///
/// With `synchronous = NORMAL`, which SQLite's documentation recommends for a write-ahead log, a commit survives the death of any process, and with
/// `FULL` the loss of power too, at a sync of the log for each.
pub(super) fn open(path: &Path, patience: Span, durability: Durability) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match durability {
        Durability::Power => "FULL",
        Durability::Process => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.set_prepared_statement_cache_capacity(512);
    let patience = crate::clock::duration(patience);
    let mut since = Instant::now();
    connection.busy_handler(Some(move |attempt: i32| {
        if attempt == 0 {
            since = Instant::now();
        }
        std::thread::sleep(NAPS.0.saturating_mul(1 + attempt.unsigned_abs()).min(NAPS.1));
        since.elapsed() < patience
    }))?;
    Ok(connection)
}
