//! The source's tables in SQL.

use super::values::{bind, signed};
use driftlab_model::{ColumnType, Key, Row, Schema, Table, TableId, Time, Value};
use rusqlite::{Connection, Statement};
use std::sync::Arc;

/// The columns that every table has beside its own: the write that made the row, its version, its stamp, and whether it is marked as deleted.
pub(super) const BOOKKEEPING: [&str; 5] =
    ["driftlab_transaction", "driftlab_index", "driftlab_version", "driftlab_updated_at", "driftlab_deleted"];

/// All tables, with the statements that reach them.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(super) schema: Schema,
    tables: Vec<TableSql>,
}

/// One table, with the statements that reach it.
///
/// A statement that takes a row has its values as parameters 1 and following, then those of [`BOOKKEEPING`].
#[derive(Debug)]
pub(crate) struct TableSql {
    pub(super) id: TableId,
    pub(super) name: String,
    pub(super) columns: usize,
    create: String,
    pub(super) insert: String,
    pub(super) update: String,
    /// Takes the key.
    pub(super) delete: String,
    /// Removes all rows.
    pub(super) clear: String,
    /// Takes the key.
    pub(super) select: String,
    scans: [String; 4],
    pub(super) newest_stamp: String,
}

impl Layout {
    /// The tables of a schema that is to hold these rows.
    pub(crate) fn new(schema: &Schema, load: &[(Key, Arc<[Value]>)]) -> Self {
        let tables = schema.tables().map(|(id, table)| {
            let is_rowid = matches!(table.key.as_slice(), [column] if table.columns[usize::from(column.0)].kind == ColumnType::Integer)
                && load.iter().all(|(key, _)| key.table() != id || key.as_integer().is_some());
            TableSql::new(id, table, is_rowid)
        });
        Self { tables: tables.collect(), schema: schema.clone() }
    }

    pub(super) fn table(&self, id: TableId) -> &TableSql {
        &self.tables[usize::from(id.0)]
    }

