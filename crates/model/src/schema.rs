//! Tables and columns.

use std::fmt;
use std::sync::Arc;

/// A table, by its place in the [`Schema`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub u16);

/// A column, by its place in its [`Table`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnId(pub u16);

/// The declared kind of a column's values; SQLite lets a value differ from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Integers.
    Integer,
    /// Floats.
    Real,
    /// Text.
    Text,
    /// Bytes.
    Blob,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What its values are, as declared.
    pub kind: ColumnType,
    /// Whether null is allowed.
    pub nullable: bool,
}

/// A table: its columns, and which of them make the primary key, in key order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// What one row of it is called in a sentence: `product`, `order line`.
    pub noun: String,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The columns of the primary key, in key order; never empty.
    pub key: Vec<ColumnId>,
}

impl Table {
    /// A table from column names and kinds, none nullable; the first `keys` columns are the primary key.
    #[must_use]
    pub fn new(name: &str, noun: &str, keys: usize, columns: &[(&str, ColumnType)]) -> Self {
        let columns = columns
            .iter()
            .map(|&(name, kind)| Column { name: name.to_owned(), kind, nullable: false })
            .collect();
        let key = (0..keys as u16).map(ColumnId).collect();
        Self { name: name.to_owned(), noun: noun.to_owned(), columns, key }
    }

    /// Whether a column is part of the primary key.
    #[must_use]
    pub fn is_key(&self, column: ColumnId) -> bool {
        self.key.contains(&column)
    }
}

/// The tables of a database, shared by all who read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema(Arc<Vec<Table>>);

impl Schema {
    /// A schema of these tables; their order gives the ids.
    #[must_use]
    pub fn new(tables: Vec<Table>) -> Self {
        Self(Arc::new(tables))
    }
    /// The tables with their ids.
    pub fn tables(&self) -> impl Iterator<Item = (TableId, &Table)> {
        self.0.iter().enumerate().map(|(i, table)| (TableId(i as u16), table))
    }
    /// A table.
    ///
    /// # Panics
    /// When the id is not of this schema.
    #[must_use]
    pub fn table(&self, id: TableId) -> &Table {
        &self.0[usize::from(id.0)]
    }
    /// How many tables there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table {}", self.0)
    }
}
