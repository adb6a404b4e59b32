//! Reads of one key, and polls of the event table.

use super::values::{bind, stored};
use super::{Database, SourceError};
use crate::pool::Server;
use driftlab_model::port::QueuePage;
use driftlab_model::{Key, Outcome, Row, Sequence};
use rusqlite::Connection;
use std::sync::Arc;

/// A connection that reads, with its thread.
pub(crate) struct Reader {
    pub(super) database: Arc<Database>,
    connection: Connection,
}

impl Server for Reader {}

impl Reader {
    pub(crate) fn new(database: &Arc<Database>) -> Result<Self, SourceError> {
        Ok(Self { connection: database.connect()?, database: Arc::clone(database) })
    }

    /// The database that it reads.
    pub(crate) fn database(&self) -> &Arc<Database> {
        &self.database
    }

    /// The committed row of a key, now.
    pub(crate) fn read(&self, key: &Key) -> Outcome<Option<Row>> {
        let row = self.find(key).map_err(|error| self.database.refusal("read a row", error))?;
        self.database.costs.read(usize::from(row.is_some()));
        Ok(row)
    }

    /// Committed entries of the event table above a sequence.
    pub(crate) fn poll(&self, after: Sequence, limit: usize) -> Outcome<QueuePage> {
        let page = self.page(after, limit);
        if !self.connection.is_autocommit() {
            // A read transaction has nothing to lose.
            let _ = self.connection.execute_batch("COMMIT");
        }
        let page = page.map_err(|error| self.database.refusal("poll the event table", error))?;
        self.database.costs.read(page.entries.len());
        Ok(page)
    }

    fn find(&self, key: &Key) -> rusqlite::Result<Option<Row>> {
        let table = self.database.layout.table(key.table());
        let mut select = self.connection.prepare_cached(&table.select)?;
        bind(&mut select, 1, &key.values())?;
        let mut rows = select.raw_query();
        Ok(rows.next()?.map(|row| stored(row, 0, table.columns)).transpose()?.and_then(|(row, _)| row))
    }

    fn page(&self, after: Sequence, limit: usize) -> rusqlite::Result<QueuePage> {
        self.connection.execute_batch("BEGIN")?;
        self.database.events.poll(&self.connection, &self.database.layout, after, limit)
    }
}