    /// The table of a name.
    pub(super) fn named(&self, name: &str) -> Option<&TableSql> {
        let (id, _) = self.schema.tables().find(|(_, table)| table.name == name)?;
        Some(self.table(id))
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = &TableSql> {
        self.tables.iter()
    }

    /// The key of a row.
    pub(super) fn key_of(&self, id: TableId, values: &[Value]) -> Key {
        Key::of(id, self.schema.table(id), values)
    }

    /// How many columns the widest table has.
    pub(super) fn widest(&self) -> usize {
        self.tables.iter().map(|table| table.columns).max().unwrap_or(0)
    }

    /// Makes the tables and fills them with the initial load.
    pub(super) fn create(&self, connection: &Connection, load: &[(Key, Row)]) -> rusqlite::Result<()> {
        for table in &self.tables {
            connection.execute_batch(&table.create)?;
        }
        for (key, row) in load {
            let table = self.table(key.table());
            let mut insert = connection.prepare_cached(&table.insert)?;
            table.bind_row(&mut insert, row)?;
            insert.raw_execute()?;
        }
        Ok(())
    }
}

impl TableSql {
    /// The columns are of the type `ANY` in a strict table, because every other declaration lets SQLite turn one value into another (1.0 into 1, '12' into
    /// 12), and a copy would then differ from a row that its client never saw. The exception is a key of one integer, which is the row id.
    fn new(id: TableId, table: &Table, is_rowid: bool) -> Self {
        let name = quoted(&table.name);
        let columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
        let key: Vec<&str> = table.key.iter().map(|column| columns[usize::from(column.0)].as_str()).collect();
        let count = columns.len();
        let mut declared: Vec<String> = columns
            .iter()
            .zip(0..)
            .map(|(column, number)| {
                let is_key = table.key.iter().any(|key| key.0 == number);
                let kind = if is_rowid && is_key { "INTEGER PRIMARY KEY" } else { "ANY" };
                format!("{column} {kind}")
            })
            .collect();
        declared.extend(BOOKKEEPING.iter().map(|column| format!("{column} INTEGER NOT NULL")));
        if !is_rowid {
            declared.push(format!("PRIMARY KEY ({})", key.join(", ")));
        }
        let all = columns.iter().map(String::as_str).chain(BOOKKEEPING).collect::<Vec<_>>().join(", ");
        let numbered =
            |from: usize| (from..from + key.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
        let is_this = |key: &[(&str, usize)]| {
            key.iter().map(|(column, n)| format!("{column} = ?{n}")).collect::<Vec<_>>().join(" AND ")
        };
        let own_places: Vec<(&str, usize)> =
            key.iter().zip(&table.key).map(|(column, place)| (*column, usize::from(place.0) + 1)).collect();
        let first_places: Vec<(&str, usize)> = key.iter().copied().zip(1..).collect();
        // The key stays as it is, and to say so again would make SQLite move the row.
        let assignments: Vec<String> = columns
            .iter()
            .map(String::as_str)
            .chain(BOOKKEEPING)
            .zip(1..)
            .filter(|(column, _)| !key.contains(column))
            .map(|(column, n)| format!("{column} = ?{n}"))
            .collect();
        let order = key.join(", ");
        let scan = |stamped: bool, further: bool| {
            let rows = if stamped { "driftlab_updated_at > ?2" } else { "driftlab_deleted = 0" };
            let beyond = if further { format!(" AND ({order}) > ({})", numbered(3)) } else { String::new() };
            format!("SELECT {all} FROM {name} WHERE {rows}{beyond} ORDER BY {order} LIMIT ?1")
        };
        Self {
            id,
            columns: count,
            create: format!("CREATE TABLE {name} ({}) STRICT", declared.join(", ")),
            insert: format!(
                "INSERT INTO {name} ({all}) VALUES ({})",
                (1..=count + BOOKKEEPING.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ")
            ),
            update: format!("UPDATE {name} SET {} WHERE {}", assignments.join(", "), is_this(&own_places)),
            delete: format!("DELETE FROM {name} WHERE {}", is_this(&first_places)),
            clear: format!("DELETE FROM {name}"),
            select: format!("SELECT {all} FROM {name} WHERE {}", is_this(&first_places)),
            scans: [scan(false, false), scan(false, true), scan(true, false), scan(true, true)],
            newest_stamp: format!("SELECT max(driftlab_updated_at) FROM {name}"),
            name,
        }
    }

    /// The statement that reads a page: it takes the limit, the stamp above which rows are wanted, and the key above which they are.
    pub(super) fn scan(&self, is_stamped: bool, is_further: bool) -> &str {
        &self.scans[usize::from(is_stamped) * 2 + usize::from(is_further)]
    }

    /// Gives a statement that takes a row its parameters.
    pub(super) fn bind_row(&self, statement: &mut Statement<'_>, row: &Row) -> rusqlite::Result<()> {
        let next = bind(statement, 1, row.values().iter())?;
        self.bind_book(statement, next, row, false)
    }

    /// Gives a statement that marks a row as deleted its parameters: what the row was, and whose deletion it is.
    pub(super) fn bind_marked(&self, statement: &mut Statement<'_>, marked: &Row) -> rusqlite::Result<()> {
        let next = bind(statement, 1, marked.values().iter())?;
        self.bind_book(statement, next, marked, true)
    }

    fn bind_book(
        &self,
        statement: &mut Statement<'_>,
        from: usize,
        row: &Row,
        deleted: bool,
    ) -> rusqlite::Result<()> {
        let stamp: Time = row.updated_at();
        statement.raw_bind_parameter(from, signed(row.write().transaction.0))?;
        statement.raw_bind_parameter(from + 1, row.write().index)?;
        statement.raw_bind_parameter(from + 2, signed(row.version().0))?;
        statement.raw_bind_parameter(from + 3, signed(stamp.nanos()))?;
        statement.raw_bind_parameter(from + 4, deleted)
    }
}

/// A name in SQL.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
