//! Tables and their columns.

use crate::value::Value;
use std::sync::Arc;

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The type it was declared with, possibly empty.
    pub declared: String,
    /// What rows hold that were written before the column was added.
    pub default: Value,
    /// Whether its value is computed from the others (`GENERATED ALWAYS`), stored or not.
    pub generated: bool,
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in the order of [`Row::values`](crate::Row::values).
    pub columns: Vec<Column>,
    /// The columns of the primary key, in its order; empty if none is declared, and then the rowid is the key.
    pub key: Vec<usize>,
    /// Whether it is a table WITHOUT ROWID.
    pub without_rowid: bool,
    /// The statement that declares it.
    pub sql: String,
    pub(crate) layout: Layout,
}

impl Table {
    /// The index of the column of this name, compared without regard to ASCII case.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
    }
}

/// How a row of the table stands in a record.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Layout {
    /// For each field of the record, the column it holds.
    pub(crate) fields: Vec<Slot>,
    /// The column that is another name of the rowid.
    pub(crate) rowid_column: Option<usize>,
    /// Columns that are computed and not stored.
    pub(crate) computed: Vec<usize>,
}

/// One field of a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slot {
    /// The column.
    pub(crate) column: usize,
    /// Whether an integer stands for a real.
    pub(crate) real: bool,
}

/// The tables of a database, by name.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    pub(crate) tables: Vec<Arc<Table>>,
}

impl Schema {
    /// The tables, in the order of the database's own catalogue. SQLite's own (`sqlite_…`) and virtual tables are not among them; the
    /// tables in which virtual tables keep their data are.
    #[must_use]
    pub fn tables(&self) -> &[Arc<Table>] {
        &self.tables
    }
    /// The table of this name, compared without regard to ASCII case.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Arc<Table>> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }
}
