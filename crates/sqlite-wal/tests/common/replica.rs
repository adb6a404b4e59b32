//! A copy of a database that knows nothing but what the reader gave.

use driftlab_sqlite_wal::{Event, Row, SchemaChangeKind, Table, Transaction, Value};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) struct Replica {
    pub(crate) tables: BTreeMap<String, Copy>,
}

pub(crate) struct Copy {
    pub(crate) table: Arc<Table>,
    pub(crate) rows: BTreeMap<String, Row>,
}

/// Names a row: its rowid, or its primary key.
fn identity(table: &Table, row: &Row) -> String {
    match row.rowid {
        Some(rowid) => format!("{rowid}"),
        None => table.key.iter().map(|column| format!("{:?},", row.values[*column])).collect(),
    }
}

impl Replica {
    /// The initial load, which is not the reader's: a copy by query at the moment of attachment.
    pub(crate) fn load(connection: &Connection, tables: &[Arc<Table>]) -> Self {
        let tables = tables
            .iter()
            .map(|table| {
                (table.name.clone(), Copy { rows: query(connection, table), table: Arc::clone(table) })
            })
            .collect();
        Self { tables }
    }

    /// Applies an event; every before image must be what the copy holds.
    pub(crate) fn apply(&mut self, event: &Event) -> Option<Transaction> {
        match event {
            Event::Gap(_) => None,
            Event::Schema(change) => {
                self.alter(&change.kind);
                None
            }
            Event::Transaction(transaction) => {
                self.change(transaction);
                Some(transaction.clone())
            }
        }
    }

    fn alter(&mut self, kind: &SchemaChangeKind) {
        match kind {
            SchemaChangeKind::Created(table) => {
                let copy = Copy { table: Arc::clone(table), rows: BTreeMap::new() };
                let before = self.tables.insert(table.name.clone(), copy);
                assert!(before.is_none(), "{} was created twice", table.name);
            }
            SchemaChangeKind::Dropped(table) => {
                assert!(self.tables.remove(&table.name).is_some(), "{} was dropped twice", table.name);
            }
            SchemaChangeKind::Altered { before, after, origins } => {
                let mut copy = self.tables.remove(&before.name).expect("the altered table is there");
                for row in copy.rows.values_mut() {
                    let value = |(column, origin): (usize, &Option<usize>)| match origin {
                        Some(origin) => row.values[*origin].clone(),
                        None => after.columns[column].default.clone(),
                    };
                    row.values = origins.iter().enumerate().map(value).collect();
                }
                copy.table = Arc::clone(after);
                self.tables.insert(after.name.clone(), copy);
            }
        }
    }

    fn change(&mut self, transaction: &Transaction) {
        for change in &transaction.changes {
            let copy = self.tables.get_mut(&change.table.name).expect("the changed table is there");
            if let Some(before) = &change.before {
                let held = copy.rows.remove(&identity(&change.table, before));
                assert_eq!(held.as_ref(), Some(before), "before image in {}", change.table.name);
            }
            if let Some(after) = &change.after {
                let held = copy.rows.insert(identity(&change.table, after), after.clone());
                assert_eq!(held, None, "{} has a row there: {change:?}", change.table.name);
            }
        }
    }

    /// Compares with the database, table by table.
    pub(crate) fn check(&self, connection: &Connection, context: &str) {
        let names: Vec<String> = connection
            .prepare(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
                 AND rootpage > 0 ORDER BY name",
            )
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(self.tables.keys().cloned().collect::<Vec<_>>(), names, "{context}: tables");
        for (name, copy) in &self.tables {
            let truth = query(connection, &copy.table);
            if copy.rows != truth {
                for (key, row) in &truth {
                    let held = copy.rows.get(key);
                    assert_eq!(
                        held,
                        Some(row),
                        "{context}: {name}: row {key} of the database (right) and its copy (left)"
                    );
                }
                for key in copy.rows.keys() {
                    assert!(truth.contains_key(key), "{context}: {name}: row {key} is in the copy only");
                }
            }
        }
    }
}

fn query(connection: &Connection, table: &Table) -> BTreeMap<String, Row> {
    let quote = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let rowid = if table.without_rowid { "NULL" } else { "rowid" };
    let columns: Vec<String> = table.columns.iter().map(|column| quote(&column.name)).collect();
    let sql = format!("SELECT {rowid}, {} FROM {}", columns.join(", "), quote(&table.name));
    let mut statement = connection.prepare(&sql).unwrap();
    let count = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next().unwrap() {
        let values = (1..count).map(|at| Value::from(row.get_ref(at).unwrap())).collect();
        let row = Row { rowid: row.get(0).unwrap(), values };
        found.insert(identity(table, &row), row);
    }
    found
}
