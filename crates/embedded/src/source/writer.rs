//! Transactions.

use super::draft::Draft;
use super::events::EventTable;
use super::label::Label;
use super::stop::Stop;
use super::values::{bind, stored};
use super::{Begin, Database, SourceError};
use crate::clock::Clock;
use crate::pool::Server;
use driftlab_model::port::Capture;
use driftlab_model::{
    Changes, Commit, Ending, Event, Key, Lsn, Outcome, ProcessId, Refusal, Row, Sequence, Statement, Time,
    Transaction, TransactionId, Value, Version, Watermark, WriteId, WritePath,
};
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::mpsc;
use tokio::sync::oneshot;

/// A connection that writes, with its thread.
pub(crate) struct Writer {
    database: Arc<Database>,
    clock: Clock,
    ordinary: Connection,
    /// For the bulk path: a session in which no trigger fires.
    bulk: Option<Connection>,
}

/// A transaction that a client asks for.
pub(crate) struct Order {
    /// The client.
    pub(crate) by: ProcessId,
    /// What it asks for.
    pub(crate) transaction: Transaction,
    /// What the application does in it beside that.
    pub(crate) capture: Capture,
    /// By how much the clock that stamps its rows is wrong.
    pub(crate) skew_nanos: i64,
    /// How it comes to its end.
    pub(crate) close: Close,
}

/// How a transaction comes to its end.
pub(crate) enum Close {
    /// Its end was asked for together with its statements.
    AtOnce,
    /// The client thinks in between, holding its locks.
    WhenAsked {
        /// Learns that the statements have run.
        ready: oneshot::Sender<()>,
        /// Asks for the end. A client that goes away without it has broken its connection, and the transaction is rolled back.
        end: mpsc::Receiver<()>,
    },
}

impl Server for Writer {}

impl Writer {
    pub(crate) fn new(database: &Arc<Database>, clock: &Clock) -> Result<Self, SourceError> {
        Ok(Self {
            ordinary: database.connect()?,
            database: Arc::clone(database),
            clock: clock.clone(),
            bulk: None,
        })
    }

    /// Runs a transaction.
    pub(crate) fn transact(&mut self, order: Order) -> Outcome<Arc<Commit>> {
        let (by, transaction, path) = (order.by, order.transaction.id, way(&order.transaction));
        self.database.recorder.tell(Event::Began { by, transaction });
        self.attempt(order).map_err(|stop| {
            let why = self.database.refusal("run a transaction", stop);
            roll_back(self.session(path));
            self.database.recorder.tell(Event::Aborted { by, transaction, why });
            why.into()
        })
    }

    /// Deletes entries of the event table.
    pub(crate) fn remove(&mut self, entries: &[Sequence]) -> Outcome<()> {
        let removed = self.take_off(entries);
        let removed = removed.map_err(|error| {
            roll_back(&self.ordinary);
            self.database.refusal("remove events", error)
        })?;
        self.database.costs.wrote_extra(removed);
        Ok(())
    }

    /// Writes a watermark into the log, and gives its position.
    pub(crate) fn mark(&mut self, watermark: Watermark) -> Outcome<Lsn> {
        self.label(watermark).map_err(|error| {
            roll_back(&self.ordinary);
            self.database.refusal("write a watermark", error).into()
        })
    }

    fn attempt(&mut self, order: Order) -> Result<Arc<Commit>, Stop> {
        let Order { by, transaction, capture, skew_nanos, close } = order;
        let path = way(&transaction);
        if path == WritePath::Bulk && self.database.triggers && self.bulk.is_none() {
            self.bulk = Some(self.database.connect_without_triggers()?);
        }
        let connection = self.session(path);
        connection.execute_batch(match self.database.begin {
            Begin::Immediate => "BEGIN IMMEDIATE",
            Begin::Deferred => "BEGIN DEFERRED",
        })?;
        let mut draft = Draft::default();
        for (index, statement) in transaction.statements.iter().enumerate() {
            let name = Naming { write: transaction.write(index), stamp: self.clock.wall(skew_nanos) };
            self.execute(connection, statement, name, (capture, path), &mut draft)?;
        }
        let changes = draft.net();
        if capture == Capture::Outbox {
            self.database.events.append(connection, transaction.id, &changes)?;
            self.database.costs.wrote_extra(changes.len() as u64);
        }
        if let Close::WhenAsked { ready, end } = close {
            // Whoever is gone by now is found missing in the next line.
            let _ = ready.send(());
            if end.recv().is_err() {
                return Err(Refusal::RolledBack.into());
            }
        }
        match transaction.ending {
            Ending::Commit => Ok(self.commit(connection, by, &transaction, changes)?),
            Ending::Rollback => Err(Refusal::RolledBack.into()),
        }
    }

