//! Read marks: what keeps the log from being restarted under the reader.

use crate::error::Error;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Two connections that hold read transactions in turn, hand over hand: the next one begins before the last one ends.
///
/// A read transaction that begins while the log holds something that the database file does not takes one of SQLite's read marks from 1
/// on: the log cannot be restarted, and checkpoints go no further than the mark. One that begins when all is copied takes mark 0: the
/// log can be restarted, once, and the database file cannot change until the mark goes.
pub(crate) struct Lease {
    path: PathBuf,
    connections: [Connection; 2],
    active: Option<usize>,
}

impl Lease {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let connections = [connect(path)?, connect(path)?];
        Ok(Self { path: path.to_owned(), connections, active: None })
    }

    /// Whether a read transaction is open.
    pub(crate) fn is_held(&self) -> bool {
        self.active.is_some()
    }

    /// Begins a read transaction now; [`Lease::settle`] ends the one before it, if there is one.
    pub(crate) fn begin(&mut self) -> Result<Begun, Error> {
        let before = self.active;
        let next = before.map_or(0, |at| 1 - at);
        let failed = || Error::sqlite("beginning a read transaction on", &self.path);
        let connection = &self.connections[next];
        connection.prepare_cached("BEGIN").and_then(|mut begin| begin.execute([])).map_err(failed())?;
        // A transaction begins with its first read; this one reads the header and does not parse the schema.
        let read = connection
            .prepare_cached("PRAGMA schema_version")
            .and_then(|mut read| read.query_row([], |row| row.get::<_, i64>(0)));
        if let Err(error) = read {
            let _ = connection.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([]));
            return Err(failed()(error));
        }
        self.active = Some(next);
        Ok(Begun(before))
    }

    /// Ends the read transaction that was open before `begun`.
    pub(crate) fn settle(&self, begun: Begun) -> Result<(), Error> {
        let Begun(before) = begun;
        before.map_or(Ok(()), |before| self.end(before))
    }

    /// Ends the read transaction.
    pub(crate) fn release(&mut self) -> Result<(), Error> {
        match self.active.take() {
            Some(active) => self.end(active),
            None => Ok(()),
        }
    }

    fn end(&self, connection: usize) -> Result<(), Error> {
        self.connections[connection]
            .prepare_cached("ROLLBACK")
            .and_then(|mut end| end.execute([]))
            .map(|_| ())
            .map_err(Error::sqlite("ending a read transaction on", &self.path))
    }
}

/// A read transaction that began while the one before it, if there was one, is still open.
#[must_use]
#[derive(Clone, Copy)]
pub(crate) struct Begun(Option<usize>);

fn connect(path: &Path) -> Result<Connection, Error> {
    let failed = || Error::sqlite("opening", path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed())?;
    connection.busy_timeout(Duration::from_secs(1)).map_err(failed())?;
    // The last connection to close would copy the log into the database and delete it: not the reader's to do.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(failed())?;
    connection.pragma_update(None, "query_only", true).map_err(failed())?;
    Ok(connection)
}
