//! The event table: an outbox that the application fills, or a change table that triggers fill.

use super::layout::{Layout, TableSql, quoted};
use super::values::{bind, number, signed, unsigned, values, write_id};
use driftlab_model::port::{QueueEntry, QueuePage};
use driftlab_model::{
    Change, ChangeEvent, Lsn, Row, Sequence, TableId, Time, TransactionId, Value, Version, WriteId,
};
use rusqlite::{Connection, OptionalExtension};

/// The statements of the event table.
///
/// One table serves all: which of the source's tables an entry is about, the columns of the row before (`b0`, `b1`, …) and after (`a0`, `a1`, …), and what
/// names the write. The columns are as many as the widest table has, and of any type, so that a trigger copies values without turning them into text.
#[derive(Debug)]
pub(crate) struct EventTable {
    create: String,
    triggers: String,
    insert: String,
    poll: String,
    widest: usize,
}

/// The row in which the application says whose deletion the next one is.
///
/// A trigger on a deletion sees the row that goes and nothing of who removes it. Where there are triggers, the application writes that down first, as
/// sessions do in databases that have variables for it.
const NAME_DELETION: &str = "UPDATE driftlab_context SET txn = ?1, write_index = ?2, version = ?3";

const REMOVE: &str = "DELETE FROM driftlab_events WHERE sequence = ?1";
const SETTLED: &str = "SELECT seq FROM sqlite_sequence WHERE name = 'driftlab_events'";

/// Columns of an entry before those of its rows.
const FIXED: usize = 12;

impl EventTable {
    pub(super) fn new(layout: &Layout) -> Self {
        let widest = layout.widest();
        let columns = |letter: char| (0..widest).map(move |n| format!("{letter}{n}")).collect::<Vec<_>>();
        let rows = [columns('b'), columns('a')].concat();
        let fixed =
            "tbl, txn, event, events, write_index, version, b_txn, b_index, b_version, b_stamp, a_stamp";
        let names = format!("{fixed}, {}", rows.join(", "));
        let create = format!(
            "CREATE TABLE driftlab_events (sequence INTEGER PRIMARY KEY AUTOINCREMENT, tbl INTEGER NOT NULL, txn INTEGER NOT NULL, \
             event INTEGER NOT NULL, events INTEGER, write_index INTEGER NOT NULL, version INTEGER NOT NULL, b_txn INTEGER, \
             b_index INTEGER, b_version INTEGER, b_stamp INTEGER, a_stamp INTEGER, {}) STRICT;
             CREATE TABLE driftlab_context (id INTEGER PRIMARY KEY, txn INTEGER, write_index INTEGER, version INTEGER) STRICT;
             INSERT INTO driftlab_context VALUES (1, NULL, NULL, NULL);",
            rows.iter().map(|column| format!("{column} ANY")).collect::<Vec<_>>().join(", ")
        );
        let marks = (1..FIXED + 2 * widest).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
        Self {
            create,
            triggers: layout.tables().map(|table| triggers(table, layout, widest)).collect(),
            insert: format!("INSERT INTO driftlab_events ({names}) VALUES ({marks})"),
            poll: format!(
                "SELECT sequence, {names} FROM driftlab_events WHERE sequence > ?1 ORDER BY sequence LIMIT ?2"
            ),
            widest,
        }
    }