    /// Runs one statement: reads the row under the write lock, changes it, and fires its trigger.
    fn execute(
        &self,
        connection: &Connection,
        statement: &Statement,
        name: Naming,
        by: (Capture, WritePath),
        draft: &mut Draft,
    ) -> Result<(), Stop> {
        let database = &self.database;
        let key = statement.key();
        if let Statement::Truncate { .. } = statement {
            return Ok(self.truncate(connection, key, name, draft)?);
        }
        let (before, is_stored) = self.held(connection, key)?;
        match statement {
            Statement::Insert { .. } if before.is_some() => return Err(Refusal::Conflict.into()),
            Statement::Update { .. } | Statement::Delete { .. } | Statement::Rekey { .. }
                if before.is_none() =>
            {
                return Ok(());
            }
            _ => {}
        }
        let version = database.next_version();
        let row = |values: &Arc<[Value]>| Row::new(name.write, version, name.stamp, Arc::clone(values));
        if let Statement::Rekey { to, values, .. } = statement {
            let (there, is_there) = self.held(connection, to)?;
            if there.is_some() {
                return Err(Refusal::Conflict.into());
            }
            let after = row(values);
            self.take_away(connection, key, before.as_ref(), (name, version), by)?;
            self.put(connection, to, &after, is_there, by)?;
            draft.write(key, before, None, name.write, version);
            draft.write(to, None, Some(after), name.write, version);
            return Ok(());
        }
        let after = statement.outcome_on(before.as_ref().map(Row::values)).map(|values| row(&values));
        match &after {
            Some(after) => self.put(connection, key, after, is_stored, by)?,
            None => self.take_away(connection, key, before.as_ref(), (name, version), by)?,
        }
        draft.write(key, before, after, name.write, version);
        Ok(())
    }

    /// Writes a row, where one is stored under its key over that.
    fn put(
        &self,
        connection: &Connection,
        key: &Key,
        row: &Row,
        is_stored: bool,
        (_, path): (Capture, WritePath),
    ) -> rusqlite::Result<()> {
        let table = self.database.layout.table(key.table());
        let sql = if is_stored { &table.update } else { &table.insert };
        let mut statement = connection.prepare_cached(sql)?;
        table.bind_row(&mut statement, row)?;
        statement.raw_execute()?;
        self.database.costs.wrote(1);
        self.database.costs.wrote_extra(u64::from(self.fires(path)));
        Ok(())
    }

    /// Removes a row, or marks it as deleted.
    fn take_away(
        &self,
        connection: &Connection,
        key: &Key,
        before: Option<&Row>,
        (name, version): (Naming, Version),
        (capture, path): (Capture, WritePath),
    ) -> rusqlite::Result<()> {
        let database = &self.database;
        let table = database.layout.table(key.table());
        match before {
            Some(before) if capture == Capture::SoftDeletes => {
                let marked = Row::new(name.write, version, name.stamp, Arc::clone(before.values()));
                let mut statement = connection.prepare_cached(&table.update)?;
                table.bind_marked(&mut statement, &marked)?;
                statement.raw_execute()?;
            }
            _ => {
                if self.fires(path) {
                    EventTable::name_deletion(connection, name.write, version)?;
                    database.costs.wrote_extra(1);
                }
                let mut statement = connection.prepare_cached(&table.delete)?;
                bind(&mut statement, 1, &key.values())?;
                statement.raw_execute()?;
            }
        }
        database.costs.wrote(1);
        database.costs.wrote_extra(u64::from(self.fires(path)));
        Ok(())
    }

    /// Removes all rows of a table. SQLite has no statement of its own for it, so the transaction takes a session in which no trigger fires ([`way`]).
    fn truncate(
        &self,
        connection: &Connection,
        key: &Key,
        name: Naming,
        draft: &mut Draft,
    ) -> rusqlite::Result<()> {
        const NO_LIMIT: i64 = -1;
        let database = &self.database;
        let table = database.layout.table(key.table());
        let version = database.next_version();
        let mut select = connection.prepare_cached(table.scan(false, false))?;
        let mut rows = select.query([NO_LIMIT])?;
        while let Some(row) = rows.next()? {
            if let (Some(row), _) = stored(row, 0, table.columns)? {
                let key = database.layout.key_of(table.id, row.values());
                draft.write(&key, Some(row), None, name.write, version);
                database.costs.wrote(1);
            }
        }
        drop(rows);
        connection.prepare_cached(&table.clear)?.execute(())?;
        Ok(())
    }

