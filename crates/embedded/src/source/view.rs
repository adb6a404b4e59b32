//! Snapshots: consistent views of all tables.

use super::Database;
use super::values::{bind, signed, stored, unsigned};
use driftlab_model::port::{Page, Scan, Scanned};
use driftlab_model::{CommitIndex, Lsn, Outcome, Refusal, Time, Value};
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};

/// A read transaction, on a connection that is its alone until it is dropped.
pub(crate) struct View {
    database: Arc<Database>,
    /// Gone only while it is dropped.
    connection: Mutex<Option<Connection>>,
    /// The log position of the view: every commit up to it is seen, none after it.
    pub(crate) lsn: Lsn,
    /// The same in the commit order.
    pub(crate) index: CommitIndex,
    /// The highest stamp in the view.
    pub(crate) newest_stamp: Time,
}

impl View {
    /// Opens a view of what is committed now.
    pub(crate) fn open(database: &Arc<Database>) -> Outcome<Self> {
        let spare = database.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match spare {
            Some(connection) => connection,
            None => database.connect().map_err(|error| {
                database.fail(error);
                Refusal::Unavailable
            })?,
        };
        let mut view = Self {
            database: Arc::clone(database),
            connection: Mutex::new(Some(connection)),
            lsn: Lsn(0),
            index: CommitIndex(0),
            newest_stamp: Time::ZERO,
        };
        view.begin().map_err(|error| database.refusal("open a snapshot", error))?;
        Ok(view)
    }

    /// Reads one page of a table in key order.
    pub(crate) fn scan(&self, scan: &Scan) -> Outcome<Page> {
        let page = self.page(scan).map_err(|error| self.database.refusal("scan a table", error))?;
        self.database.costs.read(page.rows.len());
        Ok(page)
    }

    fn begin(&mut self) -> rusqlite::Result<()> {
        let held = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(connection) = &*held else { return Ok(()) };
        {
            let standing = self.database.journal.lock();
            // A transaction sees what was committed when it first reads, not when it begins.
            connection.execute_batch("BEGIN")?;
            connection.prepare_cached("SELECT lsn FROM driftlab_label")?.query_row((), |_| Ok(()))?;
            (self.lsn, self.index) = (standing.lsn, standing.index);
        }
        let mut newest = Time::ZERO;
        for table in self.database.layout.tables() {
            let stamp: Option<i64> =
                connection.prepare_cached(&table.newest_stamp)?.query_row((), |row| row.get(0))?;
            newest = newest.max(Time::from_nanos(unsigned(stamp.unwrap_or(0))));
        }
        self.newest_stamp = newest;
        Ok(())
    }

    fn page(&self, scan: &Scan) -> rusqlite::Result<Page> {
        let mut page = Page { rows: Vec::new(), next: None };
        let held = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(connection) = &*held else { return Ok(page) };
        let table = self.database.layout.table(scan.table);
        // Keys are ordered by table first, so one of another table is before all rows of this one, or behind them.
        let after = match &scan.after {
            Some(after) if after.table() > scan.table => return Ok(page),
            after => after.as_ref().filter(|after| after.table() == scan.table),
        };
        let limit = scan.limit.max(1);
        let sql = table.scan(scan.updated_after.is_some(), after.is_some());
        let mut statement = connection.prepare_cached(sql)?;
        // One more than is wanted shows whether there is more.
        statement.raw_bind_parameter(1, limit.saturating_add(1) as i64)?;
        if let Some(stamp) = scan.updated_after {
            statement.raw_bind_parameter(2, signed(stamp.nanos()))?;
        }
        if let Some(after) = after {
            bind(&mut statement, 3, &after.values())?;
        }
        let columns = &self.database.layout.schema.table(scan.table).key;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            if page.rows.len() == limit {
                page.next = page.rows.last().map(|last: &Scanned| last.key.clone());
                break;
            }
            let parts = columns
                .iter()
                .map(|column| super::values::value(row, usize::from(column.0)))
                .collect::<rusqlite::Result<Vec<Value>>>()?;
            let (content, updated_at) = stored(row, 0, table.columns)?;
            let key = driftlab_model::Key::new(scan.table, &parts);
            page.rows.push(Scanned { key, row: content, updated_at });
        }
        Ok(page)
    }
}

impl Drop for View {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.get_mut().unwrap_or_else(PoisonError::into_inner).take()
            && (connection.is_autocommit() || connection.execute_batch("COMMIT").is_ok())
        {
            self.database.spare.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}