    /// Makes the table.
    pub(super) fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(&self.create)
    }

    /// Makes a trigger on every table that writes each row change into it.
    pub(super) fn create_triggers(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(&self.triggers)
    }

    /// Says whose deletion the next one is.
    pub(super) fn name_deletion(
        connection: &Connection,
        write: WriteId,
        version: Version,
    ) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(NAME_DELETION)?;
        statement.execute((signed(write.transaction.0), write.index, signed(version.0)))?;
        Ok(())
    }

    /// Writes the net changes of a transaction into the outbox.
    pub(super) fn append(
        &self,
        connection: &Connection,
        transaction: TransactionId,
        changes: &[Change],
    ) -> rusqlite::Result<()> {
        let mut insert = connection.prepare_cached(&self.insert)?;
        for (change, event) in changes.iter().zip(0u32..) {
            insert.raw_bind_parameter(1, change.key.table().0)?;
            insert.raw_bind_parameter(2, signed(transaction.0))?;
            insert.raw_bind_parameter(3, event)?;
            insert.raw_bind_parameter(4, changes.len() as i64)?;
            insert.raw_bind_parameter(5, change.write.index)?;
            insert.raw_bind_parameter(6, signed(change.version.0))?;
            let before = change.before.as_ref();
            insert.raw_bind_parameter(7, before.map(|row| signed(row.write().transaction.0)))?;
            insert.raw_bind_parameter(8, before.map(|row| row.write().index))?;
            insert.raw_bind_parameter(9, before.map(|row| signed(row.version().0)))?;
            insert.raw_bind_parameter(10, before.map(|row| signed(row.updated_at().nanos())))?;
            insert
                .raw_bind_parameter(11, change.after.as_ref().map(|row| signed(row.updated_at().nanos())))?;
            for (row, place) in [(before, FIXED), (change.after.as_ref(), FIXED + self.widest)] {
                let values = row.map_or(&[] as &[Value], |row| row.values());
                let nothing = std::iter::repeat(&Value::Null);
                bind(&mut insert, place, values.iter().chain(nothing).take(self.widest))?;
            }
            insert.raw_execute()?;
        }
        Ok(())
    }

    /// Reads entries above a sequence. Both statements must see one state, so the connection has to be in a transaction.
    ///
    /// SQLite has one writer at a time, which takes its sequences under the write lock: they are in the order of commits, and those that a rollback
    /// gave back are given out again. So no entry can ever appear below one that is visible, and everything below the next number is settled. (The trap of
    /// polling by sequence is therefore not to be had with this source, whatever the strategy does about it.)
    pub(super) fn poll(
        &self,
        connection: &Connection,
        layout: &Layout,
        after: Sequence,
        limit: usize,
    ) -> rusqlite::Result<QueuePage> {
        let given: Option<i64> =
            connection.prepare_cached(SETTLED)?.query_row((), |row| row.get(0)).optional()?;
        let mut statement = connection.prepare_cached(&self.poll)?;
        let rows = statement.query_map((signed(after.0), limit as i64), |row| self.entry(row, layout))?;
        let entries = rows.collect::<rusqlite::Result<Vec<QueueEntry>>>()?;
        Ok(QueuePage { entries, settled_below: Sequence(unsigned(given.unwrap_or(0))).next() })
    }

    /// Deletes entries, and says how many there were.
    pub(super) fn remove(connection: &Connection, entries: &[Sequence]) -> rusqlite::Result<u64> {
        let mut statement = connection.prepare_cached(REMOVE)?;
        let mut removed = 0;
        for entry in entries {
            removed += statement.execute([signed(entry.0)])? as u64;
        }
        Ok(removed)
    }

    fn entry(&self, row: &rusqlite::Row<'_>, layout: &Layout) -> rusqlite::Result<QueueEntry> {
        let sequence = Sequence(number(row, 0)?);
        let table = TableId(row.get(1)?);
        let columns = layout.table(table).columns;
        let write = write_id(row, 2, 5)?;
        let version = Version(number(row, 6)?);
        let before = match row.get::<_, Option<i64>>(7)? {
            None => None,
            Some(_) => {
                let stamp = Time::from_nanos(number(row, 10)?);
                let values = values(row, FIXED, columns)?;
                Some(Row::new(write_id(row, 7, 8)?, Version(number(row, 9)?), stamp, values))
            }
        };
        let after = match row.get::<_, Option<i64>>(11)? {
            None => None,
            Some(stamp) => {
                let values = values(row, FIXED + self.widest, columns)?;
                Some(Row::new(write, version, Time::from_nanos(unsigned(stamp)), values))
            }
        };
        let known = after.as_ref().or(before.as_ref()).map_or(&[] as &[Value], |row| row.values());
        let change = Change { key: layout.key_of(table, known), before, after, write, version };
        let event = ChangeEvent {
            position: Lsn(sequence.0),
            transaction: write.transaction,
            index: row.get(3)?,
            of: row.get(4)?,
            change,
        };
        Ok(QueueEntry { sequence, event })
    }
}

/// The triggers of one table: insertion, update, deletion. A row that is marked as deleted is none.
fn triggers(table: &TableSql, layout: &Layout, widest: usize) -> String {
    let name = &table.name;
    let columns: Vec<String> =
        layout.schema.table(table.id).columns.iter().map(|column| quoted(&column.name)).collect();
    let row = |prefix: &str| {
        (0..widest)
            .map(|n| match columns.get(n) {
                Some(column) if !prefix.is_empty() => format!("{prefix}.{column}"),
                _ => "NULL".to_owned(),
            })
            .collect::<Vec<_>>()
            .join(", ")
    };
    let context = |column: &str| format!("(SELECT {column} FROM driftlab_context)");
    let insert = |write: [String; 3], before: &str, after: &str| {
        let [txn, index, version] = write;
        let old = match before {
            "" => "NULL, NULL, NULL, NULL".to_owned(),
            _ => "CASE WHEN OLD.driftlab_deleted THEN NULL ELSE OLD.driftlab_transaction END, OLD.driftlab_index, \
                  OLD.driftlab_version, OLD.driftlab_updated_at"
                .to_owned(),
        };
        let new = match after {
            "" => "NULL",
            _ => "CASE WHEN NEW.driftlab_deleted THEN NULL ELSE NEW.driftlab_updated_at END",
        };
        // A trigger sees one row, and does not know how many its transaction will have.
        let (before, after) = (row(before), row(after));
        format!(
            "INSERT INTO driftlab_events SELECT NULL, {}, {txn}, {index}, NULL, {index}, {version}, {old}, {new}, {before}, {after};",
            table.id.0
        )
    };
    let new = || ["transaction", "index", "version"].map(|column| format!("NEW.driftlab_{column}"));
    let gone = || ["txn", "write_index", "version"].map(context);
    let trigger = |when: &str| quoted(&format!("driftlab_{when}_{}", table.id.0));
    format!(
        "CREATE TRIGGER {} AFTER INSERT ON {name} BEGIN {} END;\n\
         CREATE TRIGGER {} AFTER UPDATE ON {name} BEGIN {} END;\n\
         CREATE TRIGGER {} AFTER DELETE ON {name} WHEN NOT OLD.driftlab_deleted BEGIN {} END;\n",
        trigger("insert"),
        insert(new(), "", "NEW"),
        trigger("update"),
        insert(new(), "OLD", "NEW"),
        trigger("delete"),
        insert(gone(), "OLD", ""),
    )
}