    /// Whether triggers fire for what is written this way.
    fn fires(&self, path: WritePath) -> bool {
        self.database.triggers && path == WritePath::Statements
    }

    /// The row of a key, and whether anything is stored under it: one that is marked as deleted is stored, and no row.
    fn held(&self, connection: &Connection, key: &Key) -> rusqlite::Result<(Option<Row>, bool)> {
        Ok(match self.find(connection, key)? {
            Some((row, _)) => (row, true),
            None => (None, false),
        })
    }

    fn find(&self, connection: &Connection, key: &Key) -> rusqlite::Result<Option<(Option<Row>, Time)>> {
        let table = self.database.layout.table(key.table());
        let mut select = connection.prepare_cached(&table.select)?;
        bind(&mut select, 1, &key.values())?;
        let mut rows = select.raw_query();
        rows.next()?.map(|row| stored(row, 0, table.columns)).transpose()
    }

    /// Commits, at the place in the commit order that the write lock gives: see [`super::journal::Journal`].
    ///
    /// A transaction that changed nothing commits too, but takes no place and leaves no record: it has the index and position of the last one.
    fn commit(
        &self,
        connection: &Connection,
        by: ProcessId,
        transaction: &Transaction,
        changes: Changes,
    ) -> rusqlite::Result<Arc<Commit>> {
        let database = &self.database;
        let is_record = !changes.is_empty();
        let mut standing = database.journal.lock();
        let (promise, at) = database.recorder.promise();
        let (index, lsn) = match is_record {
            true => (standing.index.next(), standing.lsn.next()),
            false => (standing.index, standing.lsn),
        };
        let commit = Commit { transaction: transaction.id, index, lsn, at, changes, watermark: None };
        let label = (is_record && database.is_labelled()).then(|| Label::of(&commit));
        let done = match &label {
            Some(label) => label.write(connection),
            None => Ok(()),
        };
        if let Err(error) = done.and_then(|()| connection.execute_batch("COMMIT")) {
            database.recorder.withdraw(&promise);
            return Err(error);
        }
        (standing.index, standing.lsn) = (index, lsn);
        database.account(&mut standing, label.is_some());
        database.costs.wrote_extra(u64::from(label.is_some()));
        let commit = Arc::new(commit);
        database.recorder.effect();
        database.recorder.keep(&promise, Event::Committed { by, commit: Arc::clone(&commit) });
        Ok(commit)
    }

    fn take_off(&self, entries: &[Sequence]) -> rusqlite::Result<u64> {
        self.ordinary.execute_batch("BEGIN IMMEDIATE")?;
        let removed = EventTable::remove(&self.ordinary, entries)?;
        let mut standing = self.database.journal.lock();
        self.ordinary.execute_batch("COMMIT")?;
        self.database.account(&mut standing, false);
        Ok(removed)
    }

    fn label(&self, watermark: Watermark) -> rusqlite::Result<Lsn> {
        let database = &self.database;
        self.ordinary.execute_batch("BEGIN IMMEDIATE")?;
        let mut standing = database.journal.lock();
        let mark = Commit {
            transaction: TransactionId::default(),
            index: standing.index,
            lsn: standing.lsn.next(),
            at: self.clock.now(),
            changes: Changes::new(),
            watermark: Some(watermark),
        };
        Label::of(&mark).write(&self.ordinary)?;
        self.ordinary.execute_batch("COMMIT")?;
        standing.lsn = mark.lsn;
        database.account(&mut standing, database.is_labelled());
        Ok(mark.lsn)
    }

    /// The connection that a transaction runs on.
    fn session(&self, path: WritePath) -> &Connection {
        match (path, &self.bulk) {
            (WritePath::Bulk, Some(bulk)) => bulk,
            _ => &self.ordinary,
        }
    }
}

/// What a statement gives the row that it changes.
#[derive(Clone, Copy)]
struct Naming {
    write: WriteId,
    stamp: Time,
}

/// The way that a transaction takes: a truncate fires no trigger, and here that is so for all of its transaction.
fn way(transaction: &Transaction) -> WritePath {
    let truncates = |statement: &Statement| matches!(statement, Statement::Truncate { .. });
    if transaction.statements.iter().any(truncates) { WritePath::Bulk } else { transaction.path }
}

/// Rolls back whatever is open; where nothing is, that is an error of no interest.
fn roll_back(connection: &Connection) {
    if !connection.is_autocommit() {
        let _ = connection.execute_batch("ROLLBACK");
    }
}
